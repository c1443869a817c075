package followup

import (
	"fmt"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// FirstOrder is the Field of an anniversary that is the day of the customer's first order.
const FirstOrder = "first_order"

// Anniversary is a day of the year on which customers are remembered.
type Anniversary struct {
	Name   lang.Text
	Field  string // of the customer, that holds the date, solar or lunar; or FirstOrder
	Title  lang.Text
	Ahead  int      // days before; where that is no workday, on the last one before
	Tiers  []string // of the leading scheme; empty: all
	Advice lang.Text
}

// anniversaries ask the owner to remember the days that are near. Each is asked for once a year; one that was missed, while nobody owned the customer or no gateway ran, is
// made up for until the day itself.
func (r *Rules) anniversaries(v customer.View) {
	if v.Is.Owner == "" || v.Is.Stage == customer.Lost {
		return
	}
	today := calendar.DayOf(v.Now, r.Zone)
	for _, a := range r.Anniversaries {
		if len(a.Tiers) > 0 && !slices.Contains(a.Tiers, v.Is.Tier) {
			continue
		}
		date, told, ok := r.dateOf(v, a)
		if !ok {
			continue
		}
		next := date.yearly.Next(today)
		if date.begun && next.Year() <= date.year || today < r.ahead(next, a.Ahead) {
			continue
		}
		mark := "day " + a.Name.ZH
		if v.Is.Marked[mark] >= next.String() {
			continue
		}
		v.Is.Mark(mark, next.String())
		r.remember(v, a, date, next, told)
	}
}

// date is a day of the year, and the year in which it began where that is known.
type date struct {
	yearly calendar.Yearly
	year   int
	begun  bool
}

// dateOf finds the date of an anniversary, and who told it.
func (r *Rules) dateOf(v customer.View, a Anniversary) (d date, told string, ok bool) {
	text, told := v.Is.Text(a.Field), v.Is.Fields[a.Field].Source
	if a.Field == FirstOrder {
		for _, o := range v.Orders {
			if o.Status == connectors.StatusWon {
				text, told = o.Date.In(r.Zone).Format(time.DateOnly), o.ID.Source()
				break
			}
		}
	}
	yearly, err := calendar.ParseYearly(text)
	if err != nil {
		return date{}, "", false // nothing is told, or something that is no date
	}
	d = date{yearly: yearly}
	if len(text) >= len(time.DateOnly) {
		if t, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)]); err == nil {
			d.year, d.begun = t.Year(), true
		}
	}
	return d, told, true
}

// ahead is the day on which an anniversary is asked for: so many days before, on a workday.
func (r *Rules) ahead(day calendar.Day, days int) calendar.Day {
	return r.Calendar.LastWorkday(day - calendar.Day(days))
}

// remember asks the owner to see to an anniversary by its day.
func (r *Rules) remember(v customer.View, a Anniversary, d date, next calendar.Day, told string) {
	_, month, day := next.Date()
	when := lang.Text{ZH: fmt.Sprintf("%d月%d日", month, day), EN: fmt.Sprintf("%d %.3s", day, month)}
	what := when
	if d.yearly.Lunar {
		what = lang.Both("%s（%s）", "%s, %s", when, lang.Text{ZH: d.yearly.String(), EN: d.yearly.English()})
	}
	if years := next.Year() - d.year; d.begun && years > 0 {
		what = lang.Both("%s，第 %d 年", "%s, year %d", what, years)
	}
	lines := []lang.Text{lang.Both("- %s：%s（来源 %s）", "- %s: %s (source %s)", a.Name, what, told)}
	if !a.Advice.IsZero() {
		lines = append(lines, lang.Both("- 建议：%s", "- Advice: %s", a.Advice))
	}
	due := "4h"
	today := calendar.DayOf(v.Now, r.Zone)
	if n := r.Calendar.Workdays(today+1, next+1); n > 0 {
		due = fmt.Sprintf("%d workdays", n)
	}
	title := lang.Both("%s（%s）", "%s (%s)", a.Title, when)
	r.require(v, "day "+a.Name.ZH+" "+next.String(), title, lang.Join(lines, "\n"), customer.Work{Kind: "anniversary", Due: due})
}
