package schedules

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// ErrSpec says that a text is no usable timetable.
var ErrSpec = errors.New("not a usable cron spec")

// Spec is when a job is due.
type Spec struct {
	schedule cron.Schedule
	text     string
}

// ParseSpec reads a five-field cron spec ("30 8 * * 1-5", Sunday is 0 or 7), a descriptor ("@daily") or "@every 10m", in the time zone unless it names its
// own ("CRON_TZ=UTC 0 9 * * *"). It refuses what would never be due, and intervals below a second. Wraps ErrSpec.
func ParseSpec(text string, zone *time.Location) (Spec, error) {
	schedule, err := parse(text, zone)
	if err != nil {
		return Spec{}, fmt.Errorf("%w: %q: %w", ErrSpec, text, err)
	}
	s := Spec{schedule: schedule, text: text}
	if s.Next(time.Unix(0, 0)).IsZero() {
		return Spec{}, fmt.Errorf("%w: %q is never due", ErrSpec, text)
	}
	return s, nil
}

// parse guards the library's parser, which panics on a time zone without fields and takes "@every 0s" for once a second.
func parse(text string, zone *time.Location) (schedule cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("unreadable: %v", r)
		}
	}()
	text = strings.TrimSpace(text)
	if every, ok := strings.CutPrefix(text, "@every "); ok {
		d, err := time.ParseDuration(strings.TrimSpace(every))
		if err != nil || d < time.Second {
			return nil, errors.New("an interval of at least 1s is needed")
		}
		return interval(d.Truncate(time.Second)), nil
	}
	if !strings.HasPrefix(text, "TZ=") && !strings.HasPrefix(text, "CRON_TZ=") && zone != nil && zone != time.Local {
		text = "CRON_TZ=" + zone.String() + " " + text
	}
	return cron.ParseStandard(sundays(text))
}

// sundays writes 7 as 0 in the weekday field, as most cron programs allow.
func sundays(text string) string {
	fields := strings.Fields(text)
	if n := len(fields); n >= 5 && fields[n-1] == "7" {
		fields[n-1] = "0"
		return strings.Join(fields, " ")
	}
	return text
}

// interval is due at whole multiples of itself since 1970, so that replicas agree on the instants.
type interval time.Duration

func (i interval) Next(t time.Time) time.Time {
	d := time.Duration(i)
	n := t.UnixNano() / int64(d)
	return time.Unix(0, (n+1)*int64(d)).In(t.Location())
}

// Next returns the first due instant after t.
func (s Spec) Next(t time.Time) time.Time { return s.schedule.Next(t) }

// String returns the spec as it was written.
func (s Spec) String() string { return s.text }

// horizon bounds how far back a missed run is looked for.
const horizon = 32 * 24 * time.Hour

// Missed returns the latest instant after last and up to now at which the job was due; the zero time if there is none.
func (s Spec) Missed(last, now time.Time) time.Time {
	if oldest := now.Add(-horizon); last.Before(oldest) {
		last = oldest
	}
	if i, ok := s.schedule.(interval); ok { // skip to the last one
		if before := now.Add(-2 * time.Duration(i)); last.Before(before) {
			last = before
		}
	}
	missed := time.Time{}
	for due := s.Next(last); !due.IsZero() && !due.After(now); due = s.Next(due) {
		missed = due
	}
	return missed
}
