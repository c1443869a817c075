package scoring

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// custom is a schema with a field of every kind.
func custom(t testing.TB) *Schema {
	t.Helper()
	s, err := NewSchema(
		Field{Name: "amount", ZH: "金额", EN: "amount", Kind: Number, Unit: "元"}, Field{Name: "times", ZH: "次数", EN: "times", Kind: Number, Unit: "次"},
		Field{Name: "city", ZH: "城市", EN: "city", Kind: Text, Unit: ""}, Field{Name: "line", ZH: "产品线", EN: "line", Kind: Text, Unit: ""},
		Field{Name: "vip", ZH: "贵宾", EN: "VIP", Kind: Flag, Unit: ""}, Field{Name: "blocked", ZH: "停用", EN: "blocked", Kind: Flag, Unit: ""},
		Field{Name: "signed", ZH: "签约日", EN: "signed on", Kind: Time, Unit: ""}, Field{Name: "renewed", ZH: "续约日", EN: "renewed on", Kind: Time, Unit: ""},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMissingIsNotZero(t *testing.T) {
	t.Parallel()
	f := BuiltIn().NewFacts()
	if v, ok := f.Get("headcount"); ok {
		t.Fatalf("a new customer has a headcount: %v", v)
	}
	f.SetNumber("员工人数", 0, "crm", noon)
	if v, ok := f.Get("headcount"); !ok || v.Number != 0 || v.Source != "crm" || !v.At.Equal(noon) {
		t.Fatalf("Get = %+v, %v", v, ok)
	}
	f.Clear("headcount")
	if _, ok := f.Get("员工人数"); ok {
		t.Fatal("a cleared field is there")
	}
}

func TestSettersRefuseWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	f := custom(t).NewFacts()
	for name, set := range map[string]bool{
		"an unknown field": f.SetNumber("nobody", 1, "", noon),
		"a text as number": f.SetNumber("city", 1, "", noon),
		"NaN":              f.SetNumber("amount", math.NaN(), "", noon),
		"infinity":         f.SetNumber("amount", math.Inf(1), "", noon),
		"a number as text": f.SetText("amount", "1", "", noon),
		"a text as flag":   f.SetFlag("city", true, "", noon),
		"a flag as time":   f.SetTime("vip", noon, "", noon),
	} {
		if set {
			t.Errorf("%s was set", name)
		}
	}
	if got, _ := f.MarshalJSON(); string(got) != "{}" {
		t.Errorf("facts = %s", got)
	}
}

func TestFactsAreStoredInOneForm(t *testing.T) {
	t.Parallel()
	f := custom(t).NewFacts()
	f.SetTime("signed", time.Date(2026, 3, 1, 8, 0, 0, 1999999, china), "erp", time.Time{})
	f.SetFlag("vip", false, "crm", noon)
	f.SetText("城市", "上海", "", noon)
	f.SetNumber("金额", 125000.5, "kingdee", noon)
	const want = `{"amount":{"v":125000.5,"source":"kingdee","at":"2026-03-02T04:00:00Z"},` +
		`"city":{"v":"上海","at":"2026-03-02T04:00:00Z"},"signed":{"v":"2026-03-01T00:00:00.001Z","source":"erp"},` +
		`"vip":{"v":false,"source":"crm","at":"2026-03-02T04:00:00Z"}}`
	got, err := json.Marshal(f)
	if err != nil || string(got) != want {
		t.Fatalf("%s, %v\nwant %s", got, err, want)
	}
	back, err := f.Schema().DecodeFacts(got)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(back); string(again) != want {
		t.Errorf("a round trip gives %s", again)
	}
}

func TestDecodeFactsNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"an unknown field with its nearest", `{"amout":{"v":1}}`, `unknown field "amout"; nearest known: amount`},
		{"a text for a number", `{"amount":{"v":"1"}}`, "field amount needs a number"},
		{"null", `{"city":{"v":null}}`, "v is null"},
		{"no value", `{"city":{}}`, "v is absent"},
		{"a number too large", `{"amount":{"v":1e999}}`, "field amount needs a number"},
		{"an unknown key", `{"city":{"v":"x","w":1}}`, "unknown field"},
		{"one field under both names", `{"city":{"v":"x"},"城市":{"v":"y"}}`, "both its names"},
		{"text behind", `{} {}`, "behind the object"},
		{"no object", `[]`, "cannot unmarshal"},
		{"nothing", ``, "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := custom(t).DecodeFacts([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("DecodeFacts = %v, want an error with %q", err, c.want)
			}
		})
	}
	if _, err := BuiltIn().DecodeFacts([]byte(`{"nobody":{"v":1}}`)); !errors.Is(err, ErrUnknownField) {
		t.Errorf("err = %v, want ErrUnknownField", err)
	}
}

func TestUnmarshalledFactsTakeTheBuiltInSchema(t *testing.T) {
	t.Parallel()
	var f Facts
	if err := json.Unmarshal([]byte(`{"行业":{"v":"制造业"}}`), &f); err != nil {
		t.Fatal(err)
	}
	if v, ok := f.Get("industry"); !ok || v.String() != "制造业" || f.Schema() != BuiltIn() {
		t.Errorf("industry = %v, %v", v, ok)
	}
}

func FuzzDecodeFacts(f *testing.F) {
	f.Add([]byte(`{"headcount":{"v":1200,"source":"kingdee","at":"2026-03-01T00:00:00Z"},"行业":{"v":"制造业"}}`))
	f.Add([]byte(`{"tags":{"v":["a"]},"activities":{"v":[{"at":"2026-03-01T00:00:00Z","type":"visit","amount":2}]},"高层参与":{"v":true}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		facts, err := BuiltIn().DecodeFacts(text)
		if err != nil {
			return
		}
		once, err := facts.MarshalJSON()
		if err != nil {
			return // a time outside the years that JSON can hold
		}
		again, err := BuiltIn().DecodeFacts(once)
		if err != nil {
			t.Fatalf("own form %s: %v", once, err)
		}
		if twice, _ := again.MarshalJSON(); string(twice) != string(once) {
			t.Errorf("%s became %s", once, twice)
		}
	})
}

// drawFacts draws customers of the built-in schema of whom much is not known.
func drawFacts(t *rapid.T) *Facts {
	f := BuiltIn().NewFacts()
	texts := rapid.SampledFrom([]string{"", "制造业", "零售业", "华东", "CEO", "副总经理", "Vp sales", "江苏"})
	numbers := rapid.OneOf(rapid.Float64Range(-10, 20), rapid.Float64Range(0, 1e6), rapid.Float64(), rapid.Map(rapid.IntRange(0, 12), func(i int) float64 { return float64(i) }))
	for _, field := range BuiltIn().Fields() {
		if rapid.Bool().Draw(t, "known") {
			at := time.UnixMilli(rapid.Int64Range(0, 2e12).Draw(t, "at"))
			source := rapid.SampledFrom([]string{"", "kingdee", "web"}).Draw(t, "source")
			if field.Kind == Text {
				f.SetText(field.Name, texts.Draw(t, field.Name), source, at)
			} else {
				f.SetNumber(field.Name, numbers.Draw(t, field.Name), source, at)
			}
		}
	}
	return f
}

func TestReplayOfStoredFactsGivesTheSameResult(t *testing.T) {
	t.Parallel()
	m := defaultModel(t)
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		stored, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		back, err := BuiltIn().DecodeFacts(stored)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m.Score(f, noon), m.Score(back, noon)); diff != "" {
			t.Errorf("replay differs:\n%s", diff)
		}
	})
}

// TestFactsAreWrittenAsEncodingJSONWould compares with a plain struct for values of every kind and awkward texts.
func TestFactsAreWrittenAsEncodingJSONWould(t *testing.T) {
	t.Parallel()
	schema := custom(t)
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-1e7, 1e7), rapid.SampledFrom([]float64{0, 1e-6, 9.9e-7, 1e21, 9.9e20, -1e-7, 0.1})).Draw(t, "number")
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "<a&b>", "\u2028", "制造业", "a\"b\\c\x01", "\u20ac"})).Draw(t, "text")
		source := rapid.SampledFrom([]string{"", "kingdee", "<x>"}).Draw(t, "source")
		at := rapid.SampledFrom([]time.Time{{}, noon, noon.Add(time.Millisecond), noon.Add(120 * time.Millisecond)}).Draw(t, "at")
		f := schema.NewFacts()
		f.SetNumber("amount", number, source, at)
		f.SetText("city", text, source, at)
		f.SetFlag("vip", true, source, at)
		f.SetTime("signed", noon, source, at)
		type fact struct {
			V      any        `json:"v"`
			Source string     `json:"source,omitempty"`
			At     *time.Time `json:"at,omitempty"`
		}
		want := map[string]fact{}
		for _, name := range []string{"amount", "city", "vip", "signed"} {
			v, known := f.Get(name)
			if !known {
				continue
			}
			one := fact{V: v.any(), Source: v.Source}
			if !v.At.IsZero() {
				one.At = &v.At
			}
			want[name] = one
		}
		got, err := f.MarshalJSON()
		plain, plainErr := json.Marshal(want)
		if err != nil || plainErr != nil || string(got) != string(plain) {
			t.Fatalf("%s\n%s\n%v %v", got, plain, err, plainErr)
		}
	})
}
