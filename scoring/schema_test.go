package scoring

import (
	"strings"
	"testing"
)

func TestBuiltInFieldsAreFoundInBothLanguages(t *testing.T) {
	t.Parallel()
	s := BuiltIn()
	for slot, want := range s.Fields() {
		for _, name := range []string{want.Name, want.ZH} {
			got, at, ok := s.Lookup(name)
			if !ok || got != want || at != slot {
				t.Errorf("Lookup(%q) = %v, %d, %v", name, got, at, ok)
			}
		}
	}
	if s != BuiltIn() {
		t.Error("BuiltIn gives another schema the second time")
	}
}

func TestNewSchemaRefusesNamesThatWouldConfuse(t *testing.T) {
	t.Parallel()
	ok := Field{Name: "margin", ZH: "毛利"}
	for _, c := range []struct {
		name   string
		fields []Field
		want   string
	}{
		{"a name twice", []Field{ok, {Name: "margin", ZH: "利润"}}, "already that of"},
		{"a Chinese name twice", []Field{ok, {Name: "profit", ZH: "毛利"}}, "already that of"},
		{"a name that is another's Chinese name", []Field{ok, {Name: "毛利", ZH: "甲"}}, "already that of"},
		{"a word of the language", []Field{{Name: "contains", ZH: "包含"}}, "meaning in expressions"},
		{"the score", []Field{{Name: "points", ZH: "得分"}}, "meaning in expressions"},
		{"a blank", []Field{{Name: "gross margin", ZH: "毛利"}}, "a name is a letter"},
		{"a digit first", []Field{{Name: "margin", ZH: "30天毛利"}}, "a name is a letter"},
		{"no name", []Field{{ZH: "毛利"}}, "a name is a letter"},
		{"no kind that exists", []Field{{Name: "margin", Kind: 9}}, "unknown kind 9"},
		{"too many", make([]Field, maxFields+1), "at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := NewSchema(c.fields...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("NewSchema = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestNewSchemaFillsMissingNames(t *testing.T) {
	t.Parallel()
	s, err := NewSchema(Field{Name: "margin"})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Fields()[0]; got.ZH != "margin" || got.EN != "margin" {
		t.Errorf("field = %+v", got)
	}
}

func TestNearestFindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"headcout":                "headcount",
		"员工数":                     "员工人数",
		"近30天访间次数":                "近30天访问次数",
		"order_amount_365":        "order_amount_365d",
		"zzzzzz":                  "",
		"":                        "",
		strings.Repeat("员", 5000): "",
	} {
		if got := BuiltIn().Nearest(name); got != want {
			t.Errorf("Nearest(%.30q) = %q, want %q", name, got, want)
		}
	}
}

func TestAModelTellsWhichFieldsItReadsAndNeedsNoOthers(t *testing.T) {
	t.Parallel()
	m := defaultModel(t)
	small, err := BuiltIn().Only(m.Fields()...)
	if err != nil {
		t.Fatal(err)
	}
	f := facts(t, map[string]any{"行业": "制造业", "员工人数": 1200, "nps": 9, "近一年消费额": 1e6})
	if a, b := m.Total(f.in(small), noon), m.Total(f, noon); a != b {
		t.Errorf("total %v, of all fields %v", a, b)
	}
	if _, ok := f.in(small).Get("近一年消费额"); ok {
		t.Error("a field that no rule reads is still there")
	}
	if _, err := BuiltIn().Only("npss"); err == nil || !strings.Contains(err.Error(), "nearest known: nps") {
		t.Errorf("Only = %v", err)
	}
}
