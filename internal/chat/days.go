package chat

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"lingke/internal/calendar"
	"lingke/internal/numerals"
)

var (
	fullDay   = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$`)
	monthDay  = regexp.MustCompile(`^(\d{1,2})[-/.月](\d{1,2})[日号]?$`)
	dayOnly   = regexp.MustCompile(`^(\d{1,2})[日号]?$`)
	weekDay   = regexp.MustCompile(`^(这|本|下下|下)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天])$`)
	daysAfter = regexp.MustCompile(`^([\d一两二三四五六七八九十]{1,3})(?:个)?(天|周|星期|月)(?:之?后|以后)$`)
)

var nearDays = map[string]int{"今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3, "today": 0, "tomorrow": 1}

// parseDay reads a day as people type it, and returns its first instant in a zone: 2026-03-20, 3月20日, 20日, 明天, 下周一, 两周后. A day without a year is the
// next of that name, the present one included.
func parseDay(text string, now time.Time, zone *time.Location) (time.Time, bool) {
	text = strings.ToLower(strings.TrimSpace(width.Fold.String(text)))
	today := now.In(zone)
	day := func(year int, month time.Month, d int) (time.Time, bool) {
		at := time.Date(year, month, d, 0, 0, 0, 0, zone)
		return at, at.Month() == month && at.Day() == d
	}
	if n, ok := nearDays[text]; ok {
		return time.Date(today.Year(), today.Month(), today.Day()+n, 0, 0, 0, 0, zone), true
	}
	if m := fullDay.FindStringSubmatch(text); m != nil {
		return day(digits(m[1]), time.Month(digits(m[2])), digits(m[3]))
	}
	first := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, zone)
	if m := monthDay.FindStringSubmatch(text); m != nil {
		for year := today.Year(); year <= today.Year()+4; year++ { // 29 February may be years away
			if at, ok := day(year, time.Month(digits(m[1])), digits(m[2])); ok && !at.Before(first) {
				return at, true
			}
		}
		return time.Time{}, false
	}
	if m := dayOnly.FindStringSubmatch(text); m != nil {
		for month := range 12 {
			at, ok := day(today.AddDate(0, 0, 1-today.Day()).AddDate(0, month, 0).Year(), today.AddDate(0, 0, 1-today.Day()).AddDate(0, month, 0).Month(), digits(m[1]))
			if ok && !at.Before(first) {
				return at, true
			}
		}
		return time.Time{}, false
	}
	if day, ok := relativeDay(text, first); ok {
		return day, true
	}
	return calendar.NamedDay(text, today)
}

// relativeDay reads 下周一 and 三天后.
func relativeDay(text string, today time.Time) (time.Time, bool) {
	if m := weekDay.FindStringSubmatch(text); m != nil {
		target := strings.Index("一二三四五六日", strings.Replace(m[2], "天", "日", 1)) / len("一")
		monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		weeks := map[string]int{"": 0, "这": 0, "本": 0, "下": 1, "下下": 2}[m[1]]
		at := monday.AddDate(0, 0, 7*weeks+target)
		if m[1] == "" && at.Before(today) {
			at = at.AddDate(0, 0, 7)
		}
		return at, true
	}
	m := daysAfter.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	n := numerals.Count(m[1])
	switch {
	case n == 0:
		return time.Time{}, false
	case m[2] == "天":
		return today.AddDate(0, 0, n), true
	case m[2] == "月":
		return calendar.MonthsAfter(today, n), true
	}
	return today.AddDate(0, 0, 7*n), true
}

// digits reads what a pattern has bounded; 0 where it is no number.
func digits(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// severalDays are days from today on, the last one not included.
var severalDays = map[string][2]int{"今明两天": {0, 2}, "今明": {0, 2}, "明后两天": {1, 3}, "明后天": {1, 3}, "明天后天": {1, 3}, "今天明天": {0, 2}, "这两天": {0, 2}}

// noon parts a day into its halves, for leave of half a day: in the break of most people.
const noon = 13 * time.Hour

var halves = map[string][2]time.Duration{"上午": {0, noon}, "下午": {noon, 24 * time.Hour}}

// parseDays reads days of leave as people type them, and returns from when up to when they are: 明天, 3月2日-3月5日, 3月2日到5日, 明天下午.
func parseDays(text string, now time.Time, zone *time.Location) (from, to time.Time, ok bool) {
	text = width.Fold.String(strings.TrimSpace(text))
	if from, to, ok = halfOrDay(text, now, zone, time.Time{}); ok {
		return from, to, true
	}
	if n, is := severalDays[text]; is {
		today := now.In(zone)
		at := func(day int) time.Time {
			return time.Date(today.Year(), today.Month(), today.Day()+day, 0, 0, 0, 0, zone)
		}
		return at(n[0]), at(n[1]), true
	}
	for _, mark := range []string{"至", "到", "~", "—", "..", "-"} {
		for cut := range text {
			if !strings.HasPrefix(text[cut:], mark) {
				continue
			}
			first, _, ok1 := halfOrDay(text[:cut], now, zone, time.Time{})
			if !ok1 {
				continue
			}
			if _, last, ok2 := halfOrDay(text[cut+len(mark):], now, zone, first); ok2 && last.After(first) {
				return first, last, true
			}
		}
	}
	return time.Time{}, time.Time{}, false
}

// halfOrDay reads one day or half of one; a day without a month or year is the first of that name from since on, where that is given.
func halfOrDay(text string, now time.Time, zone *time.Location, since time.Time) (from, to time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if !since.IsZero() && !strings.ContainsAny(text, "今明后") {
		now = since
	}
	part := [2]time.Duration{0, 24 * time.Hour}
	for name, half := range halves {
		if rest, is := strings.CutSuffix(text, name); is {
			text, part = strings.TrimSpace(rest), half
		}
	}
	day, ok := parseDay(text, now, zone)
	at := func(clock time.Duration) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(clock/time.Second), 0, zone)
	}
	return at(part[0]), at(part[1]), ok
}
