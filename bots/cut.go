package bots

import (
	"regexp"
	"unicode/utf8"
)

// Cut returns s shortened to at most limit bytes, ending in "…" where something was cut off, never in the middle of a
// character. Invalid UTF-8 is kept as it is. A limit too small for "…" cuts without it; a negative one is 0.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const ellipsis = "…"
	keep, tail := limit-len(ellipsis), ellipsis
	if keep < 0 {
		keep, tail = max(limit, 0), ""
	}
	for keep > 0 && !utf8.RuneStart(s[keep]) {
		keep--
	}
	return s[:keep] + tail
}

// CutRunes returns s shortened to at most limit characters, ending in "…" where something was cut off.
func CutRunes(s string, limit int) string {
	if limit <= 0 {
		return ""
	}
	n := 0
	cut := 0 // where character limit-1 starts: what is kept before the ellipsis
	for i := range s {
		if n == limit-1 {
			cut = i
		}
		if n == limit {
			return s[:cut] + "…"
		}
		n++
	}
	return s
}

// bold are marks around a text, and not the stars in the middle of a masked number.
var bold = regexp.MustCompile(`(^|[^*])\*\*([^*\n]+)\*\*($|[^*])`)

// Unmarked takes the bold marks out of a text, for where they would be shown as they are.
func Unmarked(text string) string {
	for {
		next := bold.ReplaceAllString(text, "$1$2$3")
		if next == text {
			return text
		}
		text = next
	}
}
