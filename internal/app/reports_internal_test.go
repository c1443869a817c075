package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/xuri/excelize/v2"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/exports"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/internal/report"
	"lingke/internal/report/recount"
)

// trade lets n customers buy, be contacted and have tasks over 18 months, scored every month, so that they have tiers that move.
func (c company) trade(a *App, n int) {
	c.t.Helper()
	g := rand.New(rand.NewPCG(11, 12))
	for month := range 18 {
		var all []connectors.Record
		for i := range n {
			id := fmt.Sprint(i)
			if month == i%3*8 { // some come late
				all = append(all, connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: c.Now(), Fields: map[string]string{
					"name": "客户" + id, "headcount": fmt.Sprint(g.IntN(1200)), "nps": fmt.Sprint(g.IntN(11)), "satisfaction": fmt.Sprint(5 + g.IntN(6)),
				}})
			}
			if month >= i%3*8 && g.Float64() < 0.35 {
				all = append(all, connectors.Record{Kind: connectors.Order, ID: fmt.Sprint(id, "-", month), Customer: id, ModifiedAt: c.Now(), Fields: map[string]string{
					"amount": fmt.Sprintf("%d.%02d", g.IntN(90_000), g.IntN(100)), "date": c.Now().Add(-time.Duration(g.IntN(20*24)) * time.Hour).Format(time.RFC3339),
					"status": []string{"won", "won", "won", "lost", "open"}[g.IntN(5)], "reason": "价格",
				}})
			}
			if g.Float64() < 0.2 {
				all = append(all, connectors.Record{Kind: connectors.Activity, ID: fmt.Sprint(id, "-", month), Customer: id, ModifiedAt: c.Now(), Fields: map[string]string{
					"type": []string{"note", "complaint", "visit"}[g.IntN(3)], "date": c.Now().Format(time.RFC3339),
				}})
			}
		}
		c.take(a, all)
		if _, err := a.Rescore(c.t.Context(), nil); err != nil {
			c.t.Fatal(err)
		}
		c.Pass(30 * 24 * time.Hour)
	}
	for id := range c.all(a) {
		due := c.Now().Add(-time.Duration(g.IntN(150*24)) * time.Hour).Truncate(time.Second)
		x := followup.Task{ID: "t-" + id, Customer: id, Owner: []string{"zhangwei", "lina"}[g.IntN(2)], Title: "回访", Kind: "visit", Due: due, Created: due.Add(-time.Hour)}
		if x.State = []followup.State{followup.Open, followup.Done, followup.Done, followup.Cancelled}[g.IntN(4)]; x.State == followup.Done {
			x.Ended = due.Add(time.Duration(g.IntN(48)-24) * time.Hour)
		}
		if _, err := a.store.AddTask(c.t.Context(), x); err != nil {
			c.t.Fatal(err)
		}
	}
	err := a.store.EachCustomer(c.t.Context(), func(one customer.Customer) error {
		one.Expose(customer.Exposure{Play: "ladder", N: 1, At: c.Now().Add(-time.Duration(20+g.IntN(80)) * 24 * time.Hour), Held: g.Float64() < 0.3})
		return a.store.PutCustomer(c.t.Context(), one)
	})
	if err != nil {
		c.t.Fatal(err)
	}
	// A deal that somebody told counts until the ERP tells of it; one of those here is told beside an order.
	for i, one := range []string{"客户1", "客户2"} {
		found, err := a.store.SearchCustomers(c.t.Context(), one, 1)
		if err != nil || len(found) != 1 {
			c.t.Fatal(found, err)
		}
		o := customer.Outcome{Won: true, Amount: customer.FromYuan(7777.77 + float64(i)), By: "lina", At: c.Now().Add(-200 * time.Hour)}
		if err := a.ingest.Outcome(c.t.Context(), o.Order(found[0], "chat", time.UTC)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestReportsAreWhatTheExportAddsUpTo: every figure of tiers and tasks, recomputed from the exported files alone, to the cent.
func TestReportsAreWhatTheExportAddsUpTo(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.trade(a, 240)
	p, err := a.Period("近90天")
	if err != nil {
		t.Fatal(err)
	}
	effects, err := a.Effects(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	all := recount.Read(t, a.cfg.Location, func(r exports.Request, w io.Writer) error { _, err := a.Export(t.Context(), r, w); return err })
	want, moved := all.Tiers(p, effects.Scheme), 0
	for _, x := range effects.Tiers {
		got := all.Said(x)
		if got != want[x.Tier] {
			t.Errorf("tier %s: the report says %+v, the export adds up to %+v", x.Tier, got, want[x.Tier])
		}
		moved += got.Spent
	}
	if moved == 0 || len(all.Changes) == 0 || effects.Unjudged == 0 {
		t.Errorf("nothing to compare: %d cents, %d changes of tiers, %d without a tier", moved, len(all.Changes), effects.Unjudged)
	}
	progress, err := a.Progress(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range progress.People {
		if due, done := all.TasksOf(x.ID, p); x.Due != due || x.Done != done {
			t.Errorf("%s: %d of %d, the export says %d of %d", x.Name, x.Done, x.Due, done, due)
		}
	}
	c.playsAddUp(all, effects)
	c.reportsAreWritten(a, p)
}

// playsAddUp compares a play's effect with the exported parts in it and orders.
func (c company) playsAddUp(all recount.Lists, e report.Effects) {
	c.t.Helper()
	p, want := e.Plays[0], all.Trial(30*24*time.Hour, e.To)
	got := recount.Trial{Treated: p.Treated, Bought: p.Rate.Positives, Held: p.Held, HeldBought: p.HeldRate.Positives, Waiting: p.Waiting}
	if got != want || want.Treated == 0 || want.Held == 0 {
		c.t.Errorf("the report says %+v; the export adds up to %+v", got, want)
	}
	ratio := float64(want.Bought) / float64(want.Treated) / (float64(want.HeldBought) / float64(want.Held))
	if math.Abs(ratio-1-p.Bought.Value) > 1e-9 {
		c.t.Errorf("effect %v, recomputed %v", p.Bought.Value, ratio-1)
	}
}

// reportsAreWritten as text, as a workbook, as a forecast.
func (c company) reportsAreWritten(a *App, p report.Period) {
	c.t.Helper()
	var text strings.Builder
	if err := a.ReportText(c.t.Context(), &text, p, lang.Chinese); err != nil {
		c.t.Fatal(err)
	}
	for _, want := range []string{"【各层效果】", "【各层投入与任务】", "【新客户按得分段】", "【打法效果", "【分层方案对照：points（行）与 money（列）】", "【输单原因】", "张伟", "【今后 13 周销售预测"} {
		if !strings.Contains(text.String(), want) {
			c.t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	var book bytes.Buffer
	if err := a.ReportBook(c.t.Context(), &book, p, lang.Chinese); err != nil {
		c.t.Fatal(err)
	}
	f, err := excelize.OpenReader(&book)
	if err != nil {
		c.t.Fatal(err)
	}
	if rows, err := f.GetRows("各层效果"); err != nil || len(rows) < 4 || rows[0][0] != "层级" {
		c.t.Errorf("%v, %v", rows, err)
	}
	c.areEnglish(a, p)
}

// areEnglish: in the English text and workbook nothing is Chinese but what people and companies, teams, plays and reasons are called.
func (c company) areEnglish(a *App, p report.Period) {
	c.t.Helper()
	var english strings.Builder
	if err := a.ReportText(c.t.Context(), &english, p, lang.English); err != nil {
		c.t.Fatal(err)
	}
	left := english.String()
	for _, person := range a.people.All() {
		left = strings.NewReplacer(person.Name, "", person.Team, "", "价格", "", "客户", "").Replace(left)
	}
	if !strings.Contains(left, "[What the tiers brought]") || strings.ContainsFunc(left, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		c.t.Errorf("in English:\n%s", left)
	}
	var book bytes.Buffer
	if err := a.ReportBook(c.t.Context(), &book, p, lang.English); err != nil {
		c.t.Fatal(err)
	}
	f, err := excelize.OpenReader(&book)
	if err != nil {
		c.t.Fatal(err)
	}
	customers := regexp.MustCompile(`客户\d+`)
	called := func(text string) bool {
		return text == "价格" || slices.ContainsFunc(a.people.All(), func(p access.Person) bool { return text == p.Name || text == p.Team })
	}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, row := range append(rows, []string{sheet}) {
			for _, cell := range row {
				cell = customers.ReplaceAllString(cell, "")
				if strings.ContainsFunc(cell, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && !called(cell) {
					c.t.Errorf("sheet %q: %q", sheet, cell)
				}
			}
		}
	}
}

// TestManagersAreToldOncePerWeekAndMonth: on Monday of the week before, on the first of the month before, each once however often the job runs.
func TestManagersAreToldOncePerWeekAndMonth(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.write("lingke.yaml", strings.Replace(testConfig, "people:\n", "people:\n  - {id: wangli, name: 王丽, role: manager, dingtalk: boss, wecom: WangLi}\n", 1))
	a := c.open()
	c.trade(a, 30)
	monday := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	for range 2 {
		for _, tell := range []func(context.Context, time.Time) error{a.tellWeek, a.tellMonth} {
			if err := tell(t.Context(), monday); err != nil {
				t.Fatal(err)
			}
		}
	}
	all, _, err := a.store.Deliveries(t.Context(), delivery.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	cards, files := map[bots.Platform]int{}, 0
	for _, d := range all {
		switch {
		case d.Card != nil && d.Kind == "report":
			cards[d.Platform]++
			if !strings.Contains(d.Card.Body, "任务完成") || !strings.Contains(d.Card.Body, "留存") {
				t.Errorf("the card says %s", d.Card.Body)
			}
		case d.File != nil:
			files++
			if !d.File.Picture() || len(d.File.Data) < 10_000 || d.File.Alt == "" {
				t.Errorf("file %s of %d bytes", d.File.Name, len(d.File.Data))
			}
		}
	}
	if cards[bots.DingTalk] != 2 || cards[bots.WeCom] != 2 || files != 4 {
		t.Errorf("cards %v, %d files", cards, files)
	}
}

// TestAModelIsMeasuredOnTheStoreItself: customers as they were half a year ago, by what they bought since; the draft goes into a file of its own.
func TestAModelIsMeasuredOnTheStoreItself(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.trade(a, 240)
	day := c.Now().AddDate(0, 0, -120)
	var out strings.Builder
	of := ValidateOptions{Edges: bandEdges, Chart: c.dir + "/chart.png"}
	if err := a.ValidateStore(t.Context(), PastOptions{Day: day.Format(time.DateOnly), Days: 90}, of, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"此后 90 天内成交即为成交", "模型 base@", "AUC", "80 以上", "图表："} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	for name, o := range map[string]PastOptions{
		"too late to know": {Day: c.Now().Format(time.DateOnly), Days: 90}, "no day": {Day: "gestern", Days: 90}, "no such model": {Day: day.Format(time.DateOnly), Days: 90, Model: "nobody@1"},
	} {
		if err := a.ValidateStore(t.Context(), o, of, &out); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
