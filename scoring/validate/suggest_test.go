package validate

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/testdata"
	"lingke/scoring"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// ids are the leads' columns as fields of a schema.
var ids = map[string]string{
	"TotalVisits": "visits", "Total Time Spent on Website": "site_time", "Page Views Per Visit": "pages_per_visit",
	"Lead Origin": "lead_origin", "Lead Source": "lead_source", "Do Not Email": "do_not_email", "Specialization": "specialization",
	"What is your current occupation": "occupation", "City": "city", "A free copy of Mastering The Interview": "free_copy",
	"How did you hear about X Education": "heard", "Last Activity": "last_activity",
}

func leadSchema(t testing.TB) *scoring.Schema {
	t.Helper()
	var fields []scoring.Field
	for column, id := range ids {
		kind := scoring.Text
		if slices.Contains([]string{"visits", "site_time", "pages_per_visit"}, id) {
			kind = scoring.Number
		}
		fields = append(fields, scoring.Field{Name: id, EN: column, Kind: kind})
	}
	s, err := scoring.NewSchema(fields...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func renamed(all Table) Table {
	for i := range all.Numbers {
		all.Numbers[i].Field = ids[all.Numbers[i].Field]
	}
	for i := range all.Categories {
		all.Categories[i].Field = ids[all.Categories[i].Field]
	}
	return all
}

// facts are one row's; what is missing is not set.
func facts(t testing.TB, s *scoring.Schema, all Table, row int) *scoring.Facts {
	t.Helper()
	f := s.NewFacts()
	for _, c := range all.Numbers {
		if v := c.Values[row]; !math.IsNaN(v) && !f.SetNumber(c.Field, v, "crm", time.Time{}) {
			t.Fatalf("cannot set %s to %v", c.Field, v)
		}
	}
	for _, c := range all.Categories {
		if v := c.Values[row]; v != "" && !f.SetText(c.Field, v, "crm", time.Time{}) {
			t.Fatalf("cannot set %s to %q", c.Field, v)
		}
	}
	return f
}

const eightRules = `name: leads
cap: 100
dimensions:
  - id: all
    rules:
      - {id: form, when: 'lead_origin == "Lead Add Form"', add: 30}
      - {id: referred, when: 'lead_source in ["Reference", "Welingak Website"]', add: 15}
      - {id: professional, when: 'occupation == "Working Professional"', add: 25}
      - {id: long, when: 'site_time >= 1000', add: 25}
      - {id: middle, when: 'site_time >= 300 && site_time < 1000', add: 12}
      - {id: sms, when: 'last_activity == "SMS Sent"', add: 15}
      - {id: no-mail, when: 'do_not_email == "Yes"', add: -15}
      - {id: visits, when: 'visits >= 3', add: 5}
`

// TestRuleScoresAreThoseOfTheReference runs the eight rules through the scoring engine. The reference knows no floor, so points count before
// the model's caps.
func TestRuleScoresAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	all, won := leads(t, "Last Activity")
	all = renamed(all)
	schema := leadSchema(t)
	m, err := scoring.ParseModel("leads.yaml", []byte(eightRules), schema)
	if err != nil {
		t.Fatal(err)
	}
	want := table(t, "leads/reference_rule_scores_dev.csv", ',')
	var cases []Case
	for i := range won {
		got := 0.0
		for _, c := range m.Score(facts(t, schema, all, i), time.Time{}).Contributions {
			got += c.Raw
		}
		if got != testdata.Number(t, want["rule_score"][i]) {
			t.Fatalf("row %d: %v, want %s", i+1, got, want["rule_score"][i])
		}
		cases = append(cases, Case{Score: got, Won: won[i]})
	}
	r, err := Measure(cases, Options{Resamples: 1})
	if err != nil {
		t.Fatal(err)
	}
	ref := reference(t, "leads/reference_dev.json")
	for name, got := range map[string]Estimate{"auc": r.AUC, "ks": r.KS, "top_decile_lift": r.LiftTop10, "top_quintile_lift": r.LiftTop20, "top_half_capture": r.CaptureHalf} {
		near(t, name, got.Value, ref("rule_score_all_rows", name), 5.001e-7)
	}
}

func points(d Draft, all Table, won []bool) []Case {
	var out []Case
	for i, p := range d.Scores(all) {
		out = append(out, Case{Score: p, Won: won[i]})
	}
	return out
}

// TestDraftPointsAreWorthNearlyTheRegression learns points on the first 70 % and judges them on the rest, beside the regression.
func TestDraftPointsAreWorthNearlyTheRegression(t *testing.T) {
	t.Parallel()
	leadsB, wonB := leads(t, "Last Activity")
	bankA, wonC := bank(t)
	for _, c := range []struct {
		name string
		all  Table
		won  []bool
		lose float64
	}{{"leads", leadsB, wonB, 0.02}, {"bank", bankA, wonC, 0.02}} {
		n := int(math.Floor(0.7 * float64(len(c.won))))
		d, err := Suggest(c.all.Rows(0, n), c.won[:n], Suggestion{})
		if err != nil {
			t.Fatal(err)
		}
		draft, best := AUC(points(d, c.all.Rows(n, len(c.won)), c.won[n:])), AUC(tested(t, c.all, c.won))
		t.Logf("%s: %d rules, AUC %v, regression %v", c.name, len(d.Rules), draft, best)
		if draft.Value < best.Value-c.lose {
			t.Errorf("%s: the draft's AUC of %v is far below %v", c.name, draft.Value, best.Value)
		}
	}
}

func TestThresholdPointsOnlyRise(t *testing.T) {
	t.Parallel()
	all, won := leads(t, "Last Activity")
	d, err := Suggest(all.Rows(0, 1500), won[:1500], Suggestion{Steps: 9})
	if err != nil {
		t.Fatal(err)
	}
	total, byText := 0, map[string]int{}
	for _, r := range d.Rules {
		if r.Op != "==" && r.Points < 0 {
			t.Errorf("%s takes %d points away", r.When(), r.Points)
		}
		if r.Op == "==" {
			byText[r.Field] = max(byText[r.Field], r.Points)
		} else {
			total += r.Points
		}
		if r.N < 1 || r.Won > r.N {
			t.Errorf("%+v", r)
		}
	}
	for _, p := range byText {
		total += p
	}
	if total < 90 || total > 110 {
		t.Errorf("the best customer gets %d points, want about 100", total)
	}
}

// TestDraftIsAModelThatScoresTheSame loads the written file with the engine.
func TestDraftIsAModelThatScoresTheSame(t *testing.T) {
	t.Parallel()
	all, won := leads(t, "Last Activity")
	all = renamed(all)
	d, err := Suggest(all.Rows(0, 1500), won[:1500], Suggestion{})
	if err != nil {
		t.Fatal(err)
	}
	schema := leadSchema(t)
	m, err := scoring.ParseModel("draft.yaml", []byte(d.YAML("suggested", "zh")), schema)
	if err != nil {
		t.Fatalf("%v\n%s", err, d.YAML("suggested", "zh"))
	}
	for i, want := range d.Scores(all)[:500] {
		got := 0.0
		for _, c := range m.Score(facts(t, schema, all, i), time.Time{}).Contributions {
			got += c.Raw
		}
		if got != want {
			t.Fatalf("row %d: the model gives %v, the draft %v", i+1, got, want)
		}
	}
}

func TestSuggestKnowsItsLimits(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	n := 600
	won, noise, leak, size := make([]bool, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range won {
		size[i] = math.Round(random.Float64() * 1000)
		won[i] = random.Float64() < 0.1+0.6*size[i]/1000
		noise[i] = random.Float64()
		if won[i] {
			leak[i] = 1 + random.Float64()
		}
	}
	few := slices.Repeat([]bool{false, false, true}, 4)
	for _, c := range []struct {
		name    string
		t       Table
		won     []bool
		want    error
		warning string
	}{
		{"twelve customers", Table{Numbers: []NumberColumn{{"size", size[:12]}}}, few, ErrOutcomes, ""},
		{"no field", Table{Numbers: []NumberColumn{{"empty", slices.Repeat([]float64{math.NaN()}, n)}}}, won, ErrNoSignal, ""},
		{"columns of another length", Table{Numbers: []NumberColumn{{"size", size[:99]}}}, won, ErrCase, ""},
		{"a field from after the sale", Table{Numbers: []NumberColumn{{"paid", leak}, {"size", size}}}, won, nil, "paid"},
		{"an honest field", Table{Numbers: []NumberColumn{{"size", size}, {"noise", noise}}}, won, nil, ""},
	} {
		d, err := Suggest(c.t, c.won, Suggestion{})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if warned := fmt.Sprint(d.Suspects); (c.warning != "") != (len(d.Suspects) > 0) || !strings.Contains(warned, c.warning) {
			t.Errorf("%s: warnings %s", c.name, warned)
		}
	}
}

// FuzzDraftFile writes texts that customers may have given into a model file: it must load, and match that text and no other.
func FuzzDraftFile(f *testing.F) {
	for _, text := range []string{"制造业", `a"b`, "tab\there", "'", "#: -", "\u2028", "${x}", `\`, ""} {
		f.Add(text)
	}
	schema, err := scoring.NewSchema(scoring.Field{Name: "trade", ZH: "行业", Kind: scoring.Text})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		if len(text) > 200 {
			return
		}
		d := Draft{Rules: []PointRule{{Field: "行业", Op: "==", Text: text, Points: 7, N: 3, Won: 1}}, Suspects: []Suspect{{Field: text}}}
		m, err := scoring.ParseModel("draft.yaml", []byte(d.YAML("draft", "zh")), schema)
		if err != nil {
			t.Fatalf("%v\n%s", err, d.YAML("draft", "zh"))
		}
		for _, other := range []string{text, text + "x"} {
			facts := schema.NewFacts()
			facts.SetText("trade", other, "crm", time.Time{})
			if got := m.Total(facts, time.Time{}); (got == 7) != (other == text) {
				t.Errorf("%q: %v\n%s", other, got, d.YAML("draft", "zh"))
			}
		}
	})
}

// TestShippedFieldNamesFitTheDraft keeps the draft readable with the built-in schema's Chinese names.
func TestShippedFieldNamesFitTheDraft(t *testing.T) {
	t.Parallel()
	d := Draft{Cases: 120, Won: 60, Rules: []PointRule{{"近一年消费额", ">=", 100000, "", 30, 40, 30}, {"距上次下单天数", "<", 0.5, "", 5, 9, 1}, {"行业", "==", 0, "制造业", -5, 10, 1}}}
	if _, err := scoring.ParseModel("draft.yaml", []byte(d.YAML("draft", "zh")), scoring.BuiltIn()); err != nil {
		t.Fatalf("%v\n%s", err, d.YAML("draft", "zh"))
	}
	golden := filepath.Join("testdata", "draft.golden.yaml")
	if *update {
		if err := os.WriteFile(golden, []byte(d.YAML("draft", "zh")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != d.YAML("draft", "zh") {
		t.Errorf("%v: the draft is now\n%s", err, d.YAML("draft", "zh"))
	}
}
