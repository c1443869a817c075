package e2e_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/followup"
)

var nightlyCustomers = flag.Int("nightly.customers", 2_000, "customers that the nightly benchmark's jobs look at; two of three have an owner")

// nightly are the jobs of a night and a morning that look at every customer, in the order of the timetable.
var nightly = []string{"rescore", "churn", "anniversaries", "plays", "cadence", "ownership", "sweep"}

// BenchmarkNightly runs the jobs of one night and morning with everything that ships in force, each on its own: how many seconds it takes, and how often the time of a bare scan
// that decodes the customers (x-scan). The second round is a usual day; the first has all that was never asked for, and fits the limits of the day. rss-MB is
// the most memory that the process held in a job, and in any of them.
func BenchmarkNightly(b *testing.B) {
	const reps = 40
	var config strings.Builder
	fmt.Fprintf(&config, "store: {uri: \"sqlite://%s\"}\npeople:\n  - {id: boss, name: 王主管, role: manager, dingtalk: boss}\n", filepath.Join(b.TempDir(), "nightly.db"))
	for i := range reps {
		fmt.Fprintf(&config, "  - {id: rep%d, name: 销售%d, team: 销售, dingtalk: rep%d, holding: 1000000}\n", i, i, i)
	}
	config.WriteString("pools:\n  - {name: 线索池, when: \"true\", team: 销售, strategy: claim}\n")
	now := orderStart // Monday, nine o'clock
	a := filledApp(b, config.String(), *nightlyCustomers, func() time.Time { return now }, func(c *customer.Customer) {
		sum := fnv.New32a()
		_, _ = sum.Write([]byte(c.ID))
		if n := sum.Sum32(); n%3 > 0 {
			c.Owner, c.OwnedAt, c.Judged = fmt.Sprint("rep", n%reps), orderStart.AddDate(0, 0, -int(n%200)-2), orderStart.AddDate(0, 0, -300)
		}
	})
	for b.Loop() {
		for _, round := range []string{"first", "usual"} {
			now = now.AddDate(0, 0, 1)
			scan := measured(b, func() error {
				return a.Store().EachCustomer(b.Context(), func(customer.Customer) error { return nil })
			})
			b.ReportMetric(scan.wall.Seconds(), round+"-scan-s")
			all, most := cost{}, 0.0
			for _, job := range nightly {
				forgetPeak()
				one := measured(b, func() error { return a.RunJob(b.Context(), job, io.Discard) })
				b.ReportMetric(one.wall.Seconds(), round+"-"+job+"-s")
				all.wall, all.cpu = all.wall+one.wall, all.cpu+one.cpu
				if mb, ok := peakMemory(); ok {
					b.ReportMetric(mb, round+"-"+job+"-rss-MB")
					most = max(most, mb)
				}
			}
			b.ReportMetric(all.wall.Seconds(), round+"-all-s")
			b.ReportMetric(all.wall.Seconds()/scan.wall.Seconds()/float64(len(nightly)), round+"-x-scan-each")
			b.ReportMetric(most, round+"-rss-MB")
		}
	}
	asked, _, err := a.Store().Tasks(b.Context(), followup.Query{State: followup.Open, Limit: 1000})
	if err != nil || len(asked) < reps {
		b.Errorf("%d tasks were asked for: %v", len(asked), err)
	}
}
