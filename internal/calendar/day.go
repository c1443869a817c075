package calendar

import (
	"fmt"
	"time"
)

// Day is a calendar day, counted from 1970-01-01, which is 0. It has no time zone: which day an instant is in depends on the zone asked for.
type Day int32

// DayOf returns the day that an instant is in, in a zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Date(y, m, d)
}

// Date returns the day of a date; what is out of range carries over, as with time.Date.
func Date(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads "2026-03-02".
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is no date like 2026-03-02", ErrCalendar, text)
	}
	return Day(t.Unix() / 86400), nil
}

// Date returns the day's year, month and day of the month.
func (d Day) Date() (year int, month time.Month, day int) { return d.utc().Date() }

// Year returns the year that the day is in.
func (d Day) Year() int { return d.utc().Year() }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return time.Weekday((int(d)%7 + 11) % 7) } // 1970-01-01 was a Thursday

// At returns the instant of that time after the day's first moment by the wall clock of a zone: 9*time.Hour is nine o'clock, also on a day on which the clocks change.
func (d Day) At(clock time.Duration, zone *time.Location) time.Time {
	y, m, day := d.Date()
	return time.Date(y, m, day, 0, 0, 0, int(clock), zone)
}

// String returns "2026-03-02".
func (d Day) String() string { return d.utc().Format(time.DateOnly) }

func (d Day) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// MonthsAfter returns the same day of the month, at the same wall time, n months after an instant, in the instant's zone; n may be negative. A month that is too short ends on
// its last day: two months after 31 December is 28 February, where [time.Time.AddDate] has 3 March.
func MonthsAfter(t time.Time, n int) time.Time {
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	last := time.Date(year, month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(year, month+time.Month(n), min(day, last), hour, minute, sec, t.Nanosecond(), t.Location())
}
