package report

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"lingke/internal/lang"
	"lingke/scoring"
	"lingke/scoring/validate"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// made is a table of customers whose orders matter and whose complaints do not.
func made(n int) string {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	var b strings.Builder
	b.WriteString("近一年消费额,complaints_90d,nps,是否成交,成交金额,days\n")
	for range n {
		amount, complaints := random.IntN(200_000), random.IntN(6)
		won := 0
		if random.Float64() < 0.1+0.6*float64(amount)/200_000 {
			won = 1
		}
		fmt.Fprintf(&b, "%d,%d,,%d,%d,%d\n", amount, complaints, won, 1000+amount/10, 10+random.IntN(50))
	}
	return b.String()
}

func TestTheTableSaysWhatHolds(t *testing.T) {
	t.Parallel()
	s, err := read(t, made(500), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Validate(s, Options{Edges: []float64{50}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "validation.golden", v.Text(lang.Chinese))
	golden(t, "validation.en.golden", v.Text(lang.English))
	if picture, err := v.Chart(lang.English); err != nil || len(picture) == 0 {
		t.Errorf("an English chart: %v", err)
	}
	for _, w := range v.Weights {
		if w.Rule == "complains" && math.Abs(w.Fitted) > 20 || w.Rule == "big" && w.Fitted < 40 {
			t.Errorf("%+v", w)
		}
	}
	if v.Best == nil || v.Best.AUC.Value < 0.6 || v.Best.Learned != 350 {
		t.Errorf("the fit: %+v", v.Best)
	}
}

func TestFewOutcomesGiveNoClaims(t *testing.T) {
	t.Parallel()
	s, err := read(t, made(12), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Validate(s, Options{Edges: []float64{50}})
	if err != nil {
		t.Fatal(err)
	}
	if !v.Measured.AUC.TooFew || v.Best != nil && !v.Best.AUC.TooFew || v.Verdicts[0].Answer != validate.TooFew {
		t.Errorf("12 customers gave claims: %+v", v)
	}
	if !strings.Contains(v.Text(lang.Chinese), "样本太少") {
		t.Errorf("it does not say so:\n%s", v.Text(lang.Chinese))
	}
	if _, err := Suggest(s, v, "draft", lang.Chinese); !errors.Is(err, validate.ErrOutcomes) {
		t.Errorf("a suggestion from 12 customers: %v", err)
	}
	if _, err := v.Chart(lang.Chinese); err != nil {
		t.Error(err)
	}
}

func TestNoRowsAreNoError(t *testing.T) {
	t.Parallel()
	s, err := read(t, "nps,won\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Validate(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if picture, err := v.Chart(lang.Chinese); err != nil || len(picture) == 0 {
		t.Errorf("chart of nothing: %v", err)
	}
	if !strings.Contains(v.Text(lang.Chinese), "0 个有结果的客户") {
		t.Error(v.Text(lang.Chinese))
	}
}

func TestTheDraftIsAModelWithThePresentPointsBesideIt(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(made(500), "nps,", "executive_contact,") // a flag cannot be a rule's text
	text = strings.ReplaceAll(text, ",,1,", ",是,1,")
	s, err := read(t, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Validate(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	draft, err := Suggest(s, v, "draft", lang.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	m, err := scoring.ParseModel("draft.yaml", []byte(draft), scoring.BuiltIn())
	if err != nil {
		t.Fatalf("%v\n%s", err, draft)
	}
	if m.Name() != "draft" || !strings.Contains(draft, "#   big 大客户：+60 → ") || !strings.Contains(draft, "须经人工审核") {
		t.Errorf("draft:\n%s", draft)
	}
	english, err := Suggest(s, v, "draft", lang.English)
	comments := slices.DeleteFunc(strings.Split(english, "\n"), func(line string) bool { return !strings.HasPrefix(strings.TrimSpace(line), "#") })
	if err != nil || len(comments) < 3 || !strings.Contains(english, "#   big More than ¥100,000: +60 → ") || hasHan(strings.Join(comments, "\n")) {
		t.Errorf("draft in English: %v\n%s", err, english)
	}
	if again, err := scoring.ParseModel("draft.yaml", []byte(english), scoring.BuiltIn()); err != nil || again.Version() != m.Version() {
		t.Errorf("in English it is another model: %v", err)
	}
}

func hasHan(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestTheChartIsAPicture(t *testing.T) {
	t.Parallel()
	s, err := read(t, made(200), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Validate(s, Options{Edges: []float64{0, 50, 99}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := v.Chart(lang.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds(); size.Dx() != chartWidth || size.Dy() != chartHeight {
		t.Errorf("size %v", size)
	}
	colours := make(map[any]bool)
	for x := range chartWidth {
		colours[img.At(x, chartHeight/3)] = true
	}
	if len(colours) < 2 {
		t.Error("a third from the top there is no bar")
	}
}

// TestBarsKeepTheirLabels: bars of the same height do not get each other's label.
func TestBarsKeepTheirLabels(t *testing.T) {
	t.Parallel()
	bars := wording{}.bandBars([]validate.Band{
		{Above: 80, UpTo: math.Inf(1), Conversion: validate.Proportion(5, 10)}, {Above: 50, UpTo: 80, Conversion: validate.Proportion(50, 100)},
		{Above: math.Inf(-1), UpTo: 50, Conversion: validate.Proportion(1, 2)},
	})
	if bars[0].value != 50 || bars[1].value != 50 || bars[0].label == bars[1].label || bars[2].value != 0 || bars[2].label != "样本太少（n=2）" {
		t.Errorf("%+v", bars)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file) //nolint:gosec // of the test
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s", name, got)
	}
}
