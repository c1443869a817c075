package app

import (
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/calendar"
)

// TestAMissingYearIsToldWhereAFileCanNameIt: from December on whoever keeps the config is told that the next year's holidays are not known; a demo, which has no file, says
// nothing that nobody can mend.
func TestAMissingYearIsToldWhereAFileCanNameIt(t *testing.T) {
	t.Parallel()
	known := slices.MaxFunc(calendar.Shipped(), func(a, b calendar.Year) int { return a.Year - b.Year }).Year
	zone := time.FixedZone("", 8*60*60)
	december := time.Date(known, 12, 1, 0, 0, 0, 0, zone)
	for _, tt := range []struct {
		name string
		at   time.Time
		file bool
		told bool
	}{
		{"the last moment before December", december.Add(-time.Millisecond), true, false},
		{"December", december, true, true},
		{"the year itself", december.AddDate(0, 1, 0), true, true},
		{"December without a file", december, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCompany(t)
			lines := new(logLines)
			opts := []Option{WithLogger(slog.New(slog.NewTextHandler(lines, nil))), WithClock(func() time.Time { return tt.at })}
			if tt.file {
				opts = append(opts, WithReload(filepath.Join(c.dir, "lingke.yaml")))
			}
			c.open(opts...)
			if told := strings.Contains(lines.String(), "holidays of a year are not known"); told != tt.told {
				t.Errorf("told %v, want %v:\n%s", told, tt.told, lines)
			}
		})
	}
}
