package followup_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring"
	"lingke/scoring/risk"
)

const day = 24 * time.Hour

func condition(t *testing.T, text string) *scoring.Condition {
	t.Helper()
	c, err := scoring.ParseCondition(text, scoring.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stage is a customer of a play, looked at day by day.
type stage struct {
	t     *testing.T
	rules *followup.Rules
	c     customer.Customer
	v     customer.View
}

func newStage(t *testing.T, p followup.Play) *stage {
	t.Helper()
	if p.Measure == 0 {
		p.Measure, p.Respond = 90*day, []string{"order"}
	}
	return &stage{
		t: t, rules: &followup.Rules{Zone: china, Calendar: calendar.New(calendar.Shipped()...), Names: map[string]string{"lina": "李娜"}, Plays: []followup.Play{p}},
		c: customer.Customer{ID: "c1", Name: "华星机械", Owner: "lina", Tier: "A", Fields: map[string]customer.Field{"contact": {Value: "陈总"}}},
		v: customer.View{Orders: []customer.Order{{ID: "kingdee/o1", Status: "won", Amount: customer.FromYuan(8000), Date: clock("2026-02-20 10:00"), Product: "车床"}}},
	}
}

func (s *stage) look(at time.Time, o customer.Occasion) (asked []customer.Effect) {
	s.c.Effects = nil
	s.v.Is, s.v.Now, s.v.Occasion, s.v.Settled = &s.c, at, o, true
	s.v.Facts = customer.Derive(scoring.BuiltIn(), s.c, s.v.Orders, s.v.Activities, at)
	s.rules.Look(s.v)
	return s.c.Effects
}

func offer() followup.Play {
	return followup.Play{ID: "offer", Name: lang.Text{ZH: "升级优惠"}, Again: 365 * day, Measure: 90 * day, Respond: []string{"order"}, Steps: []followup.Step{
		{Tag: "VIP"},
		{Message: "{{联系人}}您好，您在用的 {{产品}} 升级享 8 折，近一年 {{近一年订单数}} 单。{{负责人}}"},
		{Task: &followup.PlayTask{Title: lang.Text{ZH: "第二次优惠"}, Due: "2 workdays", Why: lang.Text{ZH: "- 点开了但没有下单"}}, After: 3 * day, If: "clicked"},
		{Event: "offered"},
	}}
}

func TestAPlayGoesStepByStepAndASecondOfferFollowsAClickWithoutAPurchase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		clicked bool
		bought  bool
		want    []string // by day
	}{
		{"clicked, not bought", true, false, []string{"0 代发消息", "3 第二次优惠", "3 tell offered"}},
		{"not clicked: the second offer is left out", false, false, []string{"0 代发消息", "3 tell offered"}},
		{"bought: the rest is left out", true, true, []string{"0 代发消息"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, offer())
			var got []string
			for d := range 10 {
				at := clock("2026-03-02 09:15").AddDate(0, 0, d)
				if d == 1 && tt.clicked {
					s.v.Activities = append(s.v.Activities, act("p1", "push_opened", at.Add(-time.Hour), ""))
				}
				if d == 2 && tt.bought {
					s.v.Orders = append(s.v.Orders, customer.Order{ID: "kingdee/o2", Status: "won", Amount: customer.FromYuan(5000), Date: at.Add(-time.Hour)})
				}
				for range 2 {
					for _, e := range s.look(at, customer.Plays) {
						what := e.Work.Title
						if e.Kind == customer.EffectTell {
							what = "tell " + e.Work.Kind
						}
						got = append(got, fmt.Sprintf("%d %s", d, what))
						if d == 0 && !strings.Contains(e.Work.Why, "陈总您好，您在用的 车床 升级享 8 折，近一年 1 单。李娜") {
							t.Errorf("%q", e.Work.Why)
						}
					}
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
			if !slices.Equal(s.c.Tags, []string{"VIP"}) || len(s.c.Exposures) != 1 || s.c.Exposures[0].Ended.IsZero() {
				t.Errorf("%+v", s.c.Following)
			}
		})
	}
}

func TestAStepAfterSomeDaysIsTheMorningsOfThatDayHoweverEarlyItComes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		after time.Duration
		at    string // of the second look
		want  int
	}{
		{3 * day, "2026-03-05 09:14", 1}, // the job was quicker than three days before
		{3 * day, "2026-03-04 23:59", 0},
		{36 * time.Hour, "2026-03-03 21:14", 0}, // hours are hours
		{36 * time.Hour, "2026-03-03 21:15", 1},
	} {
		s := newStage(t, followup.Play{ID: "p", Name: lang.Text{ZH: "打法"}, Steps: []followup.Step{{Tag: "VIP"}, {Message: "您好", After: tt.after}}})
		s.look(clock("2026-03-02 09:15"), customer.Plays)
		if asked := s.look(clock(tt.at), customer.Plays); len(asked) != tt.want {
			t.Errorf("%s after Monday 09:15, at %s: %+v", tt.after, tt.at, asked)
		}
	}
}

func TestWhatAPlayBroughtIsKept(t *testing.T) {
	t.Parallel()
	s := newStage(t, offer())
	s.look(clock("2026-03-02 09:15"), customer.Plays)
	s.v.Orders = append(s.v.Orders, customer.Order{ID: "kingdee/o2", Status: "won", Amount: customer.FromYuan(5000), Date: clock("2026-04-02 10:00")})
	s.look(clock("2026-06-03 09:15"), customer.Plays)
	e := s.c.Exposures[0]
	if e.Before != customer.FromYuan(8000) || e.After != customer.FromYuan(5000) || e.Orders != 1 || !e.Responded.Equal(clock("2026-04-02 10:00")) || e.Measured.IsZero() || e.Why != "answered" {
		t.Errorf("%+v", e)
	}
}

func TestTheLotHoldsOutItsShareAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	const n = 20_000
	held := 0
	for i := range n {
		id := fmt.Sprint("c", i)
		yes := followup.Held("offer", id, 0.1)
		if yes != followup.Held("offer", id, 0.1) || yes && !followup.Held("offer", id, 0.2) {
			t.Fatalf("%s: the lot is not the same", id)
		}
		if yes {
			held++
		}
	}
	if share := float64(held) / n; math.Abs(share-0.1) > 4*math.Sqrt(0.1*0.9/n) {
		t.Errorf("%.4f are held out, want 0.1", share)
	}
	if followup.Held("offer", "c1", 0) {
		t.Error("somebody is held out of a play without a lot")
	}
}

func TestWhoIsHeldOutGetsNothingAndIsCounted(t *testing.T) {
	t.Parallel()
	p := offer()
	p.Holdout = 1 // everybody, for the test
	s := newStage(t, p)
	for d := range 10 {
		if asked := s.look(clock("2026-03-02 09:15").AddDate(0, 0, d), customer.Plays); len(asked) > 0 {
			t.Fatalf("%+v", asked)
		}
	}
	if len(s.c.Exposures) != 1 || !s.c.Exposures[0].Held || len(s.c.Tags) != 0 {
		t.Errorf("%+v", s.c.Following)
	}
}

func TestWhoComesToHaveAPart(t *testing.T) {
	t.Parallel()
	task := []followup.Step{{Task: &followup.PlayTask{Title: lang.Text{ZH: "礼遇"}, Due: "2 workdays"}}}
	for _, tt := range []struct {
		name string
		play followup.Play
		set  func(s *stage)
		at   customer.Occasion
		want bool
	}{
		{"who fits, in the morning", followup.Play{When: condition(t, `层级 == "A"`)}, nil, customer.Plays, true},
		{"who does not fit", followup.Play{When: condition(t, `层级 == "B"`)}, nil, customer.Plays, false},
		{"not before the morning", followup.Play{When: condition(t, `层级 == "A"`)}, nil, customer.Arrival, false},
		{"at once when the sum is reached", followup.Play{When: condition(t, `累计消费额 >= 5000`), AtOnce: true}, func(s *stage) {
			facts := customer.Derive(scoring.BuiltIn(), s.c, nil, nil, clock("2026-03-01 09:00"))
			facts.SetNumber("order_amount_total", 4000, "kingdee", clock("2026-03-01 09:00"))
			s.v.Was.Facts, _ = facts.MarshalJSON()
		}, customer.Arrival, true},
		{"what held all along waits for the morning", followup.Play{When: condition(t, `累计消费额 >= 5000`), AtOnce: true}, func(s *stage) {
			s.v.Was.Facts, _ = customer.Derive(scoring.BuiltIn(), s.c, s.v.Orders, nil, clock("2026-03-01 09:00")).MarshalJSON()
		}, customer.Arrival, false},
		{"nobody owns it", followup.Play{When: condition(t, `层级 == "A"`)}, func(s *stage) { s.c.Owner = "" }, customer.Plays, false},
		{"at risk for the play's cause", followup.Play{Risk: risk.Price}, func(s *stage) {
			s.c.Risk = &risk.Episode{Opened: clock("2026-03-01 09:00"), Cause: risk.Price}
		}, customer.Arrival, true},
		{"at risk for the cause that a person named", followup.Play{Risk: risk.Service}, func(s *stage) {
			s.c.Risk, s.c.RiskCause = &risk.Episode{Opened: clock("2026-03-01 09:00"), Cause: risk.Price}, risk.Service
		}, customer.Arrival, true},
		{"at risk for another cause", followup.Play{Risk: risk.Competitor}, func(s *stage) {
			s.c.Risk = &risk.Episode{Opened: clock("2026-03-01 09:00"), Cause: risk.Price}
		}, customer.Arrival, false},
		{"had its part, and not long ago", followup.Play{When: condition(t, `层级 == "A"`), Again: 90 * day}, func(s *stage) {
			s.c.Exposures = []customer.Exposure{{Play: "p", N: 1, At: clock("2026-02-01 09:00"), Ended: clock("2026-02-01 09:00"), Measured: clock("2026-02-01 09:00")}}
		}, customer.Plays, false},
		{"had its part long ago", followup.Play{When: condition(t, `层级 == "A"`), Again: 20 * day}, func(s *stage) {
			s.c.Exposures = []customer.Exposure{{Play: "p", N: 1, At: clock("2026-02-01 09:00"), Ended: clock("2026-02-01 09:00"), Measured: clock("2026-02-01 09:00")}}
		}, customer.Plays, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.play.ID, tt.play.Name, tt.play.Steps = "p", lang.Text{ZH: "打法"}, task
			s := newStage(t, tt.play)
			if tt.set != nil {
				tt.set(s)
			}
			before := len(s.c.Exposures)
			asked := s.look(clock("2026-03-02 09:15"), tt.at)
			if got := len(s.c.Exposures) > before; got != tt.want || got != slices.ContainsFunc(asked, func(e customer.Effect) bool { return e.Kind == customer.EffectWork }) {
				t.Errorf("a part: %v, want %v; asked %+v", got, tt.want, asked)
			}
		})
	}
}

func TestAPlayStopsOnItsCondition(t *testing.T) {
	t.Parallel()
	p := offer()
	p.Respond, p.Stop = []string{"review"}, condition(t, `近一年订单数 >= 2`)
	s := newStage(t, p)
	s.look(clock("2026-03-02 09:15"), customer.Plays)
	s.v.Orders = append(s.v.Orders, customer.Order{ID: "kingdee/o2", Status: "won", Amount: 1, Date: clock("2026-03-03 10:00")})
	if asked := s.look(clock("2026-03-06 09:15"), customer.Plays); len(asked) != 0 || s.c.Exposures[0].Why != "stopped" {
		t.Errorf("%+v %+v", asked, s.c.Exposures)
	}
}

// TestANewTurnTakesThePlaceOfWhatNobodyDid: two open tasks with the same words would lie beside each other, and go together to whoever has the customer next.
func TestANewTurnTakesThePlaceOfWhatNobodyDid(t *testing.T) {
	t.Parallel()
	p := offer()
	p.Again = 30 * day
	s := newStage(t, p)
	opened := make(map[string]bool)
	var ended int
	for d := range 100 {
		at := clock("2026-03-02 09:15").AddDate(0, 0, d)
		s.v.Activities = append(s.v.Activities, act(fmt.Sprint(d), "push_opened", at.Add(-time.Hour), ""))
		for _, e := range s.look(at, customer.Plays) {
			switch {
			case e.Kind == customer.EffectCalm && opened[e.Work.Task]:
				delete(opened, e.Work.Task)
				ended++
				if e.Work.Why == "" || e.Work.Play != p.ID || !e.At.Equal(at) {
					t.Errorf("%+v", e.Work)
				}
			case e.Kind == customer.EffectCalm:
				t.Errorf("day %d: %s ends and was never open", d, e.Work.Task)
			case e.Kind == customer.EffectWork:
				opened[e.Work.Task] = true
			}
			if len(opened) > 2 {
				t.Fatalf("day %d: %v", d, opened)
			}
		}
	}
	if _, n := s.c.Exposed(p.ID); n != 4 || ended != 6 || len(opened) != 2 {
		t.Errorf("%d turns, %d tasks ended by the next, open %v", n, ended, opened)
	}
}
