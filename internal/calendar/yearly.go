package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	lunar "github.com/6tail/lunar-go/calendar"
)

// Yearly is a date that comes every year: a birthday, the day of a first purchase, of a founding.
type Yearly struct {
	Month int // 1…12
	Day   int // 1…31, of a lunar month 1…30
	Lunar bool
	Leap  bool // the leap month of that number, of a lunar date
}

// The lunar years that are known, by their number: the library's astronomy is exact far beyond.
const firstLunar, lastLunar = 1900, 2199

// In returns the day on which it falls in a year; of a lunar date, in the lunar year that begins in that year, so that the day may lie in the next January or February.
// What a year does not have is celebrated the day before: 29 February on 28 February, the 30th of a short lunar month on its 29th. A date in a leap month falls into the month of the same number
// in the years that have no such leap month.
func (y Yearly) In(year int) Day {
	if !y.Lunar {
		last := Date(year, time.Month(y.Month)+1, 0)
		return min(Date(year, time.Month(y.Month), y.Day), last)
	}
	months := lunarMonths(min(max(year, firstLunar), lastLunar))
	m, ok := months[-y.Month]
	if !y.Leap || !ok {
		m = months[y.Month]
	}
	return m.first + Day(min(y.Day, m.days)-1)
}

// Next returns the first day on which it falls that is not before a day.
func (y Yearly) Next(from Day) Day {
	for year := from.Year() - 1; ; year++ {
		if d := y.In(year); d >= from || year > lastLunar {
			return d
		}
	}
}

// Valid reports whether there are such dates.
func (y Yearly) Valid() bool {
	if y.Month < 1 || y.Month > 12 || y.Day < 1 {
		return false
	}
	if y.Lunar {
		return y.Day <= 30
	}
	return !y.Leap && y.Day <= Date(2024, time.Month(y.Month)+1, 0).utc().Day() // a leap year has them all
}

// String returns "5月17日", "农历八月十五", "农历闰四月初一".
func (y Yearly) String() string {
	if !y.Lunar {
		return fmt.Sprintf("%d月%d日", y.Month, y.Day)
	}
	leap := ""
	if y.Leap {
		leap = "闰"
	}
	return "农历" + leap + monthNames[y.Month] + "月" + dayName(y.Day)
}

// English returns "17 May", "day 15 of lunar month 8", "day 1 of leap lunar month 4".
func (y Yearly) English() string {
	if !y.Lunar {
		return fmt.Sprintf("%d %.3s", y.Day, time.Month(y.Month))
	}
	leap := ""
	if y.Leap {
		leap = "leap "
	}
	return fmt.Sprintf("day %d of %slunar month %d", y.Day, leap, y.Month)
}

type lunarMonth struct {
	first Day
	days  int
}

var (
	lunarYears sync.Map // year → map[int]lunarMonth; at most as many as are known
	monthNames = []string{"", "正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊"}
	tens       = []string{"初", "十", "廿", "三"}
	digits     = []string{"十", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
)

// lunarMonths returns the months of a lunar year by number; a leap month has the negative one.
func lunarMonths(year int) map[int]lunarMonth {
	if known, ok := lunarYears.Load(year); ok {
		return known.(map[int]lunarMonth)
	}
	months := make(map[int]lunarMonth, 13)
	for e := lunar.NewLunarYear(year).GetMonthsInYear().Front(); e != nil; e = e.Next() {
		m := e.Value.(*lunar.LunarMonth)
		s := lunar.NewSolarFromJulianDay(m.GetFirstJulianDay())
		months[m.GetMonth()] = lunarMonth{first: Date(s.GetYear(), time.Month(s.GetMonth()), s.GetDay()), days: m.GetDayCount()}
	}
	lunarYears.Store(year, months)
	return months
}

func dayName(day int) string {
	switch day {
	case 10:
		return "初十"
	case 20:
		return "二十"
	case 30:
		return "三十"
	}
	return tens[day/10] + digits[day%10]
}

var (
	solarText = regexp.MustCompile(`^(?:(?:\d{4})[-/.年])?\s*(\d{1,2})[-/.月]\s*(\d{1,2})\s*[日号]?$`)
	lunarText = regexp.MustCompile(`^(?:农历|阴历|旧历|lunar)\s*(?:\d{4}\s*年?[-/.]?)?\s*(闰)?\s*([正一二三四五六七八九十冬腊]{1,2}|\d{1,2})\s*[-/.月]\s*([初一二三四五六七八九十廿]{1,3}|\d{1,2})\s*[日号]?$`)
)

// ParseYearly reads "1988-05-17", "05-17", "5月17日", "农历八月十五", "农历闰4月1日". Errors: ErrCalendar.
func ParseYearly(text string) (Yearly, error) {
	plain := strings.ToLower(strings.TrimSpace(text))
	if day, _, ok := strings.Cut(plain, "t"); ok && len(day) == len(time.DateOnly) { // an instant: its date
		plain = day
	}
	y := Yearly{}
	if m := solarText.FindStringSubmatch(plain); m != nil {
		y.Month, y.Day = number(m[1]), number(m[2])
	} else if m := lunarText.FindStringSubmatch(plain); m != nil {
		y = Yearly{Lunar: true, Leap: m[1] != "", Month: monthNumber(m[2]), Day: number(m[3])}
	}
	if !y.Valid() {
		return Yearly{}, fmt.Errorf("%w: %q: write a day of the year like 1988-05-17, 5月17日 or 农历八月十五", ErrCalendar, text)
	}
	return y, nil
}

func monthNumber(text string) int {
	for n, name := range monthNames {
		if text == name {
			return n
		}
	}
	return number(text)
}

// number reads digits, or a Chinese number up to 39 as in dates; 0 where it is none.
func number(text string) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	n := 0
	for _, r := range text {
		switch {
		case r == '初':
		case r == '廿':
			n = 20
		case r == '十' && n > 0 && n < 10:
			n *= 10
		case r == '十' && strings.HasPrefix(text, "初"):
			n = 10
		case r == '十':
			n += 10
		default:
			for d, name := range digits[1:] {
				if string(r) == name {
					n += d + 1
				}
			}
		}
	}
	return n
}
