package storetest

import (
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

var wishCases = []testCase{
	{"a greater Rev changes the wish and nothing else", testShowNewer},
	{"the same or a smaller Rev changes nothing", testShowOlder},
	{"a new wish revives a dead delivery", testShowRevives},
	{"a wish that changes while leased is due again after the finish", testShowWhileLeased},
	{"a wish for later is not sent earlier because a worker finished", testShowLaterWhileLeased},
	{"a code is added once", testAddCode},
	{"codes that come while leased stay, spent ones go", testAddCodeWhileLeased},
	{"codes that came before the lease are the worker's to spend", testAddCodeBeforeLease},
}

// wish is a newer wish for sampleDelivery.
func wish(rev int64, due int) delivery.Delivery {
	d := sampleDelivery("d1")
	d.Rev, d.Due, d.Card, d.Text = rev, after(due), sampleCard("已被李娜领取"), ""
	d.To, d.Handle, d.Created, d.Attempts = nil, bots.Handle{}, after(50), 9 // none of them is part of a wish
	return d
}

func testShowNewer(t *testing.T, s store.Store) {
	old := sampleDelivery("d1")
	old.State, old.Attempts, old.Why, old.Shown, old.Ended = delivery.Done, 3, "重试", 1, after(2)
	show(t, s, old)
	w := wish(2, 6)
	same(t, show(t, s, w), true)
	want := old
	want.Rev, want.Card, want.Due, want.State, want.Attempts, want.Why, want.Ended = 2, w.Card, w.Due, delivery.Due, 0, "", time.Time{}
	same(t, loadDelivery(t, s, "d1"), want)
	same(t, deliveryIDs(lease(t, s, 5, "one", 1)), []string(nil))
	same(t, deliveryIDs(lease(t, s, 6, "one", 1)), []string{"d1"})
}

func testShowOlder(t *testing.T, s store.Store) {
	old := sampleDelivery("d1")
	old.Rev = 5
	show(t, s, old)
	for _, rev := range []int64{5, 4, 1} {
		same(t, show(t, s, wish(rev, 0)), false)
	}
	same(t, loadDelivery(t, s, "d1"), old)
}

func testShowRevives(t *testing.T, s store.Store) {
	old := sampleDelivery("d1")
	old.State = delivery.Dead
	show(t, s, old)
	same(t, show(t, s, wish(2, 0)), true)
	same(t, lease(t, s, 0, "one", 1)[0].Rev, int64(2))
}

// sent is what a worker reports of a delivery that it leased and sent.
func sent(d delivery.Delivery) delivery.Delivery {
	d.Shown, d.State, d.Ended = d.Rev, delivery.Done, after(1)
	d.Handle.Message = "sent"
	return d
}

func testShowWhileLeased(t *testing.T, s store.Store) {
	show(t, s, sampleDelivery("d1"))
	d := lease(t, s, 0, "one", 1)[0]
	same(t, show(t, s, wish(2, 0)), true)
	same(t, deliveryIDs(lease(t, s, 0, "two", 1)), []string(nil))
	report := sent(d)
	report.Attempts, report.Why, report.Due = 4, "x", after(3)
	must(t, s.FinishDelivery(t.Context(), report, "one"))
	got := loadDelivery(t, s, "d1")
	same(t, []any{got.State, got.Rev, got.Shown, got.Due, got.Attempts, got.Why, got.Handle.Message, got.Card.State, got.Ended},
		[]any{delivery.Due, int64(2), int64(1), after(3), 0, "", "sent", "已被李娜领取", time.Time{}})
	same(t, deliveryIDs(lease(t, s, 2, "two", 1)), []string(nil))
	again := lease(t, s, 3, "two", 1)[0]
	must(t, s.FinishDelivery(t.Context(), sent(again), "two"))
	same(t, loadDelivery(t, s, "d1").State, delivery.Done)
}

func testShowLaterWhileLeased(t *testing.T, s store.Store) {
	show(t, s, sampleDelivery("d1"))
	d := lease(t, s, 0, "one", 1)[0]
	show(t, s, wish(2, 500))
	must(t, s.FinishDelivery(t.Context(), sent(d), "one"))
	same(t, loadDelivery(t, s, "d1").Due, after(500))
}

func codes(t *testing.T, s store.Store) []string {
	t.Helper()
	return loadDelivery(t, s, "d1").Handle.Codes
}

func testAddCode(t *testing.T, s store.Store) {
	show(t, s, sampleDelivery("d1"))
	for _, code := range []string{"code1", "code0", "code2", "code1"} {
		must(t, s.AddCode(t.Context(), "d1", code))
	}
	same(t, codes(t, s), []string{"code0", "code1", "code2"})
}

func testAddCodeWhileLeased(t *testing.T, s store.Store) {
	show(t, s, sampleDelivery("d1"))
	d := lease(t, s, 0, "one", 1)[0]
	must(t, s.AddCode(t.Context(), "d1", "code1"))
	must(t, s.AddCode(t.Context(), "d1", "code2"))
	same(t, codes(t, s), []string{"code0", "code1", "code2"})
	d.Handle.Codes = []string{"fresh"} // code0 was spent, and the platform gave another
	must(t, s.FinishDelivery(t.Context(), sent(d), "one"))
	same(t, codes(t, s), []string{"fresh", "code1", "code2"})
}

func testAddCodeBeforeLease(t *testing.T, s store.Store) {
	show(t, s, sampleDelivery("d1"))
	must(t, s.AddCode(t.Context(), "d1", "code1"))
	d := lease(t, s, 0, "one", 1)[0]
	same(t, d.Handle.Codes, []string{"code0", "code1"})
	d.Handle.Codes = nil
	must(t, s.FinishDelivery(t.Context(), sent(d), "one"))
	same(t, codes(t, s), []string(nil))
}
