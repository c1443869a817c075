package followup_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/store/sqlite"
)

// desk is a service with a clock that a test moves, in the working time of the shipped calendar by the clock of China.
type desk struct {
	*followup.Service
	now time.Time
}

var china = time.FixedZone("Asia/Shanghai", 8*3600)

func newDesk(t *testing.T, at time.Time) *desk {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d := &desk{now: at}
	working := calendar.New(calendar.Shipped()...).Working(nil, china)
	d.Service = followup.New(s, func(string) calendar.Working { return working }, func() time.Time { return d.now })
	return d
}

// take creates a task of lina with that time to do it.
func (d *desk) take(t *testing.T, id, due string) followup.Task {
	t.Helper()
	task, err := d.Take(t.Context(), customer.Customer{ID: "c1", Tier: "A"}, customer.Work{Task: id, Kind: "request", Title: "客户请求", Due: due, At: d.now}, "lina")
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// tick moves the clock to each of some instants and returns what was told there.
func (d *desk) tick(t *testing.T, at ...time.Time) (told []string) {
	t.Helper()
	say := func(what string) func(followup.Task) error {
		return func(task followup.Task) error {
			told = append(told, fmt.Sprintf("%s %s %s", d.now.In(china).Format("01-02 15:04"), what, task.ID))
			return nil
		}
	}
	for _, d.now = range at {
		if _, err := d.Tick(t.Context(), d.now, say("warn"), say("late")); err != nil {
			t.Fatal(err)
		}
	}
	return told
}

func clock(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, china)
	if err != nil {
		panic(err)
	}
	return at
}

// every returns the instants from one to another, a minute apart.
func every(from, to string) (all []time.Time) {
	for at := clock(from); !at.After(clock(to)); at = at.Add(time.Minute) {
		all = append(all, at)
	}
	return all
}

func TestOwnersAreWarnedBeforeAndManagersToldAfterADueTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, from, due, end string
		want                 []string
	}{
		{"2 hours on a morning", "2026-03-02 09:10", "2h", "2026-03-02 18:00", []string{"03-02 10:40 warn t", "03-02 11:40 late t"}},
		{"2 hours over the lunch break", "2026-03-02 11:30", "2h", "2026-03-02 18:00", []string{"03-02 14:30 warn t", "03-02 15:30 late t"}},
		{"2 hours on a Friday evening", "2026-03-06 17:00", "2h", "2026-03-09 12:00", []string{"03-09 09:30 warn t", "03-09 10:30 late t"}},
		{"48 hours are two workdays, warned four hours before", "2026-03-02 10:00", "48h", "2026-03-04 18:00", []string{"03-03 15:00 warn t", "03-04 10:30 late t"}},
		{"2 workdays over the National Day holidays and a make-up workday", "2026-09-30 15:00", "2 workdays", "2026-10-12 18:00", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, clock(tt.from))
			task := d.take(t, "t", tt.due)
			if tt.want == nil { // a longer way: by the hour, only where it ends
				if got := task.Due.In(china).Format("01-02 15:04"); got != "10-09 18:00" {
					t.Errorf("due %s", got)
				}
				return
			}
			if got := d.tick(t, every(tt.from, tt.end)...); !slices.Equal(got, tt.want) {
				t.Errorf("told %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAfterADowntimeAnOverdueTaskGoesToTheManagersOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, clock("2026-03-02 09:00"))
	d.take(t, "t", "2h")
	if got := d.tick(t, clock("2026-03-03 09:00"), clock("2026-03-03 09:01")); !slices.Equal(got, []string{"03-03 09:00 late t"}) {
		t.Errorf("told %v", got)
	}
}

func TestADoneTaskTellsNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t, clock("2026-03-02 09:00"))
	d.take(t, "t", "2h")
	if _, err := d.Complete(t.Context(), "t", lina, "已回复"); err != nil {
		t.Fatal(err)
	}
	if got := d.tick(t, every("2026-03-02 09:00", "2026-03-02 12:00")...); len(got) > 0 {
		t.Errorf("told %v", got)
	}
}

func TestPostponingIsBoundedAndStartsTheClockAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t, clock("2026-03-02 09:00"))
	d.take(t, "t", "2 workdays") // due Wednesday 18:00
	day := calendar.Span{Workdays: 1}
	if _, err := d.Postpone(t.Context(), "t", lina, day, "", d.now); !errors.Is(err, followup.ErrNoReason) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := d.Postpone(t.Context(), "t", other, day, "客户出差", d.now); !errors.Is(err, followup.ErrNotOwner) {
		t.Errorf("by somebody else: %v", err)
	}
	for range 2 { // the same request again moves nothing
		task, err := d.Postpone(t.Context(), "t", lina, day, "客户出差", clock("2026-03-02 10:00"))
		if err != nil || !task.Due.Equal(clock("2026-03-05 18:00")) || task.Postponed != 1 || !task.FirstDue.Equal(clock("2026-03-04 18:00")) {
			t.Fatalf("%+v, %v", task, err)
		}
	}
	var limit *followup.LimitError
	_, err := d.Postpone(t.Context(), "t", lina, calendar.Span{Workdays: 9}, "再等等", d.now)
	if !errors.Is(err, followup.ErrTooFar) || !errors.As(err, &limit) || !limit.Latest.Equal(clock("2026-03-11 18:00")) {
		t.Errorf("too far: %v", err)
	}
	if _, err := d.Postpone(t.Context(), "t", lina, day, "再等等", d.now); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Postpone(t.Context(), "t", lina, day, "还要等", d.now); !errors.Is(err, followup.ErrTooOften) {
		t.Errorf("too often: %v", err)
	}
	want := []string{"03-06 14:00 warn t", "03-09 09:30 late t"}
	if got := d.tick(t, every("2026-03-06 08:00", "2026-03-09 12:00")...); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestPostponingALateTaskCountsFromNow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, clock("2026-03-02 09:00"))
	d.take(t, "t", "2h")
	d.now = clock("2026-03-03 10:00")
	task, err := d.Postpone(t.Context(), "t", lina, calendar.Span{Workdays: 1}, "客户出差", d.now)
	if err != nil || !task.Due.Equal(clock("2026-03-04 18:00")) {
		t.Errorf("due %s, %v", task.Due.In(china), err)
	}
}

func TestHandingOverAndAskingForHelp(t *testing.T) {
	t.Parallel()
	d := newDesk(t, clock("2026-03-02 09:00"))
	d.take(t, "t", "2h")
	finance := access.Person{ID: "qianjin", Role: access.RoleFinance}
	colleague := access.Person{ID: "zhangwei", Role: access.RoleRep}
	if _, err := d.Hand(t.Context(), "t", lina, finance); !errors.Is(err, followup.ErrRecipient) {
		t.Errorf("to finance: %v", err)
	}
	for range 2 {
		task, err := d.Hand(t.Context(), "t", lina, colleague)
		if err != nil || task.Owner != "zhangwei" || len(task.Passed) != 1 || task.Passed[0].From != "lina" || !task.Due.Equal(clock("2026-03-02 11:00")) {
			t.Fatalf("%+v, %v", task, err)
		}
	}
	if _, err := d.Help(t.Context(), "t", lina, d.now); !errors.Is(err, followup.ErrNotOwner) {
		t.Errorf("help for a task passed on: %v", err)
	}
	if task, err := d.Help(t.Context(), "t", colleague, d.now); err != nil || !task.Helped.Equal(d.now) {
		t.Errorf("%+v, %v", task, err)
	}
	if task, err := d.Hand(t.Context(), "t", boss, boss); err != nil || task.Owner != "wangfang" || len(task.Passed) != 2 {
		t.Errorf("a manager takes it over: %+v, %v", task, err)
	}
}

func TestProgressIsKeptOnceForATelling(t *testing.T) {
	t.Parallel()
	d := newDesk(t, clock("2026-03-02 09:00"))
	d.take(t, "t", "2h")
	for range 3 {
		task, err := d.Note(t.Context(), "t", lina, "已回访，考虑回归", d.now)
		if err != nil || len(task.Notes) != 1 || task.Notes[0].Text != "已回访，考虑回归" {
			t.Fatalf("%+v, %v", task, err)
		}
	}
}
