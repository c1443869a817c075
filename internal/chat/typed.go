package chat

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"lingke/internal/customer/names"
)

// typed is a text as somebody typed it, and beside it, character by character, as commands are compared: half width, small, simplified.
type typed struct{ as, folded []rune }

// longestTyped bounds what is looked at of a message.
const longestTyped = 2000

func newTyped(text string) typed {
	t := typed{as: []rune(text)}
	t.as = t.as[:min(len(t.as), longestTyped)]
	t.folded = make([]rune, len(t.as))
	for i, r := range t.as {
		t.folded[i] = foldRune(r)
	}
	return t
}

func foldRune(r rune) rune {
	if common, is := dialect[r]; is {
		return common
	}
	if han(r) {
		for _, simple := range names.Fold(string(r)) {
			return simple
		}
	}
	for _, narrow := range width.Fold.String(string(r)) {
		return unicode.ToLower(narrow)
	}
	return r
}

// simplified is a text in simplified characters and half width, as large and small as it was typed: times in it are read then.
func simplified(text string) string {
	return strings.Map(func(r rune) rune {
		folded := foldRune(r)
		if unicode.IsUpper(r) {
			return unicode.ToUpper(folded)
		}
		return folded
	}, text)
}

func (t typed) from(i int) typed { return typed{t.as[i:], t.folded[i:]} }

func (t typed) to(i int) typed { return typed{t.as[:i], t.folded[:i]} }

func (t typed) String() string { return string(t.as) }

func (t typed) text() string { return string(t.folded) }

// trimmed is t without what only parts words at its start and end.
func (t typed) trimmed() typed {
	for len(t.as) > 0 && blank(t.as[0]) {
		t = t.from(1)
	}
	for len(t.as) > 0 && around(t.as[len(t.as)-1]) {
		t = t.to(len(t.as) - 1)
	}
	return t
}

// begins returns how many characters of t a word takes at its start; 0 where it does not begin so. Pinyin may be parted: wo de kehu.
func (t typed) begins(w word) int {
	i := 0
	for _, want := range w.text {
		for w.latin && !w.own && i > 0 && i < len(t.folded) && t.folded[i] == ' ' {
			i++
		}
		if i >= len(t.folded) || t.folded[i] != want {
			return 0
		}
		i++
	}
	if w.latin && i < len(t.folded) && letter(t.folded[i]) {
		return 0
	}
	return i
}

func letter(r rune) bool { return unicode.IsDigit(r) || unicode.Is(unicode.Latin, r) }

// latinWord is the Latin word at the start.
func (t typed) latinWord() string {
	end := slices.IndexFunc(t.folded, func(r rune) bool { return r < 'a' || r > 'z' })
	if end < 0 {
		end = len(t.folded)
	}
	return string(t.folded[:end])
}

// beginsHan reports whether the first n characters are Chinese.
func (t typed) beginsHan(n int) bool {
	return len(t.folded) >= n && !slices.ContainsFunc(t.folded[:n], func(r rune) bool { return !han(r) })
}

// cutPrefix takes the longest of some texts off the start.
func (t typed) cutPrefix(all []string) (typed, bool) {
	longest := 0
	for _, p := range all {
		if n := len([]rune(p)); n > longest && strings.HasPrefix(t.text(), p) {
			longest = n
		}
	}
	return t.from(longest), longest > 0
}

// cutSuffix takes the longest of some texts off the end.
func (t typed) cutSuffix(all []string) (typed, bool) {
	longest := 0
	for _, p := range all {
		if n := len([]rune(p)); n > longest && strings.HasSuffix(t.text(), p) {
			longest = n
		}
	}
	return t.to(len(t.as) - longest), longest > 0
}

// without takes all of some texts off the end, again and again, with the punctuation between.
func (t typed) without(all []string) typed {
	for {
		rest, cut := t.trimmed().cutSuffix(all)
		if !cut {
			return rest
		}
		t = rest
	}
}
