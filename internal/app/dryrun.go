package app

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"lingke/internal/ingest"
	"lingke/internal/models"
)

// DryRunOptions say how much of a dry run is told.
type DryRunOptions struct {
	Names int    // how many customers with another tier or pool are named; all that change if below 0
	CSV   string // a file for all of them; none if empty
}

// PrintDryRun runs a version dry and says what it would change.
func (a *App) PrintDryRun(ctx context.Context, v models.Version, o DryRunOptions, out io.Writer) (err error) {
	sheet, err := newMoveSheet(o.CSV)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, sheet.close()) }()
	var named []string
	sum, err := a.DryRun(ctx, v, func(m ingest.Move) error {
		if o.Names < 0 || len(named) < o.Names && m.Steps() {
			named = append(named, sentence(m))
		}
		return sheet.add(m)
	})
	if err != nil {
		return err
	}
	fmt.Fprint(out, summary(v, sum))
	for _, n := range named {
		fmt.Fprintln(out, n)
	}
	if more := sum.Moved - len(named); more > 0 {
		fmt.Fprintf(out, "…另有 %d 个客户（--all 全部列出，--csv FILE 导出）\n", more)
	}
	if o.CSV != "" {
		fmt.Fprintf(out, "完整名单：%s\n", o.CSV)
	}
	return nil
}

func summary(v models.Version, d ingest.DryRun) string {
	var b strings.Builder
	fmt.Fprintf(&b, "试运行 %s：共 %d 个客户，%d 个会变化（得分变化 %d 个）；什么都没有保存\n", v.ID, d.Customers, d.Moved, d.Scores)
	for _, scheme := range slices.Sorted(maps.Keys(d.Tiers)) {
		fmt.Fprintf(&b, "层级（%s）：%s\n", scheme, steps(d.Tiers[scheme]))
	}
	if len(d.Pools) > 0 {
		fmt.Fprintf(&b, "线索池：%s\n", steps(d.Pools))
	}
	fmt.Fprintf(&b, "归属：%d 个有归属的客户会变化，归属不变；%d 个会按轮转分配给员工\n", d.Owned, d.HandOut)
	return b.String()
}

// steps writes counts, the most frequent first.
func steps(counts []ingest.Count) string {
	counts = slices.Clone(counts)
	slices.SortFunc(counts, func(a, b ingest.Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	parts := make([]string, len(counts))
	for i, c := range counts {
		parts[i] = fmt.Sprintf("%s→%s %d 个", cmp.Or(c.From, "无"), cmp.Or(c.To, "无"), c.N)
	}
	return strings.Join(parts, "，")
}

func sentence(m ingest.Move) string {
	var parts []string
	if m.Before.Score != m.After.Score {
		parts = append(parts, fmt.Sprintf("得分 %.4g→%.4g", m.Before.Score, m.After.Score))
	}
	for _, scheme := range slices.Sorted(maps.Keys(m.After.Tiers)) {
		if from, to := m.Before.Tiers[scheme], m.After.Tiers[scheme]; from != to {
			parts = append(parts, fmt.Sprintf("%s %s→%s", scheme, cmp.Or(from, "无"), to))
		}
	}
	if m.Before.Pool != m.After.Pool {
		parts = append(parts, fmt.Sprintf("线索池 %s→%s", cmp.Or(m.Before.Pool, "无"), cmp.Or(m.After.Pool, "无")))
	}
	if m.Owner != "" {
		parts = append(parts, "归属 "+m.Owner+" 不变")
	}
	return fmt.Sprintf("  %s（%s）：%s", cmp.Or(m.Name, "无名称"), m.Customer, strings.Join(parts, "，"))
}

// moveSheet writes moves as CSV, one line for each scheme; the zero one writes nothing.
type moveSheet struct {
	file *os.File
	csv  *csv.Writer
}

func newMoveSheet(name string) (*moveSheet, error) {
	if name == "" {
		return &moveSheet{}, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the file that the operator names
	if err != nil {
		return nil, err
	}
	s := &moveSheet{file: f, csv: csv.NewWriter(f)}
	_, err = f.WriteString("\ufeff") // Excel takes it for Chinese in GBK otherwise
	return s, cmp.Or(err, s.csv.Write([]string{"客户编号", "名称", "归属", "分层方案", "原得分", "新得分", "原层级", "新层级", "原线索池", "新线索池", "会轮转分配"}))
}

func (s *moveSheet) add(m ingest.Move) error {
	if s.csv == nil {
		return nil
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	for _, scheme := range slices.Sorted(maps.Keys(m.After.Tiers)) {
		row := []string{
			plainCell(m.Customer), plainCell(m.Name), plainCell(m.Owner), plainCell(scheme), number(m.Before.Score), number(m.After.Score),
			plainCell(m.Before.Tiers[scheme]), plainCell(m.After.Tiers[scheme]), plainCell(m.Before.Pool), plainCell(m.After.Pool), map[bool]string{true: "是", false: "否"}[m.HandOut],
		}
		if err := s.csv.Write(row); err != nil {
			return err
		}
	}
	return nil
}

func (s *moveSheet) close() error {
	if s.csv == nil {
		return nil
	}
	s.csv.Flush()
	return cmp.Or(s.csv.Error(), s.file.Close())
}

// plainCell keeps a text from being a formula where a sheet is opened: names come from outside.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
