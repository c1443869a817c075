package customer_test

import (
	"fmt"
	"slices"
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

// toldOnly are the built-in fields of orders, activities, service and finance that Lingke derives from nothing: a source tells them as fields of the
// customer.
var toldOnly = []string{
	"brand_share", "cost_to_serve_365d", "credit_score", "discount_rate", "dwell_minutes_30d", "high_margin_share", "inquiry_types", "nps",
	"overdue_amount", "overdue_days", "page_depth_30d", "referral_value", "satisfaction",
}

func TestEveryBuiltInFieldIsDerivedOrToldByASource(t *testing.T) {
	t.Parallel()
	orders := []customer.Order{
		order("k/1", 700*days, 100, "won"), order("k/2", 300*days, 200, "won"), order("k/3", 200*days, 300, "won"), order("k/4", 20*days, 400, "won"),
	}
	orders[3].Margin, orders[3].Product = customer.FromYuan(100), "产品"
	var activities []customer.Activity
	for i, kind := range []string{
		"visit", "login", "trial", "event", "content", "download", "ticket", "inquiry", "complaint", "escalation", "referral", "mail_reply", "social", "review",
		"push_opened", "push_unopened", "competitor", "note",
	} {
		activities = append(activities, customer.Activity{ID: customer.NewRef("web", fmt.Sprint(i)), Type: kind, At: now.Add(-days)})
	}
	c := customer.Customer{Records: []customer.Record{{Ref: "k/1"}}}
	derived := customer.Derive(scoring.BuiltIn(), c, orders, activities, now)
	told := customer.Customer{Fields: map[string]customer.Field{}}
	samples := map[scoring.Kind]string{scoring.Number: "5", scoring.Text: "甲", scoring.Flag: "true", scoring.Time: "2026-01-02", scoring.Texts: "甲、乙"}
	for _, f := range scoring.BuiltIn().Fields() {
		told.Fields[f.Name] = customer.Field{Value: samples[f.Kind], Source: "crm"}
	}
	fromSource := customer.Derive(scoring.BuiltIn(), told, nil, nil, now)
	for _, f := range scoring.BuiltIn().Fields() {
		v, ok := derived.Get(f.Name)
		only := slices.Contains(toldOnly, f.Name) || f.From == "profile" && f.Name != "source" || f.From == "people"
		if ok == only {
			t.Errorf("%s (from %s): derived %v, want %v", f.Name, f.From, ok, !only)
		}
		if ok && v.Source == "" {
			t.Errorf("%s has no source", f.Name)
		}
		if v, ok := fromSource.Get(f.Name); only && (!ok || v.Source != "crm") {
			t.Errorf("%s, as a source tells it: %+v, %v", f.Name, v, ok)
		}
	}
}

func TestWindowsEndWhereTheySay(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, w := range []struct {
		field string
		days  int
	}{{"order_amount_30d", 30}, {"order_amount_90d", 90}, {"order_amount_180d", 180}, {"order_amount_365d", 365}} {
		edge := time.Duration(w.days) * days
		f := customer.Derive(scoring.BuiltIn(), customer.Customer{}, []customer.Order{order("k/1", edge, 1, "won"), order("k/2", edge+ms, 10, "won")}, nil, now)
		if v, _ := f.Get(w.field); v.Number != 1 {
			t.Errorf("%s is %v, want the order on the edge alone", w.field, v.Number)
		}
	}
	for _, w := range []struct {
		field, kind string
		days        int
	}{
		{"visits_30d", "visit", 30}, {"content_90d", "download", 90}, {"complaints_90d", "escalation", 90}, {"events_365d", "event", 365},
		{"pushes_unopened_180d", "push_unopened", 180}, {"activity_count_90d", "login", 90}, {"activity_count_365d", "login", 365},
	} {
		edge := time.Duration(w.days) * days
		f := customer.Derive(scoring.BuiltIn(), customer.Customer{}, nil, []customer.Activity{
			{ID: "w/1", Type: w.kind, At: now.Add(-edge)}, {ID: "w/2", Type: w.kind, At: now.Add(-edge - ms)}, {ID: "w/3", Type: w.kind, At: now.Add(ms)},
		}, now)
		if v, _ := f.Get(w.field); v.Number != 1 {
			t.Errorf("%s is %v, want the one on the edge alone", w.field, v.Number)
		}
	}
}

func TestNotesAndUnopenedPushesAreNoInteraction(t *testing.T) {
	t.Parallel()
	f := customer.Derive(scoring.BuiltIn(), customer.Customer{}, nil, []customer.Activity{
		{ID: "w/1", Type: "note", At: now}, {ID: "w/2", Type: "push_unopened", At: now}, {ID: "w/3", Type: "something else", At: now.Add(-3 * days)},
	}, now)
	for field, want := range map[string]float64{"activity_count_90d": 1, "last_activity_days": 3} {
		if v, ok := f.Get(field); !ok || v.Number != want {
			t.Errorf("%s is %v (known: %v), want %v", field, v.Number, ok, want)
		}
	}
}

func TestTheRelationshipIsAsOldAsTheSourceThatKnowsItLongest(t *testing.T) {
	t.Parallel()
	told := customer.Customer{Fields: map[string]customer.Field{"customer_since": {Value: "2020-06-01", Source: "crm", At: now}}}
	for _, tt := range []struct {
		name   string
		c      customer.Customer
		orders []customer.Order
		want   float64
	}{
		{"the orders alone", customer.Customer{}, []customer.Order{order("k/1", 90*days, 1, "won")}, 90},
		{"a source knows longer", told, []customer.Order{order("k/1", 90*days, 1, "won")}, 2191},
		{"the orders know longer", told, []customer.Order{order("k/1", 3000*days, 1, "won")}, 3000},
		{"a source alone", told, nil, 2191},
	} {
		f := customer.Derive(scoring.BuiltIn(), tt.c, tt.orders, nil, now)
		if v, ok := f.Get("relationship_days"); !ok || v.Number != tt.want {
			t.Errorf("%s: %v (known: %v), want %v", tt.name, v.Number, ok, tt.want)
		}
	}
}

func TestMarginIsOverTheOrdersThatTellIt(t *testing.T) {
	t.Parallel()
	with, loss := order("k/1", 10*days, 1000, "won"), order("k/2", 20*days, 500, "won")
	with.Margin, loss.Margin = customer.FromYuan(300), customer.FromYuan(-150)
	f := customer.Derive(scoring.BuiltIn(), customer.Customer{}, []customer.Order{with, loss, order("k/3", 5*days, 9000, "won")}, nil, now)
	for field, want := range map[string]float64{"margin_365d": 150, "margin_rate": 0.1} {
		if v, ok := f.Get(field); !ok || v.Number != want {
			t.Errorf("%s is %v (known: %v), want %v", field, v.Number, ok, want)
		}
	}
}
