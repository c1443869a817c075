package e2e_test

import (
	"time"

	"lingke/schedules"
)

// runBook compares the runs of the timetable that were due with those that the store has.
type runBook struct {
	y        *year
	expected map[string]bool          // by runKey
	found    map[string]schedules.Run // as the store has them
	gathered time.Time                // up to which due instant found is complete
	steps    int
}

func newRunBook(y *year) *runBook {
	return &runBook{y: y, expected: map[string]bool{}, found: map[string]schedules.Run{}, gathered: y.at}
}

// runKey names a due run.
func runKey(job string, due time.Time) string { return job + " " + due.UTC().Format(time.RFC3339) }

// expect notes what is due after an instant and not after another: of each job the last due instant, as after a while in which nobody was awake.
func (b *runBook) expect(from, to time.Time) {
	for job, spec := range b.y.specs {
		if due := spec.Missed(from, to); !due.IsZero() {
			b.expected[runKey(job, due)] = true
		}
	}
	if b.steps++; b.steps%200 == 0 {
		b.gather()
	}
}

// gather reads the runs that the store has, before it forgets them.
func (b *runBook) gather() {
	all, err := b.y.raw.runs(b.y.t.Context(), b.gathered.Add(-time.Hour))
	if err != nil {
		b.y.t.Fatal(err)
	}
	for _, run := range all {
		b.found[runKey(run.Job, run.Due)] = run
	}
	b.gathered = b.y.at
}

// verify: each run that was due is in the store and came to its end, no other is, and those that are due hourly or less often were all made.
func (b *runBook) verify() {
	y := b.y
	y.t.Helper()
	b.gather()
	for key := range b.expected {
		if run, there := b.found[key]; !there || run.Ended.IsZero() {
			y.t.Errorf("due run %s: in the store is %+v", key, run)
		}
	}
	for key, run := range b.found {
		if _, ours := y.specs[run.Job]; ours && !b.expected[key] {
			y.t.Errorf("run %s was not due", key)
		}
	}
	for _, job := range y.sparse {
		for due := y.specs[job].Next(y.first); !due.After(y.at); due = y.specs[job].Next(due) {
			if !b.expected[runKey(job, due)] {
				y.t.Errorf("the clock did not stop at %s", runKey(job, due))
			}
		}
	}
	y.counts["due runs"] = len(b.expected)
}
