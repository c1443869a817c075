package storetest

import (
	"testing"
	"time"

	"lingke/internal/store"
	"lingke/schedules"
)

var jobCases = []testCase{
	{"a due run is started once", testRunOnce},
	{"a run whose lease ended is taken over, and the first may neither extend nor end it", testRunTakenOver},
	{"an extended lease keeps the run", testRunExtended},
	{"an ended run is never started again", testRunEnded},
	{"the last run is the one due last", testLastRun},
	{"purging forgets old runs, and keeps the last of each job", testPurgeRuns},
	{"a cursor is kept by name and replaced", testCursor},
}

func start(t *testing.T, s store.Store, due, now int, token string) bool {
	t.Helper()
	return ok(s.StartRun(t.Context(), "sync", after(due), after(now), after(now+5), token))(t)
}

func testRunOnce(t *testing.T, s store.Store) {
	same(t, start(t, s, 0, 0, "one"), true)
	same(t, start(t, s, 0, 1, "two"), false)
	same(t, start(t, s, 0, 1, "one"), false)
	same(t, start(t, s, 10, 1, "two"), true)
	same(t, ok(s.StartRun(t.Context(), "other", noon, noon, after(1), "two"))(t), true)
	same(t, ok(s.LastRun(t.Context(), "other"))(t), schedules.Run{Job: "other", Due: noon, Holder: "two", Until: after(1)})
}

func testRunTakenOver(t *testing.T, s store.Store) {
	start(t, s, 0, 0, "one")
	same(t, start(t, s, 0, 4, "two"), false)
	same(t, start(t, s, 0, 5, "two"), true)
	wantErr(t, s.ExtendRun(t.Context(), "sync", noon, after(99), "one"), store.ErrLeaseLost)
	wantErr(t, s.EndRun(t.Context(), "sync", noon, after(6), "one", "ok"), store.ErrLeaseLost)
	same(t, ok(s.LastRun(t.Context(), "sync"))(t), schedules.Run{Job: "sync", Due: noon, Holder: "two", Until: after(10)})
}

func testRunExtended(t *testing.T, s store.Store) {
	start(t, s, 0, 0, "one")
	must(t, s.ExtendRun(t.Context(), "sync", noon, after(20), "one"))
	same(t, start(t, s, 0, 19, "two"), false)
	same(t, start(t, s, 0, 20, "two"), true)
	wantErr(t, s.ExtendRun(t.Context(), "sync", after(1), after(99), "two"), store.ErrLeaseLost)
}

func testRunEnded(t *testing.T, s store.Store) {
	start(t, s, 0, 0, "one")
	must(t, s.EndRun(t.Context(), "sync", noon, after(2), "one", "金蝶无法连接"))
	same(t, start(t, s, 0, 100, "two"), false)
	wantErr(t, s.EndRun(t.Context(), "sync", noon, after(3), "one", "ok"), store.ErrLeaseLost)
	wantErr(t, s.ExtendRun(t.Context(), "sync", noon, after(99), "one"), store.ErrLeaseLost)
	want := schedules.Run{Job: "sync", Due: noon, Holder: "one", Until: after(5), Ended: after(2), Outcome: "金蝶无法连接"}
	same(t, ok(s.LastRun(t.Context(), "sync"))(t), want)
}

func testLastRun(t *testing.T, s store.Store) {
	_, err := s.LastRun(t.Context(), "sync")
	wantErr(t, err, store.ErrNotFound)
	for _, due := range []int{5, 20, 10} {
		start(t, s, due, due, "one")
	}
	same(t, ok(s.LastRun(t.Context(), "sync"))(t).Due, after(20))
}

func testPurgeRuns(t *testing.T, s store.Store) {
	for _, due := range []int{0, 5, 10, 20} {
		start(t, s, due, due, "one")
	}
	same(t, ok(s.StartRun(t.Context(), "seldom", noon, noon, after(1), "one"))(t), true)
	same(t, ok(s.PurgeRuns(t.Context(), after(10)))(t), 2)
	same(t, ok(s.PurgeRuns(t.Context(), after(99)))(t), 1)
	same(t, ok(s.LastRun(t.Context(), "sync"))(t).Due, after(20))
	same(t, ok(s.LastRun(t.Context(), "seldom"))(t).Due, noon)
}

func testCursor(t *testing.T, s store.Store) {
	same(t, ok(s.Cursor(t.Context(), "kingdee"))(t), "")
	for _, cursor := range []string{`{"时间":"2026-03-02 12:00:00.123"}`, "", noon.Format(time.RFC3339Nano)} {
		must(t, s.SetCursor(t.Context(), "kingdee", cursor))
		same(t, ok(s.Cursor(t.Context(), "kingdee"))(t), cursor)
	}
	same(t, ok(s.Cursor(t.Context(), "yonyou"))(t), "")
}
