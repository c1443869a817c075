package calendar

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrCalendar says that a text is no date, no year of holidays, no hours; it names the place.
var ErrCalendar = errors.New("calendar")

// Year is what a decree says of one year's days.
type Year struct {
	Year int
	Off  map[Day]string // free, by the holiday's name; weekends need not stand here
	Work map[Day]string // a weekend that is worked, by the holiday it makes up for
}

// Calendar tells workdays from others. It is immutable.
type Calendar struct {
	years map[int]bool
	names map[Day]string
	// exceptions are the days that are not as their weekday says, ascending; shift is by how much they change the count of workdays up to and with each.
	exceptions []Day
	shift      []int
}

//go:embed years/*.json
var shipped embed.FS

// Shipped returns the years that come with the package: 2023 to 2026, as the State Council announced them.
func Shipped() []Year {
	files, err := shipped.ReadDir("years")
	if err != nil {
		panic(err) // it is embedded
	}
	var all []Year
	for _, f := range files {
		text, err := shipped.ReadFile("years/" + f.Name())
		if err != nil {
			panic(err)
		}
		years, err := ParseYears(f.Name(), text)
		if err != nil {
			panic(err) // a test reads them
		}
		all = append(all, years...)
	}
	return all
}

// New returns a calendar of these years; of two for the same year the later one holds.
func New(years ...Year) *Calendar {
	c := &Calendar{years: make(map[int]bool), names: make(map[Day]string)}
	latest := make(map[int]Year, len(years))
	for _, y := range years {
		latest[y.Year] = y
	}
	for _, y := range latest {
		c.years[y.Year] = true
		c.except(y.Off, true)
		c.except(y.Work, false)
	}
	slices.Sort(c.exceptions)
	total := 0
	for _, d := range c.exceptions {
		if weekday(d) {
			total--
		} else {
			total++
		}
		c.shift = append(c.shift, total)
	}
	return c
}

// except notes the days that are not as their weekday says. A day may stand in the decrees of two years: the turn of the year.
func (c *Calendar) except(days map[Day]string, off bool) {
	for d, name := range days {
		if _, twice := c.names[d]; twice {
			continue
		}
		c.names[d] = name
		if weekday(d) == off {
			c.exceptions = append(c.exceptions, d)
		}
	}
}

// Known reports whether the calendar has that year's holidays; else it takes Monday to Friday for workdays.
func (c *Calendar) Known(year int) bool { return c.years[year] }

// Missing returns the year that should be known at an instant and is not: the present one, or from 1 December on the next.
func (c *Calendar) Missing(now time.Time, zone *time.Location) (year int, missing bool) {
	year = now.In(zone).Year()
	if c.years[year] && now.In(zone).Month() == time.December {
		year++
	}
	return year, !c.years[year]
}

// Holiday returns the name of the holiday that makes a day free, or that a worked weekend makes up for; "" on ordinary days.
func (c *Calendar) Holiday(d Day) string { return c.names[d] }

// Workday reports whether people work on a day.
func (c *Calendar) Workday(d Day) bool {
	_, special := slices.BinarySearch(c.exceptions, d)
	return weekday(d) != special
}

// Workdays returns how many workdays there are from one day up to, but without, another; negative where to is before from.
func (c *Calendar) Workdays(from, to Day) int { return c.count(to) - c.count(from) }

// AddWorkdays returns the n-th workday after a day: 1 is the next one. For 0 it is the day itself, or the next workday where that is none; below 0 it counts backwards,
// so that -1 is the last workday before.
func (c *Calendar) AddWorkdays(d Day, n int) Day {
	switch {
	case n > 0:
		return c.nth(c.count(d+1) + n)
	case n == 0:
		return c.nth(c.count(d) + 1)
	default:
		return c.nth(c.count(d) + 1 + n)
	}
}

// LastWorkday returns the day itself, or the last workday before it where that is none.
func (c *Calendar) LastWorkday(d Day) Day { return c.nth(c.count(d + 1)) }

// count returns the number of workdays before d, from the first Monday of the calendar's origin on.
func (c *Calendar) count(d Day) int {
	i, _ := slices.BinarySearch(c.exceptions, d)
	n := weekdays(d)
	if i > 0 {
		n += c.shift[i-1]
	}
	return n
}

// nth returns the workday with n-1 workdays before it.
func (c *Calendar) nth(n int) Day {
	// Exceptions shift the count by far less than slack; the answer lies between the two.
	guess, slack := Day(n/5*7), Day(4*len(c.exceptions)+14)
	low, high := guess-slack, guess+slack
	for low < high {
		mid := low + (high-low)/2
		if c.count(mid+1) >= n {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// monday is a Monday from which weekdays are counted: 1969-12-29.
const monday = Day(-3)

func weekday(d Day) bool { w := d.Weekday(); return w != time.Saturday && w != time.Sunday }

// weekdays returns the number of days from Monday to Friday that lie before d and not before monday.
func weekdays(d Day) int {
	n := int(d - monday)
	week, rest := n/7, n%7
	if rest < 0 {
		week, rest = week-1, rest+7
	}
	return week*5 + min(rest, 5)
}

// String names the years that are known.
func (c *Calendar) String() string {
	var years []int
	for y := range c.years {
		years = append(years, y)
	}
	slices.Sort(years)
	return fmt.Sprintf("holidays of %v", years)
}
