package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Reason says in both languages why a value was refused and what was expected. It does not repeat the value, which may be personal.
type Reason struct {
	ZH string `json:"zh" bson:"zh"`
	EN string `json:"en" bson:"en"`
}

func (r Reason) Error() string { return r.EN }

// because makes a Reason of two formats with the same arguments.
func because(zh, en string, args ...any) Reason {
	if len(args) == 0 {
		return Reason{ZH: zh, EN: en}
	}
	return Reason{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// Problem is one cell, or one row, that could not be read. The other rows are kept.
type Problem struct {
	Sheet  string `json:"sheet" bson:"sheet"`
	Row    int    `json:"row" bson:"row"`                           // as Excel counts; the line for CSV
	Column string `json:"column,omitempty" bson:"column,omitempty"` // letter; empty for the whole row
	Header string `json:"header,omitempty" bson:"header,omitempty"`
	Field  string `json:"field,omitempty" bson:"field,omitempty"` // order.amount
	Value  string `json:"value,omitempty" bson:"value,omitempty"` // as it stands there; phone numbers masked
	Reason Reason `json:"reason" bson:"reason"`
}

// String is one line for a terminal.
func (p Problem) String() string {
	place := fmt.Sprintf("%s, row %d", p.Sheet, p.Row)
	if p.Column != "" {
		place += fmt.Sprintf(", column %s (%s)", p.Column, p.Header)
	}
	if p.Value != "" {
		place += ": " + strconv.Quote(p.Value)
	}
	return place + ": " + p.Reason.EN
}

// ZH is one line for a person's cell or card.
func (p Problem) ZH() string {
	if p.Header == "" {
		return p.Reason.ZH
	}
	if p.Value == "" {
		return p.Header + "：" + p.Reason.ZH
	}
	return p.Header + "“" + p.Value + "”：" + p.Reason.ZH
}

// masked hides the middle digits of a phone number.
func masked(s string) string {
	digits := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if digits < 7 || scientific.MatchString(s) {
		return s
	}
	n := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		if n++; n > 3 && n <= digits-4 {
			return '*'
		}
		return r
	}, s)
}

// cut shortens a value for showing.
func cut(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
