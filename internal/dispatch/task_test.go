package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
)

func record(id string, at time.Time) connectors.Record {
	return connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: at, Fields: map[string]string{"name": "公司" + id, "headcount": "800"}}
}

func TestTaskCardFollowsTheTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tell("1", 800)
	w.claim(c, "lina")
	w.settle("1")
	task, err := w.tasks.Task(t.Context(), followup.FirstTaskID(c))
	must(t, err)
	if want := w.customer("1").OwnedAt.Add(2 * time.Hour); task.Owner != "lina" || !task.Due.Equal(want) {
		t.Fatalf("task of %s due %s, want %s", task.Owner, task.Due, want)
	}
	done, err := w.tasks.Complete(t.Context(), task.ID, w.person("lina"), "已约拜访")
	must(t, err)
	must(t, w.dispatch.ShowTask(t.Context(), done))
	if got := w.states(c, cards.KindTask); !cmp.Equal(got, map[string]int{"已完成：已约拜访": 1}) {
		t.Errorf("%v", got)
	}
}

func TestReleaseCancelsTheTaskAndTheNextOwnerGetsOneOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		lazy bool // nothing is carried out before the end
	}{{"carried out at each step", false}, {"carried out at the end", true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.tell("1", 800)
			settle := func() {
				if !tt.lazy {
					w.settle("1")
				}
			}
			w.claim(c, "lina")
			settle()
			w.release(c, "lina")
			settle()
			w.claim(c, "zhangwei")
			w.settle("1")
			for _, id := range []string{"lina", "zhangwei"} {
				open := w.open(id)
				if want := map[string]int{"lina": 0, "zhangwei": 1}[id]; len(open) != want {
					t.Errorf("%s has %d open tasks, want %d", id, len(open), want)
				}
			}
			if got := w.states(c, cards.KindTask); got["待办"] != 1 {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestMergeEndsTheTasksOfWhoLostTheCustomerAndKeepsTheOwners(t *testing.T) {
	t.Parallel()
	const code = "91110000600007156J"
	for _, earlier := range []string{"1", "2"} { // whose customer is owned for longer: one of the two ids goes
		t.Run("record "+earlier, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.tell("1", 800, "credit_code", code)
			w.tell("2", 800)
			later := map[string]string{"1": "2", "2": "1"}[earlier]
			w.claim(w.customer(earlier), "lina")
			w.claim(w.customer(later), "zhangwei")
			w.settle("1")
			w.settle("2")
			c := w.tell("2", 800, "credit_code", code)
			if c.Owner != "lina" || len(w.open("zhangwei")) != 0 {
				t.Errorf("owner %q; zhangwei still has %v", c.Owner, w.open("zhangwei"))
			}
			if open := w.open("lina"); len(open) != 1 || open[0].Customer != c.ID {
				t.Fatalf("lina has %v, want one of %s", open, c.ID)
			}
			w.release(c, "lina")
			w.settle("1")
			if open := w.open("lina"); len(open) != 0 {
				t.Errorf("open after the release: %v", open)
			}
		})
	}
}

func (w *world) open(person string) []followup.Task {
	w.t.Helper()
	tasks, err := w.tasks.Open(w.t.Context(), person, 100)
	must(w.t, err)
	return tasks
}

func TestOwnersAreRemindedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tell("1", 800)
	w.claim(c, "lina")
	w.settle("1")
	remind := func() int {
		n, err := w.tasks.Tick(t.Context(), w.Now(),
			func(task followup.Task) error { return w.dispatch.Remind(t.Context(), task) },
			func(task followup.Task) error { return w.dispatch.Escalate(t.Context(), task) })
		must(t, err)
		return n
	}
	if n := remind(); n != 0 {
		t.Fatalf("%d reminders two hours early", n)
	}
	w.Pass(110 * time.Minute)
	for i, want := range []int{1, 0, 0} {
		if n := remind(); n != want {
			t.Errorf("reminders at try %d: %d, want %d", i, n, want)
		}
	}
	got := w.deliveries(c, delivery.KindReminder)
	if len(got) != 1 || got[0].Platform != bots.DingTalk || !strings.Contains(got[0].Text, "即将到期") {
		t.Errorf("%+v", got)
	}
}

func TestAReplyIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := customer.Customer{ID: "c1"}
	for range 3 {
		must(t, w.dispatch.Reply(t.Context(), "reply-1", delivery.Delivery{Platform: bots.WeCom, Customer: c.ID, To: []string{"ZhangWei"}, Text: "好"}))
	}
	if got := w.deliveries(c, "text"); len(got) != 1 || got[0].Rev != 1 {
		t.Errorf("%+v", got)
	}
}
