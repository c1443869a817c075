// Package names compares names of Chinese companies as the rules of their registration make them: administrative division + trade
// name (字号) + industry + legal form (苏州 + 华星 + 精密机械 + 有限公司), where a branch adds its own place and kind behind its
// parent's name. The same trade name in another place or another industry is another company; what people leave out or write another
// way (half of the name, brackets, width, traditional characters) is not.
//
// The way of a name: fold (width, case, traditional characters, punctuation; fold.go) → what stands in brackets → branch → legal
// form (form.go) → place (place.go) → industry, and what is left is the trade name (parse.go). Compare grades two of them; its
// comment is the rule. Names are never proof: whoever merges by them asks a person.
package names

import (
	"strings"
	"unicode"
)

// Name is a company's name in its parts, folded.
type Name struct {
	Trade    string   // 字号: "华星"; "" where the text names nothing
	Industry []string // the words that follow it, in order: "精密", "机械"
	Places   []string // administrative divisions from wide to narrow, without 省, 市…: "江苏", "苏州"
	Inside   bool     // a place stands behind the trade name, as in 华星机械（上海）有限公司
	Group    bool     // 集团
	Form     Form
	Branch   string // "北京分公司" of the parent that the rest names; "" for the company itself
}

// Key is the text under which names are looked up that Compare may call Same or Likely: the trade name. "" where there is none. Two names whose
// trade names differ by a slip of the pen have different keys.
func (n Name) Key() string { return n.Trade }

// full reports whether a name is a registered one, to the legal form, and not what people say in short.
func (n Name) full() bool { return n.Form != NoForm }

// Grade says whether two names are of one company.
type Grade int

// The grades.
const (
	Different Grade = iota // another company, or nothing says that it is the same
	Likely                 // one leaves out, or has otherwise, what a name of the same company may
	Same                   // the same registered name, written another way
)

func (g Grade) String() string {
	switch g {
	case Same:
		return "same"
	case Likely:
		return "likely"
	default:
		return "different"
	}
}

// Compare grades two names; the order does not matter.
//
// They are Different where the trade names differ by more than a slip, the branches differ, the places contradict each other, or the
// legal forms do (a factory is no limited company); and, where both are full names, where one is a group and the other not, where the
// industries differ, or where the places are a province and a city in it. They are Same where all parts are equal. Otherwise
// they are Likely: a place, an industry or a form is left out, a place stands at another place, a limited company became a
// joint-stock one, or one character of a long trade name differs.
func Compare(a, b Name) Grade {
	if a.Trade == "" || b.Trade == "" || a.Branch != b.Branch {
		return Different
	}
	full := a.full() && b.full()
	grade := min(tradeGrade(a, b), placeGrade(a, b, full), formGrade(a.Form, b.Form), industryGrade(a.Industry, b.Industry, full))
	if a.Group != b.Group {
		grade = min(grade, left(full))
	}
	return grade
}

// left grades what only one of two names has: a registered name says all that there is.
func left(full bool) Grade {
	if full {
		return Different
	}
	return Likely
}

// tradeGrade compares trade names. The longer of two may hold an industry that no list knows, where the other is short.
func tradeGrade(a, b Name) Grade {
	switch {
	case a.Trade == b.Trade:
		return Same
	case slip([]rune(a.Trade), []rune(b.Trade)):
		return Likely
	case extends(a, b) || extends(b, a):
		return Likely
	default:
		return Different
	}
}

// extends reports whether short is what people say for long: its trade name alone, of which long goes on for two characters or more.
func extends(long, short Name) bool {
	rest, found := strings.CutPrefix(long.Trade, short.Trade)
	return found && !short.full() && len(short.Industry) == 0 && len([]rune(rest)) >= 2
}

// slip reports whether two trade names differ in one character, typed wrong, too much or too little. Short ones never do: 华星 and 华兴 are two companies;
// nor do numbers: 一期 and 二期 are two funds.
func slip(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	least := 4
	if len(a) > 0 && (a[0] < 0x80 || b[0] < 0x80) {
		least = 6 // Latin letters say less each
	}
	if len(a) < least || len(b)-len(a) > 1 {
		return false
	}
	start := 0
	for start < len(a) && a[start] == b[start] {
		start++
	}
	if start == len(b) {
		return false // they are equal
	}
	from := start
	if len(a) == len(b) {
		from++
	}
	if counts(b[start]) || len(a) == len(b) && counts(a[start]) {
		return false
	}
	return string(a[min(from, len(a)):]) == string(b[start+1:])
}

// counts reports whether a character is a digit, Chinese or not.
func counts(r rune) bool {
	return unicode.IsDigit(r) || strings.ContainsRune("〇零一二三四五六七八九十百", r)
}

func formGrade(a, b Form) Grade {
	if a == b {
		return Same
	}
	if a.loose() && b.loose() {
		return Likely
	}
	return Different
}

// industryGrade compares what the companies do. Some words are left out even by those who write the whole name.
func industryGrade(a, b []string, full bool) Grade {
	at, bt := strings.Join(a, ""), strings.Join(b, "")
	switch {
	case at == bt:
		return Same
	case core(a) != "" && core(a) == core(b):
		return Likely
	case at == "" || bt == "" || covers(a, b) || covers(b, a):
		return left(full)
	default:
		return Different
	}
}

// soft are the words that people leave out most.
var soft = map[string]bool{"制造": true, "生产": true, "加工": true, "销售": true}

func core(words []string) string {
	var b strings.Builder
	for _, w := range words {
		if !soft[w] {
			b.WriteString(w)
		}
	}
	return b.String()
}

// covers reports whether all words of some stand in all.
func covers(all, some []string) bool {
	text := strings.Join(all, "")
	for _, w := range some {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
