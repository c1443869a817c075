package calendar

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"lingke/internal/numerals"
)

// How people write times. What follows a match is left to the caller.
var (
	spanWords  = regexp.MustCompile(`^(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})$`)
	afterWords = regexp.MustCompile(`^(\d{1,4}|半|一|两|二|三|四|五|六|七|八|九|十)\s*(?:个)?(小时半|小时|钟头|h|hours?|分钟|分|min(?:utes)?|m|天|日|days?|d|周|星期|weeks?|w)(?:之?后)?`)
	dayWords   = regexp.MustCompile(`^(今天|今日|今儿个?|今晚|今早|明天|明日|明儿个?|明早|明晚|后天|后儿个?|大后天|下{0,2}(?:个)?(?:周|星期|礼拜)[一二三四五六日天]|(?:这|本)(?:个)?(?:周|星期|礼拜)[一二三四五六日天]|(?:这|本|下)?(?:个)?周末|\d{1,2}月\d{1,2}[日号]|(?:下个?月)?\d{1,2}[日号]|(?:这|本|下)?(?:个)?月[底末]|下(?:个)?月初?|年底|下(?:个)?(?:周|星期|礼拜)|today|tonight|tomorrow|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2})`)
	clockWords = regexp.MustCompile(`^(凌晨|早上|早晨|上午|中午|下午|下晌|后晌|傍晚|晚上|晚|早)?\s*(\d{1,2}|[一二两三四五六七八九十]{1,2})(?:[:：](\d{2})(?:\s*(am|pm))?|[点时](?:钟|整|(\d{1,2})分?|(半)|(一刻))?|\s*(am|pm))`)
)

// ParseDaily reads a stretch of every day: 22:00-09:00.
func ParseDaily(text string) (from, to time.Duration, ok bool) {
	m := spanWords.FindStringSubmatch(width.Narrow.String(strings.TrimSpace(text)))
	if m == nil {
		return 0, 0, false
	}
	from, fine := clockParts(m[1], m[2])
	to, also := clockParts(m[3], m[4])
	return from, to, fine && also && from != to
}

func clockParts(hour, minute string) (time.Duration, bool) {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, h < 24 && m < 60
}

// ParseUntil reads until when something lasts from now on, at the start of a text: 2h, 半小时, 到明天, 到18:00, 三天. A day means its end, but tomorrow its first working minute, as who says
// "until tomorrow" means the morning. rest is what follows.
func ParseUntil(text string, now time.Time) (until time.Time, rest string, ok bool) {
	text = trimSpoken(text, "到", "至", "until", "till")
	if d, rest, ok := spokenSpan(text); ok {
		return now.Add(d), rest, true
	}
	day, hasDay, rest := spokenDay(text, now)
	clock, hasClock, rest := clockOf(rest, hasDay)
	if tonight(text) && clock < 12*time.Hour {
		clock += 12 * time.Hour
	}
	switch {
	case hasClock:
		until = wallAt(day, clock)
		if !hasDay && !until.After(now) {
			until = wallAt(day.AddDate(0, 0, 1), clock)
		}
	case hasDay && sameSpokenDay(day, now):
		until = wallAt(day.AddDate(0, 0, 1), 0)
	case hasDay:
		until = wallAt(day, 8*time.Hour)
	default:
		return time.Time{}, text, false
	}
	return until, rest, until.After(now)
}

// ParseWhen reads the instant of something to come, at the start of a text: 明天10点, 30分钟后, 下周一, 3月5日 14:30, 15:00. A day without a time means 09:00, and a time that is
// over today means tomorrow. rest is what follows; ok is false where there is no time, or where it lies in the past.
func ParseWhen(text string, now time.Time) (when time.Time, rest string, ok bool) {
	text = strings.TrimLeftFunc(text, parting)
	if d, rest, ok := spokenSpan(text); ok {
		return now.Add(d), rest, true
	}
	day, hasDay, rest := spokenDay(text, now)
	clock, hasClock, rest := clockOf(rest, hasDay)
	if tonight(text) && clock < 12*time.Hour {
		clock += 12 * time.Hour
	}
	switch {
	case !hasDay && !hasClock:
		return time.Time{}, text, false
	case !hasClock:
		clock = 9 * time.Hour
	}
	when = wallAt(day, clock)
	if !hasDay && !when.After(now) {
		when = wallAt(day.AddDate(0, 0, 1), clock)
	}
	return when, rest, when.After(now)
}

func trimSpoken(text string, words ...string) string {
	text = strings.TrimLeftFunc(text, parting)
	for _, w := range words {
		if rest, ok := strings.CutPrefix(text, w); ok {
			return strings.TrimLeftFunc(rest, parting)
		}
	}
	return text
}

// ParseLasting reads how long something takes, at the start of a text: 2h, 半小时, 两天, 一周. 24 hours of it stand for a day. rest is what follows.
func ParseLasting(text string) (span time.Duration, rest string, ok bool) {
	return spokenSpan(strings.TrimLeftFunc(text, parting))
}

// lasting reads 2h, 30分钟, 半小时, 三天.
func spokenSpan(text string) (time.Duration, string, bool) {
	narrow := strings.ToLower(width.Narrow.String(text))
	m := afterWords.FindStringSubmatch(narrow)
	if m == nil || len(narrow) != len(text) && !strings.HasPrefix(text, m[0]) {
		return 0, text, false
	}
	n, _ := numerals.Parse(m[1])
	if m[1] == "半" {
		n = 0.5
	}
	unit := time.Hour
	switch {
	case strings.HasPrefix(m[2], "分") || strings.HasPrefix(m[2], "m"):
		unit = time.Minute
	case m[2] == "天" || m[2] == "日" || strings.HasPrefix(m[2], "d"):
		unit = 24 * time.Hour
	case m[2] == "周" || m[2] == "星期" || strings.HasPrefix(m[2], "w"):
		unit = 7 * 24 * time.Hour
	}
	d := time.Duration(n * float64(unit))
	if m[2] == "小时半" {
		d += unit / 2
	}
	return d, text[len(m[0]):], d > 0
}

var spokenDays = map[string]time.Weekday{
	"一": time.Monday, "二": time.Tuesday, "三": time.Wednesday, "四": time.Thursday, "五": time.Friday, "六": time.Saturday, "日": time.Sunday, "天": time.Sunday,
}

// dayOf reads a day; today where there is none.
func spokenDay(text string, now time.Time) (day time.Time, found bool, rest string) {
	text = strings.TrimLeftFunc(text, parting)
	m := dayWords.FindString(strings.ToLower(text))
	if m == "" {
		return now, false, text
	}
	rest = strings.TrimLeftFunc(text[len(m):], parting)
	switch m {
	case "今天", "今日", "今儿", "今儿个", "today", "今早", "今晚", "tonight":
		return now, true, rest
	case "明天", "明日", "明儿", "明儿个", "tomorrow", "明早", "明晚":
		return now.AddDate(0, 0, 1), true, rest
	case "后天", "后儿", "后儿个":
		return now.AddDate(0, 0, 2), true, rest
	case "大后天":
		return now.AddDate(0, 0, 3), true, rest
	}
	if day, named := namedDay(m, now); named {
		return day, true, rest
	}
	if numberedDay.MatchString(m) { // no month has it
		return now, false, text
	}
	if last := m[len(m)-len("一"):]; strings.Contains(m, "周") || strings.Contains(m, "星期") || strings.Contains(m, "礼拜") {
		day = spokenWeekday(now, spokenDays[last], strings.HasPrefix(m, "下"))
		if strings.HasPrefix(m, "下下") {
			day = day.AddDate(0, 0, 7)
		}
		return day, true, rest
	}
	return spokenDate(m, now), true, rest
}

// NamedDay reads a day that people name by its place in a week, month or year: 月底, 下月初, 下周 (its Monday), 周末 (Saturday), 15号, 年底. ok is false where text is more than that.
func NamedDay(text string, now time.Time) (day time.Time, ok bool) {
	day, found, rest := spokenDay(text, now)
	return wallAt(day, 0), found && rest == ""
}

// namedDay reads the days of dayWords that are named after a week, a month or a year.
func namedDay(word string, now time.Time) (time.Time, bool) {
	month := now.AddDate(0, 0, 1-now.Day())
	next := strings.HasPrefix(word, "下")
	switch kind := strings.NewReplacer("这", "", "本", "", "下", "", "个", "", "礼拜", "周", "星期", "周", "末", "底").Replace(word); {
	case kind == "周底":
		return spokenWeekday(now.AddDate(0, 0, -1), time.Saturday, next), true
	case kind == "周" && next:
		return spokenWeekday(now, time.Monday, true), true
	case kind == "月底" && next:
		return month.AddDate(0, 2, -1), true
	case kind == "月底":
		return month.AddDate(0, 1, -1), true
	case (kind == "月" || kind == "月初") && next:
		return month.AddDate(0, 1, 0), true
	case kind == "年底":
		return time.Date(now.Year(), time.December, 31, 0, 0, 0, 0, now.Location()), true
	}
	if m := numberedDay.FindStringSubmatch(word); m != nil {
		n, _ := strconv.Atoi(m[2])
		if m[1] != "" {
			month = month.AddDate(0, 1, 0)
		}
		for range 12 { // the next day of that number, in a month that has it
			if day := month.AddDate(0, 0, n-1); day.Month() == month.Month() && !day.Before(now.AddDate(0, 0, -1).Add(time.Second)) {
				return day, true
			}
			month = month.AddDate(0, 1, 0)
		}
	}
	return time.Time{}, false
}

// numberedDay is a day of a month by its number alone.
var numberedDay = regexp.MustCompile(`^(下个?月)?(\d{1,2})[日号]$`)

// weekday is the next day of that name; with next, the one of next week, which begins on Monday.
func spokenWeekday(now time.Time, day time.Weekday, next bool) time.Time {
	from := (int(now.Weekday()) + 6) % 7
	to := (int(day) + 6) % 7
	switch {
	case next:
		return now.AddDate(0, 0, 7-from+to)
	case to > from:
		return now.AddDate(0, 0, to-from)
	}
	return now.AddDate(0, 0, 7-from+to)
}

// date reads 3月5日, 2026-03-05 and 3-5: this year, or the next where it is over.
func spokenDate(text string, now time.Time) time.Time {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	numbers := make([]int, len(parts))
	for i, p := range parts {
		numbers[i], _ = strconv.Atoi(p)
	}
	if len(numbers) == 3 {
		return time.Date(numbers[0], time.Month(numbers[1]), numbers[2], 0, 0, 0, 0, now.Location())
	}
	day := time.Date(now.Year(), time.Month(numbers[0]), numbers[1], 0, 0, 0, 0, now.Location())
	if wallAt(day, 24*time.Hour).Before(now) {
		day = day.AddDate(1, 0, 0)
	}
	return day
}

// dayParts are the times of day that people name without an hour, behind a day.
var dayParts = []struct {
	word string
	at   time.Duration
}{{"早上", 9 * time.Hour}, {"一早", 9 * time.Hour}, {"早晨", 9 * time.Hour}, {"上午", 9 * time.Hour}, {"中午", 12 * time.Hour}, {"下午", 14 * time.Hour}, {"下晌", 14 * time.Hour}, {"傍晚", 18 * time.Hour}, {"晚上", 19 * time.Hour}}

// clockOf reads a time of day, behind a day also one without an hour: 下周一早上.
func clockOf(text string, hasDay bool) (clock time.Duration, found bool, rest string) {
	if clock, found, rest = clockAt(text); found || !hasDay {
		return clock, found, rest
	}
	for _, part := range dayParts {
		if behind, is := strings.CutPrefix(rest, part.word); is {
			return part.at, true, behind
		}
	}
	return clock, false, rest
}

// clockAt reads a time of day: 10:30, 下午3点, 下午三点半, 15点一刻, 9am.
func clockAt(text string) (clock time.Duration, found bool, rest string) {
	text = strings.TrimLeftFunc(text, parting)
	m := clockWords.FindStringSubmatch(strings.ToLower(text))
	if m == nil {
		return 0, false, text
	}
	hour := numerals.Count(m[2])
	minute, _ := strconv.Atoi(m[3] + m[5])
	switch {
	case m[6] != "":
		minute = 30
	case m[7] != "":
		minute = 15
	}
	afternoon := slices.Contains([]string{"下午", "下晌", "后晌", "傍晚", "晚上", "晚"}, m[1]) || m[4]+m[8] == "pm"
	if hour < 12 && afternoon || hour < 3 && m[1] == "中午" {
		hour += 12
	}
	if hour > 24 || minute > 59 {
		return 0, false, text
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, true, text[len(m[0]):]
}

func wallAt(day time.Time, clock time.Duration) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), int(clock.Hours()), int(clock.Minutes())%60, 0, 0, day.Location())
}

func sameSpokenDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// parting reports whether a character only parts a time from what follows.
func parting(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("，。：:、,.．！!；;?？“”\"", r)
}

// tonight reports whether the text speaks of an evening: its hours are those after noon.
func tonight(text string) bool {
	text = strings.ToLower(text)
	return strings.HasPrefix(text, "今晚") || strings.HasPrefix(text, "明晚") || strings.HasPrefix(text, "tonight")
}
