package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"lingke/connectors/sheet"
	"lingke/internal/lang"
	"lingke/internal/report"
	"lingke/scoring"
)

// figures answers over the world's store, as app.App does over its own.
type figures struct{ w *world }

func (d figures) Period(text string) (report.Period, error) {
	return report.ParsePeriod(text, d.w.now(), time.UTC)
}

func (d figures) Effects(ctx context.Context, p report.Period) (report.Effects, error) {
	return report.Effect(ctx, d.w.store, report.Question{Period: p, Schemes: scoring.Alone(scoring.Points()), Bands: []float64{50, 80}})
}

func (d figures) Progress(ctx context.Context, p report.Period) (report.Progress, error) {
	return report.ProgressOf(ctx, d.w.store, p, staff(), d.w.now())
}

func (d figures) Forecast(ctx context.Context) (report.Forecast, error) {
	return report.ForecastOf(ctx, d.w.store, scoring.Alone(scoring.Points()), d.w.now())
}

func (d figures) ReportBook(ctx context.Context, w io.Writer, p report.Period, l lang.Language) error {
	e, err := d.Effects(ctx, p)
	if err != nil {
		return err
	}
	t := e.Tables(l)[0]
	return sheet.WriteBook(w, []sheet.Sheet{{Title: t.Title, Rows: t.Rows}})
}

func TestReportsOverHTTP(t *testing.T) {
	t.Parallel()
	var d figures
	w := newWorld(t, func(deps *Deps) { deps.Reports = &d })
	d.w = w
	c := w.lead("1", "东方机械")
	decode[Customer](t, w.api("POST", "/api/v1/customers/"+c.ID+"/claim", `{"person":"zhangwei"}`), 200)
	decode[Customer](t, w.api("POST", "/api/v1/customers/"+c.ID+"/outcome", `{"person":"zhangwei","result":"lost","reason":"价格"}`), 200)
	w.at.Add((24 * time.Hour).Milliseconds())
	e := decode[report.Effects](t, w.api("GET", "/api/v1/reports/effects?period=last-7d", ""), 200)
	if len(e.Tiers) != 3 || e.Customers != 1 || fmt.Sprint(e.Lost) != "[{价格 1}]" || !e.Tiers[0].Retention.TooFew {
		t.Errorf("%+v", e)
	}
	p := decode[report.Progress](t, w.api("GET", "/api/v1/reports/progress?period=last-7d", ""), 200)
	if len(p.People) != 1 || p.People[0].Name != "张伟" || p.People[0].Overdue != 1 {
		t.Errorf("%+v", p)
	}
	if f := decode[report.Forecast](t, w.api("GET", "/api/v1/reports/forecast", ""), 200); !f.TooFew {
		t.Errorf("%+v", f)
	}
	if x := decode[Problem](t, w.api("GET", "/api/v1/reports/effects?period=soon", ""), 422); x.Code != "period" {
		t.Errorf("%+v", x)
	}
	picture := w.api("GET", "/api/v1/reports/effects.png?period=2026-03", "")
	if _, err := png.Decode(strings.NewReader(picture.body)); err != nil || picture.status != 200 {
		t.Errorf("%d, %v", picture.status, err)
	}
	book := w.api("GET", "/api/v1/reports/report.xlsx", "")
	f, err := excelize.OpenReader(bytes.NewReader([]byte(book.body)))
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := f.GetRows("各层效果"); err != nil || len(rows) != 4 {
		t.Errorf("%v, %v", rows, err)
	}
}
