package sample

import (
	"maps"
	"strings"
	"time"
)

// How the sample company bills.
const (
	billed  = 180 * 24 * time.Hour // older orders have left no document
	credit  = 30 * 24 * time.Hour
	usually = 75 * 24 * time.Hour // after which most have paid
)

// Documents returns a put that also puts, for each recent order that was audited, its 销售出库单 two days later and its 应收单, which is due after 30 days
// and settled after 75 unless it is one of few that are late.
func Documents(put func(form string, fields map[string]any) error, now time.Time) func(form string, fields map[string]any) error {
	n := 0
	return func(form string, fields map[string]any) error {
		if err := put(form, fields); err != nil || form != "SAL_SaleOrder" {
			return err
		}
		at, _ := fields["FDate"].(time.Time)
		if fields["FDocumentStatus"] != "C" || fields["FCancelStatus"] != "A" || now.Sub(at) > billed || now.Sub(at) < 2*24*time.Hour {
			return nil
		}
		n++
		if err := put("SAL_OUTSTOCK", delivery(n, fields, at)); err != nil {
			return err
		}
		return put("AR_receivable", receivable(n, fields, at, now))
	}
}

func delivery(n int, order map[string]any, at time.Time) map[string]any {
	left := at.AddDate(0, 0, 2)
	var entries []any
	for _, e := range order["FSaleOrderEntry"].([]any) {
		line := e.(map[string]any)
		entries = append(entries, map[string]any{"FMaterialID": maps.Clone(line["FMaterialId"].(map[string]any)), "FBaseUnitQty": line["FQty"], "FSrcBillNo": order["FBillNo"]})
	}
	return map[string]any{
		"FID": 500000 + n, "FBillNo": strings.Replace(order["FBillNo"].(string), "XSDD", "XSCKD", 1), "FDate": left, "FCustomerID": order["FCustId"],
		"FDocumentStatus": "C", "FCancelStatus": "A", "FCreateDate": left, "FModifyDate": left, "FApproveDate": left, "FEntity": entries,
	}
}

func receivable(n int, order map[string]any, at, now time.Time) map[string]any {
	billedAt := at.AddDate(0, 0, 2)
	total, _ := order["FBillAllAmount"].(float64)
	open, status := total, "A"
	if now.Sub(at) > usually && n%10 != 0 {
		open, status = 0, "C"
	}
	return map[string]any{
		"FID": 700000 + n, "FBillNo": strings.Replace(order["FBillNo"].(string), "XSDD", "AR", 1), "FDATE": billedAt, "FCUSTOMERID": order["FCustId"],
		"FENDDATE_H": billedAt.Add(credit), "FALLAMOUNTFOR": total, "FWRITTENOFFSTATUS": status, "FDocumentStatus": "C", "FCancelStatus": "A",
		"FCreateDate": billedAt, "FModifyDate": billedAt, "FApproveDate": billedAt,
		"FEntityDetail": []any{map[string]any{"FRECEIVEAMOUNT": total - open, "FNORECEIVEAMOUNT": open}},
	}
}
