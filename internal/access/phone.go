package access

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
)

// Phone is a number that shows itself only masked: printed, logged and encoded it is what MaskPhone makes of it. The number
// is behind a pointer because fmt calls no method of an unexported field.
type Phone struct{ number *string }

// NewPhone hides number.
func NewPhone(number string) Phone { return Phone{&number} }

// Reveal returns the number itself, for those who may see it.
func (p Phone) Reveal() string {
	if p.number == nil {
		return ""
	}
	return *p.number
}

// IsZero reports whether there is no number.
func (p Phone) IsZero() bool { return p.Reveal() == "" }

func (p Phone) String() string   { return MaskPhone(p.Reveal()) }
func (p Phone) GoString() string { return p.String() }

// Format keeps every verb of fmt from reaching the number.
func (p Phone) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalText writes the masked number, also into JSON.
func (p Phone) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue logs the masked number.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MaskPhone hides the middle of each phone number in text: 13812345678 becomes 138****5678, 0755-12345678 becomes
// 0755-****5678. Other numbers keep at most their last four digits, short ones none. Everything else stays.
func MaskPhone(text string) string {
	runes := []rune(text)
	for start := 0; start < len(runes); {
		end := start
		for end < len(runes) && partOfNumber(runes[end]) {
			end++
		}
		maskNumber(runes[start:end])
		start = end + 1
	}
	return string(runes)
}

// partOfNumber: people write 138 1234 5678, +86-138…, (010)12345678.
func partOfNumber(r rune) bool {
	return unicode.IsDigit(r) || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("+.·()（）＋*", r)
}

// maskNumber hides digits of one number in place.
func maskNumber(number []rune) {
	var at []int // where its digits are
	var digits strings.Builder
	for i, r := range number {
		if unicode.IsDigit(r) {
			at = append(at, i)
			digits.WriteRune(latinDigit(r))
		}
	}
	foreign := strings.ContainsAny(string(number), "+＋") && !strings.HasPrefix(digits.String(), "86")
	from, to := hiddenDigits(digits.String(), foreign)
	for _, i := range at[from:to] {
		number[i] = '*'
	}
}

// latinDigit turns full-width digits into plain ones; others stay and make the number an unknown one.
func latinDigit(r rune) rune {
	if r >= '０' && r <= '９' {
		return r - '０' + '0'
	}
	return r
}

// hiddenDigits returns which digits of a number to hide. Of a foreign number nothing is known but its length.
func hiddenDigits(text string, foreign bool) (from, to int) {
	digits := []rune(text)
	n := len(digits)
	country := 0
	if national := strings.TrimPrefix(strings.TrimPrefix(text, "00"), "86"); len(national) == 11 {
		country = len(text) - len(national)
	}
	switch {
	case n < 7:
		return 0, n
	case foreign:
		return 0, n - 4
	case n-country == 11 && digits[country] == '1':
		return country + 3, n - 4
	case digits[0] == '0' && n >= 10 && n <= 12:
		return areaCode(text), n - 4
	}
	return 0, n - 4
}

// areaCode returns how many digits a Chinese area code has: 010 and 02x three, all others four.
func areaCode(number string) int {
	if number[1] == '1' || number[1] == '2' {
		return 3
	}
	return 4
}
