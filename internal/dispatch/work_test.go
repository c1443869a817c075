package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/lang"
)

// follow puts rules for work in force.
func (w *world) follow(r *followup.Rules) {
	r.Zone = time.UTC
	w.rules.Follow = r
}

func greenChannel() *followup.Rules {
	return &followup.Rules{Signals: []followup.Signal{{Name: "request", Title: lang.Text{ZH: "客户请求"}, Activities: []string{"ticket"}, Within: 48 * time.Hour, Due: "2h"}}}
}

// does takes in something that a customer did and carries out what follows.
func (w *world) does(id, customerID, kind, text string) customer.Customer {
	w.t.Helper()
	w.Pass(time.Second)
	must(w.t, w.ingest.Apply(w.t.Context(), "crm", connectors.Record{
		Kind: connectors.Activity, ID: id, Customer: customerID, ModifiedAt: w.Now(), Fields: map[string]string{"type": kind, "text": text},
	}))
	return w.settle(customerID)
}

func TestARequestIsATaskOfTheOwnerAtOnceAndOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(greenChannel())
	c := w.tell("1", 800)
	w.claim(c, "lina")
	w.settle("1")
	for range 2 {
		c = w.does("a1", "1", "ticket", "打印机坏了")
	}
	var got []delivery.Delivery
	for _, d := range w.deliveries(c, cards.KindTask) {
		if strings.HasPrefix(d.Card.Title, "客户请求") {
			got = append(got, d)
		}
	}
	if len(got) != 1 || got[0].To[0] != "lina01" || !strings.Contains(got[0].Card.Body, "打印机坏了") {
		t.Fatalf("%+v", got)
	}
	task, err := w.tasks.Task(t.Context(), got[0].Task)
	must(t, err)
	if task.Kind != "request" || !task.Due.Equal(task.Created.Add(2*time.Hour)) || task.Tier != c.Tier {
		t.Errorf("%+v", task)
	}
}

func TestARequestOfACustomerWithoutOwnerIsToldToTheManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(greenChannel())
	w.tell("1", 800)
	for range 2 {
		w.does("a1", "1", "ticket", "打印机坏了")
	}
	got := w.deliveries(customer.Customer{}, "text")
	if len(got) != 1 || got[0].To[0] != "boss" || !strings.Contains(got[0].Text, "打印机坏了") || !strings.Contains(got[0].Text, "还没有负责人") {
		t.Errorf("%+v", got)
	}
}

func TestAnUrgentTaskOfSomebodyOnLeaveIsToldToTheManagers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(greenChannel())
	leave, err := calendar.ParseLeave("2026-03-02..2026-03-06", time.UTC)
	must(t, err)
	w.working["lina"] = calendar.New().Working(calendar.Hours{{To: 24 * time.Hour}}, time.UTC, leave)
	c := w.tell("1", 800)
	w.claim(c, "lina")
	w.settle("1")
	c = w.does("a1", "1", "ticket", "打印机坏了")
	got := w.deliveries(c, cards.KindConcern)
	if len(got) != 1 || got[0].To[0] != "boss" || !strings.HasPrefix(got[0].Card.Title, "负责人请假：客户请求") {
		t.Errorf("%+v", got)
	}
}

func TestALateTaskIsToldToTheManagersOfTheOwnersTeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t, access.Person{ID: "lead", Name: "周队", Role: access.RoleManager, Team: "高级销售", DingTalk: "lead", Daily: 1, Holding: 1})
	c := w.tell("1", 800)
	w.claim(c, "lina")
	w.settle("1")
	w.Pass(3 * time.Hour)
	for range 2 {
		_, err := w.tasks.Tick(t.Context(), w.Now(), nil, func(task followup.Task) error { return w.dispatch.Escalate(t.Context(), task) })
		must(t, err)
	}
	got := w.deliveries(c, cards.KindConcern)
	if len(got) != 1 || got[0].To[0] != "lead" || got[0].Platform != bots.DingTalk || !strings.HasPrefix(got[0].Card.Title, "任务超时：首次联系") {
		t.Errorf("%+v", got)
	}
}

// TestATaskThatIsLateAgainWithItsNextOwnerIsToldAgain: it has a due time of its own there, and the count of postponements begins anew.
func TestATaskThatIsLateAgainWithItsNextOwnerIsToldAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(greenChannel())
	c := w.tell("1", 800)
	w.claim(c, "lina")
	w.settle("1")
	c = w.does("a1", "1", "ticket", "打印机坏了")
	told := func() (late, reminders int) {
		t.Helper()
		w.Pass(72 * time.Hour)
		for range 2 {
			_, err := w.tasks.Tick(t.Context(), w.Now(), nil, func(task followup.Task) error {
				if err := w.dispatch.Remind(t.Context(), task); err != nil {
					return err
				}
				return w.dispatch.Escalate(t.Context(), task)
			})
			must(t, err)
		}
		for _, d := range w.deliveries(c, cards.KindConcern) {
			if strings.HasPrefix(d.Card.Title, "任务超时：客户请求") {
				late++
			}
		}
		for _, d := range w.deliveries(c, delivery.KindReminder) {
			if strings.Contains(d.Text, "客户请求") {
				reminders++
			}
		}
		return late, reminders
	}
	once, reminded := told()
	if once == 0 || reminded != 1 {
		t.Fatalf("%d managers and %d owners were told", once, reminded)
	}
	c.Owner = "zhangwei"
	if _, err := w.tasks.Succeed(t.Context(), c, "lina", "", lang.Text{ZH: "重新分配"}); err != nil {
		t.Fatal(err)
	}
	if late, reminders := told(); late != 2*once || reminders != 2 {
		t.Errorf("after the hand-over managers were told %d times in all, want %d, and owners %d times, want 2", late, 2*once, reminders)
	}
}
