package report

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring"
)

var quarter = Period{noon.AddDate(0, 0, -90), noon}

// known is a customer that has been judged for long, in a tier of the scheme "points".
func known(id, tier string) customer.Customer {
	ref := customer.NewRef("erp", id)
	c := customer.Customer{ID: id, Name: "客户" + id, Since: noon.AddDate(-2, 0, 0), Fields: map[string]customer.Field{}}
	c.Records = []customer.Record{{Ref: ref, Since: c.Since, At: c.Since}}
	c.Judged, c.Tiers = c.Since, map[string]scoring.TierState{"points": {Tier: tier, Since: c.Since}}
	return c
}

func (s *shelf) take(c customer.Customer) customer.Ref {
	if s.orders == nil {
		s.orders, s.activities = make(map[customer.Ref][]customer.Order), make(map[customer.Ref][]customer.Activity)
	}
	s.customers = append(s.customers, c)
	return c.Records[0].Ref
}

func (s *shelf) buy(ref customer.Ref, daysAgo int, yuan float64) {
	id := customer.NewRef("erp", fmt.Sprint(ref.ID(), "-", len(s.orders[ref])))
	s.orders[ref] = append(s.orders[ref], customer.Order{ID: id, Customer: ref, Amount: customer.FromYuan(yuan), Status: connectors.StatusWon, Date: noon.AddDate(0, 0, -daysAgo)})
}

func asked(s *shelf, t *testing.T, q Question) Effects {
	t.Helper()
	if q.To.IsZero() {
		q.Period = quarter
	}
	if q.Schemes.Leading == "" {
		q.Schemes = scoring.Alone(scoring.Points())
	}
	e, err := Effect(t.Context(), s, q)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e Effects) tier(id string) TierEffect {
	for _, t := range e.Tiers {
		if t.Tier == id {
			return t
		}
	}
	return TierEffect{}
}

// TestTiersAreThoseOfWhenThePeriodBegan: else those who bought would be A because they bought, and A would look good for it.
func TestTiersAreThoseOfWhenThePeriodBegan(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	risen := known("1", "A")
	risen.Changes = []customer.TierChange{
		{Scheme: "points", From: "C", To: "B", At: noon.AddDate(0, 0, -60)}, {Scheme: "money", From: "low", To: "high", At: noon.AddDate(0, 0, -40)},
		{Scheme: "points", From: "B", To: "A", At: noon.AddDate(0, 0, -30)},
	}
	s.take(risen)
	fresh := known("2", "A")
	fresh.Judged = noon.AddDate(0, 0, -10)
	s.take(fresh)
	before := known("3", "B")
	before.Changes = []customer.TierChange{{Scheme: "points", From: "A", To: "B", At: noon.AddDate(0, 0, -100)}}
	s.take(before)
	e := asked(s, t, Question{})
	if e.tier("A").Customers != 0 || e.tier("B").Customers != 1 || e.tier("C").Customers != 1 || e.Unjudged != 1 || e.Customers != 3 {
		t.Errorf("%+v", e)
	}
}

func TestRetentionAndSpendOfATier(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	for i := range 40 {
		ref := s.take(known(fmt.Sprintf("%02d", i), "A"))
		s.buy(ref, 120, 1000) // in the period before
		if i < 30 {
			s.buy(ref, 20, 1500.25)
		}
	}
	late := s.take(known("z", "A"))
	s.buy(late, 20, 500) // never bought before: it is not retained, and its money counts
	e := asked(s, t, Question{}).tier("A")
	if e.Retention.Positives != 30 || e.Retention.N != 40 || e.Spent.String() != "45507.50" || e.Before.String() != "40000.00" {
		t.Errorf("%+v", e)
	}
	if g := e.Growth; g.TooFew || g.Value < 0.1376 || g.Value > 0.1378 || g.Low > 0.02 || g.High < 0.25 {
		t.Errorf("growth %+v", g)
	}
	for _, edge := range []struct {
		at    time.Time
		count bool
	}{{quarter.From, true}, {quarter.From.Add(-time.Millisecond), false}, {quarter.To, false}, {quarter.To.Add(-time.Millisecond), true}} {
		s := &shelf{}
		ref := s.take(known("1", "A"))
		s.orders[ref] = []customer.Order{{ID: "erp/1", Customer: ref, Amount: 5, Status: connectors.StatusWon, Date: edge.at}}
		if got := asked(s, t, Question{}).tier("A").Spent; (got > 0) != edge.count {
			t.Errorf("an order at %v counts as %v", edge.at, got)
		}
	}
}

// TestSatisfactionContactsTasksAndCost of a tier, with what is spent for each effort.
func TestWorkAndSatisfactionOfATier(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	for i := range 12 {
		c := known(fmt.Sprintf("%02d", i), "B")
		c.Fields["satisfaction"] = customer.Field{Value: fmt.Sprint(6 + i%3)}
		c.Fields["cost_to_serve_365d"] = customer.Field{Value: "100.50"}
		ref := s.take(c)
		s.buy(ref, 10, 900)
		for k, kind := range []string{connectors.ActivityNote, connectors.ActivityComplaint, connectors.ActivityVisit} {
			s.activities[ref] = append(s.activities[ref], customer.Activity{ID: customer.NewRef("chat", fmt.Sprint(i, k)), Customer: ref, Type: kind, At: noon.AddDate(0, 0, -5), By: "lina"})
		}
		due := noon.AddDate(0, 0, -3)
		for k, state := range []followup.State{followup.Done, followup.Open, followup.Cancelled, followup.Cancelled} {
			if k == 3 && i > 0 {
				break // one was late already when its reason went
			}
			task := followup.Task{ID: fmt.Sprint(i, "-", k), Customer: c.ID, Owner: []string{"lina", "zhangwei", "gone"}[i%3], State: state, Due: due}
			if state == followup.Done {
				task.Ended = due.Add(time.Duration(i-6) * time.Hour)
			}
			if state == followup.Cancelled {
				task.Ended = due.Add(time.Duration(k-2) * time.Hour)
			}
			s.tasks = append(s.tasks, task)
		}
	}
	b := asked(s, t, Question{}).tier("B")
	if b.Satisfaction.Value != 7 || b.Complaints != 12 || b.Contacts != 12 || b.Tasks != 25 || b.Done.Positives != 12 || b.OnTime.Positives != 7 || b.Cost.String() != "1206.00" {
		t.Errorf("%+v", b)
	}
	if b.Return.String() != "450.00" { // 10,800 yuan for 12 tasks that were done and 12 contacts
		t.Errorf("for each effort %v", b.Return)
	}
	people := []access.Person{{ID: "lina", Name: "李娜", Team: "一组"}, {ID: "zhangwei", Name: "张伟", Team: "二组"}}
	p, err := ProgressOf(t.Context(), s, quarter, people, noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.People) != 3 || p.People[0].Name != "gone" || p.All.Due != 25 || p.All.Done != 12 || p.All.OnTime != 7 || p.All.Overdue != 12 || len(p.Teams) != 2 || p.Teams[0].Due != 9 {
		t.Errorf("%+v", p)
	}
	for _, want := range []string{"任务进度", "一组  9     4     3", "合计  25    12    7     12", "李娜"} {
		if text := p.Text(lang.Chinese, time.UTC); !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// TestNewcomersByBand: the score is that of a day after they came, not one that their orders made.
func TestNewcomersByBand(t *testing.T) {
	t.Parallel()
	model, err := scoring.ParseModel("m.yaml", []byte("name: m\ndimensions:\n  - id: d\n    rules:\n"+
		"      - {id: big, when: 员工人数 > 500, add: 60}\n      - {id: bought, when: 近一年消费额 > 0, add: 40}\n"), scoring.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	for i := range 60 {
		c := known(fmt.Sprintf("%02d", i), "C")
		c.Since = noon.AddDate(0, 0, -60)
		c.Records[0].Since, c.Judged = c.Since, c.Since
		heads := "100"
		if i%2 == 0 {
			heads, c.Owner = "900", "lina"
		}
		c.Fields["headcount"] = customer.Field{Value: heads, Source: "erp", At: c.Since}
		ref := s.take(c)
		switch i % 4 {
		case 0:
			s.buy(ref, 30, 2000)
			s.activities[ref] = append(s.activities[ref], customer.QualityOf(c, customer.Good, "", "lina", "chat", noon.AddDate(0, 0, -20)))
		case 2:
			o := customer.Outcome{Reason: "价格", By: "lina", At: noon.AddDate(0, 0, -10)}.Order(c, "chat", time.UTC)
			s.orders[ref] = append(s.orders[ref], o)
			s.activities[ref] = append(s.activities[ref], customer.QualityOf(c, customer.Bad, "", "lina", "chat", noon.AddDate(0, 0, -20)))
		}
	}
	s.take(known("old", "A")) // no newcomer
	e := asked(s, t, Question{Models: scoring.Models{model}, Bands: []float64{50, 80}})
	if len(e.Bands) != 3 || e.Bands[0].Conversion.N != 0 {
		t.Fatalf("%+v", e.Bands)
	}
	mid, low := e.Bands[1], e.Bands[2]
	if mid.Conversion.N != 30 || mid.Conversion.Positives != 15 || mid.Assigned != 30 || mid.Contacted != 15 || mid.Lost != 15 || math.Round(mid.Deal.Value) != 2000 || mid.Days.Value != 30 || mid.Good.Value != 0.5 || mid.Good.N != 30 {
		t.Errorf("%+v", mid)
	}
	if low.Conversion.N != 30 || low.Conversion.Positives != 0 || low.Assigned != 0 || !low.Good.TooFew {
		t.Errorf("%+v", low)
	}
	if len(e.Lost) != 1 || e.Lost[0] != (Reason{"价格", 15}) {
		t.Errorf("%+v", e.Lost)
	}
	text := e.Text(lang.Chinese, time.UTC)
	for _, want := range []string{"分层效果报表　2025-12-02 至 2026-03-02", "50–80", "50.0%", "2000 元", "价格  15", "没有观察期已满的打法"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	top, tiers, bottom, bands := e.bars(lang.English)
	drawn := []string{top, bottom}
	for _, b := range append(tiers, bands...) {
		drawn = append(drawn, b.name, b.label)
	}
	if text := strings.Join(drawn, "; "); strings.ContainsFunc(text, func(r rune) bool { return r >= 0x3000 }) || !strings.Contains(text, "up to 50") {
		t.Errorf("in English the chart reads %s", text)
	}
	for _, l := range []lang.Language{lang.Chinese, lang.English} {
		if picture, err := e.Chart(l); err != nil || len(picture) < 10_000 {
			t.Errorf("%d bytes, %v", len(picture), err)
		}
	}
	if picture, err := e.Chart(lang.Chinese); err != nil || len(picture) < 10_000 {
		t.Errorf("%d bytes, %v", len(picture), err)
	}
}

func TestSchemesAreSetBesideEachOther(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	for i, tiers := range [][2]string{{"A", "high"}, {"A", "low"}, {"C", "high"}, {"B", "low"}} {
		c := known(fmt.Sprint(i), tiers[0])
		c.Tiers["money"] = scoring.TierState{Tier: tiers[1]}
		s.take(c)
	}
	schemes := scoring.Schemes{Leading: "points", All: []scoring.TierScheme{{Scheme: scoring.Points()}, {Scheme: scoring.Money()}}}
	e := asked(s, t, Question{Schemes: schemes})
	if len(e.Disagree) != 1 {
		t.Fatalf("%+v", e.Disagree)
	}
	d := e.Disagree[0]
	if fmt.Sprint(d.Counts) != "[[1 0 1] [0 0 1] [1 0 0]]" || d.Opposed != 2 || d.Apart[0].Name != "客户1" || d.Apart[1].Name != "客户2" {
		t.Errorf("%+v", d)
	}
}

// TestTheTextIsForPeopleWithNoData: a first day must not look broken.
func TestAReportOfNothing(t *testing.T) {
	t.Parallel()
	e := asked(&shelf{}, t, Question{Bands: []float64{50, 80}})
	text := e.Text(lang.Chinese, time.UTC)
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || !strings.Contains(text, "样本太少") {
		t.Error(text)
	}
	if _, err := e.Chart(lang.Chinese); err != nil {
		t.Error(err)
	}
	p, err := ProgressOf(t.Context(), &shelf{}, quarter, nil, noon)
	if err != nil || strings.Contains(p.Text(lang.Chinese, time.UTC), "NaN") {
		t.Error(err, p.Text(lang.Chinese, time.UTC))
	}
}

// TestANewInstallationHasItsPast: customers that were there before Lingke was have the tier that they would have had.
func TestANewInstallationHasItsPast(t *testing.T) {
	t.Parallel()
	model, err := scoring.ParseModel("m.yaml", []byte("name: m\ndimensions:\n  - id: d\n    rules:\n      - {id: big, when: 近一年消费额 > 1000, add: 90}\n"), scoring.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	for i := range 20 {
		c := known(fmt.Sprintf("%02d", i), "C")
		c.Judged = noon.AddDate(0, 0, -1) // installed yesterday
		ref := s.take(c)
		if i < 12 {
			s.buy(ref, 200, 5000)
		}
		s.buy(ref, 10, 5000) // what makes all of them A by now is no reason to have been it
	}
	e := asked(s, t, Question{Models: scoring.Models{model}})
	a, c := e.tier("A"), e.tier("C")
	if e.Derived != 20 || e.Unjudged != 0 || a.Customers != 12 || a.Retention.Positives != 12 || c.Customers != 8 || c.Retention.N != 0 {
		t.Errorf("%d derived, A %+v, C %+v", e.Derived, a, c)
	}
	if !strings.Contains(e.Brief(lang.Chinese, time.UTC), "20 个客户期初还没有评过分") {
		t.Error(e.Brief(lang.Chinese, time.UTC))
	}
}
