package customer

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// creditAlphabet are the digits of GB 32100-2015 in the order of their values 0–30: no I, O, Z, S, V.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CreditCode returns the unified social credit code (统一社会信用代码) that s holds, in capital half-width letters without
// blanks, and whether it is one: 18 characters whose last is the check digit of GB 32100-2015.
func CreditCode(s string) (string, bool) {
	if len(s) > 200 {
		return "", false
	}
	code := strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
	if len(code) != 18 {
		return "", false
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(creditAlphabet, code[i])
		if v < 0 {
			return "", false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	check := (31 - sum%31) % 31
	return code, code[17] == creditAlphabet[check]
}
