package schedules

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// near is how far before the end of a step the last due instant of most jobs lies.
const near = 15 * time.Minute

// Step runs by hand what a timetable would run that woke up after a while: each job that was due after from and not after to, once, for the last of these instants, and
// one after the other in their order. It is for clocks that do not run by themselves; so is Resume. It returns how many jobs were due.
func (t *Timetable) Step(ctx context.Context, from, to time.Time) int {
	type turn struct {
		job Job
		due time.Time
	}
	var turns []turn
	for _, j := range t.jobs {
		due := time.Time{}
		if recent := to.Add(-near); recent.After(from) {
			due = j.Spec.Missed(recent, to)
		}
		if due.IsZero() {
			due = j.Spec.Missed(from, to)
		}
		if !due.IsZero() {
			turns = append(turns, turn{j, due})
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.job.Name, b.job.Name)) })
	for _, x := range turns {
		_, _ = t.run(ctx, x.job, x.due) // an error is in the log
	}
	return len(turns)
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
