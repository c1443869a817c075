package kingdee

import "unicode/utf8"

// foldCompare orders two texts without regard to the case of ASCII letters, as the usual Chinese collation of SQL Server
// does. Other characters compare by code point, which differs from that collation in order but not in equality.
func foldCompare(a, b string) int {
	for i := range min(len(a), len(b)) {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// like matches a LIKE pattern: % stands for any characters, _ for one. After a mismatch it only ever goes back to the last
// %, so the time is at most the product of both lengths.
func like(text, pattern string) bool {
	t, p := 0, 0
	star, resume := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			star, resume = p, t
			p++
		case p < len(pattern) && pattern[p] == '_':
			t += runeLen(text[t:])
			p++
		case p < len(pattern) && lower(pattern[p]) == lower(text[t]):
			t++
			p++
		case star >= 0:
			resume += runeLen(text[resume:])
			t, p = resume, star+1
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}

func runeLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}
