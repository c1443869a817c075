// Package numerals reads numbers as people write and say them in Chinese.
package numerals

import (
	"strconv"
	"strings"
)

var digits = map[rune]float64{'一': 1, '两': 2, '二': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

var units = map[rune]float64{'十': 10, '百': 100, '千': 1000}

// Parse reads a number that is not below 0 in digits, or one from 1 up to 9999 in Chinese numerals: 12.5, 三, 十一, 二十三, 一百二十, 两千五. false for anything else.
func Parse(text string) (float64, bool) {
	if strings.Trim(text, "0123456789.") == "" {
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil
	}
	total, digit, last, zero := 0.0, 0.0, 1.0, false
	for _, r := range text {
		unit, n := units[r], digits[r]
		switch {
		case unit > 0 && total > 0 && unit >= last:
			return 0, false
		case unit > 0:
			total, digit, last = total+max(digit, 1)*unit, 0, unit
		case r == '零':
			zero = true
		case n > 0 && digit == 0:
			digit = n
		default:
			return 0, false
		}
	}
	if last > 10 && !zero { // 一百五 are 150
		digit *= last / 10
	}
	return total + digit, total+digit > 0
}

// Count is Parse of a whole number; 0 for anything else.
func Count(text string) int {
	n, ok := Parse(text)
	if !ok || n > 1e9 || n != float64(int(n)) {
		return 0
	}
	return int(n)
}
