package report

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/scoring"
)

// TestAPastDayKnowsNothingOfWhatCameLater: neither orders, nor values that were told later, nor customers that came later.
func TestAPastDayKnowsNothingOfWhatCameLater(t *testing.T) {
	t.Parallel()
	model, err := scoring.ParseModel("m.yaml", []byte("name: m\ndimensions:\n  - id: d\n    rules:\n"+
		"      - {id: big, when: 员工人数 > 500, add: 50}\n      - {id: bought, when: 近一年消费额 > 0, add: 30}\n"), scoring.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	day := noon.AddDate(0, 0, -100)
	s := &shelf{}
	for i := range 30 {
		c := known(fmt.Sprintf("%02d", i), "C")
		told := day.AddDate(0, 0, -1)
		if i >= 20 {
			told = day.AddDate(0, 0, 1) // learned after the deal, perhaps because of it
		}
		c.Fields["headcount"] = customer.Field{Value: "900", At: told}
		ref := s.take(c)
		if i < 10 {
			s.buy(ref, 150, 10) // before that day
		}
		if i%2 == 0 {
			s.buy(ref, 80, 100.5)
			s.buy(ref, 60, 100)
			s.buy(ref, 5, 100) // beyond the horizon
		}
	}
	later := known("new", "C")
	later.Records[0].Since = day.Add(time.Hour)
	s.take(later)
	how := Past{Day: day, Horizon: 90 * 24 * time.Hour, Model: model}
	for late, wants := range map[bool]map[string]float64{false: {"first": 80, "middle": 50, "last": 0}, true: {"first": 80, "middle": 50, "last": 50}} {
		how.Late = late
		sample, dropped, err := PastSample(t.Context(), s, how, noon)
		if err != nil || len(sample.Cases) != 30 || sample.Open != 1 || !late && dropped != 10 || late && dropped != 0 {
			t.Fatalf("%d cases, %d open, %d dropped, %v", len(sample.Cases), sample.Open, dropped, err)
		}
		for i, name := range map[int]string{0: "first", 10: "middle", 20: "last"} {
			c := sample.Cases[i]
			if c.Score != wants[name] || !c.Won || c.Amount != 200.5 || c.Days != 20 {
				t.Errorf("late %v, the %s: %+v", late, name, c)
			}
		}
		if sample.Cases[1].Won {
			t.Error("who bought nothing has won")
		}
		v, err := Validate(sample, Options{Seed: 1})
		if err != nil || v.Measured.N != 30 || v.Measured.Positives != 15 || v.Model != model.Version() {
			t.Errorf("%+v, %v", v, err)
		}
	}
	how.Leads = true
	if sample, _, err := PastSample(t.Context(), s, how, noon); err != nil || len(sample.Cases) != 20 {
		t.Errorf("%d leads, %v", len(sample.Cases), err)
	}
	how.Day = noon.AddDate(0, 0, -10)
	if _, _, err := PastSample(t.Context(), s, how, noon); !errors.Is(err, ErrPast) {
		t.Errorf("an outcome that nobody can know yet: %v", err)
	}
}
