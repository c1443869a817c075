package sheet

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

var (
	mobile        = regexp.MustCompile(`^1[3-9]\d{9}$`)
	landline      = regexp.MustCompile(`^(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})$`)
	service       = regexp.MustCompile(`^(?:[48]00\d{7}|9\d{4}|1[01]\d{3,4})$`)
	abroad        = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)
	localNumber   = regexp.MustCompile(`^[2-9]\d{6,7}$`)
	scientific    = regexp.MustCompile(`^\d(?:\.\d+)?[eE]\+?\d+$`)
	extension     = regexp.MustCompile(`(?:转|分机|ext\.?|x|#)(\d{1,6})$`)
	maskedPhone   = regexp.MustCompile(`^\+?[\d\-() ]*\*{2,}[\d\-() *]*$`) // as an export shows it to most: it says nothing
	severalPhones = regexp.MustCompile(`[;；、,，/\n]|\s{2,}`)
)

const (
	phoneZH = "应为电话号码，如 13812345678、0512-62881234、400-820-8820"
	phoneEN = "expected a phone number such as 13812345678, 0512-62881234 or 400-820-8820"
)

// The ways in which a text is no phone number.
var (
	notPhone = because(phoneZH, phoneEN)
	cutPhone = because("号码被 Excel 截断；请把该列设为文本后重新填写，"+phoneZH, "Excel has cut the number; make the column text and type it again, "+phoneEN)
	lostZero = because("区号开头的 0 丢失；请把该列设为文本后补上，"+phoneZH, "the zero before the area code is lost; make the column text and add it, "+phoneEN)
)

// betweenDigits are what people write between the digits of a number.
var betweenDigits = strings.NewReplacer("-", "", "(", "", ")", "", "–", "", "—", "", ".", "", "_", "")

// plainMobile reports whether a text is a mobile number as most tables have it: eleven digits.
func plainMobile(s string) bool {
	if len(s) != 11 || s[0] != '1' || s[1] < '3' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// parsePhone reads a phone number; of several the first mobile one, else the first. Mobile and service numbers become plain digits,
// landlines 0512-62881234, with -8001 for an extension, others +15551234567.
func parsePhone(s string) (string, error) {
	if plainMobile(s) {
		return s, nil
	}
	t := strings.TrimSpace(norm.NFKC.String(s))
	if scientific.MatchString(t) {
		return "", cutPhone
	}
	first := ""
	var failed error
	for _, part := range severalPhones.Split(t, -1) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		phone, err := onePhone(part)
		switch {
		case err != nil:
			failed = err
		case mobile.MatchString(phone):
			return phone, nil
		case first == "":
			first = phone
		}
	}
	if first == "" {
		return "", failed
	}
	return first, nil
}

func onePhone(s string) (string, error) {
	t := strings.ToLower(strings.Join(strings.Fields(s), ""))
	ext := ""
	if m := extension.FindStringSubmatch(t); m != nil {
		ext, t = "-"+m[1], strings.TrimSuffix(t, m[0])
	} else if parts := strings.Split(t, "-"); len(parts) == 3 && strings.HasPrefix(t, "0") && len(parts[1]) >= 7 {
		ext, t = "-"+parts[2], parts[0]+parts[1]
	}
	t = betweenDigits.Replace(t)
	t = strings.TrimPrefix(t, "tel:")
	for _, country := range []string{"+86", "0086"} {
		if rest, ok := strings.CutPrefix(t, country); ok {
			t = rest
			if landline.MatchString("0" + t) {
				t = "0" + t
			}
		}
	}
	if rest, ok := strings.CutPrefix(t, "86"); ok && mobile.MatchString(rest) {
		t = rest
	}
	return canonicalPhone(t, ext)
}

func canonicalPhone(t, ext string) (string, error) {
	switch {
	case mobile.MatchString(t), service.MatchString(t), abroad.MatchString(t), localNumber.MatchString(t):
		return t + ext, nil
	case landline.MatchString(t):
		m := landline.FindStringSubmatch(t)
		return m[1] + "-" + m[2] + ext, nil
	case landline.MatchString("0" + t):
		return "", lostZero
	}
	return "", notPhone
}
