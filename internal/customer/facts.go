package customer

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/scoring"
)

const day = 24 * time.Hour

// Derive returns the facts of a customer at an instant: its own fields, and what follows from its orders and activities in
// windows that end at now. Windows are exact: an order of exactly 365 days ago is in, one a millisecond older is out. Orders and
// activities after now are left out, and so is whatever the schema does not have.
//
// What a field of the built-in schema follows from is told by its From: "orders" and "activities" are derived here, and so are "service"'s counts where
// activities of their types are known; a source may tell any of them instead, and what is derived counts more than what is told. "finance" is derived
// from orders that tell their margin. Fields of "profile" and "people" are told by sources only.
func Derive(s *scoring.Schema, c Customer, orders []Order, activities []Activity, now time.Time) *scoring.Facts {
	f := s.NewFacts()
	orders = Counted(orders)
	for name, v := range c.Fields {
		setField(f, s, name, v)
	}
	if len(c.Tags) > 0 { // what plays marked counts like what a source tells
		told := c.Fields["tags"]
		f.SetTexts("tags", append(split(told.Value), c.Tags...), cmp.Or(told.Source, "lingke"), told.At)
	}
	stage, at := stageOf(c, orders, now)
	f.SetText("stage", string(stage), "lingke", at)
	if len(c.Records) > 0 {
		f.SetText("source", c.Records[0].Ref.Source(), c.Records[0].Ref.Source(), c.Since)
	}
	deriveOrders(f, orders, now)
	deriveMargin(f, orders, now)
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
		if t, ok := parseTime(v.Value); ok {
			f.SetTime(name, t, v.Source, v.At)
		}
	case scoring.Text:
		f.SetText(name, v.Value, v.Source, v.At)
	case scoring.Texts:
		f.SetTexts(name, split(v.Value), v.Source, v.At)
	case scoring.Events: // follow from orders and activities only
	}
}

// parseTime reads what sources tell: an instant, or a day, which begins at midnight in China.
func parseTime(text string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, true
	}
	t, err := time.ParseInLocation(time.DateOnly, text, china)
	return t, err == nil
}

// china is the zone of days that name none; it has had no summer time since 1991.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// split reads a list as sources tell it: "VIP、出口, 华东".
func split(list string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(",，、;；|\n", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// StageOf returns the customer's stage at an instant.
func StageOf(c Customer, orders []Order, now time.Time) Stage {
	stage, _ := stageOf(c, Counted(orders), now)
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
