package calendar_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lingke/internal/calendar"
)

// digest is everything that the calendar computes of three years, in one line: deadlines from every third hour on, with and without leave, days of the year of
// both calendars, leave as it is written, and when the next year is missing.
func digest(t *testing.T) string {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	c := calendar.New(calendar.Shipped()...)
	away, err := calendar.ParseLeave("2026-03-04..2026-03-06", zone)
	if err != nil {
		t.Fatal(err)
	}
	spans := []calendar.Span{calendar.HoursSpan(30 * time.Minute), calendar.HoursSpan(2 * time.Hour), calendar.HoursSpan(48 * time.Hour), {Workdays: 2}}
	for _, w := range []calendar.Working{c.Working(nil, zone), c.Working(calendar.Hours{{From: 10 * time.Hour, To: 19 * time.Hour}}, zone, away)} {
		for at := time.Date(2024, 12, 25, 0, 0, 0, 0, zone); at.Year() < 2027; at = at.Add(3 * time.Hour) {
			for _, s := range spans {
				fmt.Fprintln(sum, w.Deadline(at, s).Unix(), w.Away(at), w.Open(at))
			}
		}
	}
	for _, text := range []string{"1988-05-17", "2月29日", "农历八月十五", "农历闰四月初一", "农历腊月三十"} {
		y, err := calendar.ParseYearly(text)
		if err != nil {
			t.Fatal(err)
		}
		for year := 2020; year < 2040; year++ {
			fmt.Fprintln(sum, y.In(year), y.Next(calendar.Date(year, 7, 1)))
		}
	}
	for _, at := range []time.Time{time.Date(2026, 11, 30, 23, 59, 59, 0, zone), time.Date(2026, 12, 1, 0, 0, 0, 0, zone)} {
		fmt.Fprintln(sum, fmt.Sprint(c.Missing(at, zone)))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// TestTheSameOnMachinesOfAnyZone runs itself again as on machines of other zones, two of them with other clocks in summer or far behind.
func TestTheSameOnMachinesOfAnyZone(t *testing.T) {
	const child = "LINGKE_TEST_ZONE_CHILD"
	here := digest(t)
	if os.Getenv(child) != "" {
		fmt.Printf("digest %s %s\n", here, time.Local)
		return
	}
	for _, zone := range []string{"Asia/Shanghai", "UTC", "America/Los_Angeles", "Europe/Berlin"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTheSameOnMachinesOfAnyZone$", "-test.v")
		cmd.Env = append(os.Environ(), "TZ="+zone, child+"=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("TZ=%s: %v\n%s", zone, err, out)
		}
		if !strings.Contains(string(out), "digest "+here) {
			t.Errorf("TZ=%s: another result than %s:\n%s", zone, here, out)
		}
	}
}

// TestAMissingYearIsMissedFromTheFirstOfDecember is what the doctor and the log warn by.
func TestAMissingYearIsMissedFromTheFirstOfDecember(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	c := calendar.New(calendar.Shipped()...) // through 2026
	for _, tt := range []struct {
		at      time.Time
		year    int
		missing bool
	}{
		{time.Date(2026, 11, 30, 23, 59, 59, 0, zone), 2026, false}, {time.Date(2026, 12, 1, 0, 0, 0, 0, zone), 2027, true}, {time.Date(2027, 2, 1, 0, 0, 0, 0, zone), 2027, true},
		{time.Date(2025, 12, 1, 0, 0, 0, 0, zone), 2026, false},
	} {
		if year, missing := c.Missing(tt.at, zone); missing != tt.missing || missing && year != tt.year {
			t.Errorf("%s: %d, %v", tt.at, year, missing)
		}
	}
}
