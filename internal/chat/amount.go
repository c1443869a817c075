package chat

import (
	"strconv"
	"strings"
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
		n, fine := spokenCount(head)
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
	if n, known := chineseDigits[text]; known && n < 10 {
		return float64(n), true
	}
	n, err := strconv.Atoi(text)
	return float64(n), err == nil && len(text) == 1 && n > 0
}

// spokenCount reads a number below ten thousand in Chinese numerals, or digits: 三十五, 一百二十, 两千五, 12.5.
func spokenCount(text string) (float64, bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n, n >= 0
	}
	total, digit, last := 0.0, 0.0, 1.0
	for _, r := range text {
		unit := map[rune]float64{'十': 10, '百': 100, '千': 1000}[r]
		switch n, known := chineseDigits[string(r)]; {
		case unit > 0 && total > 0 && unit >= last:
			return 0, false
		case unit > 0:
			if digit == 0 {
				digit = 1
			}
			total, digit, last = total+digit*unit, 0, unit
		case r == '零':
			last = 10
		case known:
			digit = float64(n)
		default:
			return 0, false
		}
	}
	if last > 10 && digit > 0 { // 一百五 are 150
		digit *= last / 10
	}
	return total + digit, total+digit > 0
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
	if n, ok := spokenCount(text); ok {
		text = strconv.FormatFloat(n, 'f', -1, 64)
	}
	if percent {
		text += "%"
	}
	return sign + text
}
