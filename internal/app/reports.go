package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"lingke/bots"
	"lingke/connectors/sheet"
	"lingke/internal/lang"
	"lingke/internal/report"
)

// bandEdges part scores as the shipped pools do.
var bandEdges = []float64{50, 80}

// Effects is what tiers, scores and plays brought in a period.
func (a *App) Effects(ctx context.Context, p report.Period) (report.Effects, error) {
	return report.Effect(ctx, a.store, a.effectQuestion(p))
}

func (a *App) effectQuestion(p report.Period) report.Question {
	rules := a.rules.Load()
	return report.Question{Period: p, Schemes: rules.Schemes, Models: rules.Models, Bands: bandEdges, Plays: a.playsToReport()}
}

// playsToReport are the plays of the config in force. One that cannot be read is told of under its id.
func (a *App) playsToReport() map[string]report.Play {
	plays, err := a.ruleConfig.Load().LoadPlays(playChecks()...)
	if err != nil || plays == nil {
		return nil
	}
	out := make(map[string]report.Play, len(plays.Plays))
	for _, p := range plays.Plays {
		out[p.ID] = report.Play{Title: lang.Text(p.Name), Measure: time.Duration(p.Measure)}
	}
	return out
}

// Progress is how the tasks stand that are due in a period.
func (a *App) Progress(ctx context.Context, p report.Period) (report.Progress, error) {
	return report.ProgressOf(ctx, a.store, p, a.people.All(), a.now())
}

// Forecast is what the customers of each tier will buy in the next quarter of a year.
func (a *App) Forecast(ctx context.Context) (report.Forecast, error) {
	return report.ForecastOf(ctx, a.store, a.rules.Load().Schemes, a.now().In(a.cfg.Location))
}

// Period reads what people call a period; see report.ParsePeriod.
func (a *App) Period(text string) (report.Period, error) {
	return report.ParsePeriod(text, a.now(), a.cfg.Location)
}

// tellPeriod tells managers what the period that has just ended brought.
func (a *App) tellPeriod(ctx context.Context, p lastPeriod) error {
	write, effects, err := a.writePeriod(ctx, p)
	if err != nil {
		return err
	}
	return a.dispatch.Report(ctx, p.id, write, func(l lang.Language) *bots.Attachment { return picture(l, effects) })
}

// lastPeriod is a period of which managers are told when it has ended.
type lastPeriod struct {
	report.Period
	id     string
	called lang.Text
}

// writePeriod returns what writes of a period in a language: the work in it, and what the tiers brought in the quarter of a year that ends with it.
func (a *App) writePeriod(ctx context.Context, p lastPeriod) (write func(lang.Language) (title, body string), effects report.Effects, err error) {
	progress, err := a.Progress(ctx, p.Period)
	if err != nil {
		return nil, effects, err
	}
	if effects, err = a.Effects(ctx, report.Period{From: p.To.AddDate(0, 0, -90), To: p.To}); err != nil {
		return nil, effects, err
	}
	return func(l lang.Language) (title, body string) {
		return p.called.In(l), l.Say("**任务完成**\n", "**Tasks done**\n") + progress.Brief(l, a.cfg.Location) +
			l.Say("\n\n**分层效果（近 90 天）**\n", "\n\n**What the tiers brought (90 days)**\n") + effects.Brief(l, a.cfg.Location)
	}, effects, nil
}

// picture is the chart of a report; nil where none can be drawn, since the text says the same.
func picture(l lang.Language, e report.Effects) *bots.Attachment {
	data, err := e.Chart(l)
	if err != nil || len(data) > bots.MaxAttachment {
		return nil
	}
	return &bots.Attachment{Name: "report.png", Data: data, Alt: l.Say("图表：各层留存率与新客户各得分段成交率，数字见上面的卡片", "Chart: retention by tier, conversion of newcomers by score; the card above has the figures")}
}

func (a *App) tellWeek(ctx context.Context, due time.Time) error {
	p, err := a.weekBefore(due)
	if err != nil {
		return err
	}
	return a.tellPeriod(ctx, p)
}

func (a *App) tellMonth(ctx context.Context, due time.Time) error {
	p, err := a.monthBefore(due)
	if err != nil {
		return err
	}
	return a.tellPeriod(ctx, p)
}

func (a *App) weekBefore(at time.Time) (lastPeriod, error) {
	p, err := report.ParsePeriod("上周", at, a.cfg.Location)
	return lastPeriod{p, "week-" + p.From.In(a.cfg.Location).Format(time.DateOnly), lang.Text{ZH: "销售周报", EN: "The week in sales"}}, err
}

func (a *App) monthBefore(at time.Time) (lastPeriod, error) {
	p, err := report.ParsePeriod("上月", at, a.cfg.Location)
	return lastPeriod{p, "month-" + p.From.In(a.cfg.Location).Format("2006-01"), lang.Text{ZH: "销售月报", EN: "The month in sales"}}, err
}

// Language returns the language of a code, zh or en. lang.ErrUnknown.
func Language(code string) (lang.Language, error) { return lang.Parse(code) }

// ReportBook writes the whole report of a period as a workbook, in a language.
func (a *App) ReportBook(ctx context.Context, w io.Writer, p report.Period, l lang.Language) error {
	effects, progress, forecast, err := a.wholeReport(ctx, p)
	if err != nil {
		return err
	}
	about := report.Table{Title: l.Say("说明", "About"), Rows: [][]string{
		{l.Say("项目", "What"), l.Say("内容", "Value")}, {l.Say("期间", "Period"), p.Said(l, a.cfg.Location)}, {l.Say("制作时间", "Made"), a.now().In(a.cfg.Location).Format("2006-01-02 15:04")},
		{l.Say("客户总数", "Customers"), fmt.Sprint(effects.Customers)}, {l.Say("主方案", "Leading scheme"), effects.Scheme}, {l.Say("区间", "Intervals"), l.Say("均为 95%，预测为 90%", "95%, of the forecast 90%")},
		{l.Say("核对", "To check"), l.Say("所有数字可由 lingke export --list orders、changes、tasks、activities、exposures、customers 重新算出",
			"All figures follow from lingke export --list orders, changes, tasks, activities, exposures, customers")},
	}}
	tables := append([]report.Table{about}, effects.Tables(l)...)
	tables = append(append(tables, progress.Tables(l)...), forecast.Tables(l)...)
	var sheets []sheet.Sheet
	for _, t := range tables {
		s := sheet.Sheet{Title: t.Title, Rows: t.Rows}
		for _, note := range t.Notes {
			s.Rows = append(s.Rows, []string{note})
		}
		sheets = append(sheets, s)
	}
	return sheet.WriteBook(w, sheets)
}

// ReportText writes the whole report of a period as text tables, in a language.
func (a *App) ReportText(ctx context.Context, w io.Writer, p report.Period, l lang.Language) error {
	effects, progress, forecast, err := a.wholeReport(ctx, p)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(w, effects.Text(l, a.cfg.Location), "\n", progress.Text(l, a.cfg.Location), "\n", report.Text(l, forecast.Tables(l)))
	return err
}

func (a *App) wholeReport(ctx context.Context, p report.Period) (e report.Effects, g report.Progress, f report.Forecast, err error) {
	if e, err = a.Effects(ctx, p); err != nil {
		return e, g, f, err
	}
	if g, err = a.Progress(ctx, p); err != nil {
		return e, g, f, err
	}
	f, err = a.Forecast(ctx)
	return e, g, f, err
}
