package kingdee_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/kingdee"
	emulator "lingke/internal/emulator/kingdee"
)

// TestConformance runs the common suite with each login, with small pages, and with and without fractions of a second.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		auth      string
		page      int
		fractions bool
		hide      []string
	}{
		{auth: kingdee.AuthSigned, page: 2000},
		{auth: kingdee.AuthAppSecret, page: 3, fractions: true},
		{auth: kingdee.AuthSign, page: 1},
		{auth: kingdee.AuthPassword, page: 2, hide: []string{"SAL_SaleOrder.FCancelStatus"}},
		{auth: kingdee.AuthSigned, page: 4, hide: []string{"SAL_SaleOrder.FModifyDate"}},
		{auth: kingdee.AuthSigned, page: 3, hide: []string{"SAL_SaleOrder.FModifyDate", "SAL_SaleOrder.FApproveDate"}},
	} {
		t.Run(fmt.Sprintf("%s, pages of %d, %v", v.auth, v.page, v.hide), func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, func(t *testing.T) connectortest.Source {
				s := newSite(t, func(o *emulator.Options) { o.Fractions, o.Hide = v.fractions, v.hide })
				src := connectortest.Source{Connector: s.open(t, func(c *kingdee.Config) { c.Auth, c.PageSize = v.auth, v.page })}
				for n := 1; n <= 7; n++ {
					src.Want = append(src.Want, connectortest.Key{Kind: connectors.Customer, ID: s.customer(t, n, fmt.Sprintf("2026-02-%02dT10:00:00", n/2+1))})
				}
				for n := 11; n <= 16; n++ {
					src.Want = append(src.Want, connectortest.Key{Kind: connectors.Order, ID: s.order(t, n, n%7+1, n%4+1, "2026-02-20T10:00:00")})
				}
				src.Change = func(t *testing.T) connectortest.Key {
					s.Pass(time.Minute)
					return connectortest.Key{Kind: connectors.Customer, ID: s.customer(t, 3, "")}
				}
				return src
			})
		})
	}
}

func TestRecordsSayWhatTheFormsSay(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *emulator.Options) { o.Fractions = true })
	s.put(t, "BD_Customer", map[string]any{"FCUSTID": 637, "FNumber": "C000637", "FName": " 示例医疗器械有限公司 ", "FShortName": "示例医疗",
		"FSOCIALCRECODE": "91440300MA5DA5XQ2K", "FTEL": "0755-26610000", "FGroup": map[string]any{"FNumber": "A"}, "F_LK_INDUSTRY": "制造业",
		"F_LK_ACV": 1250000.5, "F_LK_HEADCOUNT": 800, "FModifyDate": "2026-03-01T08:30:00.123"})
	s.order(t, 348963, 637, 3, "2026-03-01T08:31:00")
	c := s.open(t, func(c *kingdee.Config) {
		c.Mapping = keys("industry", "F_LK_INDUSTRY", "acv", "F_LK_ACV", "headcount", "F_LK_HEADCOUNT", "mobile", "FMobile")
	})
	got, _, _ := pull(t, c, "")
	want := map[string]connectors.Record{
		"customer 637": {Kind: connectors.Customer, ID: "637", ModifiedAt: time.Date(2026, 3, 1, 0, 30, 0, 123e6, time.UTC), Fields: map[string]string{
			"name": "示例医疗器械有限公司", "number": "C000637", "short_name": "示例医疗", "credit_code": "91440300MA5DA5XQ2K", "phone": "0755-26610000",
			"group": "A类客户", "industry": "制造业", "acv": "1250000.5", "headcount": "800", "mobile": ""}},
		"order 348963": {Kind: connectors.Order, ID: "348963", Customer: "637", ModifiedAt: time.Date(2026, 3, 1, 0, 31, 0, 0, time.UTC), Fields: map[string]string{
			"number": "XSDD348963", "date": "2026-02-28T00:00:00+08:00", "amount": "300.75", "status": "won", "product": "M000、M001、M002"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOrderStatus(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.customer(t, 1, "")
	want := map[string]string{}
	for i, c := range []struct{ document, closed, cancelled, want string }{
		{"C", "A", "A", "won"}, {"C", "B", "A", "won"}, {"C", "A", "B", "cancelled"}, {"A", "A", "A", "open"}, {"B", "A", "A", "open"},
		{"D", "A", "A", "open"}, {"Z", "A", "A", "open"}, {"B", "B", "A", "cancelled"},
	} {
		id := s.order(t, i+1, 1, 1, "")
		s.put(t, "SAL_SaleOrder", map[string]any{"FID": i + 1, "FDocumentStatus": c.document, "FCloseStatus": c.closed, "FCancelStatus": c.cancelled})
		want["order "+id] = c.want
	}
	got, _, _ := pull(t, s.open(t, nil), "")
	for id, status := range want {
		if got[id].Fields["status"] != status {
			t.Errorf("%s: %s, want %s", id, got[id].Fields["status"], status)
		}
	}
}
