package customer_test

import (
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/scoring"
)

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func order(id customer.Ref, ago time.Duration, yuan float64, status string) customer.Order {
	return customer.Order{ID: id, Date: now.Add(-ago), Amount: customer.FromYuan(yuan), Status: status}
}

const days = 24 * time.Hour

func TestPurchaseFactsCountWhatWasBoughtInExactWindows(t *testing.T) {
	t.Parallel()
	orders := []customer.Order{
		order("kingdee/1", 400*days, 1000, "won"),
		order("kingdee/2", 365*days, 2000.5, "won"),                // the last instant inside
		order("kingdee/3", 365*days+time.Millisecond, 4000, "won"), // just outside
		order("kingdee/4", 10*days+time.Hour, 300, "won"),          //
		order("kingdee/5", 5*days, 7777, "open"),                   // not bought
		order("kingdee/6", 4*days, 8888, "cancelled"),              //
		order("kingdee/7", -time.Hour, 9999, "won"),                // after now
		{ID: "kingdee/8", Date: now, Amount: 10, Status: "won", Deleted: true},
	}
	f := customer.Derive(scoring.BuiltIn(), customer.Customer{}, orders, nil, now)
	for field, want := range map[string]float64{
		"order_amount_total": 7300.5, "order_amount_365d": 2300.5, "order_count_total": 4, "order_count_365d": 2,
		"repurchase_count_365d": 2, "days_since_order": 10, "largest_order": 4000,
	} {
		got, ok := f.Get(field)
		if !ok || got.Number != want || got.Source != "kingdee" || !got.At.Equal(now.Add(-10*days-time.Hour)) {
			t.Errorf("%s = %+v (known: %v), want %v of kingdee", field, got, ok, want)
		}
	}
}

func TestACustomerWithoutOrdersHasZeroSumsAndNoRecency(t *testing.T) {
	t.Parallel()
	f := customer.Derive(scoring.BuiltIn(), customer.Customer{}, nil, nil, now)
	if v, ok := f.Get("order_amount_total"); !ok || v.Number != 0 {
		t.Errorf("order_amount_total = %+v, %v, want a known 0", v, ok)
	}
	if v, ok := f.Get("days_since_order"); ok {
		t.Errorf("days_since_order = %+v, want missing", v)
	}
}

func TestActivitiesCountInTheirWindows(t *testing.T) {
	t.Parallel()
	at := func(id customer.Ref, kind string, ago time.Duration) customer.Activity {
		return customer.Activity{ID: id, Type: kind, At: now.Add(-ago)}
	}
	f := customer.Derive(scoring.BuiltIn(), customer.Customer{}, nil, []customer.Activity{
		at("web/1", "visit", 3*days), at("web/2", "visit", 29*days), at("web/3", "visit", 31*days),
		at("web/4", "download", 80*days), at("web/5", "content", 91*days), at("web/6", "note", 0),
	}, now)
	for field, want := range map[string]float64{"visits_30d": 2, "content_90d": 1, "last_visit_days": 3} {
		if got, ok := f.Get(field); !ok || got.Number != want {
			t.Errorf("%s = %+v (known: %v), want %v", field, got, ok, want)
		}
	}
	if v, ok := f.Get("logins_30d"); ok {
		t.Errorf("logins_30d = %+v, want missing: nobody tells of logins", v)
	}
}

func TestStage(t *testing.T) {
	t.Parallel()
	alive := customer.Customer{Records: []customer.Record{{Ref: "kingdee/1"}}}
	gone := customer.Customer{Records: []customer.Record{{Ref: "kingdee/1", Deleted: true}}}
	for _, tt := range []struct {
		name   string
		c      customer.Customer
		orders []customer.Order
		want   customer.Stage
	}{
		{"nothing bought is a lead", alive, []customer.Order{order("k/1", days, 1, "open")}, customer.Lead},
		{"bought this year is active", alive, []customer.Order{order("k/1", 365*days, 1, "won")}, customer.Active},
		{"bought before is dormant", alive, []customer.Order{order("k/1", 366*days, 1, "won")}, customer.Dormant},
		{"deleted everywhere is lost", gone, []customer.Order{order("k/1", days, 1, "won")}, customer.Lost},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := customer.StageOf(tt.c, tt.orders, now); got != tt.want {
				t.Errorf("stage is %s, want %s", got, tt.want)
			}
		})
	}
}
