package sheet_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkRead reads customers with their orders, 20,000 rows of eight columns: recognised, checked and made into records. x-csv is how much more of the processor that takes
// than encoding/csv takes to cut the same text into cells, in the same run; cpu-rows/s are the rows of a second of the processor. Other work on the machine changes neither much.
func BenchmarkRead(b *testing.B) {
	const rows = 20_000
	header := []string{"客户编号", "客户名称", "统一社会信用代码", "手机", "行业", "订单号", "订单日期", "金额"}
	lines := [][]string{header}
	for i := range rows {
		lines = append(lines, []string{
			fmt.Sprintf("K%05d", i/4), fmt.Sprintf("华东精密机械%05d有限公司", i/4), "", fmt.Sprintf("138%08d", i/4), "制造业",
			fmt.Sprintf("S%06d", i), fmt.Sprintf("2026年%d月%d日", i%12+1, i%28+1), fmt.Sprintf("￥%d,%03d.50", i%900+1, i%1000),
		})
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	if err := w.WriteAll(lines); err != nil {
		b.Fatal(err)
	}
	for name, content := range map[string][]byte{"csv": []byte(text.String()), "xlsx": workbook(b, table(lines...))} {
		b.Run(name, func(b *testing.B) {
			floor, took := time.Duration(0), time.Duration(0)
			for b.Loop() {
				began := cpuTime(b)
				const cuts = 10 // one is too short for the clock
				for range cuts {
					cells(b, text.String())
				}
				cut := cpuTime(b)
				r, err := read(b, "订单."+name, content, "")
				if err != nil || r.Failed > 0 || len(r.Records) != rows+rows/4 {
					b.Fatalf("%d records, %d failed, %v", len(r.Records), r.Failed, err)
				}
				floor, took = floor+(cut-began)/cuts, took+cpuTime(b)-cut
			}
			b.ReportMetric(float64(rows*b.N)/took.Seconds(), "cpu-rows/s")
			b.ReportMetric(took.Seconds()/floor.Seconds(), "x-csv")
		})
	}
}

// cpuTime is what this process has used of the processors.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// cells is the floor: encoding/csv over the text.
func cells(b *testing.B, text string) {
	b.Helper()
	r := csv.NewReader(bytes.NewReader([]byte(text)))
	r.ReuseRecord = true
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}
