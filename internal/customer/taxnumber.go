package customer

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// TaxNumber returns the 15-digit tax number (纳税人识别号) of a company that s holds, or "": the administrative division (6 digits) and the
// organisation code of GB 11714-1997 (8 characters and a check digit). A credit code holds it from its third character on, so
// that a source which never changed its old numbers agrees with one that did.
func TaxNumber(s string) string {
	if code, ok := CreditCode(s); ok {
		return code[2:17]
	}
	if len(s) > 200 {
		return ""
	}
	number := strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
	if len(number) != 15 || !digits(number[:6]) || !organisationCode(number[6:]) {
		return ""
	}
	return number
}

// organisationCode checks the ninth character of an organisation code; a letter's value is 10 for A to 35 for Z.
func organisationCode(code string) bool {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	const values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	sum := 0
	for i, w := range weights {
		v := strings.IndexByte(values, code[i])
		if v < 0 {
			return false
		}
		sum += v * w
	}
	return code[8] == "0123456789X"[(11-sum%11)%11]
}
