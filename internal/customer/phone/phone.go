// Package phone reads telephone numbers as people in China write them, so that two writings of one number are one.
package phone

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Kind is what a number says of whose it is.
type Kind int

// The kinds.
const (
	Mobile   Kind = iota + 1 // one person's
	Landline                 // a company's, often several people's
	Foreign                  // of another country; nothing more is known
	Service                  // 400, 800, 95…: a call centre, which says nothing about who has it
)

// Number is a number in its one writing.
type Number struct {
	Kind Kind
	// Text is "13812345678", "0512-66667777", "+4930123456", "4001234567". The extension is no part of it: a company's extensions are one company.
	Text      string
	Extension string
}

// Identifies reports whether two people or companies with the number have something to do with each other.
func (n Number) Identifies() bool {
	return (n.Kind == Mobile || n.Kind == Landline) && !placeholder(n.Text)
}

// Find returns the numbers in a text, in order; several are parted by slashes, commas and the like. What is no whole number is left out: a
// local number without its area code, and one that a spreadsheet has rounded (1.38E+10).
func Find(text string) []Number {
	var found []Number
	for _, piece := range strings.FieldsFunc(fold(text), separates) {
		if n, ok := parse(piece); ok {
			found = append(found, n)
		}
	}
	return found
}

// maxBytes bounds the work for one text.
const maxBytes = 1000

func fold(text string) string {
	if len(text) > maxBytes {
		text = strings.ToValidUTF8(text[:maxBytes], "")
	}
	return strings.ToLower(norm.NFKC.String(text))
}

func separates(r rune) bool { return strings.ContainsRune("/\\,;、|\n\t或和", r) }

// extensions stand before the extension.
var extensions = []string{"分机号", "分机", "转", "extension", "ext", "x", "#", "*"}

func parse(piece string) (Number, bool) {
	if damaged(piece) {
		return Number{}, false
	}
	main, extension := piece, ""
	for _, word := range extensions {
		if before, after, found := strings.Cut(piece, word); found && strings.ContainsFunc(before, isDigit) {
			main, extension = before, digits(after)
			break
		}
	}
	main, dashed := cutDashed(main)
	n, ok := national(strings.Contains(main, "+"), digits(main))
	n.Extension = extension + dashed
	return n, ok
}

// cutDashed takes an extension off that a third dash brings: 0512-66667777-801.
func cutDashed(text string) (rest, extension string) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return unicode.Is(unicode.Pd, r) })
	last := len(parts) - 1
	if last < 2 || !strings.HasPrefix(digits(parts[0]), "0") || len(digits(parts[1])) < 7 || len(digits(parts[last])) > 6 {
		return text, ""
	}
	return strings.Join(parts[:last], "-"), digits(parts[last])
}

// damaged reports whether a spreadsheet made a floating-point number of it.
func damaged(text string) bool {
	at := strings.Index(text, "e+")
	return at > 0 && isDigit(rune(text[at-1])) && at+2 < len(text) && isDigit(rune(text[at+2]))
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, text)
}

// national reads the digits of a number; plus says that the country's code comes first.
func national(plus bool, text string) (Number, bool) {
	if rest, found := strings.CutPrefix(text, "00"); found {
		text, plus = rest, true
	}
	if plus && !strings.HasPrefix(text, "86") {
		return Number{Kind: Foreign, Text: "+" + text}, len(text) >= 8 && len(text) <= 15 && text[0] != '0'
	}
	if rest, found := strings.CutPrefix(text, "86"); found && (plus || len(text) >= 12) {
		text, plus = rest, true
	}
	trunk := strings.TrimLeft(text, "0")
	switch {
	case mobile(trunk) && len(text)-len(trunk) <= 1:
		return Number{Kind: Mobile, Text: trunk}, true
	case len(text) == 10 && (strings.HasPrefix(text, "400") || strings.HasPrefix(text, "800")), len(text) == 5 && strings.HasPrefix(text, "95"):
		return Number{Kind: Service, Text: text}, true
	case strings.HasPrefix(text, "0") || plus:
		return landline(trunk)
	default:
		return Number{}, false
	}
}

func mobile(text string) bool { return len(text) == 11 && text[0] == '1' && text[1] >= '3' }

// landline reads a number that begins with its area code, without the zero before it: 10 and 2x have two digits, the others three; the
// number itself has seven or eight.
func landline(text string) (Number, bool) {
	area := 3
	if strings.HasPrefix(text, "10") || strings.HasPrefix(text, "2") {
		area = 2
	}
	if local := len(text) - area; local < 7 || local > 8 || area == 3 && text[0] == '1' {
		return Number{}, false
	}
	return Number{Kind: Landline, Text: "0" + text[:area] + "-" + text[area:]}, true
}

// placeholder reports whether a number was typed to fill a field: its last seven digits are one, or it is the operator's 13800138000.
func placeholder(text string) bool {
	last := text[len(text)-7:]
	return text == "13800138000" || strings.Count(last, last[:1]) == len(last)
}
