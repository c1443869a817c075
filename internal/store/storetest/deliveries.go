package storetest

import (
	"fmt"
	"testing"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

var deliveryCases = []testCase{
	{"a new delivery comes back as it was, with what its JSON hides", testDeliveryRoundTrip},
	{"a missing delivery is not found", testDeliveryMissing},
	{"leases give what is due, earliest first, to one platform and one worker", testDeliveryLease},
	{"a lease that ended is given to the next, and the first may not finish", testDeliveryLeaseEnds},
	{"finishing records the outcome and ends the lease", testDeliveryFinish},
	{"nothing but the present lease's token finishes", testDeliveryToken},
	{"a dead delivery is replayed, any other is not found", testDeliveryReplay},
	{"pages come newest first, by state and customer", testDeliveryPages},
}

const wecom = string(bots.WeCom)

// show stores a delivery and reports whether that changed anything.
func show(t *testing.T, s store.Store, d delivery.Delivery) bool {
	t.Helper()
	return ok(s.Show(t.Context(), d))(t)
}

func lease(t *testing.T, s store.Store, at int, token string, limit int) []delivery.Delivery {
	t.Helper()
	return ok(s.LeaseDeliveries(t.Context(), wecom, after(at), after(at+1), token, limit))(t)
}

func loadDelivery(t *testing.T, s store.Store, id string) delivery.Delivery {
	t.Helper()
	return ok(s.Delivery(t.Context(), id))(t)
}

func deliveryIDs(all []delivery.Delivery) []string {
	list := make([]string, len(all))
	for i, d := range all {
		list[i] = d.ID
	}
	return list
}

func testDeliveryRoundTrip(t *testing.T, s store.Store) {
	want := sampleDelivery("d1")
	same(t, show(t, s, want), true)
	same(t, loadDelivery(t, s, "d1"), want)
	text := delivery.Delivery{ID: "d2", Platform: bots.DingTalk, Kind: "text", Text: "早上好 ☀️", Rev: 1, State: delivery.Due, Due: noon, Created: noon}
	same(t, show(t, s, text), true)
	same(t, loadDelivery(t, s, "d2"), text)
	picture := text
	picture.ID, picture.Text, picture.File = "d3", "", &bots.Attachment{Name: "chart.png", Data: []byte{0x89, 0, 0xff, 'P'}, Alt: "各层留存率"}
	same(t, show(t, s, picture), true)
	same(t, loadDelivery(t, s, "d3"), picture)
}

func testDeliveryMissing(t *testing.T, s store.Store) {
	_, err := s.Delivery(t.Context(), "none")
	wantErr(t, err, store.ErrNotFound)
	wantErr(t, s.AddCode(t.Context(), "none", "x"), store.ErrNotFound)
	wantErr(t, s.Replay(t.Context(), "none", noon), store.ErrNotFound)
}

func testDeliveryLease(t *testing.T, s store.Store) {
	for i, due := range []int{5, 1, 3, 1, 9} {
		d := sampleDelivery(fmt.Sprint("d", i))
		d.Due = after(due)
		show(t, s, d)
	}
	other := sampleDelivery("other")
	other.Platform = bots.DingTalk
	show(t, s, other)
	done := sampleDelivery("done")
	done.State = delivery.Done
	show(t, s, done)

	first := lease(t, s, 5, "one", 3)
	same(t, deliveryIDs(first), []string{"d1", "d3", "d2"})
	same(t, first[0], loadDelivery(t, s, "d1"))
	same(t, deliveryIDs(lease(t, s, 5, "two", 3)), []string{"d0"})
	same(t, deliveryIDs(lease(t, s, 5, "three", 3)), []string(nil))
}

func testDeliveryLeaseEnds(t *testing.T, s store.Store) {
	show(t, s, sampleDelivery("d1"))
	first := lease(t, s, 0, "one", 1)[0]
	same(t, deliveryIDs(lease(t, s, 0, "two", 1)), []string(nil))
	second := lease(t, s, 1, "two", 1) // the lease's end is not part of it
	same(t, deliveryIDs(second), []string{"d1"})
	first.State = delivery.Dead
	wantErr(t, s.FinishDelivery(t.Context(), first, "one"), store.ErrLeaseLost)
	same(t, loadDelivery(t, s, "d1"), second[0])
	second[0].State, second[0].Ended = delivery.Done, after(2)
	must(t, s.FinishDelivery(t.Context(), second[0], "two"))
	same(t, loadDelivery(t, s, "d1"), second[0])
}

func testDeliveryFinish(t *testing.T, s store.Store) {
	show(t, s, sampleDelivery("d1"))
	d := lease(t, s, 0, "one", 1)[0]
	d.State, d.Attempts, d.Due, d.Why = delivery.Due, 1, after(7), "系统繁忙"
	must(t, s.FinishDelivery(t.Context(), d, "one"))
	same(t, loadDelivery(t, s, "d1"), d)
	same(t, deliveryIDs(lease(t, s, 6, "two", 1)), []string(nil))
	d = lease(t, s, 7, "two", 1)[0]
	d.Shown, d.Handle, d.Replaced, d.Refused = 1, bots.Handle{Message: "m2", Codes: []string{"c"}}, 2, nil
	d.State, d.Attempts, d.Why, d.Ended = delivery.Done, 0, "", after(8)
	must(t, s.FinishDelivery(t.Context(), d, "two"))
	same(t, loadDelivery(t, s, "d1"), d)
	same(t, deliveryIDs(lease(t, s, 100, "three", 1)), []string(nil))
}

func testDeliveryToken(t *testing.T, s store.Store) {
	d := sampleDelivery("d1")
	show(t, s, d)
	d.State = delivery.Done
	for _, token := range []string{"", "one"} {
		wantErr(t, s.FinishDelivery(t.Context(), d, token), store.ErrLeaseLost)
	}
	lease(t, s, 0, "one", 1)
	wantErr(t, s.FinishDelivery(t.Context(), d, "two"), store.ErrLeaseLost)
	must(t, s.FinishDelivery(t.Context(), d, "one"))
	wantErr(t, s.FinishDelivery(t.Context(), d, "one"), store.ErrLeaseLost)
}

func testDeliveryReplay(t *testing.T, s store.Store) {
	d := sampleDelivery("d1")
	d.State, d.Attempts, d.Why, d.Ended = delivery.Dead, 12, "invalid user", after(3)
	show(t, s, d)
	must(t, s.Replay(t.Context(), "d1", after(5)))
	got := loadDelivery(t, s, "d1")
	same(t, []any{got.State, got.Attempts, got.Due}, []any{delivery.Due, 0, after(5)})
	wantErr(t, s.Replay(t.Context(), "d1", after(6)), store.ErrNotFound)
	same(t, deliveryIDs(lease(t, s, 5, "one", 1)), []string{"d1"})
}

func testDeliveryPages(t *testing.T, s store.Store) {
	for i := range 30 {
		d := sampleDelivery(fmt.Sprintf("d%02d", i))
		d.Created = after(-(i / 3)) // three of the same instant
		d.State = []delivery.State{delivery.Due, delivery.Dead}[i%2]
		d.Customer = []string{"c1", "c2", "c3"}[i%3]
		show(t, s, d)
	}
	for _, c := range []struct {
		q    delivery.Query
		want int
	}{
		{delivery.Query{Limit: 4}, 30},
		{delivery.Query{State: delivery.Dead, Limit: 4}, 15},
		{delivery.Query{Customer: "c2", Limit: 3}, 10},
		{delivery.Query{Customer: "c2", State: delivery.Due}, 5},
	} {
		checkNewestFirst(t, allDeliveries(t, s, c.q), c.q, c.want)
	}
}

// checkNewestFirst leaves the order of deliveries of the same instant open.
func checkNewestFirst(t *testing.T, all []delivery.Delivery, q delivery.Query, want int) {
	t.Helper()
	seen := map[string]bool{}
	for i, d := range all {
		seen[d.ID] = true
		if i > 0 && d.Created.After(all[i-1].Created) {
			t.Fatalf("%+v: %s comes after an older one", q, d.ID)
		}
		if (q.State != "" && d.State != q.State) || (q.Customer != "" && d.Customer != q.Customer) {
			t.Fatalf("%+v gives %+v", q, d)
		}
	}
	if len(all) != want || len(seen) != want {
		t.Fatalf("%+v gives %d, of them %d different, want %d", q, len(all), len(seen), want)
	}
}

func allDeliveries(t *testing.T, s store.Store, q delivery.Query) []delivery.Delivery {
	t.Helper()
	var all []delivery.Delivery
	for {
		page, next, err := s.Deliveries(t.Context(), q)
		must(t, err)
		if all = append(all, page...); next == "" {
			return all
		}
		q.After = next
	}
}
