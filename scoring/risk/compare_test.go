package risk

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"
)

// TestOwnRhythmAgainstTheFixedRule prints what the own rhythm is worth at as many alerts as a fixed rule gives, where it is better and
// where it is worse: on one day (from and to are the same) and over a season, alone and beside the rule of 180 days. Rhythms are fitted to
// what was known when the trial begins. What must hold is that it is not clearly worse against 90 and 120 days; against 180 days it may
// be, see TestNoRuleOnSilenceCouldDoMuchBetterOnCDNOW.
func TestOwnRhythmAgainstTheFixedRule(t *testing.T) {
	t.Parallel()
	cd, retail := cdnow(t), onlineRetail(t)
	for _, c := range []struct {
		name          string
		data          [][]time.Time
		from, to, end time.Time
	}{
		{"CDNOW, one day in September", cd, date(1997, 9, 30), date(1997, 9, 30), date(1998, 6, 30)},
		{"CDNOW, one day in December", cd, date(1997, 12, 31), date(1997, 12, 31), date(1998, 6, 30)},
		{"CDNOW, the season between", cd, date(1997, 9, 30), date(1998, 1, 1), date(1998, 6, 30)},
		{"online retail, one day in June", retail, date(2011, 6, 10), date(2011, 6, 10), date(2011, 12, 9)},
		{"online retail, one day in September", retail, date(2011, 9, 9), date(2011, 9, 9), date(2011, 12, 9)},
		{"online retail, the season between", retail, date(2011, 6, 10), date(2011, 9, 9), date(2011, 12, 9)},
	} {
		m, _, err := FitRhythm(spells(c.data, c.from), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []struct {
			days, silent float64
			least        int
		}{{90, 0, 0}, {90, 0, 1}, {90, 180, 0}, {120, 0, 0}, {120, 180, 0}, {180, 0, 0}, {180, 0, 1}} {
			if k.silent > 0 && c.from.Equal(c.to) {
				continue // on one day, who is silent for longest alerts first either way
			}
			trial := Trial{
				From: c.from, To: c.to, End: c.end, Days: k.days, Silent: k.silent, Own: DefaultRules().Own, MinRepeats: k.least, Resamples: 120, Seed: 1,
			}
			got := Compare(c.data, m, trial)
			t.Logf("%s, %v days against the rhythm%s, at least %d intervals: %d alerts of each, %d stops; true %v against %v, more %.0f; earlier by %.1f days", c.name, k.days,
				map[bool]string{true: " or 180 days"}[k.silent > 0], k.least, got.Alerts, got.Stops, got.Own.Value, got.Fixed.Value, got.More, got.Earlier)
			check(t, got)
			if k.days < 180 && got.More.High < 0 {
				t.Errorf("%s: clearly worse against %v days", c.name, k.days)
			}
		}
	}
}

func check(t *testing.T, c Comparison) {
	t.Helper()
	if c.OwnAlerts > c.Alerts || c.Own.Value > float64(c.OwnAlerts) || c.Fixed.Value > float64(c.Alerts) || c.Fixed.Value > float64(c.Stops) {
		t.Errorf("%+v", c)
	}
	if !(c.More.Low <= c.More.Value && c.More.Value <= c.More.High) || c.More.Value != c.Own.Value-c.Fixed.Value {
		t.Errorf("more: %+v", c.More)
	}
}

// TestRegularBuyersThatStopAreFoundEarlier has customers with rhythms of a week to three months, a third of whom stop: where rhythms
// differ and are regular, the own rhythm must beat one number for all, in both ways.
func TestRegularBuyersThatStopAreFoundEarlier(t *testing.T) {
	t.Parallel()
	start := date(2025, 1, 1)
	var all [][]time.Time
	for i := range 240 {
		every, stop := 7+(i*37)%84, 9999
		if i%3 == 0 {
			stop = 260 + (i*53)%150
		}
		var p []time.Time
		for day, k := i%30, 0; day < 730 && day < stop; k++ {
			p = append(p, start.AddDate(0, 0, day))
			day += every + (k*i)%(every/4+1)
		}
		all = append(all, p)
	}
	m, _, err := FitRhythm(spells(all, start.AddDate(0, 0, 250)), 0)
	if err != nil {
		t.Fatal(err)
	}
	got := Compare(all, m, Trial{From: start.AddDate(0, 0, 250), To: start.AddDate(0, 0, 500), End: start.AddDate(0, 0, 729), Days: 90, Own: DefaultRules().Own, Resamples: 100})
	t.Logf("%+v %+v", m, got)
	check(t, got)
	if got.More.Low < 0 || got.Earlier.Low <= 0 {
		t.Errorf("more %v, earlier %v", got.More, got.Earlier)
	}
}

func TestNothingToCompare(t *testing.T) {
	t.Parallel()
	got := Compare(nil, Rhythm{1, 1, 1, 1, 1}, Trial{From: today, To: today, End: today, Days: 90, Resamples: 3})
	if got.Alerts != 0 || got.Own.Value != 0 || !math.IsNaN(got.Earlier.Value) {
		t.Errorf("%+v", got)
	}
}

// TestStatedProbabilitiesComeTrue compares what was stated of the next 90 days with what came, in fifths of the customers.
func TestStatedProbabilitiesComeTrue(t *testing.T) {
	t.Parallel()
	cd, retail := cdnow(t), onlineRetail(t)
	for _, c := range []struct {
		name   string
		data   [][]time.Time
		at     time.Time
		within float64
	}{
		{"CDNOW, September", cd, date(1997, 9, 30), 0.04},
		{"CDNOW, December", cd, date(1997, 12, 31), 0.04},
		{"online retail, June", retail, date(2011, 6, 10), 0.1},
		{"online retail, September", retail, date(2011, 9, 9), 0.1},
	} {
		m, _, err := FitRhythm(spells(c.data, c.at), 0)
		if err != nil {
			t.Fatal(err)
		}
		var stated []struct{ p, came float64 }
		for _, purchases := range c.data {
			now, ok := SpellAt(purchases, c.at)
			if !ok {
				continue
			}
			later, _ := SpellAt(purchases, c.at.AddDate(0, 0, 90))
			came := 0.0
			if len(later.Gaps) == len(now.Gaps) {
				came = 1
			}
			stated = append(stated, struct{ p, came float64 }{m.Quiet(now, 90), came})
		}
		slices.SortFunc(stated, func(a, b struct{ p, came float64 }) int { return cmp.Compare(a.p, b.p) })
		var said, came float64
		for fifth := range 5 {
			part := stated[len(stated)*fifth/5 : len(stated)*(fifth+1)/5]
			var p, q float64
			for _, s := range part {
				p, q = p+s.p, q+s.came
			}
			t.Logf("%s, fifth %d: stated %.2f, came true %.2f of %d", c.name, fifth+1, p/float64(len(part)), q/float64(len(part)), len(part))
			said, came = said+p, came+q
		}
		near(t, c.name, said/float64(len(stated)), came/float64(len(stated)), c.within)
	}
}
