package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"lingke/internal/calendar"
)

func TestReviewsAreToldOnTheFirstWorkdayOfTheirMonths(t *testing.T) {
	t.Parallel()
	cal := calendar.New(calendar.Shipped()...)
	zone := time.FixedZone("Asia/Shanghai", 8*3600)
	told := map[string][]string{}
	for d := calendar.Date(2026, 1, 1); d < calendar.Date(2027, 1, 1); d++ {
		for _, r := range reviews {
			if r.dueOn(cal, d.At(9*time.Hour+30*time.Minute, zone), zone) {
				told[r.name] = append(told[r.name], d.String())
			}
		}
	}
	if got := told["review-model"]; !slices.Equal(got, []string{"2026-01-04", "2026-04-01", "2026-07-01", "2026-10-08"}) {
		t.Errorf("the model: %v", got) // 4 January is a make-up workday, October begins with holidays
	}
	if got := told["review-tiers"]; !slices.Equal(got, []string{"2026-01-04"}) {
		t.Errorf("the tiers: %v", got)
	}
	if got := len(told["review-table"]); got != 12 {
		t.Errorf("the table: %s", fmt.Sprint(told["review-table"]))
	}
}
