package calendar_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lingke/internal/calendar"
)

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// at reads "2026-03-02 09:00" in Shanghai.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	got, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai(t))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestDeadlinesEndWhereAPersonWouldSay(t *testing.T) {
	t.Parallel()
	w := china.Working(nil, shanghai(t))
	for _, tt := range []struct{ from, span, want string }{
		{"2026-03-02 09:00", "2h", "2026-03-02 11:00"},
		{"2026-03-02 11:00", "2h", "2026-03-02 14:30"}, // lunch
		{"2026-03-02 10:00", "2h", "2026-03-02 12:00"}, // ends with the morning, not after lunch
		{"2026-03-02 16:00", "2h", "2026-03-02 18:00"}, // ends with the day, not on the next
		{"2026-03-02 17:00", "2h", "2026-03-03 10:00"},
		{"2026-03-06 17:00", "2h", "2026-03-09 10:00"}, // Friday
		{"2026-03-07 10:00", "2h", "2026-03-09 11:00"}, // Saturday
		{"2026-03-02 22:00", "30m", "2026-03-03 09:30"},
		{"2026-03-02 12:30", "30m", "2026-03-02 14:00"},
		{"2026-02-13 17:00", "2h", "2026-02-14 10:00"}, // the Saturday before the Spring Festival is worked
		{"2026-02-14 17:00", "2h", "2026-02-24 10:00"}, // and then nine days are free
		{"2026-02-27 17:30", "2h", "2026-02-28 10:30"},
		{"2026-03-06 17:00", "48h", "2026-03-10 17:00"}, // Friday: Tuesday, at the same time
		{"2026-03-02 10:00", "48h", "2026-03-04 10:00"},
		{"2026-03-07 10:00", "48h", "2026-03-11 09:00"}, // begins on Monday 09:00
		{"2026-02-13 15:00", "48h", "2026-02-24 15:00"}, // Saturday worked, then Tuesday after the festival
		{"2026-04-30 17:00", "24h", "2026-05-06 17:00"}, // Labour Day
		{"2026-03-06 17:00", "1d2h", "2026-03-10 10:00"},
		{"2026-03-06 17:00", "2 workdays", "2026-03-10 18:00"},
		{"2026-03-07 10:00", "2 workdays", "2026-03-10 18:00"},
		{"2026-03-02 07:00", "2 workdays", "2026-03-04 18:00"},
		{"2026-09-30 09:00", "2个工作日", "2026-10-09 18:00"},
		{"2026-10-09 20:00", "1个工作日", "2026-10-10 18:00"}, // a Saturday that is worked
		{"2026-12-31 17:00", "2h", "2027-01-01 10:00"},    // 2027 is not known: Friday counts
	} {
		span, err := calendar.ParseSpan(tt.span)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Deadline(at(t, tt.from), span); !got.Equal(at(t, tt.want)) {
			t.Errorf("%s within %s: %s, want %s", tt.from, tt.span, got.Format("2006-01-02 15:04"), tt.want)
		}
	}
}

func TestLeaveStopsTheClock(t *testing.T) {
	t.Parallel()
	w := china.Working(nil, shanghai(t),
		calendar.Leave{From: at(t, "2026-03-04 00:00"), To: at(t, "2026-03-05 00:00")},
		calendar.Leave{From: at(t, "2026-03-05 00:00"), To: at(t, "2026-03-06 00:00")}, // adjoins
		calendar.Leave{From: at(t, "2026-03-10 13:30"), To: at(t, "2026-03-10 18:00")}, // an afternoon
		calendar.Leave{From: at(t, "2026-03-12 09:00"), To: at(t, "2026-03-12 12:00")}, // a morning
		calendar.Leave{From: at(t, "2026-03-12 13:30"), To: at(t, "2026-03-12 18:00")}, // and its afternoon: the whole day
		calendar.Leave{From: at(t, "2026-03-20 10:00"), To: at(t, "2026-03-20 10:00")}, // nothing
	)
	for _, tt := range []struct{ from, span, want string }{
		{"2026-03-03 17:00", "2h", "2026-03-06 10:00"},
		{"2026-03-03 16:00", "2h", "2026-03-03 18:00"},
		{"2026-03-04 10:00", "2h", "2026-03-06 11:00"},
		{"2026-03-03 17:00", "48h", "2026-03-09 17:00"}, // Friday, Monday
		{"2026-03-03 17:00", "2 workdays", "2026-03-09 18:00"},
		{"2026-03-10 11:00", "2h", "2026-03-11 10:00"},  // the afternoon is free
		{"2026-03-09 14:00", "24h", "2026-03-11 09:00"}, // ends in the free afternoon: the next morning
		{"2026-03-11 17:00", "1 workdays", "2026-03-13 18:00"},
		{"2026-03-20 09:00", "2h", "2026-03-20 11:00"},
	} {
		span, err := calendar.ParseSpan(tt.span)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Deadline(at(t, tt.from), span); !got.Equal(at(t, tt.want)) {
			t.Errorf("%s within %s: %s, want %s", tt.from, tt.span, got.Format("2006-01-02 15:04"), tt.want)
		}
	}
	if got := w.Between(at(t, "2026-03-03 17:00"), at(t, "2026-03-06 10:00")); got != 2*time.Hour {
		t.Errorf("over the leave: %s", got)
	}
	if w.Open(at(t, "2026-03-04 10:00")) || !w.Open(at(t, "2026-03-03 10:00")) || w.Open(at(t, "2026-03-03 12:00")) {
		t.Error("open")
	}
}

// TestComputedIsWhatWatchingTheClockGives compares with a walk through the minutes.
func TestComputedIsWhatWatchingTheClockGives(t *testing.T) {
	t.Parallel()
	zone := shanghai(t)
	rapid.Check(t, func(rt *rapid.T) {
		var leave []calendar.Leave
		origin := time.Date(2026, 1, 28, 0, 0, 0, 0, zone)
		minutes := func(name string, most int) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(rt, name)) * time.Minute
		}
		for range rapid.IntRange(0, 4).Draw(rt, "leaves") {
			from := origin.Add(minutes("leave", 40*24*60))
			leave = append(leave, calendar.Leave{From: from, To: from.Add(minutes("long", 3*24*60))})
		}
		w := china.Working(calendar.OfficeHours(), zone, leave...)
		from, span := origin.Add(minutes("from", 30*24*60)), minutes("span", 40*60)
		open := func(at time.Time) bool {
			for _, l := range leave {
				if !at.Before(l.From) && at.Before(l.To) {
					return false
				}
			}
			clock := at.Sub(calendar.DayOf(at, zone).At(0, zone))
			for _, p := range calendar.OfficeHours() {
				if clock >= p.From && clock < p.To {
					return china.Workday(calendar.DayOf(at, zone))
				}
			}
			return false
		}
		want, left := from, span
		for ; left > 0 || span == 0 && !open(want); want = want.Add(time.Minute) {
			if open(want) {
				left -= time.Minute
			}
		}
		if got := w.Add(from, span); !got.Equal(want) {
			rt.Fatalf("%s and %s of %v: %s, want %s", from, span, leave, got, want)
		}
		if got := w.Between(from, want); got != span {
			rt.Fatalf("%s between %s and %s, want %s", got, from, want, span)
		}
		if got := w.Open(from); got != open(from) {
			rt.Fatalf("%s open: %v", from, got)
		}
	})
}

func TestHoursFollowTheWallClockWhereItChanges(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	w := calendar.New().Working(calendar.Hours{{From: 9 * time.Hour, To: 17 * time.Hour}}, zone)
	// Clocks go forward in the night to Sunday, 8 March 2026.
	from := time.Date(2026, 3, 6, 16, 0, 0, 0, zone)
	if got, want := w.Add(from, 2*time.Hour), time.Date(2026, 3, 9, 10, 0, 0, 0, zone); !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := w.Deadline(from, calendar.HoursSpan(24*time.Hour)), time.Date(2026, 3, 9, 16, 0, 0, 0, zone); !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestHoursAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	h, err := calendar.ParseHours("09:00-12:00, 13:30-18:00")
	if err != nil || h.String() != calendar.OfficeHours().String() {
		t.Errorf("%s, %v", h, err)
	}
	if h, err := calendar.ParseHours("00:00-24:00"); err != nil || h.String() != "00:00-24:00" {
		t.Errorf("%s, %v", h, err)
	}
	for _, bad := range []string{"", "9", "18:00-09:00", "09:00-12:00, 11:00-13:00", "09:00-25:00", "09:00-09:00", "x-y"} {
		if h, err := calendar.ParseHours(bad); !errors.Is(err, calendar.ErrCalendar) {
			t.Errorf("%q: %s, %v", bad, h, err)
		}
	}
}

func TestSpansAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2h": "2h", "48h": "48h", "2d": "48h", "1d12h": "36h", "90m": "1h30m", "30min": "30m", "2 workdays": "2 workdays", "1 workday": "1 workdays",
		"2个工作日": "2 workdays", "2工作日": "2 workdays", "48小时": "48h", "30分钟": "30m", "3天": "72h", " 2H ": "2h",
	} {
		s, err := calendar.ParseSpan(text)
		if err != nil || s.String() != want {
			t.Errorf("%q: %s, %v", text, s, err)
		}
	}
	for _, bad := range []string{"", "0h", "h", "2", "-2h", "2 weeks", "2 workdays 3h", "0 workdays", "9999 workdays", "999999m9h"} {
		if s, err := calendar.ParseSpan(bad); !errors.Is(err, calendar.ErrCalendar) {
			t.Errorf("%q: %s, %v", bad, s, err)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	f.Add("2h")
	f.Add("2 个工作日")
	w := china.Working(nil, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := calendar.ParseSpan(text)
		if err != nil {
			return
		}
		again, err := calendar.ParseSpan(s.String())
		if err != nil || again != s {
			t.Fatalf("%q is %s, which is %s, %v", text, s, again, err)
		}
		from := time.Date(2026, 3, 7, 1, 0, 0, 0, time.UTC)
		if !w.Deadline(from, s).After(from) {
			t.Fatalf("%s is due before it begins", s)
		}
	})
}

// BenchmarkDeadline computes when spans of working time end that run into the Spring Festival of 2026 and a leave, and finds the same instants by watching the clock minute
// by minute, as one would without computing.
func BenchmarkDeadline(b *testing.B) {
	zone := shanghai(b)
	leave := calendar.Leave{From: at(b, "2026-03-04 00:00"), To: at(b, "2026-03-06 00:00")}
	w := china.Working(nil, zone, leave)
	from := at(b, "2026-02-13 15:00")
	for _, s := range []calendar.Span{{Time: 2 * time.Hour}, {Time: 48 * time.Hour}, {Workdays: 10}} {
		b.Run(s.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.Deadline(from, s)
			}
		})
	}
	b.Run("48 working hours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w.Add(from, 48*time.Hour)
		}
	})
	b.Run("48 working hours, watched", func(b *testing.B) {
		var watched time.Time
		for b.Loop() {
			watched = from
			for left := 48 * time.Hour; left > 0; watched = watched.Add(time.Minute) {
				if w.Open(watched) {
					left -= time.Minute
				}
			}
		}
		if want := w.Add(from, 48*time.Hour); !watched.Equal(want) {
			b.Fatalf("watched until %s, computed %s", watched, want)
		}
	})
	b.Run("between", func(b *testing.B) {
		to := w.Deadline(from, calendar.Span{Workdays: 10})
		b.ReportAllocs()
		for b.Loop() {
			w.Between(from, to)
		}
	})
	b.Run("workdays of a year", func(b *testing.B) {
		first, last := calendar.DayOf(at(b, "2026-01-01 00:00"), zone), calendar.DayOf(at(b, "2026-12-31 00:00"), zone)
		b.ReportAllocs()
		for b.Loop() {
			china.Workdays(first, last)
		}
	})
}

// BenchmarkNextLunarDay finds the next of a lunar date.
func BenchmarkNextLunarDay(b *testing.B) {
	y, err := calendar.ParseYearly("农历闰六月初一")
	if err != nil {
		b.Fatal(err)
	}
	from := calendar.DayOf(at(b, "2026-08-01 00:00"), shanghai(b))
	b.ReportAllocs()
	for b.Loop() {
		y.Next(from)
	}
}
