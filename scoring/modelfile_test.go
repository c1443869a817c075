package scoring

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestParseModelReportsEveryProblemAtItsPlace(t *testing.T) {
	t.Parallel()
	const text = `name: my model
capp: 100
dimensions:
  - id: a
    cap: -1
    rules:
      - id: r
        when: 员工数 > 500 && nobody == 1 && 得分 > 5
        add: 20
      - {id: r, when: "行业 = 5", add: many}
      - id: s
        when: |
          nps > 1 &&
            npss > 2
        add: 1.2345
  - id: B
    indicators:
      - {id: i, value: 行业, weight: 5, linear: {from: 1, to: 1}}
      - {id: j, value: 'nps', weight: 5}
      - {id: k, value: nps, steps: [{at_least: 2, points: 1}, {at_least: 2, points: 3}], else: 1}
      - {id: l, value: region, weight: 1, table: {华东: 2}, match: fuzzy}
  - {}
  - plain
`
	_, err := ParseModel("m.yaml", []byte(text), BuiltIn())
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		"m.yaml:1:7: a model's name has no blanks, no @ and no slashes, and at most 100 bytes",
		`m.yaml:2:1: a model has no key "capp"; nearest known: cap`,
		"m.yaml:5:10: cap must be points between 0 and 10000",
		`m.yaml:8:15: unknown field "员工数"; nearest known: 员工人数`,
		`m.yaml:8:28: unknown field "nobody"`,
		"m.yaml:8:43: 得分 is what a model gives, so that its rules cannot read it",
		`m.yaml:10:14: the id "r" is already taken in this model`,
		"m.yaml:10:27:",
		"m.yaml:10:38: add must be a number between -1e15 and 1e15",
		`m.yaml:14:13: unknown field "npss"; nearest known: nps`,
		"m.yaml:15:14: add has more than three decimals: points are kept in thousandths",
		"m.yaml:16:9: an id has small letters a to z, digits, - and _ only",
		"m.yaml:18:24: the expression gives a text, a number is needed",
		"m.yaml:18:48: linear needs from and to that differ",
		"m.yaml:19:10: an indicator needs exactly one of linear, log, steps, rank, quintile and table",
		"m.yaml:20:10: match and else belong to a table",
		"m.yaml:20:64: steps go upwards: 2 is not above 2",
		"m.yaml:21:55: 华东 must be a share between 0 and 1",
		"m.yaml:21:66: match must be one of exact, contains",
		"m.yaml:22:5: a dimension needs the key id",
		"m.yaml:22:5: a dimension needs rules or indicators",
		"m.yaml:23:5: a dimension must be a mapping (key: value)",
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d", len(got), len(want))
	}
	for i, w := range want {
		if i >= len(got) || !strings.HasPrefix(got[i], w) {
			t.Fatalf("line %d is not %q:\n%v", i+1, w, err)
		}
	}
}

func TestParseModelRefusesHostileFiles(t *testing.T) {
	t.Parallel()
	rules := ""
	for i := range maxItems + 1 {
		rules += fmt.Sprintf("      - {id: x%d, when: nps > 1, add: 1}\n", i)
	}
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "m.yaml:1:1:"},
		{"a list", "[]", "a model must be a mapping"},
		{"two documents", "name: a\n---\nname: b\n", "one YAML document"},
		{"no dimensions", "name: a\ndimensions: []\n", "at least one dimension"},
		{"a key twice", "name: a\nname: b\n", "m.yaml:2:1:"},
		{"a tab", "name: a\n\tcap: 5\n", "m.yaml:2:"},
		{"an alias", "name: &n a\ndimensions: *n\n", "name must be a text"},
		{"a tag", "name: !!binary aGVsbG8=\n", "name must be a text"},
		{"a merge key", "name: a\n<<: {cap: 5}\ndimensions: []", "m.yaml:2:1: a model: a key must be plain text"},
		{"too large", strings.Repeat("#\n", maxModelBytes), "at most 1048576 are possible"},
		{"open brackets", strings.Repeat("[", 5000), "open brackets"},
		{"nested on one line", strings.Repeat("- ", 5000), "the line has"},
		{"too many keys", strings.Repeat("k:\n", maxMarks+1), "m.yaml:20001:1: more than 20000 keys"},
		{"too many rules", "name: a\ndimensions:\n  - id: d\n    rules:\n" + rules, "at most 1000 rules"},
		{"a number that is a text", "name: a\ncap: '5'\n", "cap must be a number"},
		{"a number that is none", "name: a\ncap: .nan\n", "cap must be a number"},
		{"a name in one language of two", "name: a\ndimensions:\n  - {id: d, name: {zh: 大}, indicators: [{id: i, value: nps, weight: 1, linear: {to: 5}}]}\n", "m.yaml:3:20: name needs the key en"},
		{"a language that is none", "name: a\ndimensions:\n  - {id: d, name: {zh: 大, eng: big}, indicators: [{id: i, value: nps, weight: 1, linear: {to: 5}}]}\n", `m.yaml:3:27: name has no key "eng"; nearest known: en`},
		{"NUL", "name: a\x00\n", "m.yaml:1:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseModel("m.yaml", []byte(c.text), BuiltIn())
			var p *ProblemError
			if !errors.As(err, &p) || p.File != "m.yaml" || p.Line < 1 || !strings.Contains(err.Error(), c.want) {
				t.Errorf("ParseModel = %.300v, want %q", err, c.want)
			}
		})
	}
}

func FuzzParseModel(f *testing.F) {
	text, err := os.ReadFile("../configs/models/default.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(capped))
	f.Add([]byte(single(`{id: i, value: region, weight: 8, match: contains, table: {华东: 1}, else: 0.125}`)))
	f.Add([]byte(shapes))
	f.Add([]byte(overEvents + "{id: r, each: activities, of: [trial], add: 8, within: 90, half_life: 30, most: 9, once: true}\n"))
	f.Add([]byte("scope: has(nps)\nenough: len(tags) > 1\n" + single(`{id: i, value: nps, weight: 8, quintile: low}`)))
	f.Add([]byte("a: |\n  b\n- c: 'd' #\n? [e]\n: !!f &g *g"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseModel("m.yaml", text, BuiltIn())
		var p *ProblemError
		if err != nil && (!errors.As(err, &p) || p.Line < 1 || p.Column < 1) {
			t.Errorf("error without a place: %v", err)
		}
		if err == nil && m.Score(nil, noon).Sum() != m.Total(nil, noon) {
			t.Error("the contributions do not add up")
		}
	})
}
