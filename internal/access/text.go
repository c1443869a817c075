package access

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// numbers match what people write as a Chinese mobile or land-line number. MaskPhone masks every number, which would make amounts and
// dates unreadable; here the shape must be a phone number's.
var numbers = regexp.MustCompile(`(?:(?:\+|00)?86[-\s]?)?1[3-9][0-9](?:[-\s]?[0-9]{4}){2}` +
	`|[(（]0[0-9]{2,3}[)）][-\s]?[0-9]{3,4}[-\s]?[0-9]{4}` +
	`|0[0-9]{2,3}[-\s]?[0-9]{3,4}[-\s]?[0-9]{4}` +
	`|\+[1-9](?:[-\s]?[0-9]){7,14}`)

// MaskText hides the telephone numbers in a text and leaves all else.
func MaskText(text string) string {
	plain := narrow(text)
	var b strings.Builder
	done, from := 0, 0 // what is written, and where to look on
	for from < len(plain) {
		at := numbers.FindStringIndex(plain[from:])
		if at == nil {
			break
		}
		start, end := from+at[0], from+at[1]
		if !alone(plain, start, end) {
			from = start + 1 // a number may begin inside what only looked like one
			continue
		}
		b.WriteString(plain[done:start])
		b.WriteString(MaskPhone(plain[start:end]))
		done, from = end, end
	}
	if done == 0 {
		return text
	}
	b.WriteString(plain[done:])
	return b.String()
}

// narrow turns full-width digits into plain ones.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, text)
}

// alone reports whether what stands from start to end is not part of a longer number or code.
func alone(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	after, size := utf8.DecodeRuneInString(text[end:])
	if partOfCode(before) || partOfCode(after) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(text[end+size:])
	return after != '.' || !unicode.IsDigit(next) // 13800138000.50 is an amount
}

func partOfCode(r rune) bool {
	return r != utf8.RuneError && r < unicode.MaxASCII && (unicode.IsDigit(r) || unicode.IsLetter(r))
}
