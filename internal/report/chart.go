package report

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the font
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/go-analyze/charts"

	"lingke/internal/lang"
	"lingke/scoring/validate"
)

//go:embed fonts/wqy-microhei-subset.ttf.gz
var packedFont []byte

const fontName = "wqy-microhei"

// font installs the font once. It has the characters of GB 2312; others are drawn from the library's own, or as a box.
var font = sync.OnceValue(func() error {
	z, err := gzip.NewReader(bytes.NewReader(packedFont))
	if err != nil {
		return err
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return err
	}
	return charts.InstallFont(fontName, data)
})

// bar is one bar of a chart: what it is called, what is written over it, and how high it is.
type bar struct {
	name, label string
	value       float64
}

// The size of a picture in pixels: twice what a chat shows, so that it stays sharp.
const (
	chartWidth  = 1440
	chartHeight = 1280
)

// Chart draws conversion by score band and the lift of each tenth as a PNG. Bars without enough outcomes have no height and say so.
func (v Validation) Chart(l lang.Language) ([]byte, error) {
	w := wording{l}
	if err := font(); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: chartWidth, Height: chartHeight})
	p.FilledRect(0, 0, chartWidth, chartHeight, charts.ColorWhite, charts.ColorWhite, 0)
	half := func(top int) *charts.Painter {
		return p.Child(charts.PainterBoxOption(charts.Box{Left: 0, Right: chartWidth, Top: top, Bottom: top + chartHeight/2, IsSet: true}))
	}
	m := v.Measured
	err := errors.Join(
		drawBars(half(0), w.Sayf("各分数段成交率（%d 个客户，%d 个成交）", "Won by score (%d customers, %d won)", m.N, m.Positives), w.bandBars(v.Bands), "%.0f%%"),
		drawBars(half(chartHeight/2), w.Sayf("按分数从高到低每十分之一的提升度（1 为平均水平），AUC %s", "Lift of each tenth by score, the highest first (1 is average), AUC %s", w.plain(m.AUC)), w.liftBars(m), "%.1f"),
	)
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return p.Bytes()
}

func (w wording) bandBars(bands []validate.Band) []bar {
	var out []bar
	for _, b := range bands {
		one := bar{name: w.band(b.Name()), label: w.tooFew(b.Conversion.N)}
		if !b.Conversion.TooFew {
			one.value = 100 * b.Conversion.Value
			one.label = w.Sayf("%.1f%%（%.1f–%.1f），n=%d", "%.1f%% (%.1f–%.1f), n=%d", one.value, 100*b.Conversion.Low, 100*b.Conversion.High, b.Conversion.N)
		}
		out = append(out, one)
	}
	return out
}

func (w wording) liftBars(r validate.Report) []bar {
	var out []bar
	for i, d := range r.Deciles {
		one := bar{name: fmt.Sprintf("%d–%d%%", i*10, i*10+10), label: w.Say("样本太少", "too few")}
		if !d.Conversion.TooFew {
			one.value, one.label = d.Lift, fmt.Sprintf("%.2f", d.Lift)
		}
		out = append(out, one)
	}
	return out
}

// drawBars draws bars from 0, each with its label over it. The library asks for a label by the value: bars of one value get theirs in turn.
func drawBars(p *charts.Painter, title string, bars []bar, axis string) error {
	values, names, labels := make([]float64, len(bars)), make([]string, len(bars)), make(map[float64][]string)
	for i, b := range bars {
		values[i], names[i] = b.value, b.name
		labels[b.value] = append(labels[b.value], b.label)
	}
	if len(bars) == 0 {
		values, names = []float64{0}, []string{"—"} // nothing to show
	}
	style := func(size float64) charts.FontStyle {
		return charts.FontStyle{FontSize: size, Font: charts.GetFont(fontName), FontColor: charts.ColorBlack}
	}
	series := charts.NewSeriesListBar([][]float64{values})
	series[0].Label = charts.SeriesLabel{Show: charts.Ptr(true), FontStyle: style(16), LabelFormatter: func(_ int, _ string, v float64) (string, *charts.LabelStyle) {
		waiting := labels[v]
		if len(waiting) == 0 {
			return "", nil
		}
		if len(waiting) > 1 {
			labels[v] = waiting[1:]
		}
		return waiting[0], nil
	}}
	o := charts.NewBarChartOptionWithSeries(series)
	o.Padding = charts.NewBox(40, 30, 40, 30)
	o.Title = charts.TitleOption{Text: title, FontStyle: style(22)}
	o.Legend.Show = charts.Ptr(false)
	o.CategoryAxis.Labels, o.CategoryAxis.LabelFontStyle = names, style(16)
	o.ValueAxis[0].Min, o.ValueAxis[0].LabelFontStyle = charts.Ptr(0.0), style(16)
	o.ValueAxis[0].ValueFormatter = func(v float64) string { return fmt.Sprintf(axis, v) }
	return p.BarChart(o)
}
