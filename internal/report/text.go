package report

import (
	"fmt"
	"strings"

	"golang.org/x/text/width"

	"lingke/scoring/validate"
)

// Text is the validation as a table for people, in Chinese.
func (v Validation) Text() string {
	var b strings.Builder
	m := v.Measured
	if v.Model != "" {
		fmt.Fprintf(&b, "模型 %s：读取 %d 个字段，数据中有 %d 个\n", v.Model, len(v.Read)+len(v.Lacking), len(v.Read))
	}
	fmt.Fprintf(&b, "%d 个有结果的客户，其中 %d 个成交；另有 %d 个尚无结果，未计入\n\n", m.N, m.Positives, v.Open)
	b.WriteString(table(append([][]string{{"分数段", "客户", "成交率", "平均成交额", "成交天数（中位）"}}, v.bandRows()...)))
	b.WriteString("\n")
	for _, q := range v.Verdicts {
		fmt.Fprintf(&b, "%s：%s\n", q.Question, q.Answer.Chinese())
	}
	b.WriteString("\n" + table(v.figures()))
	if len(m.Calibration) > 0 {
		b.WriteString("\n" + table(v.calibration()))
	}
	if len(v.Weights) > 0 {
		b.WriteString("\n现分值与数据支持的分值（仅供参考，不会自动生效）\n" + table(v.weightRows()))
	}
	return b.String()
}

func (v Validation) bandRows() [][]string {
	var rows [][]string
	for _, b := range v.Bands {
		rows = append(rows, []string{b.Name(), fmt.Sprint(b.Conversion.N), percent(b.Conversion), money(b.Deal), days(b.Days)})
	}
	return rows
}

func (v Validation) figures() [][]string {
	m := v.Measured
	rows := [][]string{
		{"指标", "数值（95% 区间）"},
		{"总成交率", percent(m.BaseRate)}, {"AUC", plain(m.AUC)}, {"KS", plain(m.KS)}, {"前 10% 提升度", plain(m.LiftTop10)}, {"前 20% 提升度", plain(m.LiftTop20)},
		{"前一半覆盖的成交", percent(m.CaptureHalf)},
	}
	if m.Brier != nil {
		rows = append(rows, []string{"Brier", plain(*m.Brier)}, []string{"对数损失", plain(*m.LogLoss)}, []string{"准确率", percent(*m.Accuracy)})
	}
	if v.Best != nil {
		rows = append(rows,
			[]string{fmt.Sprintf("同样数据的回归 AUC（前 %d 行学习，其余检验）", v.Best.Learned), plain(v.Best.AUC)},
			[]string{"现分数在同一检验部分的 AUC", plain(v.Best.Scores)})
	}
	return rows
}

func (v Validation) calibration() [][]string {
	rows := [][]string{{"预测概率", "实际成交率"}}
	for _, c := range v.Measured.Calibration {
		rows = append(rows, []string{fmt.Sprintf("%.1f%%", 100*c.Predicted), percent(c.Actual)})
	}
	return rows
}

func (v Validation) weightRows() [][]string {
	rows := [][]string{{"规则", "现分值", "数据支持", "符合者成交率", "不符合者成交率"}}
	for _, w := range v.Weights {
		fitted := fmt.Sprintf("%+.4g", w.Fitted)
		if w.TooFew {
			fitted = "样本太少"
		}
		rows = append(rows, []string{w.Name, fmt.Sprintf("%+.4g", w.Present), fitted, percent(w.With), percent(w.Without)})
	}
	return rows
}

func tooFew(e validate.Estimate) string { return wording{}.tooFew(e.N) }

func percent(e validate.Estimate) string { return wording{}.percent(e) }

func plain(e validate.Estimate) string {
	if e.TooFew {
		return tooFew(e)
	}
	return fmt.Sprintf("%.4f（%.4f–%.4f，n=%d）", e.Value, e.Low, e.High, e.N)
}

func money(e validate.Estimate) string { return wording{}.money(e) }

func days(e validate.Estimate) string { return wording{}.days(e) }

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
