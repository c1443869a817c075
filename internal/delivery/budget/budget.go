// Package budget keeps the platforms' limits, so that they are budgets and not errors that a sender meets.
//
// What is spent stands in the store, in slots of time under a key ("wecom/person-minute/zhangwei"), so that any number of replicas share it. Before
// something is sent, a Keeper draws on every budget that it needs, in one write for several sends; what it drew and did not need goes back. A sliding
// window of the platform lies within the slots that are counted, so however the platform's window falls, it never sees more than the limit.
package budget

import (
	"context"
	"time"
)

// Limit is one budget: how much may be spent in any stretch of time of a length.
type Limit struct {
	Name   string        // "dingtalk/api-second"; what it counts by (an API, a person) follows in the key
	Max    int           // 0 or less: no limit
	Window time.Duration // 0: a calendar month, as the platforms count it
}

// slots is into how many slots a window is cut, and look how many slots count: the running one, those of a whole window, and one more for what was on its way when its
// slot ended.
const (
	slots = 10
	look  = slots + 2
)

// china is the zone in which the platforms' months begin; it has had no summer time since 1991.
var china = time.FixedZone("UTC+8", 8*60*60)

// Month returns the first instant of an instant's month as the platforms count it.
func Month(t time.Time) time.Time {
	t = t.In(china)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, china)
}

// NextMonth returns the first instant of the month after.
func NextMonth(t time.Time) time.Time { return Month(t).AddDate(0, 1, 0) }

// day returns the first instant of a day there.
func day(t time.Time) time.Time {
	t = t.In(china)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, china)
}

// slot returns where what is spent at an instant is counted, from which slot on it counts against the limit, and when the slot ends.
func (l Limit) slot(now time.Time) (at, since, end time.Time) {
	if l.Window == 0 { // a slot a day, for the forecast
		at = day(now)
		return at, Month(now), at.AddDate(0, 0, 1)
	}
	size := max(l.Window/slots, time.Millisecond)
	at = now.Truncate(size)
	return at, at.Add(-(look - 1) * size), at.Add(size)
}

// freed returns when a budget that is full at an instant may have room again: the next slot, or the next month.
func (l Limit) freed(now time.Time) time.Time {
	if l.Window == 0 {
		return NextMonth(now)
	}
	_, _, end := l.slot(now)
	return end
}

// Draw asks for part of a budget. Max bounds what is counted under Key in the slots from Since on, At being the slot that is counted up. Times are UTC with milliseconds.
type Draw struct {
	Key       string
	At, Since time.Time
	Want      int // negative: gives back
	Max       int
}

// Use is what was spent of a budget in one slot.
type Use struct {
	Key   string
	At    time.Time
	Spent int
}

// Store keeps what is spent.
type Store interface {
	// Reserve grants each draw as much of Want as Max leaves, from 0 on, and returns how much, in order. Of any number of simultaneous ones, in any number of
	// processes, the grants of one key never pass its Max. A negative Want gives back that much, down to nothing spent in the slot, and is granted whole.
	Reserve(ctx context.Context, all []Draw) (granted []int, err error)
	// Drawn returns the uses of the keys that begin with prefix in the slots from an instant on, by key and then slot.
	Drawn(ctx context.Context, prefix string, since time.Time) ([]Use, error)
	// PurgeDrawn forgets slots before an instant, and returns how many budgets that changed.
	PurgeDrawn(ctx context.Context, before time.Time) (int, error)
}
