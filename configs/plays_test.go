package configs_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"lingke/configs"
)

func TestAPlaysFileIsReadStrictly(t *testing.T) {
	t.Parallel()
	cfg := configs.Default()
	for _, tt := range []struct{ name, text, want string }{
		{"an unknown key", "signal:\n  - {name: a}\n", `plays.yaml:1:1: unknown key "signal"; did you mean "signals"?`},
		{"an unknown key inside", "plays:\n  - id: a\n    name: 甲\n    when: \"true\"\n    stepps: []\n", `plays.yaml:5:5: unknown key "stepps"; did you mean "steps"?`},
		{"a play for nobody", "plays:\n  - id: a\n    name: 甲\n    steps: [{tag: VIP}]\n", "plays.yaml:2:5: this play is for nobody"},
		{"two things in a step", "plays:\n  - {id: a, name: 甲, when: \"true\", steps: [{tag: VIP, message: 好}]}\n", "exactly one of tag, task, message and webhook"},
		{"an unknown variable", "plays:\n  - {id: a, name: 甲, when: \"true\", steps: [{message: \"{{联系}}您好\"}]}\n", `unknown variable {{联系}}; did you mean "联系人"?`},
		{"an unknown tier", "cadence:\n  rhythms:\n    - {tier: X, title: 回访, every: 30, due: 2h}\n", `plays.yaml:3:14: no scheme has a tier "X"`},
		{"an id twice", "plays:\n  - {id: a, name: 甲, when: \"true\", steps: [{tag: x}]}\n  - {id: a, name: 乙, when: \"true\", steps: [{tag: x}]}\n", `plays.yaml:3:10: id "a" stands here twice`},
		{"half of all held out", "plays:\n  - {id: a, name: 甲, when: \"true\", holdout: 60%, steps: [{tag: x}]}\n", "holdout must be at most 50%"},
		{"a cause that is none", "churn:\n  advice: {prise: 降价}\n", `did you mean "price"?`},
		{"a text in one language of two", "signals:\n  - {name: a, title: {zh: 甲}, activities: [ticket], due: 2h}\n", `plays.yaml:2:22: title has no "en"; write both languages, {zh: …, en: …}, or one text for everybody`},
		{"an empty wording", "signals:\n  - name: a\n    title:\n      zh: 甲\n      en: \"\"\n    activities: [ticket]\n    due: 2h\n", `plays.yaml:4:7: title has no "en"`},
		{"a language that is none", "churn:\n  advice: {price: {zh: 降价, eng: Lower it}}\n", `plays.yaml:2:28: unknown key "eng"; did you mean "en"?`},
		{"a variable of one language", "plays:\n  - {id: a, name: 甲, when: \"true\", steps: [{task: {title: {zh: 乙, en: \"{{customer}}\"}, due: 2h}}]}\n", "plays.yaml:2:71: unknown variable {{customer}}"},
		{"a text that is a list", "signals:\n  - {name: a, title: [甲], activities: [ticket], due: 2h}\n", "plays.yaml:2:22: expected a text"},
		{"nothing due", "signals:\n  - {name: a, title: 甲, activities: [ticket]}\n", `"due" is missing`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := cfg.ParsePlays("plays.yaml", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestTheShippedPlaysAreThoseOfTheRequirements(t *testing.T) {
	t.Parallel()
	cfg := configs.Default()
	plays, err := cfg.LoadPlays()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, p := range plays.Plays {
		have[p.ID] = true
	}
	for _, id := range []string{
		"vip-service", "spend-gift", "presale-first", "ladder-3-to-5", "upgrade-offer", "interest-bundle", "seasonal-content", "yearly-review", "care-for-lower-tiers",
		"win-back-price", "win-back-service", "win-back-competitor", "win-back-silence",
	} {
		if !have[id] {
			t.Errorf("no play %s", id)
		}
	}
	if len(plays.Anniversaries) != 4 || len(plays.Cadence.Rhythms) != 4 || plays.Churn == nil || len(plays.Signals) != 2 {
		t.Errorf("%+v", plays)
	}
}

func TestShippedTextsAreInBothLanguages(t *testing.T) {
	t.Parallel()
	cfg := configs.Default()
	plays, err := cfg.LoadPlays()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	eachText(reflect.ValueOf([]any{plays, cfg.Ownership}), func(text configs.Text) {
		n++
		english := regexp.MustCompile(`\{\{.*?\}\}`).ReplaceAllString(text.EN, "")
		if english == "" || strings.ContainsFunc(english, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || text.ZH == text.EN {
			t.Errorf("%+v", text)
		}
	})
	if n < 60 {
		t.Errorf("only %d texts were found", n)
	}
}

// eachText calls fn with every text that stands anywhere in v.
func eachText(v reflect.Value, fn func(configs.Text)) {
	if !v.IsValid() {
		return
	}
	if text, ok := v.Interface().(configs.Text); ok {
		if text != (configs.Text{}) {
			fn(text)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		eachText(v.Elem(), fn)
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), fn)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			eachText(v.MapIndex(key), fn)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachText(v.Field(i), fn)
			}
		}
	default:
	}
}
