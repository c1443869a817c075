package report

import (
	"fmt"
	"strings"

	"golang.org/x/text/width"

	"lingke/internal/lang"
	"lingke/scoring/validate"
)

// Text is the validation as tables for people.
func (v Validation) Text(l lang.Language) string {
	w, m := wording{l}, v.Measured
	var b strings.Builder
	if v.Model != "" {
		b.WriteString(w.Sayf("模型 %s：读取 %d 个字段，数据中有 %d 个\n", "Model %s: reads %d fields, of which the data have %d\n", v.Model, len(v.Read)+len(v.Lacking), len(v.Read)))
	}
	b.WriteString(w.Sayf("%d 个有结果的客户，其中 %d 个成交；另有 %d 个尚无结果，未计入\n\n", "%d customers with a known outcome, of whom %d were won; %d more are open and not counted\n\n", m.N, m.Positives, v.Open))
	b.WriteString(table(v.bandRows(w)) + "\n")
	for _, q := range v.Verdicts {
		b.WriteString(w.Sayf("%s：%s\n", "%s: %s\n", lang.Text{ZH: q.Question, EN: q.English}.In(l), lang.Text{ZH: q.Answer.Chinese(), EN: string(q.Answer)}.In(l)))
	}
	b.WriteString("\n" + table(v.figures(w)))
	if len(m.Calibration) > 0 {
		b.WriteString("\n" + table(v.calibration(w)))
	}
	if len(v.Weights) > 0 {
		b.WriteString(w.Say("\n现分值与数据支持的分值（仅供参考，不会自动生效）\n", "\nPoints now, and those that the data speak for (advice only, nothing changes by itself)\n") + table(v.weightRows(w)))
	}
	return b.String()
}

func (v Validation) bandRows(w wording) [][]string {
	rows := [][]string{w.heads("分数段|客户|成交率|平均成交额|成交天数（中位）", "Score|Customers|Won|Average deal|Days to close (median)")}
	for _, b := range v.Bands {
		rows = append(rows, []string{w.band(b.Name()), fmt.Sprint(b.Conversion.N), w.percent(b.Conversion), w.money(b.Deal), w.days(b.Days)})
	}
	return rows
}

func (v Validation) figures(w wording) [][]string {
	m := v.Measured
	rows := [][]string{
		w.heads("指标|数值（95% 区间）", "Measure|Value (95% interval)"),
		{w.Say("总成交率", "Won of all"), w.percent(m.BaseRate)}, {"AUC", w.plain(m.AUC)}, {"KS", w.plain(m.KS)},
		{w.Say("前 10% 提升度", "Lift of the top 10%"), w.plain(m.LiftTop10)}, {w.Say("前 20% 提升度", "Lift of the top 20%"), w.plain(m.LiftTop20)},
		{w.Say("前一半覆盖的成交", "Deals in the better half"), w.percent(m.CaptureHalf)},
	}
	if m.Brier != nil {
		rows = append(rows, []string{"Brier", w.plain(*m.Brier)}, []string{w.Say("对数损失", "Log loss"), w.plain(*m.LogLoss)}, []string{w.Say("准确率", "Accuracy"), w.percent(*m.Accuracy)})
	}
	if v.Best != nil {
		rows = append(rows,
			[]string{w.Sayf("同样数据的回归 AUC（前 %d 行学习，其余检验）", "AUC of a regression (learned from %d rows, tested on the rest)", v.Best.Learned), w.plain(v.Best.AUC)},
			[]string{w.Say("现分数在同一检验部分的 AUC", "AUC of the scores on the same rest"), w.plain(v.Best.Scores)})
	}
	return rows
}

func (v Validation) calibration(w wording) [][]string {
	rows := [][]string{w.heads("预测概率|实际成交率", "Predicted|Won")}
	for _, c := range v.Measured.Calibration {
		rows = append(rows, []string{fmt.Sprintf("%.1f%%", 100*c.Predicted), w.percent(c.Actual)})
	}
	return rows
}

func (v Validation) weightRows(w wording) [][]string {
	rows := [][]string{w.heads("规则|现分值|数据支持|符合者成交率|不符合者成交率", "Rule|Points now|By the data|Won where it gives something|Won elsewhere")}
	for _, x := range v.Weights {
		fitted := fmt.Sprintf("%+.4g", x.Fitted)
		if x.TooFew {
			fitted = w.Say("样本太少", "too few")
		}
		rows = append(rows, []string{lang.Text{ZH: x.Name, EN: x.NameEN}.In(w.Language), fmt.Sprintf("%+.4g", x.Present), fitted, w.percent(x.With), w.percent(x.Without)})
	}
	return rows
}

func (w wording) plain(e validate.Estimate) string {
	if e.TooFew {
		return w.tooFew(e.N)
	}
	return w.Sayf("%.4f（%.4f–%.4f，n=%d）", "%.4f (%.4f–%.4f, n=%d)", e.Value, e.Low, e.High, e.N)
}

// table sets rows under each other, the first being the headings. A Chinese character is as wide as two others.
func table(rows [][]string) string {
	wide := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			wide[i] = max(wide[i], columnsOf(text))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, text := range row {
			if i == len(row)-1 {
				b.WriteString(text + "\n")
				continue
			}
			b.WriteString(text + strings.Repeat(" ", wide[i]-columnsOf(text)+2))
		}
	}
	return b.String()
}

func columnsOf(text string) int {
	n := 0
	for _, r := range text {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
