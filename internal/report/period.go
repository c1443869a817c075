package report

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lingke/internal/numerals"
)

// ErrPeriod says that a text names no period.
var ErrPeriod = errors.New("period")

// ParsePeriod reads what people call a period, in zone: 本周, 上周, 本月, 上月, 本季, 上季, 今年, 去年, 一季度, 3月, 近90天, 2026-02, 2026-01-01..2026-03-01 (both days are in it). A period that
// is not over ends now. "" is the last 90 days.
func ParsePeriod(text string, now time.Time, zone *time.Location) (Period, error) {
	now = now.In(zone)
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	month := day.AddDate(0, 0, 1-day.Day())
	quarter := month.AddDate(0, -(int(month.Month())-1)%3, 0)
	year := time.Date(now.Year(), 1, 1, 0, 0, 0, 0, zone)
	upTo := func(from, to time.Time) (Period, error) {
		if to.After(now) {
			to = now
		}
		return Period{from, to}, nil
	}
	switch text = strings.ToLower(strings.TrimSpace(text)); text {
	case "":
		return Period{now.AddDate(0, 0, -90), now}, nil
	case "今天", "今日", "today":
		return upTo(day, day.AddDate(0, 0, 1))
	case "本周", "这周", "this-week":
		return upTo(monday, monday.AddDate(0, 0, 7))
	case "上周", "last-week":
		return Period{monday.AddDate(0, 0, -7), monday}, nil
	case "本月", "这个月", "this-month":
		return upTo(month, month.AddDate(0, 1, 0))
	case "上月", "上个月", "last-month":
		return Period{month.AddDate(0, -1, 0), month}, nil
	case "本季", "本季度", "this-quarter":
		return upTo(quarter, quarter.AddDate(0, 3, 0))
	case "上季", "上季度", "last-quarter":
		return Period{quarter.AddDate(0, -3, 0), quarter}, nil
	case "今年", "本年", "this-year":
		return upTo(year, year.AddDate(1, 0, 0))
	case "去年", "last-year":
		return Period{year.AddDate(-1, 0, 0), year}, nil
	}
	if n, ok := lastDays(text); ok {
		return Period{now.AddDate(0, 0, -n), now}, nil
	}
	if from, months, ok := numbered(text, year, now); ok {
		return upTo(from, from.AddDate(0, months, 0))
	}
	if at, err := time.ParseInLocation("2006-01", text, zone); err == nil && at.Before(now) {
		return upTo(at, at.AddDate(0, 1, 0))
	}
	return between(text, now, zone)
}

// Usual are the periods that people ask for by name, as ParsePeriod reads them.
var Usual = []string{"", "本周", "上周", "本月", "上月", "本季", "上季", "今年", "去年"}

// KeyOf tells the periods apart that a text names on different days: 上月 is another month in April. The last 90 days are the same question every day.
func KeyOf(text string, p Period) string {
	if _, moves := lastDays(text); moves || text == "" {
		return text
	}
	return text + " " + p.From.UTC().Format(time.RFC3339)
}

// numberedPeriod is a quarter, a half or a month of a year by its number.
var numberedPeriod = regexp.MustCompile(`^(今年|本年|去年)?的?(?:第?([一二三四1-4])个?季度?|q([1-4])|([上下])半年|(\d{1,2}|十?[一二三四五六七八九]|十)月份?)$`)

// numbered reads the quarter, half or month of that number that began last: 一季度, Q1, 上半年, 3月, 十二月份.
func numbered(text string, year, now time.Time) (from time.Time, months int, ok bool) {
	m := numberedPeriod.FindStringSubmatch(text)
	if m == nil {
		return from, 0, false
	}
	first := 0 // month of the year, from 0
	switch {
	case m[2]+m[3] != "":
		first, months = 3*(numerals.Count(m[2]+m[3])-1), 3
	case m[4] != "":
		first, months = map[string]int{"上": 0, "下": 6}[m[4]], 6
	default:
		first, months = numerals.Count(m[5])-1, 1
	}
	if first < 0 || first > 11 {
		return from, 0, false
	}
	from = year.AddDate(0, first, 0)
	switch {
	case m[1] == "去年" || m[1] == "" && from.After(now):
		from = from.AddDate(-1, 0, 0)
	case from.After(now): // of this year, and still to come
		return from, 0, false
	}
	return from, months, true
}

// maxDays is the longest period: longer ones reach back to before anything that a report compares.
const maxDays = 3 * 366

// lastDays reads 近90天.
func lastDays(text string) (int, bool) {
	for _, front := range []string{"最近", "近", "过去", "last-"} {
		for _, back := range []string{"天", "日", "d"} {
			if number, ok := strings.CutPrefix(text, front); ok {
				if number, ok = strings.CutSuffix(number, back); ok {
					n, err := strconv.Atoi(strings.TrimSpace(number))
					return n, err == nil && n > 0 && n <= maxDays
				}
			}
		}
	}
	return 0, false
}

// between reads two days, of which the second is in the period.
func between(text string, now time.Time, zone *time.Location) (Period, error) {
	first, last, ok := strings.Cut(strings.NewReplacer("至", "..", "到", "..", "~", "..").Replace(text), "..")
	from, errFrom := time.ParseInLocation(time.DateOnly, strings.TrimSpace(first), zone)
	to, errTo := time.ParseInLocation(time.DateOnly, strings.TrimSpace(last), zone)
	if !ok || errFrom != nil || errTo != nil || to.Before(from) || !from.Before(now) || to.Sub(from) > maxDays*24*time.Hour {
		return Period{}, fmt.Errorf("%w: %q is none of 本周, 上周, 本月, 上月, 本季, 上季, 今年, 去年, 一季度, 3月, 近90天, 2026-02, 2026-01-01..2026-03-01", ErrPeriod, text)
	}
	if to = to.AddDate(0, 0, 1); to.After(now) {
		to = now
	}
	return Period{from, to}, nil
}
