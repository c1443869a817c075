package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/emulator/world"
)

// toWorkday moves the clock by some days and then to the next workday, at nine.
func (s *site) toWorkday(days int) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		s.t.Fatal(err)
	}
	cal := calendar.New(calendar.Shipped()...)
	day := cal.AddWorkdays(calendar.DayOf(s.now(), zone)+calendar.Day(days)-1, 1)
	s.advance(day.At(9*time.Hour, zone).Sub(s.now()))
}

// told pushes records and waits until everything that follows is carried out and shown.
func (s *site) told(g *inProcess, id string, items ...item) {
	s.t.Helper()
	if status, answer, err := s.push(s.t.Context(), id, items...); err != nil || status != http.StatusOK {
		s.t.Fatalf("push: %d %s %v", status, answer, err)
	}
	s.settled(g.app.Store(), 20*time.Second)
}

// cardsOf are the cards that a person has in DingTalk whose title begins so, oldest first.
func (s *site) cardsOf(p world.Person, title string) (out []*world.Card) {
	for _, m := range s.messages("dingtalk", p, 200) {
		if m.Card != nil && strings.HasPrefix(m.Card.Title, title) {
			out = append(out, m.Card)
		}
	}
	return out
}

// TestACustomerThatGoesSilentIsToldOnceAndIsOffTheListWhenItAnswers goes through the whole gateway: webhook in, the morning's job, the card in DingTalk, the manager's
// list, and the answer that closes it.
func TestACustomerThatGoesSilentIsToldOnceAndIsOffTheListWhenItAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t, plan{people: crowd(10)[4:5]})
	rep := s.people[0]
	g := s.run()
	s.told(g, "new", item{"customer.upsert", map[string]any{"id": "c1", "name": "华星机械", "modified_at": s.now().Format(time.RFC3339)}})
	if _, err := s.say(t.Context(), "dingtalk", rep, "领取 华星机械"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the first task", func() error {
		if n := len(s.cardsOf(rep, "首次联系")); n != 1 {
			return fmt.Errorf("%d cards", n)
		}
		return nil
	})
	last := s.now().AddDate(0, 0, -200)
	s.told(g, "order", item{"order.upsert", map[string]any{
		"id": "o1", "customer_id": "c1", "amount": "8000", "status": "won", "date": last.Format(time.RFC3339), "modified_at": s.now().Format(time.RFC3339),
	}})
	for range 3 { // three mornings
		s.toWorkday(2)
		var plan, done strings.Builder
		if err := g.app.DryRunJob(t.Context(), "churn", &plan); err != nil {
			t.Fatal(err)
		}
		if err := g.app.RunJob(t.Context(), "churn", &done); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s%s", plan.String(), done.String())
		drained(t, g.app.Store(), 20*time.Second)
	}
	var card *world.Card
	eventually(t, 20*time.Second, "the one alert", func() error {
		all := s.cardsOf(rep, "流失预警：华星机械")
		if len(all) != 1 {
			return fmt.Errorf("%d alerts", len(all))
		}
		card = all[0]
		return nil
	})
	for _, part := range []string{"天未下单", "最近一单 " + last.In(time.FixedZone("", 8*3600)).Format("2006年1月2日"), "来源 website", "回访"} {
		if !strings.Contains(fmt.Sprintf("%+v", *card), part) {
			t.Errorf("the alert does not say %q: %+v", part, *card)
		}
	}
	list := func() string {
		if _, err := s.say(t.Context(), "dingtalk", rep, "流失"); err != nil {
			t.Fatal(err)
		}
		drained(t, g.app.Store(), 20*time.Second)
		all := s.messages("dingtalk", rep, 200)
		return all[len(all)-1].Text
	}
	eventually(t, 20*time.Second, "the list", func() error {
		if text := list(); !strings.Contains(text, "华星机械") {
			return fmt.Errorf("says %q", text)
		}
		return nil
	})
	s.told(g, "opened", item{"activity.created", map[string]any{
		"id": "p1", "customer_id": "c1", "type": "push_opened", "date": s.now().Format(time.RFC3339), "modified_at": s.now().Format(time.RFC3339),
	}})
	eventually(t, 20*time.Second, "the alert's end", func() error {
		if all := s.cardsOf(rep, "流失预警：华星机械"); len(all) != 1 || !strings.Contains(fmt.Sprintf("%+v", *all[0]), "客户已有回应（打开推送）") {
			return fmt.Errorf("%+v", all)
		}
		return nil
	})
	eventually(t, 20*time.Second, "the empty list", func() error {
		if text := list(); !strings.Contains(text, "没有流失风险的客户") {
			return fmt.Errorf("says %q", text)
		}
		return nil
	})
	if err := g.app.PrintJobs(t.Context(), io.Discard); err != nil {
		t.Error(err)
	}
	noneDead(t, g.app.Store())
}
