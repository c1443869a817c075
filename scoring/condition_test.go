package scoring

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// someone is a customer of the custom schema whose times, line, blocked and renewed are missing.
func someone(t testing.TB) *Facts {
	t.Helper()
	f := custom(t).NewFacts()
	f.SetNumber("amount", 1200, "kingdee", noon)
	f.SetText("city", "上海浦东", "crm", noon)
	f.SetFlag("vip", true, "crm", noon)
	f.SetTime("signed", time.Date(2026, 3, 1, 9, 0, 0, 0, china), "erp", noon)
	return f
}

func TestConditionsHoldOnlyWhenCertain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want bool
	}{
		{`true`, true}, {`false`, false}, {`vip`, true}, {`!vip`, false}, {`not vip`, false},
		{`金额 > 1000`, true}, {`amount > 1200`, false}, {`amount >= 1200`, true}, {`amount < 1200`, false},
		{`amount <= 1200`, true}, {`amount == 1200`, true}, {`amount != 1200`, false}, {`1000 < amount`, true},
		{`1000 < amount < 1200`, false}, {`1000 < amount <= 1200`, true}, {`amount > -5 && amount < 1e6`, true},
		{`amount * 2 + 1 == 2401`, true}, {`(amount - 200) / 10 == 100`, true}, {`-amount < +0`, true},
		{`abs(200 - amount) == 1000`, true}, {`min(amount, 5, 7) == 5`, true}, {`max(amount, 5) == amount`, true},
		{`amount in [1, 1200]`, true}, {`amount not in [1, 1200]`, false}, {`amount in [-1]`, false},
		{`城市 == "上海浦东"`, true}, {`"上海浦东" != city`, false}, {`city contains "上海"`, true}, {`city startsWith "浦东"`, false},
		{`city endsWith "浦东"`, true}, {`city not contains "北京"`, true}, {`city in ["北京", "上海浦东"]`, true},
		{`city not in ["北京"]`, true}, {`city == (vip ? "上海浦东" : "北京")`, true},
		{`(vip ? amount : 0) > 1000`, true}, {`vip ? amount > 5 : false`, true}, {`vip == true`, true}, {`vip != (amount > 5)`, false},
		{`signed > "2026-03-01"`, true}, {`signed < "2026-03-01T01:00:00Z"`, false}, {`signed == "2026-03-01T01:00:00Z"`, true},
		{`"2026-03-02" > signed`, true},
		{`得分 > 80`, true}, {`score > 81`, false}, {`tier == "A"`, true}, {`层级 in ["B", "C"]`, false},

		// What is missing is unknown, and unknown is not true; its negation neither.
		{`times > 5`, false}, {`!(times > 5)`, false}, {`times != 5`, false}, {`not (times != 5)`, false}, {`times == times`, false},
		{`times in [1]`, false}, {`times not in [1]`, false}, {`line not in ["甲"]`, false}, {`line != "甲"`, false}, {`line == ""`, false},
		{`line not contains "甲"`, false}, {`blocked`, false}, {`!blocked`, false}, {`blocked == blocked`, false},
		{`blocked || vip`, true}, {`blocked && vip`, false}, {`!(blocked && false)`, true}, {`!(blocked || vip)`, false},
		{`vip || times > 5`, true}, {`blocked ? vip : vip`, false}, {`renewed > signed`, false}, {`!(renewed > signed)`, false},
		{`min(times, 5) == 5`, false}, {`amount + times > 0`, false}, {`amount / (amount - 1200) > 0`, false},
		{`!(amount / 0 > 0)`, false}, {`has(times)`, false}, {`!has(times)`, true}, {`has(金额) && !has(产品线)`, true},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			cond, err := ParseCondition(c.text, custom(t))
			if err != nil {
				t.Fatal(err)
			}
			f := someone(t)
			if got := cond.Match(f, 80.5, "A"); got != c.want {
				t.Errorf("%s = %v, want %v", c.text, got, c.want)
			}
			if cond.String() != c.text {
				t.Errorf("String() = %q", cond)
			}
		})
	}
}

func TestConditionsRefuseWhatIsNotARule(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("(", 1000) + "vip" + strings.Repeat(")", 1000)
	for _, c := range []struct{ name, text, want string }{
		{"an unknown field", "vip && amout > 5", `1:8: unknown field "amout"; nearest known: amount`},
		{"an unknown field behind Chinese", "贵宾 && 金颜 > 5", `1:7: unknown field "金颜"; nearest known: 金额`},
		{"a fault on the second line", "vip &&\n  nobody > 5", `2:3: unknown field "nobody"`},
		{"the total misspelt", "得份 > 80", `1:1: unknown field "得份"; nearest known: 得分`},
		{"the tier misspelt", `vip && teir == "A"`, `1:8: unknown field "teir"; nearest known: tier`},
		{"the Chinese tier misspelt", `层次 == "A"`, `1:1: unknown field "层次"; nearest known: 层级`},
		{"an instant that nobody knows", "vip && days_since(signed) > 30", "1:8: days_since is for models"},
		{"two faults at once", "amout > 5 && tmies > 5", `1:14: unknown field "tmies"; nearest known: times`},
		{"a number", "amount", "gives a number, a flag is needed"},
		{"nothing", "  ", "1:1: the expression is empty"},
		{"half an expression", "amount >", "1:8: unexpected token EOF"},
		{"assignment", "amount = 5", "1:8:"},
		{"a text compared with a number", `city > 5`, "> cannot compare a text with a number"},
		{"texts in order", `city < "x"`, "< cannot compare a text with a text"},
		{"a date that is none", `signed > "soon"`, "cannot compare a time with a text"},
		{"and between numbers", "amount and times", "and needs a flag on both sides"},
		{"not of a number", "!amount", "! needs a flag"},
		{"plus of texts", `city + line == "x"`, "+ needs a number on both sides"},
		{"a list of fields", "amount in [times]", "number literals only"},
		{"a list of both kinds", `amount in [1, "x"]`, "number literals only"},
		{"in without a list", "amount in 1..5", "behind in stands a list"},
		{"a range", "(1..5) == 5", "operator .. is not allowed"},
		{"a regular expression", `city matches "a+"`, "operator matches is not allowed"},
		{"a power", "amount ** 2 > 5", "operator ** is not allowed"},
		{"a remainder", "amount % 2 == 0", "operator % is not allowed"},
		{"a loop", "all([1, 2], # > 0)", "function all is not allowed"},
		{"a builtin", `upper(region) == "A"`, "function upper is not allowed"},
		{"an unknown function", "hass(city)", "function hass is not allowed in rules; nearest known: has"},
		{"a method", "city.foo()", "not allowed in rules"},
		{"a part", "city[0] == 5", "fields have no parts"},
		{"nil", "city == nil", "has(field) asks"},
		{"a map", `{"a": 1} == 5`, "not allowed in rules"},
		{"a variable", "let x = 5; x > amount", "a rule is one expression"},
		{"two expressions", "vip; vip", "a rule is one expression"},
		{"if", "if vip { true } else { false }", "instead of if"},
		{"a mixed choice", `(vip ? 1 : "x") == 1`, "two values of one kind"},
		{"has of a value", "has(5)", "has takes one field name"},
		{"has of nothing", "has()", "has takes one field name"},
		{"min of one", "min(amount) > 5", "min takes 2 to 20 values, not 1"},
		{"min of texts", `min(city, "x") > 5`, "min takes a number, not a text"},
		{"too long", strings.Repeat("vip && ", 1000) + "vip", "at most 4096"},
		{"too deep", strings.Repeat("!", 100) + "vip", "nested at most 64 deep"},
		{"too many steps", strings.Repeat("(vip == ", 40) + "vip" + strings.Repeat(")", 40), "too many steps"},
		{"a full-width sign", "amount ＞ 5", "1:8:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseCondition(c.text, custom(t))
			var p *ProblemError
			if !errors.As(err, &p) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("ParseCondition = %v, want a ProblemError with %q", err, c.want)
			}
		})
	}
	if _, err := ParseCondition(deep, custom(t)); err != nil {
		t.Errorf("brackets alone are no depth: %v", err)
	}
}

func TestConditionsTakeFactsOfAnotherSchemaByName(t *testing.T) {
	t.Parallel()
	other, err := NewSchema(Field{Name: "filler"}, Field{Name: "amount", ZH: "数额"}, Field{Name: "city", Kind: Number})
	if err != nil {
		t.Fatal(err)
	}
	f := other.NewFacts()
	f.SetNumber("amount", 7, "", noon)
	f.SetNumber("city", 7, "", noon)
	cond, err := ParseCondition(`amount == 7 && !has(city)`, custom(t))
	if err != nil {
		t.Fatal(err)
	}
	if !cond.Match(f, 0, "") {
		t.Error("amount was not found by its id, or a number was taken for a text")
	}
	if cond.Match(nil, 0, "") {
		t.Error("no facts match")
	}
}

func TestEmptyTierAndNoScoreAreMissing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`tier != "A"`, `score < 50`, `!(score > 50)`} {
		cond, err := ParseCondition(text, BuiltIn())
		if err != nil {
			t.Fatal(err)
		}
		if cond.Match(BuiltIn().NewFacts(), missing, "") {
			t.Errorf("%s holds although nothing is known", text)
		}
	}
}

func TestConditionsReadAsSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, zh, en string }{
		{`city == "上海" && amount > 500`, "城市 = 上海 且 金额 > 500", "city = 上海 and amount > 500"},
		{`(vip || blocked) and not has(line)`, "(贵宾 或 停用) 且 并非 有(产品线)", "(VIP or blocked) and not has(line)"},
		{`city in ["北京", "上海"] or amount * (times + 1) >= 2.5`, "城市 属于 北京、上海 或 金额 × (次数 + 1) ≥ 2.5", "city in 北京, 上海 or amount × (times + 1) ≥ 2.5"},
		{`amount - (times - 1) != 5`, "金额 - (次数 - 1) ≠ 5", "amount - (times - 1) ≠ 5"},
		{`vip ? true : amount > min(5, times)`, "若 贵宾 则 是，否则 金额 > min(5、次数)", "if VIP then yes else amount > min(5, times)"},
	} {
		cond, err := ParseCondition(c.text, custom(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := cond.Words(); got != (Words{c.zh, c.en}) {
			t.Errorf("%s reads %+v", c.text, got)
		}
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, text := range []string{
		`得分 > 80`, `行业 == "制造业" && score > 50`, `true`, `a ? b : c`, `近30天访问次数 in [1, 2.5, -3]`, `min(nps, 3) / 0 > has(x)`, "((((", `"\u{110000}"`, "1..", "x?.y", "/* */ nps > 1 // x",
	} {
		f.Add(text)
	}
	facts := BuiltIn().NewFacts()
	f.Fuzz(func(t *testing.T, text string) {
		cond, err := ParseCondition(text, BuiltIn())
		var p *ProblemError
		if err != nil && (!errors.As(err, &p) || p.Line < 1 || p.Column < 1) {
			t.Errorf("ParseCondition(%q) = %v, without a place", text, err)
		}
		if err != nil {
			return
		}
		if cond.Match(facts, missing, "") && !cond.Match(facts, missing, "") {
			t.Error("two answers")
		}
		_ = fmt.Sprint(cond.Words())
	})
}
