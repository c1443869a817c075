package schedules_test

import (
	"errors"
	"testing"
	"time"

	"lingke/schedules"
)

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestSpecIsDueInTheCompanysTimeZone(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC) // Monday 04:00 in Shanghai
	for spec, want := range map[string]time.Time{
		"30 8 * * 1-5":           time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC),
		"30 8 * * 7":             time.Date(2026, 3, 8, 0, 30, 0, 0, time.UTC),
		"30 8 * * 0":             time.Date(2026, 3, 8, 0, 30, 0, 0, time.UTC),
		"CRON_TZ=UTC 30 8 * * *": time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC),
		"@daily":                 time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC),
		"@every 10m":             time.Date(2026, 3, 1, 20, 10, 0, 0, time.UTC),
		"0 0 29 2 *":             time.Date(2028, 2, 28, 16, 0, 0, 0, time.UTC),
	} {
		s, err := schedules.ParseSpec(spec, shanghai(t))
		if err != nil {
			t.Errorf("%q: %v", spec, err)
			continue
		}
		if got := s.Next(from); !got.Equal(want) {
			t.Errorf("%q after %s is due at %s, want %s", spec, from, got.UTC(), want)
		}
	}
}

func TestUnusableSpecsAreRefused(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{
		"", "TZ=Asia/Shanghai", "CRON_TZ=UTC", "TZ=", "0 9 31 2 *", "@every 0s", "@every -5m", "@every 10ms", "@every", "60 * * * *", "* * * *", "TZ=Nowhere/Here 0 9 * * *",
	} {
		if _, err := schedules.ParseSpec(spec, shanghai(t)); !errors.Is(err, schedules.ErrSpec) {
			t.Errorf("ParseSpec(%q): %v, want ErrSpec", spec, err)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, seed := range []string{"30 8 * * 1-5", "TZ=UTC", "@every 1s", "0 0 31 2 *", "CRON_TZ=Asia/Shanghai @daily"} {
		f.Add(seed)
	}
	zone := shanghai(f)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := schedules.ParseSpec(text, zone)
		if err != nil {
			return
		}
		at := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
		if next := s.Next(at); !next.IsZero() && !next.After(at) {
			t.Errorf("%q after %s is due at %s", text, at, next)
		}
	})
}

func TestMissedIsTheLatestDueInstantThatPassed(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) // in Shanghai
	for _, tt := range []struct {
		name, spec string
		last       time.Time
		want       time.Time
	}{
		{"nothing since this morning", "30 8 * * *", noon.Add(-time.Hour), time.Time{}},
		{"this morning's after a night off", "30 8 * * *", noon.Add(-20 * time.Hour), time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC)},
		{"only the latest of many", "30 8 * * *", noon.Add(-90 * 24 * time.Hour), time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC)},
		{"a short interval after a long time", "@every 2s", noon.Add(-90 * 24 * time.Hour), noon},
		{"an interval that is not over", "@every 1h", noon, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := schedules.ParseSpec(tt.spec, shanghai(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Missed(tt.last, noon); !got.Equal(tt.want) {
				t.Errorf("missed %s, want %s", got.UTC(), tt.want)
			}
		})
	}
}
