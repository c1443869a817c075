package e2e_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lingke/internal/delivery"
	"lingke/internal/exports"
	"lingke/internal/lang"
	"lingke/internal/report"
)

// checkReport: on the first of a month, when managers have got their report, its figures are those that the exported lists add up to, to the cent; so are those of the month.
func (y *year) checkReport() {
	y.t.Helper()
	to := time.Date(y.at.Year(), y.at.Month(), 1, 0, 0, 0, 0, y.zone)
	all := y.exported()
	card := y.checkFigures(all, report.Period{From: to.AddDate(0, 0, -90), To: to})
	y.checkReportCard(card, to.AddDate(0, -1, 0))
	y.checkFigures(all, report.Period{From: to.AddDate(0, -1, 0), To: to})
	y.counts["reports recomputed"]++
}

// checkFigures compares what the report says of the tiers in a period with what the lists add up to.
func (y *year) checkFigures(all lists, p report.Period) report.Effects {
	y.t.Helper()
	effects, err := y.app.Effects(y.t.Context(), p)
	if err != nil {
		y.t.Fatal(err)
	}
	want := all.tiers(p, effects.Scheme)
	for _, x := range effects.Tiers {
		sum := want[x.Tier]
		if sum == nil {
			sum = new(summed)
		}
		got := summed{
			x.Customers, x.Retention.Positives, x.Retention.N, y.cents(x.Spent.String()), y.cents(x.Before.String()), x.Tasks, x.Done.Positives, x.OnTime.Positives, x.Contacts, x.Complaints,
		}
		if got != *sum {
			y.t.Errorf("%s: tier %s: the report says %+v, the export adds up to %+v", y.at, x.Tier, got, *sum)
		}
		y.counts["yuan in reports"] += got.spent / 100
		y.counts["tasks in reports"] += got.tasks
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

// lists are the exported lists, row by row, by heading.
type lists struct {
	y                                             *year
	customers, changes, orders, tasks, activities []map[string]string
}

func (y *year) exported() lists {
	y.t.Helper()
	return lists{y, y.rows(exports.Customers), y.rows(exports.Changes), y.rows(exports.Orders), y.rows(exports.Tasks), y.rows(exports.Activities)}
}

// rows are what lingke export writes.
func (y *year) rows(list string) (rows []map[string]string) {
	y.t.Helper()
	var out bytes.Buffer
	if _, err := y.app.Export(y.t.Context(), exports.Request{List: list, File: list + ".csv"}, &out); err != nil {
		y.t.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
	if err != nil {
		y.t.Fatal(err)
	}
	for _, cells := range all[1:] {
		row := make(map[string]string, len(cells))
		for i, text := range cells {
			row[all[0][i]] = text
		}
		rows = append(rows, row)
	}
	return rows
}

// summed is what one tier comes to, added up in the plainest way, money in hundredths of a yuan.
type summed struct {
	customers, retained, buyers, spent, before, tasks, done, onTime, notes, complaints int
}

func (y *year) cents(text string) int {
	y.t.Helper()
	whole, fraction, _ := strings.Cut(text, ".")
	yuan, err := strconv.Atoi(whole)
	part, err2 := strconv.Atoi((fraction + "00")[:2])
	if err != nil || err2 != nil || len(fraction) > 2 {
		y.t.Fatalf("amount %q", text)
	}
	return yuan*100 + part
}

func (y *year) when(text string) (at time.Time) {
	y.t.Helper()
	if text == "" {
		return at
	}
	at, err := time.ParseInLocation(time.DateTime, text, y.zone)
	if err != nil {
		y.t.Fatal(err)
	}
	return at
}

// in reports whether a written instant lies in a period.
func (y *year) in(text string, p report.Period) bool {
	at := y.when(text)
	return !at.Before(p.From) && at.Before(p.To)
}

// tiersAt are the tiers of a scheme that customers had at an instant: those of today, with every later change taken back.
func (l lists) tiersAt(at time.Time, scheme string) map[string]string {
	tiers := map[string]string{}
	for _, row := range l.customers {
		if judged := l.y.when(row["首次评分"]); !judged.IsZero() && !judged.After(at) {
			tiers[row["领客编号"]] = row["层级"]
		}
	}
	for i := len(l.changes) - 1; i >= 0; i-- { // the latest first
		row := l.changes[i]
		if _, counts := tiers[row["领客编号"]]; counts && row["方案"] == scheme && l.y.when(row["时间"]).After(at) {
			tiers[row["领客编号"]] = row["原层级"]
		}
	}
	return tiers
}

// tiers adds everything up.
func (l lists) tiers(p report.Period, scheme string) map[string]*summed {
	tiers, out := l.tiersAt(p.From, scheme), map[string]*summed{}
	for _, tier := range tiers {
		if out[tier] == nil {
			out[tier] = new(summed)
		}
		out[tier].customers++
	}
	l.bought(p, tiers, out)
	for _, row := range l.tasks {
		tier, counts := tiers[row["领客编号"]]
		if !counts || !l.y.in(row["到期时间"], p) || row["状态"] == "已取消" {
			continue
		}
		out[tier].tasks++
		if row["状态"] == "已完成" {
			out[tier].done++
			if !l.y.when(row["结束时间"]).After(l.y.when(row["到期时间"])) {
				out[tier].onTime++
			}
		}
	}
	for _, row := range l.activities {
		tier, counts := tiers[row["领客编号"]]
		switch {
		case !counts || !l.y.in(row["时间"], p):
		case row["类型"] == "note":
			out[tier].notes++
		case row["类型"] == "complaint":
			out[tier].complaints++
		}
	}
	return out
}

// bought adds the orders up.
func (l lists) bought(p report.Period, tiers map[string]string, out map[string]*summed) {
	had, again := map[string]bool{}, map[string]bool{}
	for _, row := range l.orders {
		id := row["领客编号"]
		tier, counts := tiers[id]
		if !counts || row["状态"] != "成交" || row["计入"] != "是" {
			continue
		}
		amount := l.y.cents(row["金额"])
		if l.y.in(row["日期"], p) {
			out[tier].spent += amount
			again[id] = true
		}
		if l.y.in(row["日期"], p.Before()) {
			out[tier].before += amount
		}
		if l.y.in(row["日期"], report.Period{From: p.From.AddDate(-1, 0, 0), To: p.From}) {
			had[id] = true
		}
	}
	for id := range had {
		out[tiers[id]].buyers++
		if again[id] {
			out[tiers[id]].retained++
		}
	}
}
