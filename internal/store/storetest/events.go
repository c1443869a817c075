package storetest

import (
	"fmt"
	"strings"
	"testing"

	"lingke/internal/inbox"
	"lingke/internal/store"
)

var eventCases = []testCase{
	{"an event comes back as it was, whatever bytes its body has", testEventRoundTrip},
	{"a redelivered event is not new and changes nothing", testEventKnown},
	{"a taken event is leased to the taker", testEventTaken},
	{"leases give what is due, earliest first, to one worker", testEventLease},
	{"a lease that ended is given to the next, and the first may not finish", testEventLeaseEnds},
	{"a failed event is due again later, with its reason", testEventRetry},
	{"events of a state come newest first", testEventsNewestFirst},
	{"purging forgets old done events only", testEventsPurge},
}

func eventIDs(all []inbox.Event) []string {
	list := make([]string, len(all))
	for i, e := range all {
		list[i] = e.ID
	}
	return list
}

func leaseEvents(t *testing.T, s store.Store, at int, token string, limit int) []inbox.Event {
	t.Helper()
	return ok(s.LeaseEvents(t.Context(), after(at), after(at+1), token, limit))(t)
}

// addEvent stores an event that is due some minutes after noon.
func addEvent(t *testing.T, s store.Store, id string, due int) {
	t.Helper()
	e := sampleEvent(id)
	e.Due = after(due)
	same(t, ok(s.AddEvent(t.Context(), e))(t), true)
}

func testEventRoundTrip(t *testing.T, s store.Store) {
	e := sampleEvent(strings.Repeat("é", 100))
	e.Attempts, e.Why = 2, "上次失败"
	same(t, ok(s.AddEvent(t.Context(), e))(t), true)
	same(t, ok(s.Events(t.Context(), inbox.Due, 9))(t), []inbox.Event{e})
	same(t, leaseEvents(t, s, 0, "one", 9), []inbox.Event{e})
}

func testEventKnown(t *testing.T, s store.Store) {
	addEvent(t, s, "e1", 0)
	done := leaseEvents(t, s, 0, "one", 1)[0]
	done.State = inbox.Done
	must(t, s.FinishEvent(t.Context(), done, "one"))
	again := sampleEvent("e1")
	again.Body = []byte("other")
	same(t, ok(s.AddEvent(t.Context(), again))(t), false)
	same(t, ok(s.TakeEvent(t.Context(), again, after(9), "two"))(t), false)
	same(t, ok(s.Events(t.Context(), inbox.Done, 9))(t), []inbox.Event{done})
	wantErr(t, s.FinishEvent(t.Context(), again, "two"), store.ErrLeaseLost)
}

func testEventTaken(t *testing.T, s store.Store) {
	e := sampleEvent("e1")
	same(t, ok(s.TakeEvent(t.Context(), e, after(2), "one"))(t), true)
	same(t, ok(s.TakeEvent(t.Context(), e, after(2), "two"))(t), false)
	same(t, eventIDs(leaseEvents(t, s, 1, "two", 1)), []string(nil))
	e.State = inbox.Done
	wantErr(t, s.FinishEvent(t.Context(), e, "two"), store.ErrLeaseLost)
	must(t, s.FinishEvent(t.Context(), e, "one"))
	left := sampleEvent("e2") // whose taker dies
	ok(s.TakeEvent(t.Context(), left, after(2), "one"))(t)
	same(t, leaseEvents(t, s, 2, "two", 9), []inbox.Event{left})
}

func testEventLease(t *testing.T, s store.Store) {
	for i, due := range []int{5, 1, 3, 1, 9} {
		addEvent(t, s, fmt.Sprint("e", i), due)
	}
	same(t, eventIDs(leaseEvents(t, s, 5, "one", 3)), []string{"e1", "e3", "e2"})
	same(t, eventIDs(leaseEvents(t, s, 5, "two", 3)), []string{"e0"})
	same(t, eventIDs(leaseEvents(t, s, 5, "three", 3)), []string(nil))
}

func testEventLeaseEnds(t *testing.T, s store.Store) {
	addEvent(t, s, "e1", 0)
	first := leaseEvents(t, s, 0, "one", 1)[0]
	second := leaseEvents(t, s, 1, "two", 1)
	same(t, eventIDs(second), []string{"e1"})
	first.State = inbox.Dead
	for _, token := range []string{"one", ""} {
		wantErr(t, s.FinishEvent(t.Context(), first, token), store.ErrLeaseLost)
	}
	second[0].State = inbox.Done
	must(t, s.FinishEvent(t.Context(), second[0], "two"))
	wantErr(t, s.FinishEvent(t.Context(), second[0], "two"), store.ErrLeaseLost)
	same(t, eventIDs(leaseEvents(t, s, 100, "three", 1)), []string(nil))
}

func testEventRetry(t *testing.T, s store.Store) {
	addEvent(t, s, "e1", 0)
	e := leaseEvents(t, s, 0, "one", 1)[0]
	e.Attempts, e.Due, e.Why = 1, after(30), "数据库忙"
	must(t, s.FinishEvent(t.Context(), e, "one"))
	same(t, eventIDs(leaseEvents(t, s, 29, "two", 1)), []string(nil))
	same(t, leaseEvents(t, s, 30, "two", 1), []inbox.Event{e})
}

func testEventsNewestFirst(t *testing.T, s store.Store) {
	for i, state := range []inbox.State{inbox.Dead, inbox.Due, inbox.Dead, inbox.Dead} {
		e := sampleEvent(fmt.Sprint("e", i))
		e.State, e.Received = state, after(i)
		ok(s.AddEvent(t.Context(), e))(t)
	}
	same(t, eventIDs(ok(s.Events(t.Context(), inbox.Dead, 9))(t)), []string{"e3", "e2", "e0"})
	same(t, eventIDs(ok(s.Events(t.Context(), inbox.Dead, 2))(t)), []string{"e3", "e2"})
}

func testEventsPurge(t *testing.T, s store.Store) {
	for i, state := range []inbox.State{inbox.Done, inbox.Due, inbox.Dead, inbox.Done, inbox.Done} {
		e := sampleEvent(fmt.Sprint("e", i))
		e.State, e.Received = state, after(i)
		ok(s.AddEvent(t.Context(), e))(t)
	}
	same(t, ok(s.PurgeEvents(t.Context(), after(4)))(t), 2)
	same(t, ok(s.PurgeEvents(t.Context(), after(4)))(t), 0)
	same(t, eventIDs(ok(s.Events(t.Context(), inbox.Done, 9))(t)), []string{"e4"})
	same(t, ok(s.AddEvent(t.Context(), sampleEvent("e1")))(t), false)
	same(t, ok(s.AddEvent(t.Context(), sampleEvent("e0")))(t), true)
}
