package yonyou_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/yonyou"
	"lingke/internal/clocktest"
	emulator "lingke/internal/emulator/yonyou"
)

// newClock is the time of an emulated platform and of the connection to it: 09:00 in China.
func newClock() *clocktest.Clock { return clocktest.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)) }

// liveBy lets a connection live by a clock: waiting moves it.
func liveBy(c *clocktest.Clock) []yonyou.Option {
	return []yonyou.Option{yonyou.WithClock(c.Now), yonyou.WithSleep(c.Sleep)}
}

// stepIn is a place to step in before a platform answers.
type stepIn struct {
	next http.Handler

	mu     sync.Mutex
	counts map[string]int // requests by the last part of their path
	// before is called before each list, counted from 1 over all lists.
	before func(n int)
	// instead gives what is answered in place of a list; "" for the list.
	instead func(n int) string
}

func (s *stepIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	last := parts[len(parts)-1]
	s.mu.Lock()
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	s.counts[last]++
	before, instead := s.before, s.instead
	if !strings.Contains(last, "list") {
		before, instead = nil, nil
	} else {
		s.counts["lists"]++
	}
	n := s.counts["lists"]
	s.mu.Unlock()
	if before != nil {
		before(n)
	}
	if instead != nil && instead(n) != "" {
		_, _ = io.WriteString(w, instead(n))
		return
	}
	s.next.ServeHTTP(w, r)
}

func (s *stepIn) count(last string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[last]
}

// tenant is an emulated YonBIP tenant with a clock of its own.
type tenant struct {
	*emulator.YonBIP
	*clocktest.Clock
	*stepIn
	url string
}

func credentials() emulator.Options {
	return emulator.Options{TenantID: "tenant01", AppKey: "0a1b2c3d4e5f60718293a4b5c6d7e8f9", AppSecret: "1111222233334444555566667777888899990000", PerMinute: -1}
}

func newTenant(t testing.TB, change func(*emulator.Options)) *tenant {
	t.Helper()
	opts := credentials()
	if change != nil {
		change(&opts)
	}
	out := &tenant{Clock: newClock()}
	out.YonBIP = emulator.NewYonBIP(opts, out.Now)
	mux := http.NewServeMux()
	out.Mount(mux)
	out.stepIn = &stepIn{next: mux}
	srv := httptest.NewServer(out.stepIn)
	t.Cleanup(srv.Close)
	t.Cleanup(out.Close)
	out.url = srv.URL
	return out
}

func (n *tenant) config() yonyou.Config {
	o := credentials()
	return yonyou.Config{TenantID: o.TenantID, AppKey: o.AppKey, AppSecret: o.AppSecret, BaseURL: n.url, CallsPerMinute: 6000}
}

func (n *tenant) open(t testing.TB, change func(*yonyou.Config)) *yonyou.Conn {
	t.Helper()
	cfg := n.config()
	if change != nil {
		change(&cfg)
	}
	c, err := cfg.Open("yonyou", liveBy(n.Clock)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Ids as the platform has them: beyond what a float64 can tell apart.
func customerID(n int) string { return fmt.Sprint(1700194312096055000 + n) }
func orderID(n int) string    { return fmt.Sprint(1811000000000071000 + n) }

func (n *tenant) put(t testing.TB, form string, fields map[string]any) {
	t.Helper()
	if err := n.PutRecord(form, fields); err != nil {
		t.Fatal(err)
	}
}

// customer puts or changes a customer; at is a local time, "" for now.
func (n *tenant) customer(t testing.TB, i int, at string) string {
	t.Helper()
	fields := map[string]any{"id": customerID(i), "code": fmt.Sprintf("C%06d", i), "name": fmt.Sprintf("客户%d", i), "createOrgCode": "ORG1", "contactTel": "0755-2661" + fmt.Sprint(i)}
	if at != "" {
		fields["modifyTime"] = at
	}
	n.put(t, "merchant", fields)
	return customerID(i)
}

// order puts or changes an order of a customer with a number of lines.
func (n *tenant) order(t testing.TB, i, customer, lines int, at string) string {
	t.Helper()
	var details []any
	for l := range lines {
		details = append(details, map[string]any{"productName": fmt.Sprintf("M%03d", l), "qty": 1, "oriSum": 100.25})
	}
	fields := map[string]any{"id": orderID(i), "code": fmt.Sprintf("XS%06d", i), "vouchdate": "2026-02-28 00:00:00", "agentId": customerID(customer),
		"payMoney": 100.25 * float64(lines), "nextStatus": "ENDORDER", "lines": details}
	if at != "" {
		fields["modifyTime"] = at
	}
	n.put(t, "voucherorder", fields)
	return orderID(i)
}

// puller is what pull needs of a connection.
type puller = connectors.Connector

// pull returns the records by kind and id, the cursor, and how many were emitted.
func pull(t testing.TB, c puller, since connectors.Cursor) (map[string]connectors.Record, connectors.Cursor, int) {
	t.Helper()
	got, n := map[string]connectors.Record{}, 0
	next, err := c.Pull(t.Context(), since, func(r connectors.Record) error {
		key := string(r.Kind) + " " + r.ID
		if old, ok := got[key]; ok && r.Kind == connectors.Customer {
			for name, value := range old.Fields {
				if _, told := r.Fields[name]; !told {
					r.Fields[name] = value
				}
			}
		}
		got[key] = r
		n++
		return connectortest.Valid(r)
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, next, n
}

func when(minute int) string { return fmt.Sprintf("2026-02-01 10:%02d:00", minute%60) }
