package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"lingke/internal/followup"
	"lingke/internal/store"
)

var taskCases = []testCase{
	{"a new task comes back as it was, with Rev 1", testTaskRoundTrip},
	{"adding a known task leaves it as it is", testTaskKnown},
	{"a write with an old Rev conflicts", testTaskConflict},
	{"each filter, alone and together, finds what it says, in its order", testTaskFilters},
	{"a missing task is not found", testTaskMissing},
	{"tasks that somebody is to be told of come in that order, others never", testTaskWake},
}

func testTaskRoundTrip(t *testing.T, s store.Store) {
	want := sampleTask("t1")
	same(t, ok(s.AddTask(t.Context(), want))(t), true)
	want.Rev = 1
	same(t, ok(s.Task(t.Context(), "t1"))(t), want)
}

func testTaskKnown(t *testing.T, s store.Store) {
	want := sampleTask("t1")
	ok(s.AddTask(t.Context(), want))(t)
	other := want
	other.Title, other.State = "别的", followup.Done
	same(t, ok(s.AddTask(t.Context(), other))(t), false)
	want.Rev = 1
	same(t, ok(s.Task(t.Context(), "t1"))(t), want)
}

func testTaskConflict(t *testing.T, s store.Store) {
	ok(s.AddTask(t.Context(), sampleTask("t1")))(t)
	task := ok(s.Task(t.Context(), "t1"))(t)
	stale := task
	task.State, task.Ended = followup.Done, after(9)
	must(t, s.PutTask(t.Context(), task))
	stale.State = followup.Cancelled
	wantErr(t, s.PutTask(t.Context(), stale), store.ErrConflict)
	ghost := sampleTask("ghost")
	ghost.Rev = 3
	wantErr(t, s.PutTask(t.Context(), ghost), store.ErrConflict)
	task.Rev = 2
	same(t, ok(s.Task(t.Context(), "t1"))(t), task)
}

func testTaskMissing(t *testing.T, s store.Store) {
	_, err := s.Task(t.Context(), "none")
	wantErr(t, err, store.ErrNotFound)
}

// board stores 40 tasks and returns them by id.
func board(t *testing.T, s store.Store) []followup.Task {
	t.Helper()
	all := make([]followup.Task, 40)
	for i := range all {
		task := sampleTask(fmt.Sprintf("t%02d", i))
		task.Owner = []string{"zhangwei", "lina"}[i%2]
		task.Customer = []string{"c1", "c2", "c3"}[i%3]
		task.State = []followup.State{followup.Open, followup.Done, followup.Cancelled, followup.Open}[i/2%4]
		task.Due = after((i * 7) % 10 * 15) // many are due together
		ok(s.AddTask(t.Context(), task))(t)
		task.Rev = 1
		all[i] = task
	}
	return all
}

func testTaskFilters(t *testing.T, s store.Store) {
	all := board(t, s)
	for _, owner := range []string{"", "lina", "nobody"} {
		for _, of := range []string{"", "c2"} {
			for _, state := range []followup.State{"", followup.Open} {
				for _, due := range [][2]time.Time{{}, {{}, after(60)}, {after(60), {}}, {after(30), after(90)}} {
					q := followup.Query{Owner: owner, Customer: of, State: state, DueFrom: due[0], DueBefore: due[1], Limit: 3}
					same(t, allTasks(t, s, q), pickTasks(all, q))
				}
			}
		}
	}
}

func pickTasks(all []followup.Task, q followup.Query) []followup.Task {
	want := slices.DeleteFunc(slices.Clone(all), func(x followup.Task) bool {
		return (q.Owner != "" && x.Owner != q.Owner) || (q.Customer != "" && x.Customer != q.Customer) ||
			(q.State != "" && x.State != q.State) || (!q.DueBefore.IsZero() && !x.Due.Before(q.DueBefore)) || (!q.DueFrom.IsZero() && x.Due.Before(q.DueFrom))
	})
	if q.Owner != "" || !q.DueBefore.IsZero() || !q.DueFrom.IsZero() {
		slices.SortFunc(want, func(a, b followup.Task) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	}
	return want
}

func allTasks(t *testing.T, s store.Store, q followup.Query) []followup.Task {
	t.Helper()
	var all []followup.Task
	for {
		page, next, err := s.Tasks(t.Context(), q)
		must(t, err)
		if all = append(all, page...); next == "" {
			return all
		}
		q.After = next
	}
}

func testTaskWake(t *testing.T, s store.Store) {
	var want []string
	for i := range 12 {
		task := sampleTask(fmt.Sprintf("t%02d", i))
		task.Wake = after((i * 5) % 12)
		if i%4 == 3 {
			task.Wake = time.Time{}
		}
		ok(s.AddTask(t.Context(), task))(t)
	}
	for minute := range 6 {
		for i := range 12 {
			if i%4 != 3 && (i*5)%12 == minute {
				want = append(want, fmt.Sprintf("t%02d", i))
			}
		}
	}
	var got []string
	for _, task := range allTasks(t, s, followup.Query{WakeBefore: after(6), Limit: 2}) {
		got = append(got, task.ID)
	}
	same(t, got, want)
	told := ok(s.Task(t.Context(), want[0]))(t)
	told.Wake = time.Time{}
	must(t, s.PutTask(t.Context(), told))
	same(t, len(allTasks(t, s, followup.Query{WakeBefore: after(6)})), len(want)-1)
}
