package e2e_test

import (
	"maps"
	"slices"
	"time"

	"lingke/internal/followup"
	"lingke/schedules"
)

// seldom is from which distance of its due instants on a job is sparse: the clock stops at each of them.
const seldom = time.Hour

// readTimetable reads when the shipped jobs are due.
func (y *year) readTimetable() {
	y.specs = map[string]schedules.Spec{}
	all := y.config("127.0.0.1:1").JobSpecs()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		spec, err := schedules.ParseSpec(all[name], y.zone)
		if err != nil {
			y.t.Fatal(err)
		}
		y.specs[name] = spec
		if first := spec.Next(y.at); spec.Next(first).Sub(first) >= seldom {
			y.sparse = append(y.sparse, name)
		}
	}
}

// next is the next instant at which the clock stops, not later than end, and whether people act then.
func (y *year) next(end time.Time, acts []time.Time) (at time.Time, acting bool) {
	at = end
	stop := func(t time.Time) {
		if t.After(y.at) && t.Before(at) {
			at = t
		}
	}
	for _, t := range acts {
		stop(t)
	}
	for _, name := range y.sparse {
		stop(y.specs[name].Next(y.at))
	}
	if tick := y.tick(y.at); tick > 0 {
		stop(y.at.Truncate(tick).Add(tick))
	} else {
		y.wakes(at, stop)
	}
	return at, slices.ContainsFunc(acts, at.Equal)
}

// wakes calls stop with the turns of the jobs that keep looking at which there is something to do before end.
func (y *year) wakes(end time.Time, stop func(time.Time)) {
	ctx := y.t.Context()
	turn := func(job string, due time.Time) {
		if due.Before(y.at) {
			due = y.at
		}
		stop(y.specs[job].Next(due.Add(-time.Millisecond)))
		stop(y.specs[job].Next(due)) // where that one was just now
	}
	tasks, _, err := y.store.Tasks(ctx, followup.Query{WakeBefore: end, Limit: 1})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, t := range tasks {
		turn(schedules.DueTasksName, t.Wake)
	}
	clocks, err := y.store.ClockedCustomers(ctx, end, 1)
	if err != nil {
		y.t.Fatal(err)
	}
	for _, c := range clocks {
		turn("ownership", c.Clock.Next)
	}
	lapses, err := y.store.LapsedCustomers(ctx, end, 1)
	if err != nil {
		y.t.Fatal(err)
	}
	for _, c := range lapses {
		turn("lapses", c.Lapses)
	}
	waiting, err := y.raw.nextDelivery(ctx)
	if err != nil {
		y.t.Fatal(err)
	}
	if !waiting.IsZero() {
		turn("sweep", waiting) // senders look every second; half a minute is near enough
	}
}
