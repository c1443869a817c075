package scoring

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func numberOf(t testing.TB, f *Facts, name string) any {
	t.Helper()
	v, ok := f.Get(name)
	if !ok {
		return nil
	}
	return v.Number
}

func TestPurchasesBecomeFactsInExactWindows(t *testing.T) {
	t.Parallel()
	year, before := 450.3, 400.0
	ago := func(days int) time.Time { return noon.AddDate(0, 0, -days) }
	f := BuiltIn().NewFacts()
	f.SetPurchases([]Purchase{
		{At: ago(365), Amount: 100.10, Products: []string{"甲"}, Source: "kingdee"},
		{At: ago(365).Add(-time.Millisecond), Amount: 400, Source: "kingdee"},
		{At: ago(180), Amount: 0.20, Source: "kingdee"}, {At: ago(30), Amount: 300, Products: []string{"乙", "甲"}, Source: "yonyou"},
		{At: ago(30).Add(time.Hour), Amount: 50, Source: "yonyou"}, {At: ago(-1), Amount: 1e6, Source: "yonyou"},
	}, noon)
	for name, want := range map[string]any{
		"order_amount_total": 850.3, "order_amount_365d": 450.3, "order_amount_180d": 350.2, "order_amount_90d": 350.0, "order_amount_30d": 350.0,
		"order_count_365d": 4.0, "order_count_180d": 3.0, "order_count_prev_180d": 0.0, "order_amount_prev_365d": 400.0, "order_amount_change": year/before - 1,
		"order_count_change": nil, "repurchase_count_365d": 4.0, "repurchase_rate": 1.0, "largest_order": 400.0, "largest_order_365d": 300.0,
		"average_order": 850.3 / 5, "days_since_order": 29.0, "relationship_days": 365.0, "order_interval_days": 167.5, "order_interval_spread": 17.5,
	} {
		if got := numberOf(t, f, name); got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if v, _ := f.Get("products"); len(v.Texts) != 2 || v.Source != "yonyou" {
		t.Errorf("products %+v", v)
	}
}

func TestACustomerWithoutPurchasesHasSumsButNoRhythm(t *testing.T) {
	t.Parallel()
	f := BuiltIn().NewFacts()
	f.SetPurchases(nil, noon)
	for name, want := range map[string]any{
		"order_amount_365d": 0.0, "order_count_total": 0.0, "repurchase_count_365d": 0.0, "largest_order": nil, "days_since_order": nil,
		"average_order": nil, "order_interval_days": nil, "order_amount_change": nil, "repurchase_rate": nil,
	} {
		if got := numberOf(t, f, name); got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
}

func TestTheOrderOfPurchasesDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Purchase {
			return Purchase{At: noon.Add(-time.Duration(rapid.IntRange(-10, 20000).Draw(t, "hours")) * time.Hour), Amount: float64(rapid.IntRange(0, 1e6).Draw(t, "fen")) / 100, Source: "kingdee"}
		}), 0, 20).Draw(t, "purchases")
		a, b := BuiltIn().NewFacts(), BuiltIn().NewFacts()
		a.SetPurchases(all, noon)
		b.SetPurchases(rapid.Permutation(all).Draw(t, "shuffled"), noon)
		first, _ := a.MarshalJSON()
		second, _ := b.MarshalJSON()
		if string(first) != string(second) {
			t.Errorf("%s\n%s", first, second)
		}
	})
}
