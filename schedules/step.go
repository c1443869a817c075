package schedules

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// near is how far before the end of a step the last due instant of most jobs lies.
const near = 15 * time.Minute

// Step runs by hand what a timetable would run that woke up after a while: each job that was due after from and not after to, once, for the last of these instants, and
// one after the other in their order. It is for clocks that do not run by themselves; so is Resume. What is due together is taken together, and recorded together, so that
// a store which commits what waits together writes twice, however many jobs there are. It returns how many jobs were due.
func (t *Timetable) Step(ctx context.Context, from, to time.Time) int {
	due := t.dueIn(from, to)
	mine := make([]bool, len(due))
	together(len(due), func(i int) { due[i], mine[i], _ = t.begin(ctx, due[i].job, due[i].due) }) // an error is in the log
	for i := range due {
		if mine[i] {
			t.perform(ctx, &due[i])
		}
	}
	together(len(due), func(i int) {
		if mine[i] {
			t.finish(ctx, due[i])
		}
	})
	return len(due)
}

// dueIn are the last due instants of all jobs that lie after from and not after to, in their order.
func (t *Timetable) dueIn(from, to time.Time) (all []turn) {
	for _, j := range t.jobs {
		due := time.Time{}
		if recent := to.Add(-near); recent.After(from) {
			due = j.Spec.Missed(recent, to)
		}
		if due.IsZero() {
			due = j.Spec.Missed(from, to)
		}
		if !due.IsZero() {
			all = append(all, turn{job: j, due: due})
		}
	}
	slices.SortStableFunc(all, func(a, b turn) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.job.Name, b.job.Name)) })
	return all
}

// together calls fn for 0 to n-1 side by side and waits.
func together(n int, fn func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { fn(i) })
	}
	all.Wait()
}

// Resume makes the last run of each job that nobody brought to its end and nobody alive holds. It returns how many these were.
func (t *Timetable) Resume(ctx context.Context) int {
	n := 0
	for _, j := range t.jobs {
		last, err := t.runs.LastRun(ctx, j.Name)
		if err != nil || !last.Ended.IsZero() || last.Until.After(t.now()) {
			continue
		}
		if mine, err := t.run(ctx, j, last.Due); mine && err == nil {
			n++
		}
	}
	return n
}
