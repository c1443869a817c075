package sheet_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/testdata"
)

var shanghai = time.FixedZone("CST", 8*3600)

func sampleMapping(t testing.TB, name string) *sheet.Mapping {
	t.Helper()
	path := filepath.Join("..", "..", "configs", "samples", "mappings", name)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := sheet.ParseMapping(path, content)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func readData(t testing.TB, path string, m *sheet.Mapping) *sheet.Result {
	t.Helper()
	f, err := sheet.Open(filepath.Base(path), testdata.Read(t, path), m, sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Read(t.Context(), sheet.Options{Mapping: m, Zone: shanghai, At: time.Date(2026, 3, 2, 8, 0, 0, 0, shanghai)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// totals counts records and adds their amounts.
func totals(t testing.TB, r *sheet.Result, field string) (customers, orders int, sum float64) {
	t.Helper()
	for _, rec := range r.Records {
		switch rec.Kind {
		case connectors.Customer:
			customers++
		case connectors.Order:
			orders++
			v, err := strconv.ParseFloat(rec.Fields[field], 64)
			if err != nil {
				t.Fatalf("order %s: %s %q", rec.ID, field, rec.Fields[field])
			}
			sum += v
		}
	}
	return customers, orders, sum
}

func reference(t testing.TB, path string, into any) {
	t.Helper()
	if err := json.Unmarshal(testdata.Read(t, path), into); err != nil {
		t.Fatal(err)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.0005 }

func TestSuperstoreIsReadWholeFromEveryFormat(t *testing.T) {
	t.Parallel()
	var want struct {
		Rows, Customers, Orders int
		Sales                   float64 `json:"sales_total"`
		Profit                  float64 `json:"profit_total"`
		First                   string  `json:"first_date"`
		Last                    string  `json:"last_date"`
		Excel                   struct {
			Rows, Customers int
			Sales           float64 `json:"sales_total"`
		} `json:"first_1500_rows_xlsx"`
	}
	reference(t, "cn_superstore/reference_dev.json", &want)
	m := sampleMapping(t, "superstore.yaml")
	utf8 := readData(t, "cn_superstore/cn_orders_dev_utf8bom_iso.csv", m)
	gbk := readData(t, "cn_superstore/cn_orders_dev_gbk_slash.csv", m)
	for _, r := range []*sheet.Result{utf8, gbk} {
		customers, orders, sales := totals(t, r, connectors.FieldAmount)
		_, _, profit := totals(t, r, connectors.FieldMargin)
		if r.Rows != want.Rows || r.Failed != 0 || customers != want.Customers || orders != want.Orders || !near(sales, want.Sales) || !near(profit, want.Profit) {
			t.Errorf("%s: %d rows, %d failed, %d customers, %d orders, %.3f sales, %.3f profit; want %+v", r.Encoding, r.Rows, r.Failed, customers, orders, sales, profit, want)
		}
	}
	if utf8.Encoding != "UTF-8 with BOM" || gbk.Encoding != "GB18030" {
		t.Errorf("encodings %q and %q", utf8.Encoding, gbk.Encoding)
	}
	a, _ := json.Marshal(utf8.Records)
	b, _ := json.Marshal(gbk.Records)
	if string(a) != string(b) {
		t.Error("the GBK file gives other records than the UTF-8 file")
	}
	excel := readData(t, "cn_superstore/cn_orders_dev_first1500.xlsx", m)
	customers, _, sales := totals(t, excel, connectors.FieldAmount)
	if excel.Rows != want.Excel.Rows || excel.Failed != 0 || customers != want.Excel.Customers || !near(sales, want.Excel.Sales) {
		t.Errorf("xlsx: %d rows, %d failed, %d customers, %.3f; want %+v", excel.Rows, excel.Failed, customers, sales, want.Excel)
	}
	if excel.Sheet != "订单" {
		t.Errorf("sheet %q", excel.Sheet)
	}
}

func TestPipelineIsReadWhole(t *testing.T) {
	t.Parallel()
	var want struct {
		Rows   int
		Stages map[string]int
		Blank  int     `json:"blank_account"`
		Value  float64 `json:"won_value"`
	}
	reference(t, "crm_sales/reference_dev.json", &want)
	m := sampleMapping(t, "crm-pipeline.yaml")
	accounts := readData(t, "crm_sales/accounts.csv", m)
	if customers, orders, _ := totals(t, accounts, ""); customers != 85 || orders != 0 || accounts.Failed != 0 {
		t.Errorf("accounts: %d customers, %d orders, %d failed", customers, orders, accounts.Failed)
	}
	r := readData(t, "crm_sales/sales_pipeline_dev.csv", m)
	_, orders, value := totals(t, r, connectors.FieldAmount)
	if r.Rows != want.Rows || r.Failed != want.Blank || orders != want.Rows-want.Blank || !near(value, want.Value) {
		t.Errorf("%d rows, %d failed, %d orders, value %.1f; want %+v", r.Rows, r.Failed, orders, value, want)
	}
	stages := map[string]int{}
	for _, rec := range r.Records {
		stages[rec.Fields[connectors.FieldStatus]]++
	}
	if stages["won"] != want.Stages["Won"] || stages["lost"] != want.Stages["Lost"] {
		t.Errorf("stages %v, want %v", stages, want.Stages)
	}
}

func TestOnlineRetailIsReadWhole(t *testing.T) {
	t.Parallel()
	var want struct {
		Rows, Orders int
		Customers    int     `json:"customers_scored"`
		Used         int     `json:"rows_used"`
		Total        float64 `json:"total_amount"`
	}
	reference(t, "online_retail/reference_dev.json", &want)
	r := readData(t, "online_retail/online_retail_dev.csv", sampleMapping(t, "online-retail.yaml"))
	customers, orders, total := totals(t, r, connectors.FieldAmount)
	if r.Rows != want.Rows || r.Good != want.Used || r.Failed != 0 || customers != want.Customers || orders != want.Orders || !near(total, want.Total) {
		t.Errorf("%d rows, %d used, %d failed, %d customers, %d orders, total %.2f; want %+v", r.Rows, r.Good, r.Failed, customers, orders, total, want)
	}
}

func TestSuperstoreIsGuessedWithoutAMapping(t *testing.T) {
	t.Parallel()
	r := readData(t, "cn_superstore/cn_orders_dev_utf8bom_iso.csv", nil)
	customers, orders, sales := totals(t, r, connectors.FieldAmount)
	if !r.Guessed || customers != 395 || orders != 1834 || !near(sales, 8061539.339) {
		t.Errorf("%d customers, %d orders, %.3f sales; used %+v, unused %+v", customers, orders, sales, r.Used, r.Unused)
	}
}
