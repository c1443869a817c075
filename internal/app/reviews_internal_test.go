package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/delivery"
)

func TestReviewsAreToldOnTheFirstWorkdayOfTheirMonths(t *testing.T) {
	t.Parallel()
	cal := calendar.New(calendar.Shipped()...)
	zone := time.FixedZone("Asia/Shanghai", 8*3600)
	told := map[string][]string{}
	for d := calendar.Date(2026, 1, 1); d < calendar.Date(2027, 1, 1); d++ {
		for _, r := range reviews {
			if day, ok := r.latest(cal, d.At(9*time.Hour+30*time.Minute, zone), zone); ok && day == d {
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
		t.Errorf("the table: %v", told["review-table"])
	}
}

func TestAReviewThatDowntimeMissedIsMadeUpOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, review string
		runs         []string // days on which a gateway runs the job, twice each
		want         []string // those on which managers are told
	}{
		{"each on its day", "review-table", []string{"2026-03-31", "2026-04-01", "2026-04-02", "2026-05-06"}, []string{"2026-04-01", "2026-05-06"}},
		{"down on the day", "review-table", []string{"2026-03-31", "2026-04-07", "2026-04-08"}, []string{"2026-04-07"}},
		{"down for two months: once", "review-table", []string{"2026-03-31", "2026-06-10", "2026-06-11"}, []string{"2026-06-10"}},
		{"up again on a Saturday: on Monday", "review-table", []string{"2026-03-31", "2026-04-11", "2026-04-13"}, []string{"2026-04-13"}},
		{"the quarter's, in the month after", "review-model", []string{"2026-03-31", "2026-05-12", "2026-05-13"}, []string{"2026-05-12"}},
		{"the year's, in March", "review-tiers", []string{"2025-12-31", "2026-03-03", "2026-03-04", "2026-12-31"}, []string{"2026-03-03"}},
		{"a new installation is not asked for what was before", "review-model", []string{"2026-03-20", "2026-03-23", "2026-04-01"}, []string{"2026-04-01"}},
		{"installed on the day", "review-model", []string{"2026-04-01", "2026-04-02"}, []string{"2026-04-01"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCompany(t)
			c.write("lingke.yaml", strings.Replace(testConfig, "pools:", "  - {id: boss, name: 王主管, role: manager, dingtalk: boss1}\npools:", 1))
			a := c.open()
			i := slices.IndexFunc(reviews, func(r review) bool { return r.name == tt.review })
			texts := func() (n int, last string) {
				page, _, err := a.store.Deliveries(t.Context(), delivery.Query{Limit: 100})
				if err != nil {
					t.Fatal(err)
				}
				if len(page) > 0 {
					last = page[0].Text
				}
				return len(page), last
			}
			var got []string
			for _, day := range tt.runs {
				at, err := time.ParseInLocation("2006-01-02 15:04", day+" 09:30", a.cfg.Location)
				if err != nil {
					t.Fatal(err)
				}
				before, _ := texts()
				for range 2 {
					if _, err := a.review(t.Context(), reviews[i], at); err != nil {
						t.Fatal(err)
					}
				}
				after, last := texts()
				if after-before > 1 {
					t.Fatalf("told %d times on %s", after-before, day)
				}
				if after > before {
					got = append(got, day)
					first, _ := reviews[i].latest(a.working.Load().calendar, at, a.cfg.Location)
					if late := strings.Contains(last, "补发"); late != (first.String() != day) {
						t.Errorf("on %s managers read %q", day, last)
					}
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("told on %v, want %v", got, tt.want)
			}
		})
	}
}
