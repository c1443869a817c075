package validate

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawCases(t *rapid.T) []Case {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Case {
		return Case{Score: float64(rapid.IntRange(0, 20).Draw(t, "score")) / 20, Won: rapid.Bool().Draw(t, "won")}
	}), 0, 120).Draw(t, "cases")
}

// TestAUCIsTheShareOfRightPairs counts the pairs one by one.
func TestAUCIsTheShareOfRightPairs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cases := drawCases(t)
		right, pairs := 0.0, 0.0
		for _, a := range cases {
			for _, b := range cases {
				if a.Won && !b.Won {
					pairs++
					switch {
					case a.Score > b.Score:
						right++
					case a.Score == b.Score:
						right += 0.5
					}
				}
			}
		}
		got := AUC(cases)
		if pairs == 0 {
			if !math.IsNaN(got.Value) || !got.TooFew {
				t.Fatalf("%+v without a pair", got)
			}
			return
		}
		if math.Abs(got.Value-right/pairs) > 1e-12 || !(got.Low <= got.Value && got.Value <= got.High) {
			t.Fatalf("%+v, want %v", got, right/pairs)
		}
	})
}

func TestMeasureOfAnyCases(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cases := drawCases(t)
		r, err := Measure(cases, Options{Probabilities: true, Resamples: 5})
		if err != nil {
			t.Fatal(err)
		}
		n, hits := 0, 0
		for _, d := range r.Deciles {
			n, hits = n+d.Conversion.N, hits+d.Conversion.Positives
		}
		if n != len(cases) || hits != positives(cases) {
			t.Fatalf("deciles hold %d cases and %d won ones of %d and %d", n, hits, len(cases), positives(cases))
		}
		if r.KS.Value < 0 || r.KS.Value > 1 || r.KS.TooFew != (min(hits, n-hits) < MinEach) {
			t.Fatalf("KS %+v", r.KS)
		}
	})
}

func TestTwelveCustomersAreTooFew(t *testing.T) {
	t.Parallel()
	var cases []Case
	for i := range 12 {
		cases = append(cases, Case{Score: float64(i), Won: i > 8, Amount: 1000, Days: 10})
	}
	r, err := Measure(cases, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !r.AUC.TooFew || !r.KS.TooFew || !r.LiftTop10.TooFew || r.AUC.String() != "样本太少（12 个结果，3 个成交）" {
		t.Errorf("%+v", r)
	}
	for _, v := range Verdicts(Bands(cases, []float64{5}, 1)) {
		if v.Answer != TooFew {
			t.Errorf("%s: %s", v.Question, v.Answer)
		}
	}
	if none, err := Measure(nil, Options{Probabilities: true}); err != nil || !none.AUC.TooFew || !strings.Contains(none.BaseRate.String(), "0 个结果") {
		t.Errorf("nobody: %+v, %v", none, err)
	}
}

func TestBadScoresAreRefusedByPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		score float64
		o     Options
	}{{"NaN", math.NaN(), Options{}}, {"infinite", math.Inf(1), Options{}}, {"points as a probability", 80, Options{Probabilities: true}}} {
		if _, err := Measure([]Case{{Score: 0.5}, {Score: c.score}}, c.o); !errors.Is(err, ErrCase) || !strings.Contains(err.Error(), "case 2") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestBandsKeepTheirEdges(t *testing.T) {
	t.Parallel()
	cases := []Case{{Score: 80}, {Score: 80.001, Won: true, Amount: 7, Days: 3}, {Score: 50}, {Score: 50.001}, {Score: 0}}
	b := Bands(cases, []float64{80, 50, 80}, 1)
	if len(b) != 3 || b[0].Conversion.N != 1 || b[1].Conversion.N != 2 || b[2].Conversion.N != 2 {
		t.Fatalf("%+v", b)
	}
	if b[0].Name() != "80 以上" || b[1].Name() != "50–80" || b[2].Name() != "50 及以下" || b[0].Deal.Value != 7 || b[0].Days.Value != 3 || !b[0].Deal.TooFew {
		t.Errorf("%+v", b)
	}
}

// TestVerdictsFindTheTruth draws outcomes of which it is known whether high scores do better: a true difference is found nearly always, a
// missing one is claimed hardly ever.
func TestVerdictsFindTheTruth(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	draw := func(rateHigh, rateLow, sizeHigh float64) (out []Case) {
		for i := range 800 {
			c := Case{Score: float64(i % 2 * 100)}
			rate, size, speed := rateLow, 1000.0, 40.0
			if c.Score > 50 {
				rate, size, speed = rateHigh, sizeHigh, 40*1000/sizeHigh
			}
			c.Won = random.Float64() < rate
			c.Amount, c.Days = size*math.Exp(random.NormFloat64()/2), speed*random.ExpFloat64()
			out = append(out, c)
		}
		return out
	}
	found, claimed, runs := [3]int{}, [3]int{}, 24
	for range runs {
		for i, v := range Verdicts(Bands(draw(0.4, 0.25, 2200), []float64{50}, 1)) {
			if v.Answer == Yes {
				found[i]++
			}
		}
		for i, v := range Verdicts(Bands(draw(0.3, 0.3, 1000), []float64{50}, 1)) {
			if v.Answer == Yes || v.Answer == Contrary {
				claimed[i]++
			}
		}
	}
	t.Logf("of %d runs: found %v, claimed without cause %v", runs, found, claimed)
	for i := range found {
		if found[i] < runs*7/10 || claimed[i] > runs/6 {
			t.Errorf("question %d: found %d of %d, claimed without cause %d", i+1, found[i], runs, claimed[i])
		}
	}
}

// TestIntervalsHoldTheTruth asks of the intervals what they promise: about 95 of 100 hold it.
func TestIntervalsHoldTheTruth(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	const runs = 400
	var auc, share, middle int
	truth := 0.5 * math.Erfc(-0.5) // scores of winners are 1 standard deviation better: Phi(1/sqrt 2)
	for range runs {
		var cases []Case
		var values []float64
		hits := 0
		for i := range 150 {
			c := Case{Won: i%3 == 0, Score: random.NormFloat64()}
			if c.Won {
				c.Score++
			}
			cases = append(cases, c)
			values = append(values, random.ExpFloat64())
			if random.Float64() < 0.12 {
				hits++
			}
		}
		if e := AUC(cases); e.Low <= truth && truth <= e.High {
			auc++
		}
		if e := Proportion(hits, 150); e.Low <= 0.12 && 0.12 <= e.High {
			share++
		}
		if e := Median(values); e.Low <= math.Ln2 && math.Ln2 <= e.High {
			middle++
		}
	}
	t.Logf("of %d: AUC %d, share %d, median %d", runs, auc, share, middle)
	for _, n := range []int{auc, share, middle} {
		if n < runs*92/100 {
			t.Errorf("%d of %d intervals hold the truth", n, runs)
		}
	}
}

func TestWilsonsIntervalIsThePublishedOne(t *testing.T) {
	t.Parallel()
	// Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
	for _, c := range []struct {
		hits, n   int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		e := Proportion(c.hits, c.n)
		near(t, "low", e.Low, c.low, 5e-5)
		near(t, "high", e.High, c.high, 5e-5)
	}
}

func BenchmarkAUC(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	cases := make([]Case, 100_000)
	for i := range cases {
		cases[i] = Case{Score: math.Round(random.Float64() * 100), Won: random.IntN(4) == 0}
	}
	for b.Loop() {
		AUC(cases)
	}
}
