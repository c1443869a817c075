package sheet

import (
	"bytes"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestABookHasItsSheetsUnderNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := WriteBook(&out, []Sheet{
		{Title: "各层：效果", Rows: [][]string{{"层级", "客户"}, {"A", "=1+1"}}}, {Title: "各层：效果", Rows: [][]string{{"x"}}}, {Title: "", Rows: nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	if names := f.GetSheetList(); !slices.Equal(names, []string{"各层：效果", "2 各层：效果", "Sheet1"}) {
		t.Errorf("sheets %q", names)
	}
	rows, err := f.GetRows("各层：效果")
	if formula, _ := f.GetCellFormula("各层：效果", "B2"); err != nil || formula != "" || len(rows) != 2 || rows[1][1] != "=1+1" {
		t.Errorf("%q, formula %q, %v", rows, formula, err)
	}
	if err := WriteBook(&out, nil); err != nil {
		t.Error("a book without sheets: ", err)
	}
}
