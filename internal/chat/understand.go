package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// parse finds the command at the start of a text, as people type it: an @-name before it, full-width letters, capitals, missing blanks, punctuation behind it. rest is what
// follows, with the punctuation at its end and in the width in which it was typed.
func parse(text string) (best command, rest string, ok bool) {
	text = strings.TrimLeftFunc(withoutMention(text), blank)
	folded := width.Fold.String(text) // character by character
	length := 0
	for _, c := range commands() {
		for _, name := range c.words {
			if len(name) > length && len(name) <= len(folded) && strings.EqualFold(folded[:len(name)], name) && separate(name, folded[len(name):]) {
				best, length = c, len(name)
			}
		}
	}
	for range utf8.RuneCountInString(folded[:length]) {
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	return best, strings.TrimSpace(strings.TrimLeftFunc(text, blank)), length > 0
}

// withoutMention cuts an @-name off the start, up to the blank behind it.
func withoutMention(text string) string {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "@") && !strings.HasPrefix(text, "＠") {
		return text
	}
	if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
		return text[end:]
	}
	return text
}

// separate reports whether a command's word ends where rest begins: Latin words need a boundary, Chinese ones do not.
func separate(name, rest string) bool {
	if rest == "" || name[0] >= 0x80 || name == "?" {
		return true
	}
	next, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsDigit(next) && !unicode.Is(unicode.Latin, next)
}

// blank reports whether a character only parts words.
func blank(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("，。：:、,.．！!；;", r)
}

// around reports whether a character at the edge of a customer's name is none of it.
func around(r rune) bool { return blank(r) || strings.ContainsRune("?？“”\"", r) }
