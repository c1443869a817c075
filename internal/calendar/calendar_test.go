package calendar_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lingke/internal/calendar"
)

var china = calendar.New(calendar.Shipped()...)

func day(t testing.TB, text string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestHolidaysAndMakeUpDaysOfTheDecrees(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		day  string
		work bool
		name string
	}{
		{"2026-01-01", false, "元旦"},
		{"2026-01-04", true, "元旦"},   // a Sunday that is worked
		{"2026-02-14", true, "春节"},   // a Saturday that is worked
		{"2026-02-16", false, "春节"},  // a Monday off
		{"2026-02-24", true, ""},     // the Tuesday after
		{"2026-02-28", true, "春节"},   // a Saturday that is worked
		{"2026-03-02", true, ""},     // a Monday
		{"2026-03-07", false, ""},    // a Saturday
		{"2026-09-25", false, "中秋节"}, // a Friday off
		{"2026-10-10", true, "国庆节"},
		{"2024-10-12", true, "国庆节"},
		{"2022-12-31", false, "元旦"}, // told by the decree for 2023
		{"2027-02-08", true, ""},    // a Monday of a year that is not known
	} {
		if got := china.Workday(day(t, tt.day)); got != tt.work {
			t.Errorf("%s is a workday: %v", tt.day, got)
		}
		if got := china.Holiday(day(t, tt.day)); got != tt.name {
			t.Errorf("%s is called %q, want %q", tt.day, got, tt.name)
		}
	}
}

// TestWorkdaysOfTheYears holds the data to the numbers of workdays that follow from the decrees: 52 weeks, what is free, what is made up for.
func TestWorkdaysOfTheYears(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]int{2023: 249, 2024: 251, 2025: 248, 2026: 248} {
		if got := china.Workdays(calendar.Date(year, 1, 1), calendar.Date(year+1, 1, 1)); got != want {
			t.Errorf("%d has %d workdays, want %d", year, got, want)
		}
	}
}

func TestCountingWorkdaysIsWhatWalkingThemGives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := calendar.Date(2022, 12, 1) + calendar.Day(rapid.IntRange(0, 1600).Draw(t, "day"))
		n := rapid.IntRange(-60, 60).Draw(t, "n")
		want, step := d, calendar.Day(1)
		if n < 0 {
			step = -1
		}
		for left := max(n, -n); left > 0; {
			want += step
			if china.Workday(want) {
				left--
			}
		}
		for n == 0 && !china.Workday(want) {
			want++
		}
		if got := china.AddWorkdays(d, n); got != want {
			t.Fatalf("%s and %d workdays is %s, want %s", d, n, got, want)
		}
		if n > 0 {
			if got := china.Workdays(d+1, want+1); got != n {
				t.Fatalf("%d workdays from %s to %s, want %d", got, d, want, n)
			}
		}
		last := d
		for !china.Workday(last) {
			last--
		}
		if got := china.LastWorkday(d); got != last {
			t.Fatalf("last workday by %s is %s, want %s", d, got, last)
		}
	})
}

func TestAYearThatNobodyToldOfIsNamed(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	for _, tt := range []struct {
		now     time.Time
		year    int
		missing bool
	}{
		{time.Date(2026, 11, 30, 15, 59, 0, 0, time.UTC), 2026, false},
		{time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC), 2027, true}, // already December in China
		{time.Date(2025, 12, 15, 0, 0, 0, 0, time.UTC), 2026, false},
		{time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), 2027, true},
	} {
		if year, missing := china.Missing(tt.now, zone); year != tt.year || missing != tt.missing {
			t.Errorf("%s: %d %v", tt.now, year, missing)
		}
	}
	if china.Known(2027) || !china.Known(2026) {
		t.Error(china)
	}
}

func TestBothFormsOfHolidayFilesSayTheSame(t *testing.T) {
	t.Parallel()
	a, err := calendar.ParseYears("a.json", []byte(`{"year": 2027, "papers": [], "days": [
		{"name": "元旦", "date": "2027-01-01", "isOffDay": true}, {"name": "春节", "date": "2027-02-06", "isOffDay": false}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := calendar.ParseYears("b.json", []byte(`{"holidays": {"2027-01-01": "New Year's Day,元旦,1"}, "workdays": {"2027-02-06": "Spring Festival,春节,4"}, "inLieuDays": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	same := func(x, y calendar.Year) bool {
		return x.Year == y.Year && maps.Equal(x.Off, y.Off) && maps.Equal(x.Work, y.Work)
	}
	if !slices.EqualFunc(a, b, same) || len(a) != 1 {
		t.Errorf("%v\n%v", a, b)
	}
	c := calendar.New(a...)
	if c.Workday(day(t, "2027-01-01")) || !c.Workday(day(t, "2027-02-06")) || !c.Known(2027) {
		t.Error("the file does not count")
	}
}

func TestHolidayFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":                 `<html>`,
		"an empty year":           `{"year": 2027, "papers": [], "days": []}`,
		"something else":          `{"name": "x"}`,
		"no date":                 `{"year": 2027, "days": [{"name": "元旦", "date": "1.1.", "isOffDay": true}]}`,
		"a day of another time":   `{"year": 2027, "days": [{"name": "元旦", "date": "2017-01-01", "isOffDay": true}]}`,
		"neither free nor work":   `{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01"}]}`,
		"both free and work":      `{"holidays": {"2027-01-01": "a"}, "workdays": {"2027-01-01": "a"}}`,
		"more than anybody needs": "{\"year\": 2027" + string(slices.Repeat([]byte(" "), 1<<20)) + "}",
	} {
		if years, err := calendar.ParseYears("h.json", []byte(text)); !errors.Is(err, calendar.ErrCalendar) {
			t.Errorf("%s: %v, %v", name, years, err)
		}
	}
}

func TestDaysKeepTheirDates(t *testing.T) {
	t.Parallel()
	for d := calendar.Date(1969, 12, 1); d < calendar.Date(1971, 1, 1); d++ {
		utc := time.Unix(int64(d)*86400, 0).UTC()
		if d.String() != utc.Format(time.DateOnly) || d.Weekday() != utc.Weekday() || calendar.Date(d.Date()) != d || d.Year() != utc.Year() {
			t.Fatalf("%d is %s, %s", d, d, d.Weekday())
		}
	}
	if _, err := calendar.ParseDay("2026-02-30"); !errors.Is(err, calendar.ErrCalendar) {
		t.Error(err)
	}
}

func TestMonthsAfterEndWithTheMonth(t *testing.T) {
	t.Parallel()
	zone := shanghai(t)
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-12-31 15:04", 2, "2027-02-28 15:04"},
		{"2027-12-31 15:04", 2, "2028-02-29 15:04"},
		{"2027-03-31 00:00", -1, "2027-02-28 00:00"},
		{"2028-02-29 00:00", -12, "2027-02-28 00:00"},
		{"2026-12-30 23:59", 3, "2027-03-30 23:59"},
		{"2027-01-15 09:00", -13, "2025-12-15 09:00"},
		{"2027-01-31 09:00", 0, "2027-01-31 09:00"},
	} {
		from, err := time.ParseInLocation("2006-01-02 15:04", tt.from, zone)
		if err != nil {
			t.Fatal(err)
		}
		if at := calendar.MonthsAfter(from, tt.n); at.Format("2006-01-02 15:04") != tt.want || at.Location() != zone {
			t.Errorf("%d months after %s is %s, want %s", tt.n, tt.from, at, tt.want)
		}
	}
}

func FuzzParseYears(f *testing.F) {
	f.Add([]byte(`{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}`))
	f.Add([]byte(`{"holidays": {"2027-01-01": "New Year's Day,元旦,1"}, "workdays": {"2027-02-06": ""}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		years, err := calendar.ParseYears("f.json", text)
		if err != nil {
			return
		}
		c := calendar.New(years...)
		for _, y := range years {
			for d := range y.Off {
				if c.Workday(d) && c.Holiday(d) == "" {
					t.Fatalf("%s is free by the file", d)
				}
			}
			from, to := calendar.Date(y.Year, 1, 1), calendar.Date(y.Year+1, 1, 1)
			if n := c.Workdays(from, to); n < 0 || n > 366 {
				t.Fatalf("%d workdays", n)
			}
		}
	})
}
