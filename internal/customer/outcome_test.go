package customer

import (
	"errors"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/scoring"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func someone() Customer {
	return Customer{ID: "c1", Records: []Record{{Ref: "crm/1", Since: noon.AddDate(-1, 0, 0)}}, Since: noon.AddDate(-1, 0, 0)}
}

func wonFor(yuan float64, at time.Time) Outcome {
	return Outcome{Won: true, Amount: FromYuan(yuan), By: "lina", At: at}
}

func TestAnOutcomeSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Outcome)
		fine   bool
	}{
		"a won deal":                        {func(*Outcome) {}, true},
		"won for nothing":                   {func(o *Outcome) { o.Amount = 0 }, false},
		"more than there is":                {func(o *Outcome) { o.Amount = maxOutcome + 1 }, false},
		"lost without a reason":             {func(o *Outcome) { o.Won, o.Reason = false, " " }, false},
		"lost with a reason, of no amount":  {func(o *Outcome) { o.Won, o.Amount, o.Reason = false, 0, "价格" }, true},
		"lost with an amount below nothing": {func(o *Outcome) { o.Won, o.Amount, o.Reason = false, -1, "价格" }, false},
		"eleven years":                      {func(o *Outcome) { o.Days = 4000 }, false},
		"by nobody":                         {func(o *Outcome) { o.By = "" }, false},
	} {
		o := wonFor(1000, noon)
		c.change(&o)
		if err := o.Check(); (err == nil) != c.fine || err != nil && !errors.Is(err, ErrOutcome) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestADealTellsAgainOnItsDay: the same person, customer and day of the company's zone are one deal; whatever else differs is another.
func TestADealTellsAgainOnItsDay(t *testing.T) {
	t.Parallel()
	china := time.FixedZone("Asia/Shanghai", 8*60*60)
	first := wonFor(5000, noon).Order(someone(), "chat", china)
	again := wonFor(50000, noon.Add(11*time.Hour)).Order(someone(), "chat", china) // 23:00 there
	next := wonFor(50000, noon.Add(13*time.Hour)).Order(someone(), "chat", china)  // 01:00 of the next day
	if first.ID != again.ID || first.ID == next.ID || again.Version() <= first.Version() {
		t.Errorf("ids %s, %s, %s", first.ID, again.ID, next.ID)
	}
	lost := Outcome{Reason: "价格", By: "lina", At: noon.Add(time.Hour), Days: 30}.Order(someone(), "chat", china)
	if lost.ID != first.ID || lost.Status != connectors.StatusLost || !lost.Opened.Equal(noon.Add(time.Hour).AddDate(0, 0, -30)) {
		t.Errorf("%+v", lost)
	}
	other := wonFor(1, noon)
	other.By = "zhangwei"
	if other.Order(someone(), "chat", china).ID == first.ID {
		t.Error("two people tell one deal")
	}
}

// TestADealIsNotCountedBesideItsOrder: what the ERP tells of that time is what was bought; without it the deal is.
func TestADealIsNotCountedBesideItsOrder(t *testing.T) {
	t.Parallel()
	deal := wonFor(100_000, noon.AddDate(0, 0, -40)).Order(someone(), "chat", time.UTC)
	entered := func(id Ref, days int, yuan float64) Order {
		return Order{ID: id, Customer: "crm/1", Amount: FromYuan(yuan), Status: connectors.StatusWon, Date: deal.Date.AddDate(0, 0, days)}
	}
	for name, c := range map[string]struct {
		orders []Order
		want   float64
		stage  Stage
	}{
		"told alone":                             {[]Order{deal}, 100_000, Active},
		"with its order, entered a month later":  {[]Order{deal, entered("erp/1", 30, 98_000)}, 98_000, Active},
		"with its order, entered the day before": {[]Order{entered("erp/1", -1, 98_000), deal}, 98_000, Active},
		"delivered in two parts":                 {[]Order{deal, entered("erp/1", 3, 50_000), entered("erp/2", 20, 50_000)}, 100_000, Active},
		"beside an order of long before":         {[]Order{entered("erp/1", -60, 7_000), deal}, 107_000, Active},
		"beside an order of long after":          {[]Order{deal, entered("erp/1", 95, 7_000)}, 100_000, Active}, // that one is yet to come
		"a lost deal brings nothing":             {[]Order{Outcome{Reason: "价格", By: "lina", At: noon, Amount: 5}.Order(someone(), "chat", time.UTC)}, 0, Lead},
	} {
		f := Derive(scoring.BuiltIn(), someone(), c.orders, nil, noon)
		if got, _ := f.Get("order_amount_365d"); got.Number != c.want {
			t.Errorf("%s: %v yuan, want %v", name, got.Number, c.want)
		}
		if got := StageOf(someone(), c.orders, noon); got != c.stage {
			t.Errorf("%s: %s, want %s", name, got, c.stage)
		}
	}
}

func TestWhatRepsSayOfALeadIsNothingThatItDid(t *testing.T) {
	t.Parallel()
	a := QualityOf(someone(), Bad, "没有预算", "lina", "chat", noon)
	if q, note, ok := a.Quality(); !ok || q != Bad || note != "没有预算" {
		t.Errorf("%v %q %v", q, note, ok)
	}
	f := Derive(scoring.BuiltIn(), someone(), nil, []Activity{a}, noon)
	if v, known := f.Get("activity_count_90d"); known {
		t.Errorf("it counts as %v activities", v.Number)
	}
	if later := QualityOf(someone(), Good, "", "lina", "chat", noon.Add(time.Hour)); later.ID != a.ID || later.Version() <= a.Version() {
		t.Error("a second word does not replace the first")
	}
}
