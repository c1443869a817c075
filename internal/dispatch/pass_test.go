package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
)

// taskOf is the customer's task of a kind; there must be exactly one.
func (w *world) taskOf(c customer.Customer, kind string) followup.Task {
	w.t.Helper()
	page, _, err := w.store.Tasks(w.t.Context(), followup.Query{Customer: c.ID})
	must(w.t, err)
	var found []followup.Task
	for _, t := range page {
		if t.Kind == kind {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("%d tasks of kind %s: %+v", len(found), kind, page)
	}
	return found[0]
}

// cardOf is the newest card of a task that somebody has.
func (w *world) cardOf(c customer.Customer, task followup.Task, account string) delivery.Delivery {
	w.t.Helper()
	for _, d := range w.deliveries(c, cards.KindTask) {
		if d.Task == task.ID && d.To[0] == account {
			return d
		}
	}
	w.t.Fatalf("%s has no card of %s", account, task.ID)
	return delivery.Delivery{}
}

func TestAtAHandOverTheOpenTasksGoToTheNewOwnerWithTheirHistory(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		size  int
		owner func(w *world, c customer.Customer) string
		move  func(w *world, c customer.Customer, owner string)
		by    string
	}{
		{
			"a manager gives it to somebody", 800, func(w *world, c customer.Customer) string { w.claim(c, "lina"); return "lina" },
			func(w *world, c customer.Customer, _ string) {
				_, err := w.assign.Assign(w.t.Context(), c.ID, w.person("zhangwei"), w.person("wangfang"), "")
				must(w.t, err)
			}, "wangfang",
		},
		{
			"its rule finds the next one", 300, func(w *world, c customer.Customer) string { return c.Owner },
			func(w *world, c customer.Customer, owner string) { w.release(c, owner) }, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.follow(greenChannel())
			c := w.tell("1", tt.size)
			before := tt.owner(w, c)
			w.settle("1")
			w.does("a1", "1", "ticket", "打印机坏了")
			asked := w.taskOf(c, "request")
			_, err := w.tasks.Note(t.Context(), asked.ID, w.person(before), "已约周三上门", w.Now())
			must(t, err)
			w.Pass(90 * time.Minute) // half an hour is left
			tt.move(w, c, before)
			for range 2 {
				c = w.settle("1")
			}
			if c.Owner == "" || c.Owner == before {
				t.Fatalf("owner %q", c.Owner)
			}
			task := w.taskOf(c, "request")
			if task.ID != asked.ID || task.State != followup.Open || task.Owner != c.Owner || len(task.Passed) != 1 || task.Passed[0].From != before || task.Passed[0].By != tt.by || len(task.Notes) != 1 {
				t.Errorf("%+v", task)
			}
			if want := task.Passed[0].At.Add(2 * time.Hour); !task.Due.Equal(want) { // two hours again, as the request was given
				t.Errorf("due %s, want %s", task.Due, want)
			}
			former, now := w.person(before), w.person(c.Owner)
			account := func(p access.Person) string {
				if p.DingTalk != "" {
					return p.DingTalk
				}
				return p.WeCom
			}
			if d := w.cardOf(c, task, account(former)); d.Card.State != "已转给 "+now.Name {
				t.Errorf("the former's card says %q", d.Card.State)
			}
			if d := w.cardOf(c, task, account(now)); !strings.Contains(d.Card.Body, "原负责人："+former.Name) || !strings.Contains(d.Card.Body, "已约周三上门") {
				t.Errorf("the new one's card says %q", d.Card.Body)
			}
			firsts := map[followup.State]int{}
			page, _, err := w.store.Tasks(t.Context(), followup.Query{Customer: c.ID})
			must(t, err)
			for _, one := range page {
				if one.Kind == followup.KindFirst {
					firsts[one.State]++
				}
			}
			if firsts[followup.Open] != 1 || firsts[followup.Cancelled] != 1 { // the former's is over, the new owner begins with one
				t.Errorf("first contacts: %v", firsts)
			}
		})
	}
}

func TestATaskThatIsNotDueSoonKeepsItsTimeAtAHandOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rules := greenChannel()
	rules.Signals[0].Due = "48h"
	w.follow(rules)
	c := w.tell("1", 800)
	w.claim(c, "lina")
	w.settle("1")
	c = w.does("a1", "1", "ticket", "")
	before := w.taskOf(c, "request").Due
	_, err := w.assign.Assign(t.Context(), c.ID, w.person("zhangwei"), w.person("wangfang"), "")
	must(t, err)
	w.settle("1")
	if task := w.taskOf(c, "request"); !task.Due.Equal(before) || task.Owner != "zhangwei" {
		t.Errorf("%s of %s, was %s", task.Due, task.Owner, before)
	}
}

// onLeave lets somebody be away on some days, with a deputy or none.
func (w *world) onLeave(person, days, deputy string) {
	w.t.Helper()
	l, err := calendar.ParseLeave(days, time.UTC)
	must(w.t, err)
	w.working[person] = calendar.New().Working(calendar.Hours{{To: 24 * time.Hour}}, time.UTC, l)
	w.dispatch.Deputy = func(p string, at time.Time) string {
		if p == person && !at.Before(l.From) && at.Before(l.To) {
			return deputy
		}
		return ""
	}
}

func TestWhatIsDueDuringALeaveGoesToTheDeputyOrWaits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, deputy string
		away         string // the deputy's own leave
		owner        string
		due          time.Duration // after the leave began at midnight
	}{
		{"to the deputy", "zhangwei", "", "zhangwei", 15 * time.Hour},
		{"without a deputy it waits until after the leave", "", "", "lina", 6*24*time.Hour + 15*time.Hour},
		{"a deputy who is away as well is none", "zhangwei", "2026-03-03..2026-03-04", "lina", 6*24*time.Hour + 15*time.Hour},
		{"somebody who owns no customers is none", "sunli-is-gone", "", "lina", 6*24*time.Hour + 15*time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rules := greenChannel()
			rules.Signals[0].Due = "24h" // from Monday 01:00 on: on Tuesday
			w.follow(rules)
			c := w.tell("1", 800)
			w.claim(c, "lina")
			w.settle("1")
			w.Pass(14 * time.Hour)
			c = w.does("a1", "1", "ticket", "打印机坏了")
			w.onLeave("lina", "2026-03-03..2026-03-06", tt.deputy) // noted after the task was given
			if tt.away != "" {
				l, err := calendar.ParseLeave(tt.away, time.UTC)
				must(t, err)
				w.working["zhangwei"] = calendar.New().Working(calendar.Hours{{To: 24 * time.Hour}}, time.UTC, l)
			}
			if n, err := w.dispatch.CoverLeave(t.Context(), w.Now()); n != 0 || err != nil { // it has not begun
				t.Fatalf("%d %v", n, err)
			}
			began := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
			w.Pass(began.Sub(w.Now()))
			for want := range 2 {
				n, err := w.dispatch.CoverLeave(t.Context(), w.Now())
				if err != nil || n > 0 != (want == 0) { // once
					t.Errorf("round %d: %d tasks, %v", want, n, err)
				}
			}
			task := w.taskOf(c, "request")
			if late := task.Due.Sub(began.Add(tt.due)); task.Owner != tt.owner || task.State != followup.Open || late < 0 || late > time.Hour {
				t.Errorf("%s, due %s after it began", task.Owner, task.Due.Sub(began))
			}
			if task.Postponed != 0 {
				t.Error("the owner's postponements are spent")
			}
			if tt.owner == "lina" {
				return
			}
			if d := w.cardOf(c, task, "manager4220"); !strings.Contains(d.Card.Body, "原负责人：李娜") {
				t.Errorf("%q", d.Card.Body)
			}
			if now, err := w.store.Customer(t.Context(), c.ID); err != nil || now.Owner != "lina" {
				t.Errorf("the customer is %s's, %v", now.Owner, err)
			}
		})
	}
}

func TestARequestDuringALeaveIsTheDeputysAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(greenChannel())
	w.onLeave("lina", "2026-03-02..2026-03-06", "zhangwei")
	c := w.tell("1", 800)
	w.claim(c, "lina")
	w.settle("1")
	c = w.does("a1", "1", "ticket", "打印机坏了")
	task := w.taskOf(c, "request")
	if task.Owner != "zhangwei" || !task.Due.Equal(task.Created.Add(2*time.Hour)) {
		t.Errorf("%s, due after %s", task.Owner, task.Due.Sub(task.Created))
	}
	if got := w.deliveries(c, cards.KindConcern); len(got) != 0 {
		t.Errorf("managers are told of what a deputy does: %+v", got)
	}
}
