package yonyou_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	emulator "lingke/internal/emulator/yonyou"
)

// TestEventsTellWhatChanged sends the events of an emulated tenant in the order of the changes, in another one, and twice.
func TestEventsTellWhatChanged(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		var mu sync.Mutex
		var bodies [][]byte
		arrived := make(chan bool, 100)
		gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			bodies = append(bodies, body)
			first := len(bodies) == 1
			mu.Unlock()
			if first {
				w.WriteHeader(http.StatusServiceUnavailable) // the platform comes again
				return
			}
			_, _ = io.WriteString(w, "success")
			arrived <- true
		}))
		t.Cleanup(gateway.Close)
		n := newTenant(t, func(o *emulator.Options) {
			o.EventURL, o.OldEvents, o.Repeat, o.Reverse, o.RetryGap = gateway.URL, old, 2, true, time.Millisecond
		})
		n.CheckURL()
		n.customer(t, 1, "")
		n.customer(t, 2, "")
		n.order(t, 1, 1, 2, "")
		n.put(t, "voucherorder", map[string]any{"id": orderID(1), "nextStatus": "OPPOSE"})
		n.put(t, "merchant", map[string]any{"id": customerID(2), "deleted": true})
		for range 12 {
			<-arrived
		}
		c := n.open(t, nil)
		mu.Lock()
		defer mu.Unlock()
		rand.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
		got, ids := map[string]connectors.Record{}, map[string]bool{}
		for _, body := range bodies {
			id, err := c.Verify(nil, body, n.Now())
			if err != nil {
				t.Fatal(err)
			}
			ids[id] = true
			told, err := c.Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			fetched, err := c.Fetch(t.Context(), body)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range append(told, fetched...) {
				got[string(r.Kind)+" "+r.ID] = r
			}
			if _, answer := c.Answer(body); string(answer) != "success" {
				t.Errorf("answer %q", answer)
			}
		}
		if len(ids) != 6 {
			t.Errorf("%d different events, want 6", len(ids))
		}
		at := n.Now()
		want := map[string]connectors.Record{
			"customer " + customerID(1): {Kind: "customer", ID: customerID(1), ModifiedAt: at, Fields: map[string]string{"name": "客户1", "number": "C000001", "phone": "0755-26611", "stopped": "false"}},
			"customer " + customerID(2): {Kind: "customer", ID: customerID(2), ModifiedAt: at, Deleted: true, Fields: map[string]string{}},
			"order " + orderID(1): {Kind: "order", ID: orderID(1), Customer: customerID(1), ModifiedAt: at, Fields: map[string]string{
				"number": "XS000001", "amount": "200.5", "date": "2026-02-28T00:00:00+08:00", "status": "cancelled", "product": "M000、M001"}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("old %v: %s", old, diff)
		}
	}
}
