package scoring

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
)

// gen writes random conditions of the custom schema, complete and well typed.
type gen struct{ *rand.Rand }

func (g gen) pick(options ...string) string { return options[g.IntN(len(options))] }

func (g gen) flag(depth int) string {
	if depth == 0 {
		return g.pick("true", "false", "vip", "停用", "(amount > 5)", `(city == "上海")`, "(times <= 3)", `(line != "甲")`)
	}
	d := depth - 1
	switch g.IntN(12) {
	case 0:
		return "!(" + g.flag(d) + ")"
	case 1:
		return "not (" + g.flag(d) + ")"
	case 2, 3:
		return "(" + g.flag(d) + g.pick(" && ", " and ") + g.flag(d) + ")"
	case 4, 5:
		return "(" + g.flag(d) + g.pick(" || ", " or ") + g.flag(d) + ")"
	case 6:
		return "(" + g.flag(d) + g.pick(" == ", " != ") + g.flag(d) + ")"
	case 7:
		return "(" + g.flag(d) + " ? " + g.flag(d) + " : " + g.flag(d) + ")"
	case 8:
		return "(" + g.text(d) + g.pick(" == ", " != ", " contains ", " startsWith ", " endsWith ", " not contains ") + g.text(d) + ")"
	case 9:
		return "(" + g.text(d) + g.pick(" in ", " not in ") + `["上海", "甲", ""])`
	case 10:
		return "(" + g.number(d) + g.pick(" in ", " not in ") + "[1.0, 2.5, -3.0, 0.0])"
	}
	return "(" + g.number(d) + g.pick(" < ", " <= ", " > ", " >= ", " == ", " != ") + g.number(d) + ")"
}

func (g gen) text(depth int) string {
	if depth == 0 || g.IntN(3) > 0 {
		return g.pick("city", "产品线", `"上海"`, `"海"`, `"甲"`, `""`)
	}
	return "(" + g.flag(depth-1) + " ? " + g.text(depth-1) + " : " + g.text(depth-1) + ")"
}

// number writes its literals as floats: expr takes max(1, x) for an integer because of its first argument, and then fails on a
// float x.
func (g gen) number(depth int) string {
	if depth == 0 {
		return g.pick("amount", "次数", "times", "1.0", "2.5", "-3.0", "0.1", "100000.0", "0.0")
	}
	d := depth - 1
	switch g.IntN(7) {
	case 0, 1, 2:
		return "(" + g.number(d) + g.pick(" + ", " - ", " * ") + g.number(d) + ")"
	case 3:
		return "(" + g.number(d) + " / " + g.pick("2.0", "0.3", "-7.0") + ")" // expr has no missing value for a division by 0
	case 4:
		return g.pick("min", "max") + "(" + g.number(d) + ", " + g.number(d) + ")"
	case 5:
		return "abs(" + g.number(d) + ")"
	}
	return "(" + g.flag(d) + " ? " + g.number(d) + " : " + g.number(d) + ")"
}

// complete draws a customer of whom everything is known, as facts and as expr's environment.
func (g gen) complete(s *Schema) (*Facts, map[string]any) {
	f, env := s.NewFacts(), map[string]any{}
	for _, field := range s.Fields() {
		var v any
		switch field.Kind {
		case Number:
			n := []float64{0, 1, 2.5, -3, 5, 100000, math.Round(g.NormFloat64()*1000) / 100}[g.IntN(7)]
			f.SetNumber(field.Name, n, "", noon)
			v = n
		case Text:
			text := g.pick("上海", "上海浦东", "甲", "", "海")
			f.SetText(field.Name, text, "", noon)
			v = text
		case Flag:
			yes := g.IntN(2) == 0
			f.SetFlag(field.Name, yes, "", noon)
			v = yes
		}
		env[field.Name], env[field.ZH] = v, v
	}
	return f, env
}

func checkAgainstExpr(t *testing.T, seed uint64) {
	g := gen{rand.New(rand.NewPCG(seed, 1))}
	s := custom(t)
	text := g.flag(1 + g.IntN(4))
	if len(text) > maxExpressionBytes {
		return
	}
	cond, err := ParseCondition(text, s)
	if err != nil && strings.Contains(err.Error(), "too large") {
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	_, env := g.complete(s)
	program, err := expr.Compile(text, expr.AsBool(), expr.Env(env))
	if err != nil {
		t.Fatalf("expr refuses %s: %v", text, err)
	}
	for range 8 {
		f, env := g.complete(s)
		want, err := expr.Run(program, env)
		if err != nil {
			t.Fatalf("expr fails on %s: %v", text, err)
		}
		if got := cond.Match(f, 0, ""); got != want {
			stored, _ := f.MarshalJSON()
			t.Fatalf("%s = %v, expr says %v, on %s", text, got, want, stored)
		}
	}
}

func TestCompiledConditionsAgreeWithExprOnCompleteFacts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		checkAgainstExpr(t, seed)
	}
}

func FuzzCompiledAgainstExpr(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkAgainstExpr)
}

// A value that becomes known can turn an unknown condition into true or false, but never one certainty into the other.
func TestMoreKnowledgeNeverOverturnsACertainty(t *testing.T) {
	t.Parallel()
	s := custom(t)
	for seed := range uint64(1000) {
		g := gen{rand.New(rand.NewPCG(seed, 2))}
		text := g.flag(1 + g.IntN(3))
		holds, err := ParseCondition(text, s)
		if err != nil {
			t.Fatal(err)
		}
		fails, err := ParseCondition("!("+text+")", s)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := g.complete(s)
		known := [2]bool{holds.Match(f, 0, ""), fails.Match(f, 0, "")}
		if known[0] == known[1] {
			t.Fatalf("%s and its negation are both %v although all is known", text, known[0])
		}
		f.Clear(s.Fields()[g.IntN(6)].Name)
		f.Clear(s.Fields()[g.IntN(6)].Name)
		part := [2]bool{holds.Match(f, 0, ""), fails.Match(f, 0, "")}
		if part[0] && !known[0] || part[1] && !known[1] {
			t.Fatal(fmt.Sprint(text, ": with less known ", part, ", with all known ", known))
		}
	}
}
