package calendar_test

import (
	"errors"
	"testing"
	"time"

	"lingke/internal/calendar"
)

func TestParseLeave(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	for text, want := range map[string]string{
		"2026-03-04":                "2026-03-03T16:00:00Z 2026-03-04T16:00:00Z",
		"2026-03-04..2026-03-06":    "2026-03-03T16:00:00Z 2026-03-06T16:00:00Z",
		" 2026-02-28 .. 2026-03-01": "2026-02-27T16:00:00Z 2026-03-01T16:00:00Z",
		"2026-03-06..2026-03-04":    "", "2026-02-30": "", "": "", "2026-03-04..": "", "soon": "",
	} {
		l, err := calendar.ParseLeave(text, zone)
		if (want == "") != errors.Is(err, calendar.ErrCalendar) {
			t.Errorf("%q: %v", text, err)
		}
		if got := l.From.UTC().Format(time.RFC3339) + " " + l.To.UTC().Format(time.RFC3339); want != "" && got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func TestAwayLooksAtTheWorkingTimeThatIsOrBeginsNext(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	leave, err := calendar.ParseLeave("2026-03-04..2026-03-06", zone) // Wednesday to Friday
	if err != nil {
		t.Fatal(err)
	}
	w := calendar.New(calendar.Shipped()...).Working(nil, zone, leave)
	for at, want := range map[string]bool{
		"2026-03-03T17:59:00+08:00": false, "2026-03-03T18:00:00+08:00": true, "2026-03-04T10:00:00+08:00": true,
		"2026-03-06T17:00:00+08:00": true, "2026-03-06T18:00:00+08:00": false, "2026-03-07T12:00:00+08:00": false,
	} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Away(instant); got != want {
			t.Errorf("%s: %v", at, got)
		}
	}
}
