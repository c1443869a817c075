package sample

import (
	"fmt"
	"time"
)

// XingChen hands the customers and orders of a smaller sister company to put, as the lists of 金蝶云·星辰 show them. The same arguments yield the same records.
func XingChen(put func(form string, fields map[string]any) error, now time.Time, customers, orders int, seed uint64) error {
	ids := map[string]string{} // of customers, by number
	n := 0
	for form, fields := range Kingdee(now, customers, orders, seed+1) {
		n++
		to, row := "customer", map[string]any{
			"id": fmt.Sprint(2_000_000_000_000 + n), "number": fields["FNumber"], "name": fields["FName"], "group_name": fields["FGroup"], "saler_name": fields["FSELLER"],
			"taxpayer_no": fields["FSOCIALCRECODE"], "create_time": stampOf(fields["FCreateDate"]), "modify_time": stampOf(fields["FCreateDate"]),
		}
		if form == "SAL_SaleOrder" {
			to, row = "sal_order", map[string]any{
				"id": fmt.Sprint(3_000_000_000_000 + n), "bill_no": fields["FBillNo"], "bill_date": stampOf(fields["FDate"])[:len(time.DateOnly)],
				"customer_id": ids[fmt.Sprint(fields["FCustId"])], "customer_number": fields["FCustId"], "emp_name": fields["FSalerId"], "total_amount": fields["FBillAllAmount"],
				"bill_status": status(fields["FDocumentStatus"]), "create_time": stampOf(fields["FCreateDate"]), "modify_time": stampOf(fields["FModifyDate"]),
			}
		} else {
			ids[fmt.Sprint(fields["FNumber"])] = row["id"].(string)
		}
		if err := put(to, row); err != nil {
			return fmt.Errorf("sample record: %w", err)
		}
	}
	return nil
}

// status is C for an audited document and Z for any other.
func status(of any) string {
	if of == "C" {
		return "C"
	}
	return "Z"
}

func stampOf(v any) string {
	t, _ := v.(time.Time)
	return t.In(zone).Format(time.DateTime)
}
