package sheet_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"lingke/connectors/sheet"
)

func TestHostileFilesAreRefusedWithAMessageThatHelps(t *testing.T) { // not beside others: it counts the process's memory
	good := workbook(t, table([]string{"客户编号", "客户名称"}, []string{"K1", "华星"}))
	big5, err := traditionalchinese.Big5.NewEncoder().String("客戶編號,客戶名稱\nK1,華星機械股份有限公司臺灣總廠\nK2,遠大貿易\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		content func() []byte
		kind    error
		says    string
	}{
		{"nothing", func() []byte { return nil }, sheet.ErrFile, "empty"},
		{"blanks", func() []byte { return []byte(" \n\t\n") }, sheet.ErrFile, "empty"},
		{"a cut off archive", func() []byte { return good[:len(good)/2] }, sheet.ErrFile, "cut off"},
		{"a flipped byte in the packed data", func() []byte { return flipped(good) }, sheet.ErrFile, ""},
		{"an old .xls", func() []byte { return []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") }, sheet.ErrFile, "save it as .xlsx"},
		{"a web page", func() []byte { return []byte("<html><table><tr><td>客户</td></tr></table>") }, sheet.ErrFile, "web page"},
		{"another zip", func() []byte { return workbook(t, "", "_rels/.rels", "<Relationships/>") }, sheet.ErrFile, "no Excel workbook"},
		{"a part that is missing", func() []byte { return workbook(t, "", "xl/_rels/workbook.xml.rels", "<Relationships/>") }, sheet.ErrFile, "no sheet"},
		{"traditional Chinese in Big5", func() []byte { return []byte(big5) }, sheet.ErrFile, "CSV UTF-8"},
		{"zero bytes", func() []byte { return []byte("客户编号,客户名称\nK1,\x00华星\n") }, sheet.ErrFile, "zero bytes"},
		{"a zip bomb", func() []byte { return workbook(t, strings.Repeat(" ", 64<<20)) }, sheet.ErrLimit, "times its size"},
		{"a cell of 300 MB", func() []byte { return workbookOf(t, 300<<20) }, sheet.ErrLimit, "times its size"},
		{"a cell of 3 MB that packs badly", func() []byte { return workbook(t, table([]string{noise(3 << 20)})) }, sheet.ErrLimit, "more than a megabyte"},
		{"entities", func() []byte {
			return workbook(t, `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>`)
		}, sheet.ErrFile, "document type"},
		{"deep nesting", func() []byte { return workbook(t, "<worksheet>"+strings.Repeat("<a b='"+noise(20)+"'>", 5000)) }, sheet.ErrFile, "nests deeper"},
		{"rows going backwards", func() []byte {
			return workbook(t, `<worksheet><sheetData><row r="9"><c><v>1</v></c></row><row r="3"><c><v>1</v></c></row></sheetData></worksheet>`)
		}, sheet.ErrFile, "comes after"},
		{"no header", func() []byte { return []byte("1,2\n3,4\n") }, sheet.ErrMapping, "names no customer"},
		{"more than 64 MB", func() []byte { return bytes.Repeat([]byte("客户,"), 10<<20) }, sheet.ErrLimit, "split it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			content := tt.content()
			grown := memory(func() {
				_, err := read(t, "客户.xlsx", content, "")
				if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "客户.xlsx") {
					t.Errorf("got %v; want %v with %q", err, tt.kind, tt.says)
				}
			})
			if grown > 100<<20 {
				t.Errorf("took %d MB", grown>>20)
			}
		})
	}
}

// workbookOf packs a workbook whose one cell has so many bytes, a piece at a time, so that the test itself stays small.
func workbookOf(t testing.TB, cell int) []byte {
	t.Helper()
	piece := []byte(strings.Repeat("A", 1<<20))
	return packed(t, nil, func(w io.Writer) error {
		if _, err := io.WriteString(w, `<worksheet `+spreadsheet+`><sheetData><row r="1"><c t="inlineStr"><is><t>`); err != nil {
			return err
		}
		for left := cell; left > 0; left -= len(piece) {
			if _, err := w.Write(piece[:min(left, len(piece))]); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, `</t></is></c></row></sheetData></worksheet>`)
		return err
	})
}

// memory is how many bytes run asked for in all: an upper bound of what it held.
func memory(run func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// noise is text that hardly packs.
func noise(n int) string {
	out, x := make([]byte, n), uint64(88172645463325252)
	for i := range out {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		out[i] = 'a' + byte(x%26)
	}
	return string(out)
}

// flipped damages the packed data of the largest part, not the directory.
func flipped(content []byte) []byte {
	out := bytes.Clone(content)
	for i := 0; i+30 < len(out); i++ {
		if binary.LittleEndian.Uint32(out[i:]) == 0x04034b50 {
			at := i + 30 + int(binary.LittleEndian.Uint16(out[i+26:])) + int(binary.LittleEndian.Uint16(out[i+28:])) + 8
			out[at] ^= 0xff
		}
	}
	return out
}

// emptyRows is a workbook of one customer behind n empty rows.
func emptyRows(t testing.TB, n int) []byte {
	var b strings.Builder
	b.WriteString(`<worksheet><sheetData><row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>`)
	b.WriteString(strings.Repeat("<row/>", n))
	b.WriteString(`<row><c t="inlineStr"><is><t>K1</t></is></c><c t="inlineStr"><is><t>华星</t></is></c></row></sheetData></worksheet>`)
	return workbook(t, b.String())
}

func TestTheCustomerBehindAMillionEmptyRowsIsFound(t *testing.T) {
	t.Parallel()
	n := 1_000_000
	if underRace {
		n = 50_000
	}
	f, err := sheet.Open("a.xlsx", emptyRows(t, n), nil, limitsWithRatio(1000))
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Read(t.Context(), sheet.Options{})
	if err != nil || r.Rows != 1 || r.Good != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// BenchmarkHostileFiles tells how long the files that are made to cost most take to be read or refused.
func BenchmarkHostileFiles(b *testing.B) {
	for _, f := range []struct {
		name    string
		content []byte
		limits  sheet.Limits
	}{
		{"million-empty-rows", emptyRows(b, 1_000_000), limitsWithRatio(1000)},
		{"cell-of-300-MB", workbook(b, `<worksheet><sheetData><row><c t="inlineStr"><is><t>`+strings.Repeat("A", 300<<20)), sheet.DefaultLimits()},
		{"cell-of-300-MB-allowed-to-unpack", workbook(b, `<worksheet><sheetData><row><c t="inlineStr"><is><t>`+strings.Repeat("A", 300<<20)), limitsWithRatio(2000)},
	} {
		b.Run(f.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				opened, err := sheet.Open("a.xlsx", f.content, nil, f.limits)
				if err == nil {
					_, err = opened.Read(b.Context(), sheet.Options{})
				}
				if err != nil && !errors.Is(err, sheet.ErrLimit) {
					b.Fatal(err)
				}
			}
		})
	}
}

func limitsWithRatio(n int64) sheet.Limits {
	l := sheet.DefaultLimits()
	l.Ratio = n
	return l
}

func TestLimitsHoldForRowsAndColumns(t *testing.T) {
	t.Parallel()
	l := sheet.DefaultLimits()
	l.Rows, l.Columns = 3, 3
	open := func(text string) (*sheet.Result, error) {
		f, err := sheet.Open("a.csv", []byte(text), nil, l)
		if err != nil {
			t.Fatal(err)
		}
		return f.Read(t.Context(), sheet.Options{})
	}
	if _, err := open("客户编号,客户名称\n1,a\n2,b\n3,c\n"); !errors.Is(err, sheet.ErrLimit) {
		t.Errorf("rows: %v", err)
	}
	r, err := open("客户编号,客户名称\n1,a,,x\n2,b\n")
	if err != nil || r.Failed != 1 || r.Good != 1 || !strings.Contains(r.Problems[0].Reason.EN, "4 columns") {
		t.Errorf("columns: %+v, %v", r, err)
	}
}

func TestDamageInAnotherwiseGoodFileCostsOneRow(t *testing.T) {
	t.Parallel()
	r := readable(t, []byte("客户编号,客户名称\nK1,华星机械有限公司和许多其他的汉字和更多的汉字以及更多的汉字直到它们足够多为止不能再多了真的不能再多了\nK2,远\xff大\nK3,东方"+strings.Repeat("汉", 60)+"\n"), "")
	if r.Good != 2 || r.Failed != 1 || r.Problems[0].Row != 3 || !strings.Contains(r.Problems[0].Reason.EN, "decoded") {
		t.Errorf("%+v", r)
	}
}

func FuzzCSV(f *testing.F) {
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("客户编号;客户名称;金额\nK1;华星;1万\n")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"客户编号,客户名称,订单号,订单日期,金额\nK1,\"华\n星\",S1,2026/3/2,\"1,200.5\"\n", gbk, "name\tphone\nA\t1.38E+10\n", "\xff\xfea\x00", "客户\n\"", "客户名称,示例\n示例,1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) { checkSound(t, content) })
}

func FuzzXLSX(f *testing.F) {
	f.Add(table([]string{"客户编号", "客户名称", "金额", "订单日期"}, []string{"K1", "华星", "1万", "2026年3月2日"}))
	f.Add(`<worksheet><cols><col min="1" max="3" hidden="1"/></cols><sheetData><row r="1" hidden="1"><c r="B1" t="s"><v>1</v></c><c t="e"><v>#N/A</v></c><c><f>A1</f></c></row></sheetData><mergeCells><mergeCell ref="A1:B9"/></mergeCells></worksheet>`)
	f.Add(`<worksheet><sheetData><row><c r="ZZZ1" s="1"><v>1e300</v></c></row><row r="1048576"/>`)
	f.Fuzz(func(t *testing.T, sheetXML string) { checkSound(t, workbook(t, sheetXML)) })
}

// checkSound reads foreign bytes: either they are refused by one of the named kinds, or every row is accounted for and every record can be taken in.
func checkSound(t *testing.T, content []byte) {
	t.Helper()
	r, err := read(t, "f", content, "")
	if err != nil {
		if !errors.Is(err, sheet.ErrFile) && !errors.Is(err, sheet.ErrLimit) && !errors.Is(err, sheet.ErrMapping) {
			t.Errorf("an error of no kind: %v", err)
		}
		return
	}
	if r.Good+r.Failed+r.Skipped != r.Rows {
		t.Errorf("%d good + %d failed + %d skipped of %d rows", r.Good, r.Failed, r.Skipped, r.Rows)
	}
	seen := map[string]bool{}
	for _, rec := range r.Records {
		key := string(rec.Kind) + " " + rec.ID
		if rec.ID == "" || len(rec.ID) > 200 || seen[key] {
			t.Errorf("id %q is empty, too long, or there twice", key)
		}
		seen[key] = true
	}
	f, err := sheet.Open("f", content, nil, sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Corrected(t.Context(), r, &out); err != nil {
		t.Errorf("the corrected copy: %v", err)
	}
}
