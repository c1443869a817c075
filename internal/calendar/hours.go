package calendar

import (
	"fmt"
	"strings"
	"time"
)

// Hours are when people work on a workday: spans of wall-clock time, ascending, apart from each other.
type Hours []Period

// Period is a part of a day, from the first moment on and up to, but without, the last.
type Period struct{ From, To time.Duration }

// OfficeHours are the shipped ones: 09:00 to 12:00 and 13:30 to 18:00.
func OfficeHours() Hours {
	return Hours{{9 * time.Hour, 12 * time.Hour}, {13*time.Hour + 30*time.Minute, 18 * time.Hour}}
}

// ParseHours reads "09:00-12:00, 13:30-18:00". Errors: ErrCalendar.
func ParseHours(text string) (Hours, error) {
	var h Hours
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(part), "-")
		p := Period{}
		var err error
		if p.From, err = clock(from); err == nil {
			p.To, err = clock(to)
		}
		switch {
		case !ok || err != nil:
			return nil, fmt.Errorf("%w: %q: write hours like 09:00-12:00, 13:30-18:00", ErrCalendar, text)
		case p.From >= p.To:
			return nil, fmt.Errorf("%w: %q ends before it begins", ErrCalendar, strings.TrimSpace(part))
		case len(h) > 0 && p.From < h[len(h)-1].To:
			return nil, fmt.Errorf("%w: %q begins before the hours before it end", ErrCalendar, strings.TrimSpace(part))
		}
		h = append(h, p)
	}
	return h, nil
}

// clock reads a time of the day, 24:00 being its end.
func clock(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, err
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// String writes what ParseHours reads.
func (h Hours) String() string {
	var parts []string
	for _, p := range h {
		parts = append(parts, fmt.Sprintf("%02d:%02d-%02d:%02d", p.From/time.Hour, p.From%time.Hour/time.Minute, p.To/time.Hour, p.To%time.Hour/time.Minute))
	}
	return strings.Join(parts, ", ")
}

// UnmarshalText reads what ParseHours reads.
func (h *Hours) UnmarshalText(text []byte) error {
	parsed, err := ParseHours(string(text))
	if err == nil {
		*h = parsed
	}
	return err
}

// daily returns how long a workday is.
func (h Hours) daily() (sum time.Duration) {
	for _, p := range h {
		sum += p.To - p.From
	}
	return sum
}

// before returns how much of the workday's hours lie before a time of the day.
func (h Hours) before(clock time.Duration) (sum time.Duration) {
	for _, p := range h {
		sum += max(0, min(clock, p.To)-p.From)
	}
	return sum
}

// after returns the time of the day at which so much of the hours has passed: at a break its beginning.
func (h Hours) after(worked time.Duration) time.Duration {
	for _, p := range h {
		if worked <= p.To-p.From {
			return p.From + worked
		}
		worked -= p.To - p.From
	}
	return h[len(h)-1].To
}
