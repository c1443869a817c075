package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"lingke/internal/lang"
	"lingke/scoring"
)

// ErrColumns says that a file lacks a column that is needed.
var ErrColumns = errors.New("columns")

// Columns name the columns of a file by their headings. An empty name means the usual headings (usualHeadings), and none where no heading is one of these.
type Columns struct {
	Outcome string // what became of the customer; needed
	Score   string // a score that is there already; else a model scores the rows
	Amount  string // of the deal
	Days    string // from the score to the deal
	Opened  string // dates, from which the days follow
	Closed  string
}

// usualHeadings are what columns are called, by their part, normalised.
var usualHeadings = map[string][]string{
	"outcome": {"outcome", "won", "converted", "y", "result", "deal_stage", "是否成交", "成交", "结果"},
	"amount":  {"amount", "deal_amount", "close_value", "成交金额", "合同金额"},
	"days":    {"days", "days_to_close", "成交天数", "成交周期"},
	"opened":  {"opened", "engage_date", "商机日期", "建档日期"},
	"closed":  {"closed", "close_date", "成交日期", "结束日期"},
}

// UnknownColumn is a column that means nothing to the schema, or nothing more.
type UnknownColumn struct {
	Heading string
	Nearest string // the field that was perhaps meant, or ""
	Twice   bool   // an earlier column told the same field
}

// Said tells a person of the column.
func (u UnknownColumn) Said(l lang.Language) string {
	if u.Twice {
		return l.Sayf("未采用的列“%s”：前面已有一列是“%s”", "column “%s” is not used: an earlier one is “%s” already", u.Heading, u.Nearest)
	}
	if u.Nearest == "" {
		return l.Sayf("未识别的列“%s”", "unknown column “%s”", u.Heading)
	}
	return l.Sayf("未识别的列“%s”，是否指“%s”？", "unknown column “%s”; did you mean “%s”?", u.Heading, u.Nearest)
}

// layout is where things stand in a row; -1 where they do not.
type layout struct {
	outcome, score, amount, days, opened, closed int

	fields  map[int]scoring.Field // by column
	unknown []UnknownColumn
}

// layoutOf finds the columns in a heading. Columns with a part of their own are no facts: what became of a customer must not make its score.
func layoutOf(heading []string, c Columns, s *scoring.Schema) (layout, error) {
	l := layout{fields: make(map[int]scoring.Field)}
	var problems []error
	find := func(part, name string) int {
		i, err := column(heading, part, name)
		problems = append(problems, err)
		return i
	}
	l.outcome, l.amount, l.days = find("outcome", c.Outcome), find("amount", c.Amount), find("days", c.Days)
	l.opened, l.closed = find("opened", c.Opened), find("closed", c.Closed)
	if l.score = -1; c.Score != "" {
		l.score = find("score", c.Score)
	}
	if l.outcome < 0 && c.Outcome == "" {
		problems = append(problems, fmt.Errorf("%w: no column tells the outcome (%s): name it", ErrColumns, strings.Join(usualHeadings["outcome"], ", ")))
	}
	if err := errors.Join(problems...); err != nil {
		return l, err
	}
	parts := []int{l.outcome, l.score, l.amount, l.days, l.opened, l.closed}
	taken := make(map[string]bool)
	for i, h := range heading {
		if slices.Contains(parts, i) || strings.TrimSpace(h) == "" {
			continue
		}
		f, ok := lookup(s, h)
		switch {
		case !ok:
			l.unknown = append(l.unknown, UnknownColumn{Heading: h, Nearest: s.Nearest(normal(h))})
		case taken[f.Name]:
			l.unknown = append(l.unknown, UnknownColumn{Heading: h, Nearest: f.ZH, Twice: true})
		default:
			l.fields[i], taken[f.Name] = f, true
		}
	}
	return l, nil
}

// column returns the place of a part's column, -1 where it is not named and no heading is a usual one.
func column(heading []string, part, name string) (int, error) {
	if name != "" {
		for i, h := range heading {
			if normal(h) == normal(name) {
				return i, nil
			}
		}
		return -1, fmt.Errorf("%w: no column %q for the %s; there are %s", ErrColumns, name, part, strings.Join(heading, ", "))
	}
	for _, usual := range usualHeadings[part] {
		for i, h := range heading {
			if normal(h) == usual {
				return i, nil
			}
		}
	}
	return -1, nil
}

// lookup finds a field by its id, its Chinese or its English name, however the heading is written.
func lookup(s *scoring.Schema, heading string) (scoring.Field, bool) {
	name := normal(heading)
	if f, _, ok := s.Lookup(name); ok {
		return f, true
	}
	for _, f := range s.Fields() {
		if f.EN != "" && normal(f.EN) == name {
			return f, true
		}
	}
	return scoring.Field{}, false
}

// normal writes a heading as ids are written: "Total Time Spent on Website" is total_time_spent_on_website.
func normal(heading string) string {
	words := strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "_")
}
