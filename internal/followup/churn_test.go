package followup_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring/risk"
)

func churnRules() *followup.Rules {
	quick := risk.DefaultRules()
	quick.SilentDays = 90
	return &followup.Rules{Zone: china, Churn: &followup.Churn{
		Rules: risk.DefaultRules(), Tiers: map[string]risk.Rules{"A": quick}, Calm: risk.DefaultCalm(), Words: risk.DefaultWords(), Due: "2 workdays", Daily: 5,
		Advice: map[risk.Cause]lang.Text{risk.Price: {ZH: "老客回归价"}, risk.Silence: {ZH: "回访"}, risk.Competitor: {ZH: "差异对比"}, risk.Service: {ZH: "一对一处理"}},
	}}
}

// shop is a customer whose orders and activities a test tells, and who is looked at.
type shop struct {
	t     *testing.T
	rules *followup.Rules
	c     customer.Customer
	v     customer.View
}

func newShop(t *testing.T, tier string) *shop {
	return &shop{t: t, rules: churnRules(), c: customer.Customer{ID: "c1", Tier: tier, Owner: "lina", Stage: customer.Active}}
}

func (s *shop) bought(at time.Time) {
	id := customer.NewRef("kingdee", fmt.Sprint("o", len(s.v.Orders)))
	s.v.Orders = append(s.v.Orders, customer.Order{ID: id, Customer: "crm/1", Status: "won", Date: at, Amount: 100})
}

func (s *shop) did(kind, text string, at time.Time) {
	s.v.Activities = append(s.v.Activities, act(fmt.Sprint("a", len(s.v.Activities)), kind, at, text))
}

// look returns the work and the ends of work that looking at an instant asks for.
func (s *shop) look(at time.Time, o customer.Occasion) (asked, calmed []customer.Work) {
	s.c.Effects = nil
	s.v.Is, s.v.Now, s.v.Occasion, s.v.Settled = &s.c, at, o, true
	s.rules.Look(s.v)
	for _, e := range s.c.Effects {
		if e.Kind == customer.EffectCalm {
			calmed = append(calmed, *e.Work)
		} else {
			asked = append(asked, *e.Work)
		}
	}
	return asked, calmed
}

func TestEveryAlertShowsItsEvidenceAndWhatToDo(t *testing.T) {
	t.Parallel()
	now := clock("2026-03-02 09:00")
	for _, tt := range []struct {
		name string
		tier string
		set  func(s *shop)
		at   customer.Occasion
		want []string // of the alert; none for nil
	}{
		{"silent for half a year", "B", func(s *shop) { s.bought(clock("2025-08-20 10:00")) }, customer.Morning, []string{"194 天未下单", "最近一单 2025年8月20日", "来源 kingdee", "原因**：沉默", "回访"}},
		{"silent, of a tier with a shorter patience", "A", func(s *shop) { s.bought(clock("2025-11-20 10:00")) }, customer.Morning, []string{"102 天未下单"}},
		{"the same silence of another tier", "B", func(s *shop) { s.bought(clock("2025-11-20 10:00")) }, customer.Morning, nil},
		{"silence is the morning's to find", "B", func(s *shop) { s.bought(clock("2025-08-20 10:00")) }, customer.Arrival, nil},
		{"half as many orders", "B", func(s *shop) {
			for _, day := range []string{"2025-09-10", "2025-10-01", "2025-11-01"} {
				s.bought(clock(day + " 10:00"))
			}
			s.bought(clock("2026-02-01 10:00"))
		}, customer.Morning, []string{"近 90 天下单 1 次", "下降 67%"}},
		{"a competitor at once", "B", func(s *shop) {
			s.bought(clock("2026-02-20 10:00"))
			s.did("note", "客户说竞品报价更低", now.Add(-time.Minute))
		}, customer.Arrival, []string{"提到竞品：客户说竞品报价更低", "来源 website", "差异对比", "原因**：竞品"}},
		{"a remark on the price is the cause of a silence", "B", func(s *shop) {
			s.bought(clock("2025-08-20 10:00"))
			s.did("note", "觉得太贵", clock("2026-02-20 10:00"))
		}, customer.Morning, []string{"194 天未下单", "觉得太贵", "原因**：价格", "老客回归价"}},
		{"the contact was ended", "B", func(s *shop) {
			s.bought(clock("2026-02-20 10:00"))
			s.did("unfollow", "删除了 李娜", now.Add(-time.Minute))
		}, customer.Arrival, []string{"客户主动断开联系：删除了 李娜"}},
		{"a competitor named long ago", "B", func(s *shop) { s.did("competitor", "A 公司", clock("2025-10-01 10:00")) }, customer.Morning, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, tt.tier)
			tt.set(s)
			asked, _ := s.look(now, tt.at)
			if tt.want == nil {
				if len(asked) > 0 {
					t.Errorf("%+v", asked)
				}
				return
			}
			if len(asked) != 1 || asked[0].Kind != followup.KindChurn || asked[0].Due != "2 workdays" || s.c.AtRisk.IsZero() {
				t.Fatalf("%+v", asked)
			}
			for _, part := range tt.want {
				if !strings.Contains(asked[0].Why, part) {
					t.Errorf("%q does not contain %q", asked[0].Why, part)
				}
			}
		})
	}
}

func TestOneAlertForEachTimeAtRiskAndAnAnswerEndsItAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, "B")
	s.bought(clock("2025-08-20 10:00"))
	alerts := 0
	day := clock("2026-03-02 09:00")
	for range 60 { // two months of mornings and things that arrive
		for _, o := range []customer.Occasion{customer.Morning, customer.Arrival} {
			asked, calmed := s.look(day, o)
			alerts += len(asked)
			if len(calmed) > 0 {
				t.Fatalf("%s: calmed without an answer: %+v", day, calmed)
			}
		}
		day = day.Add(24 * time.Hour)
	}
	if alerts != 1 {
		t.Errorf("%d alerts in one time at risk", alerts)
	}
	s.did("push_opened", "", day)
	asked, calmed := s.look(day.Add(time.Minute), customer.Arrival)
	if len(asked) != 0 || len(calmed) != 1 || !strings.Contains(calmed[0].Why, "客户已有回应（打开推送）") || !s.c.AtRisk.IsZero() {
		t.Fatalf("asked %+v, calmed %+v", asked, calmed)
	}
	for range 80 { // the same silence goes on: quiet until it is long enough to count again
		if asked, _ = s.look(day, customer.Morning); len(asked) > 0 {
			t.Fatalf("%s: the same episode again: %+v", day, asked)
		}
		day = day.Add(24 * time.Hour)
	}
	s.did("competitor", "A 公司", day)
	if asked, _ = s.look(day.Add(time.Minute), customer.Arrival); len(asked) != 1 {
		t.Errorf("a competitor named later is another time at risk: %+v", asked)
	}
	if asked[0].Task == calmed[0].Task {
		t.Error("both times have one task")
	}
}

func TestAComplaintIsNoAnswer(t *testing.T) {
	t.Parallel()
	s := newShop(t, "B")
	s.bought(clock("2025-08-20 10:00"))
	s.look(clock("2026-03-02 09:00"), customer.Morning)
	s.did("complaint", "维修太慢", clock("2026-03-02 11:00"))
	if _, calmed := s.look(clock("2026-03-02 11:01"), customer.Arrival); len(calmed) != 0 || s.c.AtRisk.IsZero() {
		t.Errorf("%+v", calmed)
	}
}

func TestAPersonNamesTheCause(t *testing.T) {
	t.Parallel()
	s := newShop(t, "B")
	s.bought(clock("2025-08-20 10:00"))
	s.look(clock("2026-03-02 09:00"), customer.Morning)
	s.did("churn_cause", "price", clock("2026-03-02 10:00"))
	s.look(clock("2026-03-02 10:01"), customer.Arrival)
	if s.c.RiskCause != risk.Price {
		t.Errorf("cause %q", s.c.RiskCause)
	}
}

func TestWhoBecameKnownJustNowIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newShop(t, "B")
	s.bought(clock("2025-08-20 10:00"))
	s.v.Is, s.v.Now, s.v.Occasion = &s.c, clock("2026-03-02 09:00"), customer.Morning
	s.rules.Look(s.v)
	if len(s.c.Effects) != 0 {
		t.Errorf("%+v", s.c.Effects)
	}
}
