package validate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// YAML writes the draft as a model file for review, with comments in Chinese or, for "en", in English; field names have to be those of the schema. Each rule says how many
// customers stand behind it, and is named by its condition. The draft never goes further by itself.
func (d Draft) YAML(name, lang string) string {
	say := func(zh, en string, args ...any) string {
		if lang == "en" {
			zh = en
		}
		return fmt.Sprintf(zh, args...)
	}
	var b strings.Builder
	b.WriteString(say("# 建议草稿：由 %d 个客户（其中 %d 个成交）的结果估计得出，须经人工审核后才能发布。\n",
		"# A suggested draft, estimated from what became of %d customers (%d won). A person has to review it before it is published.\n", d.Cases, d.Won))
	for _, s := range d.Suspects {
		b.WriteString(say("# 注意：字段“%s”单独就几乎能判断结果（AUC %.2f），可能是成交后才填写的，请核对\n",
			"# Careful: the field %q alone nearly tells the outcome (AUC %.2f); it may be filled in after the sale, please check\n", strings.Map(oneLine, s.Field), s.AUC))
	}
	fmt.Fprintf(&b, "name: %s\ncap: 100\ndimensions:\n  - id: suggested\n    name: {zh: 建议, en: Suggested}\n    rules:\n", strconv.Quote(name))
	for i, r := range d.Rules {
		b.WriteString(say("      # %d 个客户符合，成交 %d 个（%.0f%%）\n", "      # %d customers, %d won (%.0f%%)\n", r.N, r.Won, 100*float64(r.Won)/float64(max(r.N, 1))))
		fmt.Fprintf(&b, "      - id: suggested-%d\n        when: %s\n        add: %d\n", i+1, strconv.Quote(r.When()), r.Points)
	}
	return b.String()
}

// oneLine makes a blank of whatever could end a comment.
func oneLine(r rune) rune {
	if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
		return ' '
	}
	return r
}

// When is the rule as the model language writes it.
func (r PointRule) When() string {
	if r.Op == "==" {
		return r.Field + " == " + strconv.Quote(r.Text)
	}
	return r.Field + " " + r.Op + " " + strconv.FormatFloat(r.At, 'f', -1, 64)
}
