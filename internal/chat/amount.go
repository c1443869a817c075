package chat

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"lingke/internal/numerals"
)

// spokenYuan reads an amount in Chinese numerals, or with what follows the unit: 十二万, 三十五万八, 12万5, 一百二十万, 两千五.
func spokenYuan(text string) (yuan float64, ok bool) {
	rest := text
	for _, u := range []struct {
		word string
		yuan float64
	}{{"亿", 1e8}, {"万", 1e4}, {"w", 1e4}, {"", 1}} {
		head, tail, found := strings.Cut(rest, u.word)
		if u.word == "" {
			head, tail, found = rest, "", true
		}
		if !found || head == "" && u.word == "" {
			continue
		}
		n, fine := numerals.Parse(head)
		if !fine {
			return 0, false
		}
		yuan += n * u.yuan
		if tail == "" {
			return yuan, true
		}
		if digit, short := spokenDigit(tail); short && u.yuan > 1 { // 十五万八 are 158,000
			return yuan + digit*u.yuan/10, !strings.Contains(head, ".")
		}
		if rest = strings.TrimPrefix(tail, "零"); rest == "" {
			return 0, false
		}
	}
	return yuan, yuan > 0
}

// spokenDigit reads one digit.
func spokenDigit(text string) (float64, bool) {
	n := numerals.Count(text)
	return float64(n), utf8.RuneCountInString(text) == 1 && n > 0 && n < 10
}

// points writes an adjustment as the command reads it: 五分 is 5, 百分之五 5%, -3分 -3.
func points(text string) string {
	text = newTyped(text).text()
	sign := text[:len(text)-len(strings.TrimLeft(text, "+-"))]
	text = strings.TrimLeft(text, "+-")
	percent := false
	for _, word := range []string{"个百分点", percentWord, "%"} {
		text, percent = strings.TrimSuffix(text, word), percent || strings.HasSuffix(text, word)
	}
	if bare, is := strings.CutPrefix(text, percentBefore); is {
		text, percent = bare, true
	}
	text = strings.TrimSuffix(text, pointWord)
	if n, ok := numerals.Parse(text); ok {
		text = strconv.FormatFloat(n, 'f', -1, 64)
	}
	if percent {
		text += "%"
	}
	return sign + text
}
