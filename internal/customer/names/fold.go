package names

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// simplified.txt has two lines: traditional characters, and the simplified one of each. It is the transform Traditional-Simplified of
// Unicode CLDR (as ICU 72 carries it out) for single characters; pairs that are mapped to each other are left out. 乾 and 干, 著 and
// 着 fall together, which for comparing does no harm.
//
//go:embed simplified.txt
var simplifiedText string

const firstHan, lastHan = 0x3400, 0x9fff

// simplified is indexed by a character's distance from firstHan; 0 where it stays.
var simplified = sync.OnceValue(func() *[lastHan - firstHan + 1]rune {
	var table [lastHan - firstHan + 1]rune
	from, to, _ := strings.Cut(strings.TrimSpace(simplifiedText), "\n")
	target := []rune(to)
	for i, r := range []rune(from) {
		table[r-firstHan] = target[i]
	}
	return &table
})

// maxRunes bounds the work for one name; no registered name comes near it.
const maxRunes = 200

// Fold returns a text as names are compared: half width, lower case, simplified characters, round brackets, and nothing else but letters, digits
// and single blanks between Latin words.
func Fold(text string) string {
	table := simplified()
	var b strings.Builder
	gap := false // something between here and the last letter parts words
	last := rune(0)
	n := 0
	for _, r := range norm.NFKC.String(text) {
		if n++; n > maxRunes {
			break
		}
		r = unicode.ToLower(r)
		if r >= firstHan && r <= lastHan && table[r-firstHan] != 0 {
			r = table[r-firstHan]
		}
		kept, parts := keep(r)
		gap = gap || parts
		if kept == 0 {
			continue
		}
		if gap && word(last) && word(kept) {
			b.WriteByte(' ')
		}
		b.WriteRune(kept)
		last, gap = kept, false
	}
	return b.String()
}

// keep returns what a character is kept as, 0 for nothing, and whether it parts words.
func keep(r rune) (kept rune, parts bool) {
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return r, false
	case strings.ContainsRune("([{<【〔〖《「『〈", r):
		return '(', true
	case strings.ContainsRune(")]}>】〕〗》」』〉", r):
		return ')', true
	case strings.ContainsRune("&'’·•・", r) || unicode.Is(unicode.Mn, r):
		return 0, false
	default:
		return 0, true
	}
}

// word reports whether a character is of a script that parts its words by blanks.
func word(r rune) bool { return r < 0x2e80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
