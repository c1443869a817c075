package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Span is within what time something is to be done: hours, or whole workdays. What that comes to is Working.Deadline's to say.
type Span struct {
	Time     time.Duration // 24 hours stand for a workday
	Workdays int           // if above 0, Time is 0
}

// HoursSpan returns a span of that time.
func HoursSpan(d time.Duration) Span { return Span{Time: d} }

const maxWorkdays = 1000

var (
	workdaysText = regexp.MustCompile(`^(\d{1,4})\s*(?:个?\s*工作日|workdays?|wd)$`)
	timeText     = regexp.MustCompile(`^(?:(\d{1,4})\s*(?:d|天))?\s*(?:(\d{1,5})\s*(?:h|个?小时))?\s*(?:(\d{1,6})\s*(?:m|min|分钟?))?$`)
)

// ParseSpan reads "2h", "48h", "1d12h", "30m", "2 workdays", "2个工作日", "48小时". Errors: ErrCalendar.
func ParseSpan(text string) (Span, error) {
	plain := strings.ToLower(strings.TrimSpace(text))
	if m := workdaysText.FindStringSubmatch(plain); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= maxWorkdays {
			return Span{Workdays: n}, nil
		}
	} else if m := timeText.FindStringSubmatch(plain); m != nil {
		d := count(m[1])*24*time.Hour + count(m[2])*time.Hour + count(m[3])*time.Minute
		if d > 0 && d <= maxWorkdays*24*time.Hour {
			return Span{Time: d}, nil
		}
	}
	return Span{}, fmt.Errorf(`%w: %q: write a time like "30m", "2h", "48h", "2d" or "2 workdays"`, ErrCalendar, text)
}

// count reads digits that a pattern has bounded.
func count(digits string) time.Duration {
	n, _ := strconv.Atoi(digits)
	return time.Duration(n)
}

// IsZero reports whether no time is given.
func (s Span) IsZero() bool { return s == Span{} }

// UnmarshalText reads what ParseSpan reads.
func (s *Span) UnmarshalText(text []byte) error {
	parsed, err := ParseSpan(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// MarshalText writes what UnmarshalText reads.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String returns "2 workdays", "48h", "1h30m".
func (s Span) String() string {
	if s.Workdays > 0 {
		return fmt.Sprintf("%d workdays", s.Workdays)
	}
	text := ""
	if h := s.Time / time.Hour; h > 0 {
		text = fmt.Sprintf("%dh", h)
	}
	if m := s.Time % time.Hour / time.Minute; m > 0 || text == "" {
		text += fmt.Sprintf("%dm", m)
	}
	return text
}
