package e2e_test

import (
	"fmt"
	"io"
	"strings"
	"time"

	"lingke/internal/delivery"
	"lingke/internal/exports"
	"lingke/internal/lang"
	"lingke/internal/report"
	"lingke/internal/report/recount"
)

// checkReport: on the first of a month, when managers have got their report, its figures are those that the exported lists add up to, to the cent; so are those of the month.
func (y *year) checkReport() {
	y.t.Helper()
	to := time.Date(y.at.Year(), y.at.Month(), 1, 0, 0, 0, 0, y.zone)
	all := recount.Read(y.t, y.zone, func(r exports.Request, w io.Writer) error { _, err := y.app.Export(y.t.Context(), r, w); return err })
	card := y.checkFigures(all, report.Period{From: to.AddDate(0, 0, -90), To: to})
	y.checkReportCard(card, to.AddDate(0, -1, 0))
	y.checkFigures(all, report.Period{From: to.AddDate(0, -1, 0), To: to})
	y.counts["reports recomputed"]++
}

// checkFigures compares what the report says of the tiers in a period with what the lists add up to.
func (y *year) checkFigures(all recount.Lists, p report.Period) report.Effects {
	y.t.Helper()
	effects, err := y.app.Effects(y.t.Context(), p)
	if err != nil {
		y.t.Fatal(err)
	}
	want := all.Tiers(p, effects.Scheme)
	for _, x := range effects.Tiers {
		got := all.Said(x)
		if got != want[x.Tier] {
			y.t.Errorf("%s: tier %s: the report says %+v, the export adds up to %+v", y.at, x.Tier, got, want[x.Tier])
		}
		y.counts["yuan in reports"] += got.Spent / 100
		y.counts["tasks in reports"] += got.Tasks
	}
	if effects.Derived != 0 {
		y.t.Errorf("%s: %d tiers are derived, although everybody came while Lingke was there", y.at, effects.Derived)
	}
	return effects
}

// checkReportCard: both managers were shown these figures.
func (y *year) checkReportCard(e report.Effects, month time.Time) {
	y.t.Helper()
	for _, platform := range platforms {
		d, err := y.store.Delivery(y.t.Context(), fmt.Sprintf("report-month-%s-%s-0", month.Format("2006-01"), platform))
		if err != nil || d.Card == nil || d.State != delivery.Done || !strings.Contains(d.Card.Body, e.Brief(lang.Chinese, y.zone)) {
			y.t.Errorf("%s: the month's card on %s: %+v, %v; want it to say\n%s", y.at, platform, d.Card, err, e.Brief(lang.Chinese, y.zone))
		}
	}
}
