package imports_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lingke/connectors/sheet"
	"lingke/internal/customer"
	"lingke/internal/imports"
	"lingke/internal/testdata"
)

// TestPublicDataSetsArriveInTheStoreWhole imports the sets with the sample mappings and compares what the store then holds with their reference figures.
func TestPublicDataSetsArriveInTheStoreWhole(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mapping, reference string
		files              []string
		customers, orders  string // keys of the reference
		sum                string
		status             string // of the orders that are summed; "" for all
	}{
		{"superstore.yaml", "cn_superstore/reference_dev.json", []string{"cn_superstore/cn_orders_dev_first1500.xlsx", "cn_superstore/cn_orders_dev_gbk_slash.csv"}, "customers", "orders", "sales_total", ""},
		{"crm-pipeline.yaml", "crm_sales/reference_dev.json", []string{"crm_sales/accounts.csv", "crm_sales/sales_pipeline_dev.csv"}, "accounts", "won", "won_value", "won"},
		{"online-retail.yaml", "online_retail/reference_dev.json", []string{"online_retail/online_retail_dev.csv"}, "customers_scored", "orders", "total_amount", ""},
	} {
		t.Run(tt.mapping, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "..", "configs", "samples", "mappings", tt.mapping))
			if err != nil {
				t.Fatal(err)
			}
			m, err := sheet.ParseMapping(tt.mapping, text)
			if err != nil {
				t.Fatal(err)
			}
			o := open(t)
			for _, file := range tt.files {
				content := testdata.Read(t, file)
				o.now = o.now.Add(time.Minute)
				_, err = o.Import(t.Context(), imports.Request{File: filepath.Base(file), Content: content, Mapping: m}, nil)
				o.must(err)
			}
			var want map[string]any
			o.must(json.Unmarshal(testdata.Read(t, tt.reference), &want))
			s := o.state()
			orders, sum := 0, customer.Money(0)
			for _, order := range s.Orders {
				if tt.status == "" || order.Status == tt.status {
					orders, sum = orders+1, sum+order.Amount
				}
			}
			if float64(len(s.Customers)) != want[tt.customers] || float64(orders) != want[tt.orders] || sum != customer.FromYuan(want[tt.sum].(float64)) {
				t.Errorf("%d customers, %d orders, %s; want %v, %v, %v", len(s.Customers), orders, sum, want[tt.customers], want[tt.orders], want[tt.sum])
			}
		})
	}
}
