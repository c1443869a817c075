package followup_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

var (
	start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	lina  = access.Person{ID: "lina", Role: access.RoleRep}
	other = access.Person{ID: "zhangwei", Role: access.RoleRep}
	boss  = access.Person{ID: "wangfang", Role: access.RoleManager}
)

func newService(t *testing.T) (*followup.Service, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return followup.New(s, office, func() time.Time { return start }), s
}

// office is working time by the wall clock of UTC: start is a Monday, 01:00.
func office(string) calendar.Working {
	return calendar.New(calendar.Shipped()...).Working(nil, time.UTC)
}

func owned(round int) customer.Customer {
	return customer.Customer{ID: "c1", Owner: "lina", OwnedAt: start.Add(-time.Hour), Round: round}
}

func first(t *testing.T, s *followup.Service, round int) followup.Task {
	t.Helper()
	task, err := s.First(t.Context(), owned(round), lang.Text{ZH: "首次联系"}, calendar.HoursSpan(2*time.Hour), "wecom")
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func TestFirstTaskIsTheSameAtEveryAttempt(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	a, b := first(t, s, 0), first(t, s, 0)
	if !a.Same(b) {
		t.Errorf("%+v\n%+v", a, b)
	}
	if !a.Due.Equal(time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)) || a.State != followup.Open {
		t.Errorf("%+v", a)
	}
	if c := first(t, s, 1); c.ID == a.ID {
		t.Error("a new round has the old task")
	}
}

func TestCompletingATask(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		who  access.Person
		twin bool // completed before
		err  error
	}{
		{"by its owner", lina, false, nil},
		{"by a manager", boss, false, nil},
		{"by somebody else is refused", other, false, followup.ErrNotOwner},
		{"twice tells that it has ended", lina, true, followup.ErrEnded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := newService(t)
			task := first(t, s, 0)
			if tt.twin {
				if _, err := s.Complete(t.Context(), task.ID, lina, ""); err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.Complete(t.Context(), task.ID, tt.who, "已约")
			if !errors.Is(err, tt.err) {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			stored, _ := s.Task(t.Context(), task.ID)
			if err == nil && (!stored.Same(got) || stored.State != followup.Done || !stored.Ended.Equal(start)) {
				t.Errorf("%+v\n%+v", got, stored)
			}
		})
	}
	s, _ := newService(t)
	if _, err := s.Complete(t.Context(), "t-none-0", lina, ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown task: %v", err)
	}
}

func TestCancelSparesTheTaskOfTheOwnersPresentRound(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	first(t, s, 0)
	first(t, s, 1)
	for range 2 { // the second call returns what the first has cancelled
		got, err := s.Cancel(t.Context(), owned(1), "lina", lang.Text{ZH: "客户已退回公海"})
		if err != nil || len(got) != 1 || got[0].ID != "t-c1-0" || got[0].State != followup.Cancelled {
			t.Errorf("%+v, %v", got, err)
		}
	}
	open, err := s.Open(t.Context(), "lina", 10)
	if err != nil || len(open) != 1 || open[0].ID != "t-c1-1" {
		t.Errorf("open %+v, %v", open, err)
	}
}

func TestAReminderThatFailsDoesNotStopTheOthersAndComesAgain(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	for round := range 3 {
		first(t, s, round)
	}
	down := errors.New("down")
	warn := func(bad string) (told []string, err error) {
		_, err = s.Tick(t.Context(), start.Add(10*time.Hour), func(task followup.Task) error {
			if task.ID == bad {
				return down
			}
			told = append(told, task.ID)
			return nil
		}, func(task followup.Task) error { t.Errorf("%s is not late", task.ID); return nil })
		return told, err
	}
	if told, err := warn("t-c1-1"); len(told) != 2 || !errors.Is(err, down) {
		t.Errorf("told %v, %v", told, err)
	}
	if told, err := warn(""); len(told) != 1 || told[0] != "t-c1-1" || err != nil {
		t.Errorf("told %v, %v", told, err)
	}
	if told, err := warn(""); len(told) != 0 || err != nil {
		t.Errorf("told %v, %v", told, err)
	}
}

func TestTellingStopsWithItsContext(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	first(t, s, 0)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	nobody := func(followup.Task) error { return nil }
	if n, err := s.Tick(ctx, start.Add(12*time.Hour), nobody, nobody); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
}

// meddled is a store in which somebody else changes a task just before it is written.
type meddled struct {
	*sqlite.Store
	meddle func(t followup.Task)
}

func (m *meddled) PutTask(ctx context.Context, t followup.Task) error {
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle(t)
	}
	return m.Store.PutTask(ctx, t)
}

func TestACancelledTaskThatSomebodyChangesMeanwhileEndsOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		meddle func(s *followup.Service, t followup.Task) error
		want   followup.State
	}{
		"another gateway cancels it": {func(s *followup.Service, _ followup.Task) error {
			_, err := s.Cancel(t.Context(), owned(1), "lina", lang.Text{ZH: "重新分配"})
			return err
		}, followup.Cancelled},
		"its owner completes it": {func(s *followup.Service, task followup.Task) error {
			_, err := s.Complete(t.Context(), task.ID, lina, "已成交")
			return err
		}, followup.Done},
		"its owner tells of it": {func(s *followup.Service, task followup.Task) error {
			_, err := s.Note(t.Context(), task.ID, lina, "打过电话", start)
			return err
		}, followup.Cancelled},
	} {
		_, st := newService(t)
		m := &meddled{Store: st}
		s := followup.New(m, office, func() time.Time { return start })
		task := first(t, s, 0)
		m.meddle = func(followup.Task) {
			if err := tt.meddle(s, task); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.Cancel(t.Context(), owned(1), "lina", lang.Text{ZH: "客户已退回公海"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := s.Task(t.Context(), task.ID); err != nil || got.State != tt.want {
			t.Errorf("%s: it is %s, want %s (%v)", name, got.State, tt.want, err)
		}
	}
}

// TestAChangeThatSomebodyGetsInBetweenOfIsMadeAtOnce: nobody's message waits for its next attempt because a colleague wrote of the same task.
func TestAChangeThatSomebodyGetsInBetweenOfIsMadeAtOnce(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(ctx context.Context, s *followup.Service, id string) (followup.Task, error){
		"complete": func(ctx context.Context, s *followup.Service, id string) (followup.Task, error) {
			return s.Complete(ctx, id, lina, "已成交")
		},
		"note": func(ctx context.Context, s *followup.Service, id string) (followup.Task, error) {
			return s.Note(ctx, id, lina, "约了周五", start)
		},
		"postpone": func(ctx context.Context, s *followup.Service, id string) (followup.Task, error) {
			return s.Postpone(ctx, id, lina, calendar.HoursSpan(4*time.Hour), "客户出差", start)
		},
		"hand over": func(ctx context.Context, s *followup.Service, id string) (followup.Task, error) {
			return s.Hand(ctx, id, lina, other)
		},
		"help": func(ctx context.Context, s *followup.Service, id string) (followup.Task, error) {
			return s.Help(ctx, id, lina, start)
		},
	} {
		for _, times := range []int{1, 9, 10} {
			_, st := newService(t)
			s := followup.New(st, office, func() time.Time { return start })
			task := first(t, s, 0)
			m := &meddled{Store: st}
			var meddle func(followup.Task)
			left := times
			meddle = func(followup.Task) {
				if _, err := s.Note(t.Context(), task.ID, boss, fmt.Sprint("第", left), start); err != nil {
					t.Error(err)
				}
				if left--; left > 0 {
					m.meddle = meddle
				}
			}
			m.meddle = meddle
			changed, err := change(t.Context(), followup.New(m, office, func() time.Time { return start }), task.ID)
			if times == 10 {
				if !errors.Is(err, store.ErrConflict) {
					t.Errorf("%s, with somebody before each of ten attempts: %v", name, err)
				}
				continue
			}
			now, readErr := s.Task(t.Context(), task.ID)
			if err != nil || readErr != nil || !now.Same(changed) || len(now.Notes) < times {
				t.Errorf("%s, with %d in between: %+v, %v, %v", name, times, now, err, readErr)
			}
		}
	}
}

// TestAMergeLeavesOneTaskOfTwoWithTheSameWordsAndPartingBringsBothBack, however often either is carried out.
func TestAMergeLeavesOneTaskOfTwoWithTheSameWordsAndPartingBringsBothBack(t *testing.T) {
	t.Parallel()
	s, store := newService(t)
	into, from := customer.Customer{ID: "c1", Owner: "lina"}, customer.Customer{ID: "c2", Owner: "lina"}
	for id, c := range map[string]customer.Customer{"a": into, "a2": into, "b": from, "c": from} {
		title := map[string]string{"c": "回访"}[id]
		w := customer.Work{Task: id, Kind: followup.KindPlay, Title: title, Why: "- 打法：回访", Due: "2h", Play: "p", At: start}
		if _, err := s.Take(t.Context(), c, w, "lina"); err != nil {
			t.Fatal(err)
		}
	}
	states := func(want map[string]followup.State, of map[string]string) {
		t.Helper()
		for id, state := range want {
			if got, err := store.Task(t.Context(), id); err != nil || got.State != state || got.Customer != of[id] {
				t.Errorf("%s is %s and of %s, want %s of %s; %v", id, got.State, got.Customer, state, of[id], err)
			}
		}
	}
	for range 2 {
		ended, err := s.Merge(t.Context(), "c2", into)
		if err != nil || len(ended) != 1 || ended[0].ID != "b" {
			t.Fatalf("%+v, %v", ended, err)
		}
		states(map[string]followup.State{"a": followup.Open, "a2": followup.Open, "b": followup.Cancelled, "c": followup.Open},
			map[string]string{"a": "c1", "a2": "c1", "b": "c2", "c": "c1"})
	}
	for range 2 {
		if _, err := s.Part(t.Context(), "c1", from); err != nil {
			t.Fatal(err)
		}
		states(map[string]followup.State{"a": followup.Open, "a2": followup.Open, "b": followup.Open, "c": followup.Open},
			map[string]string{"a": "c1", "a2": "c1", "b": "c2", "c": "c2"})
	}
}
