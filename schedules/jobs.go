package schedules

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Sync pulls one connector. pull returns how many records were taken in and how many refused.
func Sync(connector string, spec Spec, pull func(ctx context.Context) (taken, refused int, err error)) Job {
	return Job{Name: "sync:" + connector, Spec: spec, AtStart: true, Run: func(ctx context.Context, _ time.Time) (string, error) {
		taken, refused, err := pull(ctx)
		return fmt.Sprintf("%d records, %d refused", taken, refused), err
	}}
}

// Scan looks for what was deleted at a connector's source. scan returns how many records and orders it found gone, and back.
func Scan(connector string, spec Spec, scan func(ctx context.Context) (gone, back int, err error)) Job {
	return Job{Name: "scan:" + connector, Spec: spec, Run: func(ctx context.Context, _ time.Time) (string, error) {
		gone, back, err := scan(ctx)
		return fmt.Sprintf("%d gone, %d back", gone, back), err
	}}
}

// DueTasksName is the name of the job that DueTasks makes.
const DueTasksName = "due-tasks"

// DueTasks warns of tasks that are due soon, and tells managers of those that are late. tell does so as of an instant and returns how many tasks it was.
func DueTasks(spec Spec, tell func(ctx context.Context, at time.Time) (int, error)) Job {
	return Job{Name: DueTasksName, Spec: spec, Run: func(ctx context.Context, due time.Time) (string, error) {
		n, err := tell(ctx, due)
		return fmt.Sprintf("%d tasks", n), err
	}}
}

// Sweep carries out what crashes and failures left over, and forgets old events. carry returns for how many customers it did; purge how many events
// that were received before an instant it forgot.
func Sweep(spec Spec, keep time.Duration, carry func(ctx context.Context) (int, error), purge func(ctx context.Context, before time.Time) (int, error)) Job {
	return Job{Name: "sweep", Spec: spec, AtStart: true, Run: func(ctx context.Context, due time.Time) (string, error) {
		carried, err := carry(ctx)
		purged, purgeErr := purge(ctx, due.Add(-keep)) // also where one customer's effects fail again and again
		return fmt.Sprintf("%d customers carried out, %d events forgotten", carried, purged), errors.Join(err, purgeErr)
	}}
}

// Rescore scores every customer anew, since recency changes by the clock alone, and counts the ranks. rescore returns how many there were.
func Rescore(spec Spec, rescore func(ctx context.Context) (int, error)) Job {
	return Job{Name: "rescore", Spec: spec, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := rescore(ctx)
		return fmt.Sprintf("%d customers", n), err
	}}
}

// Ranks counts the ranks of a store that grew much since the last count. rank returns for how many customers the tier was looked at.
func Ranks(spec Spec, rank func(ctx context.Context) (int, error)) Job {
	return Job{Name: "ranks", Spec: spec, AtStart: true, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := rank(ctx)
		return fmt.Sprintf("%d customers", n), err
	}}
}

// HandOut finds owners for what waits in the pools that hand out. hand returns how many got one.
func HandOut(spec Spec, hand func(ctx context.Context) (int, error)) Job {
	return Job{Name: "hand-out", Spec: spec, AtStart: true, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := hand(ctx)
		return fmt.Sprintf("%d customers handed out", n), err
	}}
}

// AddressBook reads one platform's address book. read returns how many people are in it.
func AddressBook(platform string, spec Spec, read func(ctx context.Context) (int, error)) Job {
	return Job{Name: "address-book:" + platform, Spec: spec, AtStart: true, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := read(ctx)
		return fmt.Sprintf("%d people", n), err
	}}
}

// Ownership makes the steps of the owners' clocks that are due, and hands over what leavers had. run returns for how many customers it did something.
func Ownership(spec Spec, run func(ctx context.Context) (int, error)) Job {
	return Job{Name: "ownership", Spec: spec, AtStart: true, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := run(ctx)
		return fmt.Sprintf("%d customers", n), err
	}}
}

// Lapses scores those anew whose adjustment has expired. rescore returns how many there were.
func Lapses(spec Spec, rescore func(ctx context.Context) (int, error)) Job {
	return Job{Name: "lapses", Spec: spec, AtStart: true, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := rescore(ctx)
		return fmt.Sprintf("%d customers", n), err
	}}
}

// Imports carries on the imports that a process left behind when it ended.
func Imports(spec Spec, resume func(ctx context.Context) (int, error)) Job {
	return Job{Name: "imports", Spec: spec, AtStart: true, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := resume(ctx)
		return fmt.Sprintf("%d imports carried on", n), err
	}}
}

// Purge forgets what is only kept for a time. Each of purges forgets what is older than its age at due and returns how much that was.
func Purge(spec Spec, purges map[string]Keep) Job {
	return Job{Name: "purge", Spec: spec, Run: func(ctx context.Context, due time.Time) (string, error) {
		var lines []string
		var failed error
		for _, name := range slices.Sorted(maps.Keys(purges)) {
			n, err := purges[name].Forget(ctx, due.Add(-purges[name].For))
			lines, failed = append(lines, fmt.Sprintf("%d %s", n, name)), errors.Join(failed, err)
		}
		return strings.Join(lines, ", ") + " forgotten", failed
	}}
}

// Keep is how long something is kept, and how what is older is forgotten.
type Keep struct {
	For    time.Duration
	Forget func(ctx context.Context, before time.Time) (int, error)
}

// Ask shows managers the questions about customers that are due: those that were put off, and those that a crash left over.
func Ask(spec Spec, ask func(ctx context.Context) error) Job {
	return Job{Name: "ask", Spec: spec, AtStart: true, Run: func(ctx context.Context, _ time.Time) (string, error) {
		return "asked", ask(ctx)
	}}
}

// CheckReads looks whether the log of reads is whole. check returns how many lines it has, and an error where it is not.
func CheckReads(spec Spec, check func(ctx context.Context) (int64, error)) Job {
	return Job{Name: "check-reads", Spec: spec, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := check(ctx)
		return fmt.Sprintf("%d lines", n), err
	}}
}

// Follow looks at every customer for what is to be done for it, on workdays only. look returns for how many customers there was something.
func Follow(name string, spec Spec, workday func(time.Time) bool, look func(ctx context.Context) (int, error)) Job {
	return Job{Name: name, Spec: spec, Run: func(ctx context.Context, due time.Time) (string, error) {
		if !workday(due) {
			return "not a workday", nil
		}
		n, err := look(ctx)
		return fmt.Sprintf("%d customers", n), err
	}}
}
