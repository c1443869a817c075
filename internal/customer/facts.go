package customer

import (
	"slices"
	"strconv"
	"time"

	"lingke/connectors"
	"lingke/scoring"
)

const day = 24 * time.Hour

// Derive returns the facts of a customer at an instant: its own fields, and what follows from its orders and activities in
// windows that end at now. Windows are exact: an order of exactly 365 days ago is in, one a millisecond older is out. Orders and
// activities after now are left out.
func Derive(s *scoring.Schema, c Customer, orders []Order, activities []Activity, now time.Time) *scoring.Facts {
	f := s.NewFacts()
	for name, v := range c.Fields {
		setField(f, s, name, v)
	}
	stage, at := stageOf(c, orders, now)
	f.SetText("stage", string(stage), "lingke", at)
	if len(c.Records) > 0 {
		f.SetText("source", c.Records[0].Ref.Source(), c.Records[0].Ref.Source(), c.Since)
	}
	deriveOrders(f, orders, now)
	deriveActivities(f, activities, now)
	return f
}

func setField(f *scoring.Facts, s *scoring.Schema, name string, v Field) {
	field, _, ok := s.Lookup(name)
	if !ok {
		return
	}
	switch field.Kind {
	case scoring.Number:
		if n, err := strconv.ParseFloat(v.Value, 64); err == nil {
			f.SetNumber(name, n, v.Source, v.At)
		}
	case scoring.Flag:
		if b, err := strconv.ParseBool(v.Value); err == nil {
			f.SetFlag(name, b, v.Source, v.At)
		}
	case scoring.Time:
		if t, err := time.Parse(time.RFC3339, v.Value); err == nil {
			f.SetTime(name, t, v.Source, v.At)
		}
	case scoring.Text:
		f.SetText(name, v.Value, v.Source, v.At)
	}
}

// StageOf returns the customer's stage at an instant.
func StageOf(c Customer, orders []Order, now time.Time) Stage {
	stage, _ := stageOf(c, orders, now)
	return stage
}

func stageOf(c Customer, orders []Order, now time.Time) (Stage, time.Time) {
	gone := len(c.Records) > 0
	for _, r := range c.Records {
		gone = gone && r.Deleted
	}
	if gone {
		return Lost, c.Updated
	}
	var last time.Time
	for _, o := range orders {
		if bought(o, now) && o.Date.After(last) {
			last = o.Date
		}
	}
	switch {
	case last.IsZero():
		return Lead, c.Since
	case within(last, now, 365):
		return Active, last
	default:
		return Dormant, last
	}
}

func bought(o Order, now time.Time) bool {
	return o.Status == connectors.StatusWon && !o.Deleted && !o.Date.After(now)
}

func within(at, now time.Time, days int) bool {
	return !at.After(now) && !at.Before(now.Add(-time.Duration(days)*day))
}

// deriveOrders sets the purchase facts. A customer without orders has 0 for sums and counts and no recency.
func deriveOrders(f *scoring.Facts, orders []Order, now time.Time) {
	var total, year, largest Money
	var count, countYear int
	var last Order
	for _, o := range orders {
		if !bought(o, now) {
			continue
		}
		total, count, largest = total+o.Amount, count+1, max(largest, o.Amount)
		if within(o.Date, now, 365) {
			year, countYear = year+o.Amount, countYear+1
		}
		if o.Date.After(last.Date) {
			last = o
		}
	}
	source := last.ID.Source()
	if count == 0 {
		source = "lingke"
	}
	f.SetNumber("order_amount_total", total.Yuan(), source, last.Date)
	f.SetNumber("order_amount_365d", year.Yuan(), source, last.Date)
	f.SetNumber("order_count_total", float64(count), source, last.Date)
	f.SetNumber("order_count_365d", float64(countYear), source, last.Date)
	f.SetNumber("repurchase_count_365d", float64(repurchases(count, countYear)), source, last.Date)
	if count > 0 {
		f.SetNumber("largest_order", largest.Yuan(), source, last.Date)
		f.SetNumber("days_since_order", wholeDays(last.Date, now), source, last.Date)
	}
}

// repurchases are the purchases of the year that were not the customer's first one ever.
func repurchases(total, year int) int {
	if year == total {
		return max(0, year-1)
	}
	return year
}

func wholeDays(from, to time.Time) float64 { return float64(int(to.Sub(from) / day)) }

// deriveActivities sets the engagement facts of the kinds of activities that were seen at all; a field that a source keeps itself
// stays where no activity says more.
func deriveActivities(f *scoring.Facts, activities []Activity, now time.Time) {
	windows := []struct {
		field string
		types []string
		days  int
	}{
		{"visits_30d", []string{"visit"}, 30},
		{"logins_30d", []string{"login"}, 30},
		{"trial_features", []string{"trial"}, 365},
		{"events_365d", []string{"event"}, 365},
		{"content_90d", []string{"content", "download"}, 90},
		{"complaints_90d", []string{"complaint"}, 90},
		{"referrals", []string{"referral"}, 36500},
	}
	for _, w := range windows {
		count, last := countActivities(activities, w.types, now, w.days)
		if !last.At.IsZero() {
			f.SetNumber(w.field, float64(count), last.ID.Source(), last.At)
		}
	}
	if _, last := countActivities(activities, []string{"visit"}, now, 36500); !last.At.IsZero() {
		f.SetNumber("last_visit_days", wholeDays(last.At, now), last.ID.Source(), last.At)
	}
}

// countActivities counts those inside the window, and returns the latest of the types at all.
func countActivities(activities []Activity, types []string, now time.Time, days int) (int, Activity) {
	count := 0
	var last Activity
	for _, a := range activities {
		if a.Deleted || a.At.After(now) || !slices.Contains(types, a.Type) {
			continue
		}
		if within(a.At, now, days) {
			count++
		}
		if a.At.After(last.At) {
			last = a
		}
	}
	return count, last
}
