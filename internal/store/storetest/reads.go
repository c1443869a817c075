package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/store"
)

var readCases = []testCase{
	{"lines of the read log come back as they were, each after the one before", testReadsAppend},
	{"lines are found by customer and by person, newest first, page after page", testReadsFind},
	{"purging the read log forgets its old end and remembers its last line", testReadsPurge},
	{"the log is whole, tells each thing once, and survives a purge of its old end", testLog},
}

func sampleRead(n int64) access.Read {
	return access.Read{
		N: n, ID: fmt.Sprint("read-", n), At: after(int(n)), Person: "zhangwei", Account: "zw", Platform: "dingtalk", Place: "private", Command: "查", Layers: "tier basis",
		Customers: []string{fmt.Sprint("c", n%2), "c9"}, More: 2, Note: "<&> 🚀 𠮷", Key: "k", Prev: fmt.Sprint("seal", n-1), Seal: fmt.Sprint("seal", n),
	}
}

func sampleReads(from, to int64) (all []access.Read) {
	for n := from; n <= to; n++ {
		all = append(all, sampleRead(n))
	}
	return all
}

func testReadsAppend(t *testing.T, s store.Store) {
	same(t, ok(s.LastRead(t.Context()))(t), access.Read{})
	same(t, ok(s.AppendReads(t.Context(), sampleReads(2, 2)))(t), false)
	same(t, ok(s.AppendReads(t.Context(), sampleReads(1, 3)))(t), true)
	same(t, ok(s.AppendReads(t.Context(), sampleReads(1, 1)))(t), false)
	same(t, ok(s.AppendReads(t.Context(), sampleReads(3, 4)))(t), false)
	same(t, ok(s.AppendReads(t.Context(), sampleReads(5, 5)))(t), false)
	bare := access.Read{N: 4, ID: "bare", At: noon, Platform: "api", Place: "/", Command: "GET", Key: "k", Seal: "s"}
	same(t, ok(s.AppendReads(t.Context(), []access.Read{bare}))(t), true)
	same(t, ok(s.LastRead(t.Context()))(t), bare)
	same(t, ok(s.ReadsAfter(t.Context(), 0, 10))(t), append(sampleReads(1, 3), bare))
	same(t, ok(s.ReadsAfter(t.Context(), 1, 2))(t), sampleReads(2, 3))
	same(t, len(ok(s.ReadsAfter(t.Context(), 4, 2))(t)), 0)
	same(t, ok(s.KnownReads(t.Context(), []string{"read-3", "read-9", "bare", "read-1"}))(t), []string{"bare", "read-1", "read-3"})
	same(t, len(ok(s.KnownReads(t.Context(), []string{"nobody"}))(t)), 0)
}

func testReadsFind(t *testing.T, s store.Store) {
	lines := sampleReads(1, 6)
	lines[3].Person = "lina"
	same(t, ok(s.AppendReads(t.Context(), lines))(t), true)
	find := func(q access.ReadQuery) (numbers []int64, next string) {
		page, next, err := s.FindReads(t.Context(), q)
		must(t, err)
		for _, r := range page {
			numbers = append(numbers, r.N)
		}
		return numbers, next
	}
	for _, c := range []struct {
		q    access.ReadQuery
		want []int64
	}{
		{access.ReadQuery{}, []int64{6, 5, 4, 3, 2, 1}},
		{access.ReadQuery{Customer: "c0"}, []int64{6, 4, 2}},
		{access.ReadQuery{Customer: "c0", Person: "zhangwei"}, []int64{6, 2}},
		{access.ReadQuery{Person: "lina"}, []int64{4}},
		{access.ReadQuery{Customer: "nobody"}, nil},
	} {
		var got []int64
		for q := c.q; ; {
			q.Limit = 2
			page, next := find(q)
			got = append(got, page...)
			if q.After = next; next == "" {
				break
			}
		}
		same(t, got, c.want)
	}
	_, _, err := s.FindReads(t.Context(), access.ReadQuery{After: "nonsense"})
	wantErr(t, err, store.ErrCursor)
}

func testReadsPurge(t *testing.T, s store.Store) {
	same(t, ok(s.AppendReads(t.Context(), sampleReads(1, 5)))(t), true)
	same(t, ok(s.PurgeReads(t.Context(), 3))(t), 3)
	same(t, ok(s.PurgeReads(t.Context(), 3))(t), 0)
	same(t, ok(s.ReadsAfter(t.Context(), 0, 9))(t), sampleReads(4, 5))
	page, _, err := s.FindReads(t.Context(), access.ReadQuery{Customer: "c9"})
	must(t, err)
	same(t, len(page), 2)
	same(t, ok(s.PurgeReads(t.Context(), 9))(t), 2)
	same(t, ok(s.LastRead(t.Context()))(t), sampleRead(5))
	same(t, ok(s.AppendReads(t.Context(), sampleReads(6, 6)))(t), true)
}

// newLog is an access.Log over a store, as one process has it.
func newLog(t *testing.T, s store.Store, now func() time.Time) *access.Log {
	t.Helper()
	keys, err := access.Derive("reads", "a secret for the tests")
	must(t, err)
	return access.NewLog(s, keys, now)
}

func testLog(t *testing.T, s store.Store) {
	now := noon
	l := newLog(t, s, func() time.Time { return now })
	for i := range 5 {
		r := access.Read{ID: fmt.Sprint("r", i), Person: "lina", Platform: "wecom", Place: "private", Command: "查"}.Saw("c1")
		for range 2 { // done again after a crash
			must(t, newLog(t, s, func() time.Time { return now }).Add(t.Context(), r))
		}
		now = now.Add(24 * time.Hour)
	}
	whole := func(lines, purged int64) {
		t.Helper()
		got := ok(l.Check(t.Context()))(t)
		if !got.Whole() || got.Lines != lines || got.Purged != purged {
			t.Fatalf("%d lines, purged up to %d: %v", got.Lines, got.Purged, got.Damage)
		}
	}
	whole(5, 0)
	head := ok(l.Check(t.Context()))(t).Head()
	same(t, ok(l.Purge(t.Context(), now))(t), 0) // nothing is old enough
	now = noon.Add(access.LeastKept + 48*time.Hour)
	same(t, ok(l.Purge(t.Context(), now))(t), 2)
	whole(3, 2)
	must(t, l.Add(t.Context(), access.Read{ID: "new", Platform: "api", Place: "/", Command: "GET"}))
	whole(4, 2)
	if got := ok(l.Check(t.Context(), head, "99:abc"))(t); len(got.Damage) != 1 || got.Damage[0].From != 7 || got.Damage[0].To != 99 {
		t.Errorf("a line that was noted elsewhere and is not there: %v", got.Damage)
	}
	_, err := s.PurgeReads(t.Context(), 4) // by somebody else
	must(t, err)
	if got := ok(l.Check(t.Context()))(t); len(got.Damage) != 1 || !strings.Contains(got.Damage[0].String(), "第 3–4 行：被删除") {
		t.Errorf("%v", got.Damage)
	}
}

func raceReads(t *testing.T, s store.Store) {
	for n := int64(1); n <= 5; n++ {
		won, lost := together(t, 20, func(i int) error {
			r := sampleRead(n)
			r.ID = fmt.Sprint(n, "-", i)
			done, err := s.AppendReads(t.Context(), []access.Read{r})
			if err == nil && !done {
				err = errTaken
			}
			return err
		}, errTaken)
		if won != 1 || lost[errTaken] != 19 {
			t.Fatalf("line %d: %d won, %v", n, won, lost)
		}
	}
}

// raceLog lets several processes with several goroutines each append, some of them the same thing.
func raceLog(t *testing.T, s store.Store) {
	const processes, each = 4, 30
	logs := make([]*access.Log, processes)
	for i := range logs {
		logs[i] = newLog(t, s, time.Now)
	}
	won, _ := together(t, processes*each, func(i int) error {
		return logs[i%processes].Add(t.Context(), access.Read{ID: fmt.Sprint("r", i/2), Platform: "dingtalk", Place: "private", Command: "查"})
	}, errors.New("none"))
	got := ok(logs[0].Check(t.Context()))(t)
	if won != processes*each || got.Lines != processes*each/2 || !got.Whole() {
		t.Errorf("%d of %d, %d lines: %v", won, processes*each, got.Lines, got.Damage)
	}
	lines := ok(s.ReadsAfter(t.Context(), 0, 1000))(t)
	slices.SortFunc(lines, func(a, b access.Read) int { return strings.Compare(a.ID, b.ID) })
	if n := len(slices.CompactFunc(lines, func(a, b access.Read) bool { return a.ID == b.ID })); n != processes*each/2 {
		t.Errorf("%d different lines", n)
	}
}
