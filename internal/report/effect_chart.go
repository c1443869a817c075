package report

import (
	"errors"
	"fmt"

	"github.com/go-analyze/charts"

	"lingke/internal/lang"
	"lingke/scoring/validate"
)

// Chart draws retention by tier and conversion by score band as a PNG. Bars without enough customers have no height and say so.
func (e Effects) Chart(l lang.Language) ([]byte, error) {
	top, tiers, bottom, bands := e.bars(l)
	return twoCharts(top, tiers, bottom, bands)
}

// bars are the two charts of the report.
func (e Effects) bars(l lang.Language) (top string, tiers []bar, bottom string, bands []bar) {
	w := wording{l}
	for _, t := range e.Tiers {
		tiers = append(tiers, w.shareBar(w.tier(t.Tier, t.Title, t.TitleEN), t.Retention))
	}
	for _, b := range e.Bands {
		bands = append(bands, w.shareBar(w.band(b.Name), b.Conversion))
	}
	return w.Say("各层留存率", "Retention by tier"), tiers, w.Say("新客户各得分段成交率", "Conversion of newcomers by score"), bands
}

// Chart draws the share of the tasks due that are done, by team and by person (of these the ones furthest behind), as a PNG.
func (p Progress) Chart(l lang.Language) ([]byte, error) {
	bars := func(all []Standing) (out []bar) {
		for _, x := range all[:min(len(all), maxBars)] {
			out = append(out, bar{name: x.Name, label: fmt.Sprintf("%d/%d", x.Done, x.Due), value: 100 * float64(x.Done) / float64(x.Due)})
		}
		return out
	}
	return twoCharts(l.Say("团队任务完成率", "Tasks done by team"), bars(p.Teams), l.Say("个人任务完成率", "Tasks done by person"), bars(p.People))
}

// maxBars is how many bars people can tell apart in one chart.
const maxBars = 8

func (w wording) shareBar(name string, e validate.Estimate) bar {
	if e.TooFew {
		return bar{name: name, label: w.tooFew(e.N)}
	}
	v := 100 * e.Value
	return bar{name: name, label: w.Sayf("%.0f%%（%.0f–%.0f），n=%d", "%.0f%% (%.0f–%.0f), n=%d", v, 100*e.Low, 100*e.High, e.N), value: v}
}

// twoCharts draws two charts of shares below each other.
func twoCharts(top string, above []bar, bottom string, below []bar) ([]byte, error) {
	if err := font(); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: chartWidth, Height: chartHeight})
	p.FilledRect(0, 0, chartWidth, chartHeight, charts.ColorWhite, charts.ColorWhite, 0)
	half := func(top int) *charts.Painter {
		return p.Child(charts.PainterBoxOption(charts.Box{Left: 0, Right: chartWidth, Top: top, Bottom: top + chartHeight/2, IsSet: true}))
	}
	if err := errors.Join(drawBars(half(0), top, above, "%.0f%%"), drawBars(half(chartHeight/2), bottom, below, "%.0f%%")); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return p.Bytes()
}
