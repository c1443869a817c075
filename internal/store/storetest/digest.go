package storetest

import (
	"fmt"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

var digestCases = []testCase{
	{"every field that merging needs is kept", testDigestFields},
	{"lower ranks are leased before higher ones", testRanks},
	{"what waits for a reader becomes one message", testMerge},
	{"what is leased, sent, later or not to be merged stays as it is", testMergeSpares},
	{"a new wish of what is merged does not send it", testShowMerged},
	{"an unsent delivery is withdrawn, a leased or sent one is not", testWithdraw},
	{"a delivery that nobody has seen goes another way", testMove},
	{"reports are asked for when they are due", testReports},
	{"what a worker wrote anew is what is stored, unless the wish changed meanwhile", testRewritten},
	{"what is due and dead is counted", testDepths},
}

// reminder is an unsent delivery to one reader.
func reminder(id string, due int) delivery.Delivery {
	return delivery.Delivery{
		ID: id, Platform: bots.WeCom, Kind: "reminder", To: []string{"ZhangWei"}, Reader: "ZhangWei", Merges: true, Text: "即将到期", Rev: 1,
		State: delivery.Due, Due: after(due), Created: after(due),
	}
}

func testDigestFields(t *testing.T, s store.Store) {
	want := reminder("r1", 0)
	want.Rank, want.Into, want.Ask, want.Topic = delivery.Bulk, "digest1", after(9), "churn"
	want.Report = &delivery.Report{At: after(3), Read: 1, Unread: 2, Failed: []bots.Refusal{{To: "x", Reason: "143106"}}}
	same(t, show(t, s, want), true)
	same(t, loadDelivery(t, s, "r1"), want)
	d := lease(t, s, 0, "one", 1)[0]
	d.Rank, d.Into, d.Ask, d.State, d.Ended = delivery.Urgent, "digest2", after(20), delivery.Done, after(1)
	must(t, s.FinishDelivery(t.Context(), d, "one"))
	same(t, loadDelivery(t, s, "r1"), d)
}

func testRanks(t *testing.T, s store.Store) {
	for i, rank := range []delivery.Rank{delivery.Bulk, delivery.Ordinary, delivery.Urgent, delivery.Ordinary, delivery.Bulk} {
		r := reminder(fmt.Sprint("r", i), i)
		r.Rank = rank
		show(t, s, r)
	}
	same(t, deliveryIDs(lease(t, s, 9, "one", 2)), []string{"r2", "r1"})
	same(t, deliveryIDs(lease(t, s, 9, "two", 9)), []string{"r3", "r0", "r4"})
}

func testMerge(t *testing.T, s store.Store) {
	for i := range 6 {
		show(t, s, reminder(fmt.Sprint("r", i), i))
	}
	other := reminder("other", 0)
	other.To, other.Reader = []string{"lina"}, "lina"
	show(t, s, other)
	same(t, ok(s.Waiting(t.Context(), bots.WeCom, "ZhangWei", after(5)))(t), 5)
	same(t, ok(s.Waiting(t.Context(), bots.DingTalk, "ZhangWei", after(5)))(t), 0)
	same(t, ok(s.MergeDeliveries(t.Context(), bots.WeCom, "ZhangWei", after(5), after(2), "digest1", "已并入摘要"))(t), 5)
	same(t, deliveryIDs(lease(t, s, 9, "one", 9)), []string{"other", "r5"})
	want := reminder("r0", 0)
	want.State, want.Into, want.Why, want.Ended = delivery.Merged, "digest1", "已并入摘要", after(2)
	same(t, loadDelivery(t, s, "r0"), want)
	same(t, len(allDeliveries(t, s, delivery.Query{Into: "digest1", Limit: 2})), 5)
	same(t, len(allDeliveries(t, s, delivery.Query{Into: "digest2"})), 0)
	same(t, deliveryIDs(allDeliveries(t, s, delivery.Query{Platform: bots.WeCom, Reader: "ZhangWei"})), []string{"r5"})
}

func testMergeSpares(t *testing.T, s store.Store) {
	show(t, s, reminder("leased", 0))
	same(t, deliveryIDs(lease(t, s, 0, "one", 9)), []string{"leased"})
	for id, change := range map[string]func(*delivery.Delivery){
		"sent":  func(d *delivery.Delivery) { d.Shown = 1 },
		"done":  func(d *delivery.Delivery) { d.State = delivery.Done },
		"apart": func(d *delivery.Delivery) { d.Merges = false },
		"later": func(d *delivery.Delivery) { d.Due = after(50) },
		"group": func(d *delivery.Delivery) { d.To, d.Reader, d.Conversation = nil, "", "chat" },
	} {
		d := reminder(id, 0)
		change(&d)
		show(t, s, d)
	}
	same(t, ok(s.Waiting(t.Context(), bots.WeCom, "ZhangWei", after(9)))(t), 1) // the leased one
	same(t, ok(s.MergeDeliveries(t.Context(), bots.WeCom, "ZhangWei", after(9), after(0), "digest1", ""))(t), 0)
	same(t, ok(s.MergeDeliveries(t.Context(), bots.WeCom, "ZhangWei", after(9), after(1), "digest1", ""))(t), 1) // its lease is over
	d := loadDelivery(t, s, "leased")
	wantErr(t, s.FinishDelivery(t.Context(), d, "one"), store.ErrLeaseLost)
}

func testShowMerged(t *testing.T, s store.Store) {
	show(t, s, reminder("r0", 0))
	same(t, ok(s.MergeDeliveries(t.Context(), bots.WeCom, "ZhangWei", after(1), after(0), "digest1", "已并入摘要"))(t), 1)
	w := reminder("r0", 3)
	w.Rev, w.Text = 2, "已完成"
	same(t, show(t, s, w), true)
	same(t, show(t, s, w), false)
	got := loadDelivery(t, s, "r0")
	same(t, []any{got.State, got.Text, got.Rev, got.Into, got.Why, got.Due}, []any{delivery.Merged, "已完成", int64(2), "digest1", "已并入摘要", after(0)})
}

func testWithdraw(t *testing.T, s store.Store) {
	show(t, s, reminder("r0", 5))
	must(t, s.Withdraw(t.Context(), "r0", after(1), "已取消"))
	got := loadDelivery(t, s, "r0")
	same(t, []any{got.State, got.Why, got.Ended}, []any{delivery.Withdrawn, "已取消", after(1)})
	wantErr(t, s.Withdraw(t.Context(), "r0", after(1), ""), store.ErrNotFound)
	show(t, s, reminder("r1", 0))
	lease(t, s, 0, "one", 1)
	wantErr(t, s.Withdraw(t.Context(), "r1", after(0), ""), store.ErrNotFound)
	sent := reminder("r2", 0)
	sent.Shown = 1
	show(t, s, sent)
	wantErr(t, s.Withdraw(t.Context(), "r2", after(9), ""), store.ErrNotFound)
}

func testMove(t *testing.T, s store.Store) {
	show(t, s, reminder("r0", 0))
	d := lease(t, s, 0, "one", 1)[0]
	d.Platform, d.To, d.Reader, d.Moved, d.Due, d.Why = bots.DingTalk, []string{"manager1"}, "manager1", true, after(2), "企业微信拒收"
	wantErr(t, s.MoveDelivery(t.Context(), d, "two"), store.ErrLeaseLost)
	must(t, s.MoveDelivery(t.Context(), d, "one"))
	same(t, loadDelivery(t, s, "r0"), d)
	same(t, deliveryIDs(lease(t, s, 9, "two", 9)), []string(nil))
	got := ok(s.LeaseDeliveries(t.Context(), string(bots.DingTalk), after(2), after(3), "three", 9))(t)
	same(t, deliveryIDs(got), []string{"r0"})
}

func testReports(t *testing.T, s store.Store) {
	for i, ask := range []int{7, 3, 0, 5} {
		r := reminder(fmt.Sprint("r", i), 0)
		if ask > 0 {
			r.Ask = after(ask)
		}
		show(t, s, r)
	}
	same(t, deliveryIDs(ok(s.Unreported(t.Context(), after(5), 9))(t)), []string{"r1", "r3"})
	same(t, deliveryIDs(ok(s.Unreported(t.Context(), after(9), 1))(t)), []string{"r1"})
	report := &delivery.Report{At: after(6), Read: 1}
	must(t, s.SetReport(t.Context(), "r1", report, after(60)))
	must(t, s.SetReport(t.Context(), "r3", nil, time.Time{}))
	same(t, deliveryIDs(ok(s.Unreported(t.Context(), after(9), 9))(t)), []string{"r0"})
	same(t, loadDelivery(t, s, "r1").Report, report)
	must(t, s.SetReport(t.Context(), "r1", nil, time.Time{}))
	same(t, loadDelivery(t, s, "r1").Report, report)
	wantErr(t, s.SetReport(t.Context(), "none", report, noon), store.ErrNotFound)
}

func testRewritten(t *testing.T, s store.Store) {
	rewrite := func(token string, rewritten bool, text string) {
		t.Helper()
		d := lease(t, s, 0, token, 1)[0]
		if text == "newer" {
			w := reminder("r0", 0)
			w.Rev, w.Text = d.Rev+1, text
			same(t, show(t, s, w), true)
		}
		d.Text, d.Card, d.Rewritten = "", &bots.Card{Kind: "digest", Title: text}, rewritten
		must(t, s.FinishDelivery(t.Context(), d, token))
	}
	show(t, s, reminder("r0", 0))
	rewrite("one", false, "not told")
	same(t, loadDelivery(t, s, "r0").Text, "即将到期")
	rewrite("two", true, "told")
	got := loadDelivery(t, s, "r0")
	same(t, []any{got.Text, got.Card.Title, got.Rev, got.State}, []any{"", "told", int64(1), delivery.Due})
	rewrite("three", true, "newer")
	got = loadDelivery(t, s, "r0")
	same(t, []any{got.Text, got.Rev, got.State}, []any{"newer", int64(2), delivery.Due})
}

func testDepths(t *testing.T, s store.Store) {
	same(t, ok(s.Depths(t.Context(), noon))(t), []delivery.Depth(nil))
	for i, d := range []delivery.Delivery{reminder("r0", 3), reminder("r1", 1), reminder("r2", 60), reminder("r3", 0), reminder("r4", 0)} {
		switch i {
		case 3:
			d.State = delivery.Dead
		case 4:
			d.State = delivery.Done
		}
		show(t, s, d)
	}
	want := []delivery.Depth{{State: delivery.Dead, Platform: bots.WeCom, N: 1}, {State: delivery.Due, Platform: bots.WeCom, N: 3, Oldest: after(1)}}
	same(t, ok(s.Depths(t.Context(), after(9)))(t), want)
}
