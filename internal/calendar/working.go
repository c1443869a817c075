package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Leave is a time in which somebody does not work, from an instant up to, but without, another.
type Leave struct{ From, To time.Time }

// ParseLeave reads whole days of leave, "2026-03-04" or "2026-03-04..2026-03-06" with the last one, by the wall clock of a zone. Errors: ErrCalendar.
func ParseLeave(text string, zone *time.Location) (Leave, error) {
	from, to, several := strings.Cut(text, "..")
	first, err := ParseDay(strings.TrimSpace(from))
	last := first
	if several && err == nil {
		last, err = ParseDay(strings.TrimSpace(to))
	}
	switch {
	case err != nil:
		return Leave{}, fmt.Errorf("%w: %q: write leave like 2026-03-04 or 2026-03-04..2026-03-06", ErrCalendar, text)
	case last < first:
		return Leave{}, fmt.Errorf("%w: %q ends before it begins", ErrCalendar, text)
	}
	return Leave{first.At(0, zone), (last + 1).At(0, zone)}, nil
}

// Working is when somebody works: a calendar's workdays, hours, and no leave. It is immutable; the zero value is not usable.
type Working struct {
	calendar *Calendar
	hours    Hours
	zone     *time.Location
	leave    []Leave // ascending; between two of them there is time to work
}

// Working returns the working time of somebody with these hours, by the wall clock of a zone. Without hours they are OfficeHours. Leave may overlap and come in any order.
func (c *Calendar) Working(h Hours, zone *time.Location, leave ...Leave) Working {
	if len(h) == 0 {
		h = OfficeHours()
	}
	w := Working{calendar: c, hours: h, zone: zone}
	leave = slices.Clone(leave)
	slices.SortFunc(leave, func(a, b Leave) int { return a.From.Compare(b.From) })
	for _, l := range leave {
		last := len(w.leave) - 1
		switch {
		case !l.From.Before(l.To):
		case last >= 0 && w.gross(l.From) <= w.gross(w.leave[last].To):
			if l.To.After(w.leave[last].To) {
				w.leave[last].To = l.To
			}
		default:
			w.leave = append(w.leave, l)
		}
	}
	return w
}

// Open reports whether an instant is working time.
func (w Working) Open(t time.Time) bool { return w.Next(t).Equal(t) }

// Next returns the instant itself where it is working time, else the beginning of the next.
func (w Working) Next(t time.Time) time.Time {
	t = w.opening(t)
	for _, l := range w.leave {
		if !t.Before(l.From) && t.Before(l.To) {
			t = w.opening(l.To)
		}
	}
	return t
}

// Away reports whether leave takes the working time that an instant is in or, outside of working time, the one that begins next.
func (w Working) Away(t time.Time) bool {
	t = w.opening(t)
	return slices.ContainsFunc(w.leave, func(l Leave) bool { return !t.Before(l.From) && t.Before(l.To) })
}

// Leave returns the leave in which an instant lies; found is false for none.
func (w Working) Leave(t time.Time) (l Leave, found bool) {
	i := slices.IndexFunc(w.leave, func(l Leave) bool { return !t.Before(l.From) && t.Before(l.To) })
	if i < 0 {
		return Leave{}, false
	}
	return w.leave[i], true
}

// Present is the same working time without any leave.
func (w Working) Present() Working {
	w.leave = nil
	return w
}

// opening is Next without regard to leave.
func (w Working) opening(t time.Time) time.Time {
	d, clock := w.wall(t)
	if w.calendar.Workday(d) {
		for _, p := range w.hours {
			if clock < p.From {
				return d.At(p.From, w.zone)
			}
			if clock < p.To {
				return t
			}
		}
	}
	return w.calendar.AddWorkdays(d, 1).At(w.hours[0].From, w.zone)
}

// Add returns the instant at which so much working time has passed since t; it never lies before the first working time after t. What ends with the day ends on
// that day, not on the next morning.
func (w Working) Add(t time.Time, span time.Duration) time.Time {
	if span <= 0 {
		return w.Next(t)
	}
	target := w.gross(t) + span
	for _, l := range w.leave {
		from, to := w.gross(later(l.From, t)), w.gross(l.To)
		if from >= target {
			break
		}
		target += max(0, to-from)
	}
	return w.at(target)
}

// Between returns how much working time lies between two instants; negative where b is before a.
func (w Working) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -w.Between(b, a)
	}
	span := w.gross(b) - w.gross(a)
	for _, l := range w.leave {
		span -= max(0, w.gross(earlier(l.To, b))-w.gross(later(l.From, a)))
	}
	return span
}

// Deadline returns when something is due that is to be done within a span from t on, as people would say it; what begins outside working time begins
// with the next.
//
//   - Less than 24 hours count as working time: 2 hours from Friday 17:00 end on Monday 10:00 (with hours from 9 to 18).
//   - Each 24 hours are a workday, and end at the same time of the day: 48 hours from Friday 17:00 end on Tuesday 17:00.
//   - Workdays end with the hours of the last; the day on which it begins is not counted: 2 workdays from any time on Friday, or on the weekend, end on Tuesday 18:00.
//
// Workdays on which somebody is on leave the whole day do not count.
func (w Working) Deadline(t time.Time, s Span) time.Time {
	if s.Workdays > 0 {
		d, _ := w.wall(t)
		return w.addDays(d, s.Workdays).At(w.hours[len(w.hours)-1].To, w.zone)
	}
	t = w.Next(t)
	if days := int(s.Time / (24 * time.Hour)); days > 0 {
		d, clock := w.wall(t)
		t = w.Next(w.addDays(d, days).At(clock, w.zone))
	}
	return w.Add(t, s.Time%(24*time.Hour))
}

// EndOf returns the end of the working hours of the day in which an instant lies, or of the next workday where it is none.
func (w Working) EndOf(day time.Time) time.Time {
	return w.Deadline(day.AddDate(0, 0, -1), Span{Workdays: 1})
}

// addDays returns the n-th day after d on which there is any working time.
func (w Working) addDays(d Day, n int) Day {
	end := w.calendar.AddWorkdays(d, n)
	for off := -1; ; {
		away := w.away(d+1, end+1)
		if away == off {
			return end
		}
		off = away
		end = w.calendar.AddWorkdays(d, n+off)
	}
}

// away returns how many workdays from one day up to, but without, another are leave as a whole.
func (w Working) away(from, to Day) int {
	days := 0
	for _, l := range w.leave {
		first, clock := w.wall(l.From)
		if clock > w.hours[0].From {
			first++
		}
		last, clock := w.wall(l.To)
		if clock >= w.hours[len(w.hours)-1].To {
			last++
		}
		days += max(0, w.calendar.Workdays(max(first, from), min(last, to)))
	}
	return days
}

// gross returns the working time from the calendar's origin to an instant, leave included.
func (w Working) gross(t time.Time) time.Duration {
	d, clock := w.wall(t)
	sum := time.Duration(w.calendar.count(d)) * w.hours.daily()
	if w.calendar.Workday(d) {
		sum += w.hours.before(clock)
	}
	return sum
}

// at returns the first instant at which so much of gross has passed.
func (w Working) at(gross time.Duration) time.Time {
	daily := w.hours.daily()
	days, rest := gross/daily, gross%daily
	if rest <= 0 {
		days, rest = days-1, rest+daily
	}
	return w.calendar.nth(int(days)+1).At(w.hours.after(rest), w.zone)
}

// wall returns the day and the time of the day by the wall clock.
func (w Working) wall(t time.Time) (Day, time.Duration) {
	t = t.In(w.zone)
	hour, minute, second := t.Clock()
	return DayOf(t, w.zone), time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + time.Duration(t.Nanosecond())
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
