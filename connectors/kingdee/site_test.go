package kingdee_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/kingdee"
	"lingke/internal/clocktest"
	emulator "lingke/internal/emulator/kingdee"
)

// site is an emulated site with a clock of its own and a place to step in before a query is answered.
type site struct {
	*emulator.Server
	url string
	*clocktest.Clock
	before func(query int) // called before each query, counted from 1
	// instead gives what the site answers in place of a query's rows; "" for the rows.
	instead func(query int) string
	count   int
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "ExecuteBillQuery") {
		s.count++
		if s.before != nil {
			s.before(s.count)
		}
		if s.instead != nil && s.instead(s.count) != "" {
			_, _ = io.WriteString(w, s.instead(s.count))
			return
		}
	}
	s.Handler().ServeHTTP(w, r)
}

func (s *site) put(t testing.TB, form string, fields map[string]any) {
	t.Helper()
	if err := s.PutRecord(form, fields); err != nil {
		t.Fatal(err)
	}
}

// customer puts or changes customer n; at is a local time, "" for now.
func (s *site) customer(t testing.TB, n int, at string) string {
	fields := map[string]any{"FCUSTID": n, "FNumber": fmt.Sprintf("C%06d", n), "FName": fmt.Sprintf("客户%d", n), "FTEL": "0755-2661" + strconv.Itoa(n)}
	if at != "" {
		fields["FModifyDate"] = at
	}
	s.put(t, "BD_Customer", fields)
	return strconv.Itoa(n)
}

// order puts or changes order n of a customer with a number of lines.
func (s *site) order(t testing.TB, n, customer, lines int, at string) string {
	var entries []any
	for i := range lines {
		entries = append(entries, map[string]any{"FMaterialId": map[string]any{"FNumber": fmt.Sprintf("M%03d", i)}, "FQty": 1, "FAllAmount": 100.25})
	}
	fields := map[string]any{"FID": n, "FBillNo": fmt.Sprintf("XSDD%06d", n), "FDate": "2026-02-28T00:00:00",
		"FCustId": customer, "FSaleOrderEntry": entries}
	if at != "" {
		fields["FModifyDate"] = at
	}
	s.put(t, "SAL_SaleOrder", fields)
	return strconv.Itoa(n)
}

func credentials() emulator.Options {
	return emulator.Options{AcctID: "6512f0c1a2b3c4", Username: "integration", Password: "hunter2",
		AppID: "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld", AppSecret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}
}

func newSite(t testing.TB, change func(*emulator.Options)) *site {
	t.Helper()
	opts := credentials()
	if change != nil {
		change(&opts)
	}
	s := &site{Clock: clocktest.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))} // 09:00 in Shanghai
	s.Server = emulator.New(opts, s.Now)
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL + "/k3cloud/"
	return s
}

func (s *site) open(t testing.TB, change func(*kingdee.Config), opts ...kingdee.Option) *kingdee.Conn {
	t.Helper()
	o := credentials()
	cfg := kingdee.Config{BaseURL: s.url, AcctID: o.AcctID, Username: o.Username, Password: o.Password, AppID: o.AppID,
		AppSecret: o.AppSecret, OrgNum: "100", Write: map[string]string{"tier": "F_LK_TIER"}}
	if change != nil {
		change(&cfg)
	}
	opts = append([]kingdee.Option{kingdee.WithClock(s.Now), kingdee.WithSleep(func(ctx context.Context, d time.Duration) error {
		s.Pass(d)
		return ctx.Err()
	})}, opts...)
	c, err := cfg.Open("erp", opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pull returns the records by kind and id, the cursor, and how many were emitted.
func pull(t testing.TB, c *kingdee.Conn, since connectors.Cursor) (map[string]connectors.Record, connectors.Cursor, int) {
	t.Helper()
	got, n := map[string]connectors.Record{}, 0
	next, err := c.Pull(t.Context(), since, func(r connectors.Record) error {
		got[string(r.Kind)+" "+r.ID] = r
		n++
		return connectortest.Valid(r)
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, next, n
}
