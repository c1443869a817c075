package risk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words are what notes and conversations are searched for, by cause. Competitors' own names go to Competitor.
type Words map[Cause][]string

// DefaultWords are the words that ship; they are meant to be edited, and know no competitor's name.
func DefaultWords() Words {
	return Words{
		Competitor: {"竞品", "竞争对手", "同行报价", "别家", "其他供应商", "其它供应商", "换供应商"},
		Service:    {"投诉", "售后", "维修太慢", "没人管", "态度差", "质量问题", "交期延误", "退货"},
		Price:      {"太贵", "价格高", "价格偏高", "预算不足", "降价", "便宜", "折扣"},
	}
}

// Find returns the causes whose words a text holds, weightiest first, each with the word that was found. Latin letters match in
// either case and only as whole words; a word behind a negation (不, 没, 没有, 无, 未) does not count.
func (w Words) Find(text string) []Found {
	text = strings.ToLower(text)
	var out []Found
	for _, cause := range []Cause{Competitor, Service, Price} {
		for _, word := range w[cause] {
			if word != "" && holds(text, strings.ToLower(word)) {
				out = append(out, Found{cause, word})
				break
			}
		}
	}
	return out
}

// Found is one cause that a text speaks of.
type Found struct {
	Cause Cause
	Word  string
}

func holds(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		if !negated(text[:i]) && whole(text[:i], word, text[i+len(word):]) {
			return true
		}
		from = i + len(word)
	}
}

func negated(before string) bool {
	before = strings.TrimRight(before, " ")
	for _, no := range []string{"不", "没", "没有", "无", "未", "不算"} {
		if strings.HasSuffix(before, no) {
			return true
		}
	}
	return false
}

// whole keeps "ge" from being found in "manager". Chinese has no gaps between words, so only Latin letters and digits are asked.
func whole(before, word, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	begin, _ := utf8.DecodeRuneInString(word)
	end, _ := utf8.DecodeLastRuneInString(word)
	next, _ := utf8.DecodeRuneInString(after)
	joined := latin(last) && latin(begin) || latin(end) && latin(next)
	return !joined
}

func latin(r rune) bool { return unicode.Is(unicode.Latin, r) || unicode.IsDigit(r) }
