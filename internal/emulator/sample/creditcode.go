package sample

import "strings"

// creditAlphabet are the characters of a unified social credit code (GB 32100-2015): no I, O, Z, S, V.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var (
	creditWeights       = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
	organisationWeights = [8]int{3, 7, 9, 10, 5, 8, 4, 2}
)

// creditCode is the code of an enterprise (91) registered in an area: the six digits of the area, an organisation code with
// its own check character (GB 11714), and the check character of the whole.
func creditCode(area string, serial uint64) string {
	organisation := make([]byte, 8)
	for i := range organisation {
		organisation[i] = creditAlphabet[serial%uint64(len(creditAlphabet))]
		serial /= uint64(len(creditAlphabet))
	}
	code := "91" + area + string(organisation)
	code += string(organisationCheck(string(organisation)))
	return code + string(creditCheck(code))
}

// organisationCheck counts letters as 10 for A to 35 for Z, unlike creditCheck.
func organisationCheck(code string) byte {
	sum := 0
	for i := range organisationWeights {
		value := int(code[i] - '0')
		if code[i] >= 'A' {
			value = int(code[i]-'A') + 10
		}
		sum += value * organisationWeights[i]
	}
	return "0123456789X0"[11-sum%11]
}

func creditCheck(code string) byte {
	sum := 0
	for i, weight := range creditWeights {
		sum += strings.IndexByte(creditAlphabet, code[i]) * weight
	}
	return creditAlphabet[(31-sum%31)%31]
}
