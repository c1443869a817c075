package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/xingchen"
	"lingke/connectors/yonyou"
	"lingke/internal/clocktest"
	"lingke/internal/customer"
	xcemulator "lingke/internal/emulator/xingchen"
	emulator "lingke/internal/emulator/yonyou"
	"lingke/internal/ingest"
	"lingke/internal/store/sqlite"
)

// unrulyWorld is an emulated platform with a connector to it and a store of its own. In the calm one nothing goes wrong; in the other tokens end in the middle of a list, calls are
// throttled, and what was told is told again in any order.
type unrulyWorld struct {
	*clocktest.Clock
	t      *testing.T
	unruly bool
	store  *sqlite.Store
	svc    *ingest.Service
	mux    *http.ServeMux
	server *httptest.Server
	calls  atomic.Int64
	lost   func() // ends every token
	told   []connectors.Record
	from   connectors.Connector
	since  connectors.Cursor
}

func newUnrulyWorld(t *testing.T, unruly bool) *unrulyWorld {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "unruly.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := &unrulyWorld{Clock: clocktest.At(orderStart), t: t, unruly: unruly, store: s, mux: http.NewServeMux()}
	rules := dataRules(t)
	w.svc = ingest.New(s, func() *ingest.Rules { return rules }, w.Now, func(string) {}, slog.New(slog.DiscardHandler))
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		const often = 9 // one call of so many, without a beat that a walk could fall into
		if n := w.calls.Add(1); w.unruly && w.lost != nil && n*7919%10007%often == 0 && !strings.Contains(strings.ToLower(r.URL.Path), "token") {
			w.lost()
		}
		w.mux.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.server.Close)
	return w
}

// calm is a setting of the calm world, and another of the unruly one.
func calm[T any](w *unrulyWorld, calm, unruly T) T {
	if w.unruly {
		return unruly
	}
	return calm
}

// pull takes in what changed, and notes it.
func (w *unrulyWorld) pull() {
	w.t.Helper()
	var all []connectors.Record
	const tries = 30
	for n := 1; ; n++ {
		next, err := w.from.Pull(w.t.Context(), w.since, func(r connectors.Record) error {
			all = append(all, r)
			return nil
		})
		w.since = next
		if err == nil {
			break
		}
		if n == tries || !w.unruly {
			w.t.Fatalf("pull (unruly %t, try %d, call %d): %v", w.unruly, n, w.calls.Load(), err)
		}
		w.Pass(time.Minute) // the next sync goes on
	}
	w.take(all)
}

func (w *unrulyWorld) take(all []connectors.Record) {
	w.t.Helper()
	if w.unruly {
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	if err := w.svc.ApplyAll(w.t.Context(), "erp", all); err != nil {
		w.t.Fatal(err)
	}
	w.told = append(w.told, all...)
}

// again tells everything that was ever told once more, the old after the new.
func (w *unrulyWorld) again() {
	w.t.Helper()
	old := slices.Clone(w.told)
	slices.Reverse(old)
	for part := range slices.Chunk(old, 7) {
		w.take(part)
	}
}

// state is what customers and orders say, without the times of the way there.
func (w *unrulyWorld) state() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	err := w.store.EachCustomer(w.t.Context(), func(c customer.Customer) error {
		fields := map[string]string{}
		for name, v := range c.Fields {
			fields[name] = v.Value
		}
		text, _ := json.Marshal([]any{c.Name, c.Stage, fields, len(c.Records)})
		out[string(c.Refs()[0])] = string(text)
		orders, err := w.store.Orders(w.t.Context(), c.Refs())
		for _, o := range orders {
			out[string(o.ID)] = fmt.Sprint(o.Customer, o.Amount, o.Status, o.Product, o.Date.Format(time.DateOnly))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// unrulyPlatforms open an emulated platform in a world. step puts the n-th of three states of its data; the connector is w.from.
var unrulyPlatforms = map[string]func(w *unrulyWorld) (step func(n int)){
	"YonBIP": unrulyYonBIP, "U8": unrulyU8, "T+": unrulyChanjet, "星辰": unrulyXingchen,
}

// TestAnUnrulyPlatformEndsInTheSameStateAsACalmOne: three states of 15 customers and their orders, pulled after each, once from a platform that behaves and once from one that ends its
// tokens, throttles, tells again and out of order. What is stored says the same.
func TestAnUnrulyPlatformEndsInTheSameStateAsACalmOne(t *testing.T) {
	t.Parallel()
	for name, open := range unrulyPlatforms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := func(unruly bool) map[string]string {
				w := newUnrulyWorld(t, unruly)
				step := open(w)
				for n := range 3 {
					step(n)
					w.pull()
					w.Pass(25 * time.Hour)
				}
				if unruly {
					w.again()
				}
				return w.state()
			}
			want, got := run(false), run(true)
			if d := cmp.Diff(want, got); d != "" || len(want) < 15 {
				t.Errorf("%d things; %s", len(want), d)
			}
		})
	}
}

const unrulyCustomers = 15

func (w *unrulyWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// unrulyYonBIP pushes its events too: in the unruly world each twice, the newest first, and once more at the end in any order.
func unrulyYonBIP(w *unrulyWorld) func(int) {
	opts := emulator.Options{TenantID: "tenant01", AppKey: "unrulyAppKey", AppSecret: "unruly-app-secret-0123456789", PerMinute: calm(w, -1, 5), OneToken: w.unruly, NewestFirst: w.unruly,
		EventURL: w.server.URL + "/hooks/erp", Repeat: calm(w, 1, 2), Reverse: w.unruly, RetryGap: time.Millisecond}
	em := emulator.NewYonBIP(opts, w.Now)
	w.t.Cleanup(em.Close)
	em.Mount(w.mux)
	w.lost = em.RevokeTokens
	c, err := yonyou.Config{TenantID: opts.TenantID, AppKey: opts.AppKey, AppSecret: opts.AppSecret, BaseURL: w.server.URL, PageSize: 4, CallsPerMinute: 6000}.
		Open("erp", yonyou.WithClock(w.Now), yonyou.WithSleep(w.Sleep))
	w.must(err)
	w.from = c
	w.mux.HandleFunc("POST /hooks/erp", func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := c.Verify(r.Header, body, w.Now()); err != nil {
			http.Error(rw, err.Error(), http.StatusUnauthorized)
			return
		}
		_, answer := c.Answer(body)
		_, _ = rw.Write(answer)
	})
	const id = 1700194312096055001
	return func(n int) {
		if n == 2 { // what events tell is all there is to this state
			defer func() { w.events(c, em) }()
		}
		for i := range unrulyCustomers {
			if n > 0 && i%(n+1) != 0 {
				continue
			}
			w.must(em.PutRecord("merchant", map[string]any{"id": id + i, "code": fmt.Sprint("C", i), "name": fmt.Sprintf("华东%d号第%d版", i, n), "createOrgCode": "ORG1"}))
			w.must(em.PutRecord("voucherorder", map[string]any{"id": 1811000000000071000 + i, "code": fmt.Sprint("XS", i), "agentId": fmt.Sprint(id + i), "vouchdate": "2026-02-01 00:00:00",
				"payMoney": 100 * (n + 1), "nextStatus": []string{"CONFIRMORDER", "DELIVERGOODS", "ENDORDER"}[n], "lines": []any{map[string]any{"productName": "轴承"}}}))
		}
	}
}

// events takes every event in that was pushed so far, in the unruly world in any order.
func (w *unrulyWorld) events(c *yonyou.Conn, em *emulator.YonBIP) {
	w.t.Helper()
	eventually(w.t, 20*time.Second, "the events", func() error {
		if em.Taken() == 0 {
			return errors.New("none was taken")
		}
		return nil
	})
	pushes := em.Pushes()
	if w.unruly {
		rand.Shuffle(len(pushes), func(i, j int) { pushes[i], pushes[j] = pushes[j], pushes[i] })
	}
	for _, body := range pushes {
		for n := 1; ; n++ {
			told, err := c.Fetch(w.t.Context(), body)
			if err == nil {
				w.take(told)
				break
			}
			const tries = 30
			if n == tries || !w.unruly {
				w.t.Fatal(err)
			}
			w.Pass(time.Minute)
		}
	}
}

// unrulyU8 is asked only: it has no pushes.
func unrulyU8(w *unrulyWorld) func(int) {
	opts := emulator.U8Options{FromAccount: "unruly01", AppKey: "unrulyKey", AppSecret: "unruly-u8-secret", PerMinute: calm(w, 0, 4), TokenLife: calm(w, 2*time.Hour, 20*time.Minute)}
	em := emulator.NewU8(opts, w.Now)
	em.Mount(w.mux)
	w.lost = em.RevokeTokens
	u, err := yonyou.U8Config{BaseURL: w.server.URL, FromAccount: opts.FromAccount, AppKey: opts.AppKey, AppSecret: opts.AppSecret, CallsPerMinute: 6000, PageSize: 4}.
		Open("erp", yonyou.WithClock(w.Now), yonyou.WithSleep(w.Sleep))
	w.must(err)
	w.from = u
	return func(n int) {
		for i := range unrulyCustomers {
			if n > 0 && i%(n+1) != 0 {
				continue
			}
			w.must(em.PutRecord("customer", map[string]any{"code": fmt.Sprintf("%06d", i), "name": fmt.Sprintf("华南%d号第%d版", i, n)}))
			w.must(em.PutRecord("saleorderlist", map[string]any{"code": fmt.Sprint("SO", i), "date": "2026-03-01", "state": []string{"未审核", "审核", "关闭"}[n], "custcode": fmt.Sprintf("%06d", i),
				"sum": fmt.Sprint(100 * (n + 1))}))
		}
	}
}

// unrulyChanjet pushes tickets: in the unruly world each twice, an older one after the newer.
func unrulyChanjet(w *unrulyWorld) func(int) {
	var conn *yonyou.Chanjet
	var bodies [][]byte
	w.mux.HandleFunc("POST /hooks/erp", func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, body)
		if _, err := conn.Verify(r.Header, body, w.Now()); err != nil {
			http.Error(rw, err.Error(), http.StatusUnauthorized)
			return
		}
		_, _ = conn.Decode(body)
		_, answer := conn.Answer(body)
		_, _ = rw.Write(answer)
	})
	opts := emulator.ChanjetOptions{AppKey: "unrulyKey", AppSecret: "unruly-chanjet-secret", MessageSecret: "0123456789abcdef", Certificate: "unruly-cert", MessageURL: w.server.URL + "/hooks/erp",
		PerMinute: calm(w, 0, 4), TokenLife: calm(w, 2*time.Hour, 20*time.Minute)}
	em := emulator.NewChanjet(opts, w.Now)
	em.Mount(w.mux)
	w.lost = em.RevokeTokens
	var err error
	conn, err = yonyou.ChanjetConfig{BaseURL: w.server.URL, AppKey: opts.AppKey, AppSecret: opts.AppSecret, MessageSecret: opts.MessageSecret, Certificate: opts.Certificate, PageSize: 4, CallsPerMinute: 6000}.
		Open("erp", yonyou.WithClock(w.Now), yonyou.WithSleep(w.Sleep))
	w.must(err)
	w.from = conn
	return func(n int) {
		for i := range unrulyCustomers {
			if n == 0 || i%(n+1) == 0 {
				w.must(em.PutRecord("partner", map[string]any{"Code": fmt.Sprint("P", i), "Name": fmt.Sprintf("华北%d号第%d版", i, n)}))
			}
		}
		if !em.PushTicket(w.t.Context()) {
			w.t.Error("a ticket was not taken")
		}
		if !w.unruly {
			return
		}
		w.Pass(time.Minute)
		em.PushTicket(w.t.Context())
		for _, old := range slices.Backward(slices.Clone(bodies)) { // repeated, the older last
			_, _ = conn.Decode(old)
		}
	}
}

// unrulyXingchen is asked only: its pushes are not documented.
func unrulyXingchen(w *unrulyWorld) func(int) {
	opts := xcemulator.Options{ClientID: "205022", ClientSecret: "unruly-xc-secret", OuterInstanceID: "90001", AppKey: "unrulyAppKey",
		CallsPerMin: calm(w, -1, 6), TokensPerMin: calm(w, -1, 2), NewestFirst: w.unruly}
	em := xcemulator.New(opts, w.Now)
	w.mux.Handle("/jdyconnector/", em)
	w.mux.Handle("/jdy/", em)
	w.lost = em.ExpireToken
	c, err := xingchen.Config{BaseURL: w.server.URL, ClientID: opts.ClientID, ClientSecret: opts.ClientSecret, OuterInstanceID: opts.OuterInstanceID, PageSize: 4, Rate: 300}.
		Open("erp", xingchen.WithClock(w.Now), xingchen.WithSleep(w.Sleep))
	w.must(err)
	w.from = c
	return func(n int) {
		for i := range unrulyCustomers {
			if n > 0 && i%(n+1) != 0 {
				continue
			}
			changed := w.Now().UnixMilli()
			w.must(em.PutRecord("customer", map[string]any{"id": fmt.Sprint(1000 + i), "number": fmt.Sprint("K", i), "name": fmt.Sprintf("西南%d号第%d版", i, n), "modify_time": changed}))
			w.must(em.PutRecord("sal_order", map[string]any{"id": fmt.Sprint(9000 + i), "bill_no": fmt.Sprint("XS", i), "customer_id": fmt.Sprint(1000 + i), "bill_date": "2026-02-01",
				"total_amount": 100 * (n + 1), "bill_status": []string{"A", "B", "C"}[n], "modify_time": changed}))
		}
	}
}
