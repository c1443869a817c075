package app_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"lingke/internal/customer"
	"lingke/internal/exports"
	"lingke/internal/imports"
)

// TestAnExportFindsItsCustomersAgain: customers of an ERP, two of them namesakes and none with a credit code, are exported, and the table imported as it is and then
// corrected: no customer is new, each row finds its own.
func TestAnExportFindsItsCustomersAgain(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"分级表.xlsx", "分级表.csv"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 0)
			put := func(n int, name string) {
				t.Helper()
				must(t, o.site.PutRecord("BD_Customer", map[string]any{"FCUSTID": n, "FNumber": fmt.Sprint("C", n), "FName": name, "FTEL": fmt.Sprintf("0571-8888%04d", n), "FModifyDate": "2026-02-01T10:00:00"}))
			}
			put(1, "华东精密")
			put(2, "华东精密") // another one of that name
			put(3, "西湖机械")
			a := o.open("", "")
			_, err := a.Pull(t.Context(), "erp", false, nil)
			must(t, err)
			before := allNames(t, a.Store().EachCustomer)
			for round := range 3 {
				for _, phones := range []bool{false, true} {
					var out bytes.Buffer
					_, err := a.Export(t.Context(), exports.Request{List: exports.Customers, File: file, Phones: phones}, &out)
					must(t, err)
					p, err := a.Import(t.Context(), imports.Request{File: file, Content: out.Bytes(), By: "lina"}, nil)
					must(t, err)
					if b := p.Batch; b.New != 0 || b.Failed != 0 || b.Changed+b.Unchanged != 3 {
						t.Errorf("round %d: %+v; %v", round, b, p.Result.Problems)
					}
				}
				if after := allNames(t, a.Store().EachCustomer); fmt.Sprint(after) != fmt.Sprint(before) {
					t.Fatalf("round %d: %v, before %v", round, after, before)
				}
			}
			for n, name := range map[int]string{1: "华东精密", 3: "西湖机械"} {
				c := named(t, a, customer.NewRef("erp", fmt.Sprint(n)))
				if c.Name != name || len(c.Records) != 2 || c.Text("phone") != fmt.Sprintf("0571-8888%04d", n) {
					t.Errorf("%d: %s %s %v", n, c.Name, c.Text("phone"), c.Refs())
				}
			}
		})
	}
}

func allNames(t *testing.T, each func(context.Context, func(customer.Customer) error) error) (all []string) {
	t.Helper()
	must(t, each(t.Context(), func(c customer.Customer) error {
		all = append(all, c.Name)
		return nil
	}))
	slices.Sort(all)
	return all
}
