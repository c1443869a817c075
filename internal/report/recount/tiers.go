package recount

import (
	"time"

	"lingke/internal/report"
)

// Sums is what one tier comes to, money in hundredths of a yuan.
type Sums struct {
	Customers, Retained, Buyers, Spent, Before, Tasks, Done, OnTime, Notes, Complaints int
}

// Said are the sums that a report tells of a tier.
func (l Lists) Said(x report.TierEffect) Sums {
	return Sums{
		x.Customers, x.Retention.Positives, x.Retention.N, l.cents(x.Spent.String()), l.cents(x.Before.String()), x.Tasks, x.Done.Positives, x.OnTime.Positives, x.Contacts, x.Complaints,
	}
}

// Tiers adds up what the customers of each tier, as it was when the period began, came to in the period. A tier without customers is not among them.
func (l Lists) Tiers(p report.Period, scheme string) map[string]Sums {
	tiers, out := l.tiersAt(p.From, scheme), map[string]*Sums{}
	for _, tier := range tiers {
		if out[tier] == nil {
			out[tier] = new(Sums)
		}
		out[tier].Customers++
	}
	l.bought(p, tiers, out)
	l.worked(p, tiers, out)
	for _, row := range l.Activities {
		tier, counts := tiers[row["领客编号"]]
		switch {
		case !counts || !l.in(row["时间"], p):
		case row["类型"] == "note":
			out[tier].Notes++
		case row["类型"] == "complaint":
			out[tier].Complaints++
		}
	}
	sums := make(map[string]Sums, len(out))
	for tier, s := range out {
		sums[tier] = *s
	}
	return sums
}

// tiersAt are the tiers of a scheme that customers had at an instant: those of today, with every later change taken back.
func (l Lists) tiersAt(at time.Time, scheme string) map[string]string {
	tiers := map[string]string{}
	for _, row := range l.Customers {
		if judged := l.when(row["首次评分"]); !judged.IsZero() && !judged.After(at) {
			tiers[row["领客编号"]] = row["层级"]
		}
	}
	for i := len(l.Changes) - 1; i >= 0; i-- { // the latest first
		row := l.Changes[i]
		if _, counts := tiers[row["领客编号"]]; counts && row["方案"] == scheme && l.when(row["时间"]).After(at) {
			tiers[row["领客编号"]] = row["原层级"]
		}
	}
	return tiers
}

// won reports whether an order counts.
func won(row Row) bool { return row["状态"] == "成交" && row["计入"] == "是" }

// bought adds the orders up.
func (l Lists) bought(p report.Period, tiers map[string]string, out map[string]*Sums) {
	earlier := report.Period{From: p.From.Add(-p.To.Sub(p.From)), To: p.From}
	had, again := map[string]bool{}, map[string]bool{}
	for _, row := range l.Orders {
		id := row["领客编号"]
		tier, counts := tiers[id]
		if !counts || !won(row) {
			continue
		}
		amount := l.cents(row["金额"])
		if l.in(row["日期"], p) {
			out[tier].Spent += amount
			again[id] = true
		}
		if l.in(row["日期"], earlier) {
			out[tier].Before += amount
		}
		if l.in(row["日期"], report.Period{From: p.From.AddDate(-1, 0, 0), To: p.From}) {
			had[id] = true
		}
	}
	for id := range had {
		out[tiers[id]].Buyers++
		if again[id] {
			out[tiers[id]].Retained++
		}
	}
}

// worked adds the tasks up.
func (l Lists) worked(p report.Period, tiers map[string]string, out map[string]*Sums) {
	for _, row := range l.Tasks {
		tier, counts := tiers[row["领客编号"]]
		if !counts || !l.due(row, p) {
			continue
		}
		out[tier].Tasks++
		if row["状态"] == "已完成" {
			out[tier].Done++
			if !l.endedLate(row) {
				out[tier].OnTime++
			}
		}
	}
}

// due reports whether a task was due in a period and was not cancelled in time.
func (l Lists) due(row Row, p report.Period) bool {
	return l.in(row["到期时间"], p) && (row["状态"] != "已取消" || l.endedLate(row))
}

func (l Lists) endedLate(row Row) bool {
	return l.when(row["结束时间"]).After(l.when(row["到期时间"]))
}

// TasksOf counts the tasks of one person that were due in a period, and those of them that were done.
func (l Lists) TasksOf(person string, p report.Period) (due, done int) {
	for _, row := range l.Tasks {
		if row["负责人编号"] == person && l.due(row, p) {
			due++
			if row["状态"] == "已完成" {
				done++
			}
		}
	}
	return due, done
}
