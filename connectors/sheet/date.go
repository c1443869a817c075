package sheet

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Days are counted from one of two epochs (ECMA-376 part 1, 18.17.4.1). The first is really 1899-12-31; Excel believes that 1900 was a
// leap year, so from March 1900 on the day before fits.
var (
	epoch1900 = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	epoch1904 = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
)

// serialDate is the civil time of Excel's day number, as UTC; ok is false outside 1900–2200.
func serialDate(serial float64, epoch time.Time) (time.Time, bool) {
	if math.IsNaN(serial) || serial < 0 || serial > 110_000 {
		return time.Time{}, false
	}
	if epoch.Equal(epoch1900) && serial < 61 {
		serial++
	}
	days, part := math.Modf(serial)
	seconds := math.Round(part * 86400)
	t := epoch.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
	return t, t.Year() >= 1900 && t.Year() <= 2200
}

const (
	dateZH = "应为日期，如 2026-03-02、2026/3/2、2026年3月2日、20260302"
	dateEN = "expected a date such as 2026-03-02, 2026/3/2, 2026年3月2日 or 20260302, with or without a time"
)

// The ways in which a text is no date.
var (
	notDate = because(dateZH, dateEN)
	noDay   = because("日历上没有这一天；"+dateZH, "is no day of the calendar; "+dateEN)
)

// The shapes of dates: year first with any separator, and the two- and four-digit shapes whose order is not known.
var (
	yearFirst = regexp.MustCompile(`^(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})(?:日|号)?(?:[T,]?(.*))?$`)
	yearLast  = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[T,]?(.*))?$`)
	compact   = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?$`)
	clock     = regexp.MustCompile(`^(上午|下午|中午|晚上|AM|PM)?(\d{1,2})(?::|时|点)(\d{1,2})?分?(?:[:](\d{1,2})(?:\.\d+)?秒?|(\d{1,2})秒)?(AM|PM)?$`)
	anyDay    = regexp.MustCompile(`(?:周|星期|礼拜)[一二三四五六日天]`)
)

// englishDates are written with the month's name.
var englishDates = []string{"2 Jan 2006", "2-Jan-2006", "2-Jan-06", "Jan 2, 2006", "January 2, 2006", "2 January 2006", "02-Jan-2006 15:04:05", "Jan 2, 2006 15:04"}

// dates reads dates in one zone.
type dates struct {
	zone    *time.Location
	layouts []dateLayout // as the mapping says, tried first
}

// dateLayout is a format of the mapping: D/M/YYYY and so on, as a layout of package time, or Excel's day numbers.
type dateLayout struct {
	layout string
	excel  bool
}

// parseLayout understands formats such as D/M/YYYY, YY.MM.DD HH:mm, and "excel".
func parseLayout(format string) (dateLayout, error) {
	if strings.EqualFold(format, "excel") {
		return dateLayout{excel: true}, nil
	}
	replaced := strings.NewReplacer(
		"YYYY", "2006", "yyyy", "2006", "YY", "06", "yy", "06", "MM", "01", "M", "1", "DD", "02", "dd", "02", "D", "2", "d", "2",
		"HH", "15", "hh", "15", "H", "15", "mm", "04", "ss", "05",
	).Replace(format)
	want := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	got, err := time.Parse(replaced, want.Format(replaced))
	if err != nil || !got.Equal(want) {
		return dateLayout{}, fmt.Errorf("date format %q: expected year, month and day as in YYYY-MM-DD, D/M/YY or DD.MM.YYYY HH:mm, or excel", format)
	}
	return dateLayout{layout: replaced}, nil
}

// parse reads a date as people write it; ok is false for an empty text. A text that reads as several days is refused.
func (d dates) parse(s string) (t time.Time, ok bool, err error) {
	text := strings.TrimSpace(norm.NFKC.String(s))
	if text == "" || text == "-" || text == "/" || text == "0000-00-00" {
		return time.Time{}, false, nil
	}
	if t, ok := d.configured(text); ok {
		return t, true, checkYear(t)
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, true, checkYear(t)
	}
	if t, found, err := d.common(text); found || err != nil {
		return t, found, err
	}
	for _, layout := range englishDates {
		if t, err := time.ParseInLocation(layout, text, d.zone); err == nil {
			return t, true, checkYear(t)
		}
	}
	return time.Time{}, false, d.unknown(text)
}

func (d dates) configured(text string) (time.Time, bool) {
	for _, l := range d.layouts {
		if l.excel {
			serial, err := strconv.ParseFloat(text, 64)
			if t, ok := serialDate(serial, epoch1900); err == nil && ok {
				return d.civil(t), true
			}
			continue
		}
		if t, err := time.ParseInLocation(l.layout, text, d.zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// emptyBrackets are left where a weekday stood in them.
var emptyBrackets = strings.NewReplacer("() ", "", "()", "")

// common reads the shapes with digits only.
func (d dates) common(text string) (time.Time, bool, error) {
	spaced := strings.Join(strings.Fields(anyDay.ReplaceAllString(text, "")), " ")
	packed := strings.ReplaceAll(emptyBrackets.Replace(spaced), " ", "")
	if m := compact.FindStringSubmatch(packed); m != nil {
		t, ok := d.build(m[1], m[2], m[3], joinClock(m[4], m[5], m[6]))
		return t, ok, orUnknown(ok)
	}
	if m := yearFirst.FindStringSubmatch(unspace(spaced)); m != nil {
		t, ok := d.build(m[1], m[2], m[3], m[4])
		return t, ok, orUnknown(ok)
	}
	if m := yearLast.FindStringSubmatch(unspace(spaced)); m != nil {
		return d.anyOrder(m)
	}
	return time.Time{}, false, nil
}

// unspace joins "2026 年 3 月 2 日 8:30" so that a blank stands nowhere.
func unspace(s string) string {
	day, rest, found := strings.Cut(s, " ")
	if found && !strings.ContainsAny(day, "年月") && yearFirst.MatchString(day) {
		return day + "T" + strings.ReplaceAll(rest, " ", "")
	}
	if found && yearLast.MatchString(day) {
		return day + "T" + strings.ReplaceAll(rest, " ", "")
	}
	return strings.ReplaceAll(s, " ", "")
}

func joinClock(hour, minute, second string) string {
	if hour == "" {
		return ""
	}
	if second == "" {
		second = "00"
	}
	return hour + ":" + minute + ":" + second
}

func orUnknown(ok bool) error {
	if ok {
		return nil
	}
	return noDay
}

// anyOrder reads 3/2/26 and 3/2/2026 if only one order of day, month and year makes a date.
func (d dates) anyOrder(m []string) (time.Time, bool, error) {
	orders := [][3]string{{m[3], m[1], m[2]}, {m[3], m[2], m[1]}}
	if len(m[3]) == 2 {
		orders = append(orders, [3]string{m[1], m[2], m[3]})
	}
	var readings []time.Time
	for _, o := range orders {
		t, ok := d.build(century(o[0]), o[1], o[2], m[4])
		if ok && (len(readings) == 0 || !contains(readings, t)) {
			readings = append(readings, t)
		}
	}
	switch len(readings) {
	case 0:
		return time.Time{}, false, orUnknown(false)
	case 1:
		return readings[0], true, nil
	}
	list := make([]string, len(readings))
	for i, t := range readings {
		list[i] = t.Format(time.DateOnly)
	}
	return time.Time{}, false, because("有歧义，可能是 %s；请先写年份，或在映射文件中用 date_formats 指定", "may be %s; write the year first or name date_formats in the mapping",
		strings.Join(list, " / "))
}

func contains(all []time.Time, t time.Time) bool {
	for _, o := range all {
		if o.Equal(t) {
			return true
		}
	}
	return false
}

// century completes a year of two digits, as Excel does: 00–29 is 2000–2029, 30–99 is 1930–1999.
func century(year string) string {
	if len(year) != 2 && len(year) != 1 {
		return year
	}
	n, _ := strconv.Atoi(year)
	if n < 30 {
		return strconv.Itoa(2000 + n)
	}
	return strconv.Itoa(1900 + n)
}

// build makes a civil time; ok is false where the calendar has no such day or the rest is no time of day.
func (d dates) build(year, month, dayOfMonth, rest string) (time.Time, bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	dd, _ := strconv.Atoi(dayOfMonth)
	h, minute, s, ok := parseClock(strings.ToUpper(strings.TrimSpace(rest)))
	if !ok || y < 1900 || y > 2200 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), dd, h, minute, s, 0, d.zone)
	return t, t.Year() == y && int(t.Month()) == m && t.Day() == dd
}

func parseClock(s string) (hour, minute, second int, ok bool) {
	if s == "" {
		return 0, 0, 0, true
	}
	m := clock.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, 0, false
	}
	hour, _ = strconv.Atoi(m[2])
	minute, _ = strconv.Atoi(m[3])
	second, _ = strconv.Atoi(m[4] + m[5])
	half := m[1] + m[6]
	switch half {
	case "下午", "晚上", "PM", "中午":
		if hour < 12 && (half != "中午" || hour < 3) {
			hour += 12
		}
	case "上午", "AM":
		if hour == 12 {
			hour = 0
		}
	}
	return hour, minute, second, hour < 24 && minute < 60 && second < 60
}

// civil moves a civil time that is written as UTC into the zone.
func (d dates) civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, d.zone)
}

func checkYear(t time.Time) error {
	if t.Year() < 1900 || t.Year() > 2200 {
		return noDay
	}
	return nil
}

// unknown says what a text that is no date may be.
func (d dates) unknown(text string) error {
	if serial, err := strconv.ParseFloat(text, 64); err == nil {
		if t, ok := serialDate(serial, epoch1900); ok && serial > 10_000 {
			return because("像是 Excel 的日期序号（%s）；请设为日期格式，或在映射文件中写 date_formats: [excel]",
				"may be Excel's number of %s; format the cell as a date, or say date_formats: [excel] in the mapping", t.Format(time.DateOnly))
		}
	}
	return notDate
}
