package report

import (
	"context"
	"errors"
	"fmt"
	"lingke/internal/lang"
	"math"
	"time"

	"lingke/scoring"
	"lingke/scoring/lifetime"
)

// Forecast is what the customers of each tier will buy in the next weeks, from nothing but when and for how much they bought.
type Forecast struct {
	From   time.Time      `json:"from"`
	Weeks  int            `json:"weeks"`
	Level  float64        `json:"level"` // of the intervals
	Tiers  []TierForecast `json:"tiers"` // the best first
	Buyers int            `json:"buyers"`
	TooFew bool           `json:"too_few,omitempty"` // to fit the models to
	// Error is the relative error that the same forecast would have had when it was made one horizon ago; the intervals hold it.
	Error float64 `json:"error,omitempty"`
}

// TierForecast is a tier's part. Customers that never bought are no part of it: nothing tells when they would.
type TierForecast struct {
	Tier      string         `json:"tier"`
	Title     string         `json:"title"`
	TitleEN   string         `json:"title_en,omitempty"`
	Customers int            `json:"customers"`
	Purchases lifetime.Range `json:"purchases"`
	Revenue   lifetime.Range `json:"revenue"` // yuan
}

// The forecast is of a quarter of a year, and needs so many buyers, of whom so many bought again.
const (
	forecastWeeks = 13
	minBuyers     = 50
	minRepeaters  = 20
	forecastLevel = 0.9
)

// buyer is what the forecast keeps of a customer: some hundred bytes each.
type buyer struct {
	tier      string
	now, then lifetime.History
	early     bool // it had bought one horizon ago
	since     int  // purchases since
}

// ForecastOf forecasts purchases and revenue per tier of the leading scheme for the next 13 weeks. It keeps a few numbers of each buyer in memory.
func ForecastOf(ctx context.Context, s records, schemes scoring.Schemes, now time.Time) (Forecast, error) {
	lead, ok := schemes.Lead()
	if !ok {
		return Forecast{}, errors.New("report: no scheme leads")
	}
	out := Forecast{From: now, Weeks: forecastWeeks, Level: forecastLevel}
	var all []buyer
	repeaters := 0
	err := each(ctx, s, func(x Subject) error {
		b, ok := x.buyer(lead.Name, now)
		if ok {
			all = append(all, b)
			if b.now.Repeats > 0 {
				repeaters++
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	if out.Buyers = len(all); len(all) < minBuyers || repeaters < minRepeaters {
		out.TooFew = true
		return out, nil
	}
	out.Error = hindsight(all)
	found, err := forecast(all, func(b buyer) (lifetime.History, bool) { return b.now, true }, lifetime.Outlook{
		Horizon: forecastWeeks, Level: forecastLevel, Draws: draws(len(all)), Seed: 1, Error: out.Error,
	})
	if err != nil { // the models do not fit everybody's customers: that is no failure of the report
		out.TooFew = true
		return out, nil //nolint:nilerr // too little to say
	}
	for _, tier := range lead.Tiers() {
		t := TierForecast{Tier: tier, Title: lead.Title(tier), TitleEN: lead.English[tier]}
		for _, f := range found {
			if f.Group == tier {
				t.Customers, t.Purchases, t.Revenue = f.Customers, f.Purchases, f.Revenue
			}
		}
		out.Tiers = append(out.Tiers, t)
	}
	return out, nil
}

// draws keeps the time of a forecast within some seconds, whatever the number of customers.
func draws(n int) int { return max(50, min(400, 4_000_000/n)) }

func (x Subject) buyer(scheme string, now time.Time) (b buyer, ok bool) {
	var purchases []lifetime.Purchase
	then := now.AddDate(0, 0, -7*forecastWeeks)
	for _, o := range x.Orders {
		if !bought(o) || o.Date.After(now) {
			continue
		}
		purchases = append(purchases, lifetime.Purchase{At: o.Date, Amount: o.Amount.Yuan()})
	}
	if b.now, ok = lifetime.Summarise(purchases, now); !ok {
		return b, false
	}
	b.tier = x.Tiers[scheme].Tier
	b.then, b.early = lifetime.Summarise(purchases, then)
	b.since = b.now.Repeats - b.then.Repeats
	return b, true
}

func forecast(all []buyer, history func(buyer) (lifetime.History, bool), o lifetime.Outlook) ([]lifetime.Forecast, error) {
	var histories []lifetime.History
	var prospects []lifetime.Prospect
	for _, b := range all {
		if h, ok := history(b); ok {
			histories = append(histories, h)
			prospects = append(prospects, lifetime.Prospect{Group: b.tier, History: h})
		}
	}
	var m lifetime.Model
	var errBuying, errSpending error
	m.Buying, m.BuyingFit, errBuying = lifetime.FitBuying(histories)
	m.Spending, m.SpendingFit, errSpending = lifetime.FitSpending(histories)
	if err := errors.Join(errBuying, errSpending); err != nil {
		return nil, fmt.Errorf("fit the forecast: %w", err)
	}
	return m.Forecast(prospects, o)
}

// hindsight is the error of the forecast that would have been made one horizon ago, of the tiers together with those of today; 0 where there was too little then.
func hindsight(all []buyer) float64 {
	n := 0
	for _, b := range all {
		if b.early && b.then.Repeats > 0 {
			n++
		}
	}
	if n < minRepeaters {
		return 0
	}
	then := func(b buyer) (lifetime.History, bool) { return b.then, b.early }
	found, err := forecast(all, then, lifetime.Outlook{Horizon: forecastWeeks, Level: forecastLevel, Draws: 1, Seed: 1})
	if err != nil {
		return 0
	}
	expected, actual := 0.0, 0.0
	for _, f := range found {
		expected += f.Purchases.Expected
	}
	for _, b := range all {
		if b.early {
			actual += float64(b.since)
		}
	}
	if v := lifetime.RelativeError([]float64{expected}, []float64{actual}); !math.IsNaN(v) {
		return v
	}
	return 0
}

// Tables are the forecast as people read it.
func (f Forecast) Tables(l lang.Language) []Table {
	w := wording{l}
	t := Table{
		Title: w.Sayf("今后 %d 周销售预测（%.0f%% 区间）", "Sales in the next %d weeks (%.0f%%)", f.Weeks, 100*f.Level),
		Rows:  [][]string{w.heads("层级|买过的客户|预计购买|预计金额", "Tier|Who have bought|Purchases expected|Amount expected")},
	}
	if f.TooFew {
		t.Notes = append(t.Notes, w.Sayf("样本太少：买过的客户有 %d 个，至少要 %d 个，其中 %d 个买过不止一次。", "Too few: %d customers have bought; it takes %d, of whom %d more than once.", f.Buyers, minBuyers, minRepeaters))
		return []Table{t}
	}
	for _, x := range f.Tiers {
		t.Rows = append(t.Rows, []string{
			w.tier(x.Tier, x.Title, x.TitleEN), fmt.Sprint(x.Customers), w.Sayf("%.0f 次（%.0f–%.0f）", "%.0f (%.0f–%.0f)", x.Purchases.Expected, x.Purchases.Low, x.Purchases.High),
			w.Sayf("%s 元（%s–%s）", "%s yuan (%s–%s)", grouped(x.Revenue.Expected), grouped(x.Revenue.Low), grouped(x.Revenue.High)),
		})
	}
	t.Notes = append(t.Notes, w.Say("只含已买过的客户的再次购买，不含新客户。", "Of customers who have bought before; without new ones."))
	return []Table{t}
}
