package validate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// YAML writes the draft as a model file for review; field names have to be those of the schema. Each rule says how many customers stand
// behind it. The draft never goes further by itself.
func (d Draft) YAML(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# 建议草稿：由 %d 个客户（其中 %d 个成交）的结果估计得出，须经人工审核后才能发布。\n", d.Cases, d.Won)
	for _, w := range d.Warning {
		fmt.Fprintf(&b, "# 注意：%s\n", strings.Map(oneLine, w))
	}
	fmt.Fprintf(&b, "name: %s\ncap: 100\ndimensions:\n  - id: suggested\n    name: 建议\n    rules:\n", strconv.Quote(name))
	for i, r := range d.Rules {
		fmt.Fprintf(&b, "      # %d 个客户符合，成交 %d 个（%.0f%%）\n", r.N, r.Won, 100*float64(r.Won)/float64(max(r.N, 1)))
		fmt.Fprintf(&b, "      - id: suggested-%d\n        name: %s\n        when: %s\n        add: %d\n", i+1, strconv.Quote(r.Name()), strconv.Quote(r.When()), r.Points)
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

// Name is the rule as people read it.
func (r PointRule) Name() string {
	switch r.Op {
	case ">=":
		return fmt.Sprintf("%s 不低于 %s", r.Field, strconv.FormatFloat(r.At, 'f', -1, 64))
	case "<":
		return fmt.Sprintf("%s 低于 %s", r.Field, strconv.FormatFloat(r.At, 'f', -1, 64))
	}
	return r.Field + "：" + r.Text
}
