package budget

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Standing is how a budget stands.
type Standing struct {
	Name     string // "dingtalk/month-calls"
	Max      int
	Used     int
	Forecast int       // what will have been used when the month ends, at the present pace; 0 for a day's budget
	Resets   time.Time // when it begins anew; zero for a sliding day
}

// Share is how much of it is used, from 0 on.
func (s Standing) Share() float64 { return float64(s.Used) / float64(max(s.Max, 1)) }

// Over reports whether the pace is too fast for the month.
func (s Standing) Over() bool { return s.Forecast > s.Max }

// Standings returns how the monthly and daily budgets of a platform stand, without those that have no limit. workdays counts the workdays from one instant's day up to, but
// without, another's.
func Standings(ctx context.Context, s Store, l Limits, now time.Time, workdays func(from, to time.Time) int) ([]Standing, error) {
	var all []Standing
	for _, limit := range []Limit{l.Calls(), l.Pushes(), l.Day()} {
		if limit.Max <= 0 {
			continue
		}
		_, since, _ := limit.slot(now)
		uses, err := s.Drawn(ctx, limit.Name, milli(since))
		if err != nil {
			return nil, fmt.Errorf("what was spent of %s: %w", limit.Name, err)
		}
		st := Standing{Name: limit.Name, Max: limit.Max}
		for _, u := range uses {
			st.Used += u.Spent
		}
		if limit.Window == 0 {
			st.Resets, st.Forecast = NextMonth(now), forecast(uses, now, workdays)
		}
		all = append(all, st)
	}
	return all, nil
}

// forecast is what a month will have used at its end: what the days before today used, and what each workday uses at their pace. Without a workday before today, today's
// use is the pace.
func forecast(uses []Use, now time.Time, workdays func(from, to time.Time) int) int {
	today, before := 0, 0
	for _, u := range uses {
		if u.At.Before(day(now)) {
			before += u.Spent
		} else {
			today += u.Spent
		}
	}
	pace := float64(today)
	if worked := workdays(Month(now), day(now)); worked > 0 {
		pace = float64(before) / float64(worked)
	}
	left := workdays(day(now).AddDate(0, 0, 1), NextMonth(now))
	return before + int(math.Ceil(max(float64(today), pace*float64(workdays(day(now), day(now).AddDate(0, 0, 1))))+pace*float64(left)))
}
