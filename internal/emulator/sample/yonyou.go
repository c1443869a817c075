package sample

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// yonyouFirst keeps the customers of Yonyou apart from Kingdee's: their numbers decide their phones and credit codes.
const yonyouFirst = 5_000_000

// Yonyou yields the form and fields of each record of a YonBIP tenant: first the customers, then their orders by date and
// what they owe. They are of the same kind as Kingdee's and other companies. The same arguments yield the same records.
func Yonyou(now time.Time, customers, orders int, seed uint64) iter.Seq2[string, map[string]any] {
	return func(yield func(string, map[string]any) bool) {
		rng := rand.New(rand.NewPCG(seed, 20260101))
		c := &company{rng: rng, now: now.In(zone), used: make(map[string]bool, customers)}
		ids := map[string]string{}
		var buyers []buyer
		for n := 1; n <= customers; n++ {
			fields, appetite := c.customer(yonyouFirst + n)
			b := c.buyer(yonyouFirst+n, fields, appetite)
			ids[b.number] = fmt.Sprint(1700194312096100000 + n)
			buyers = append(buyers, b)
			if !yield("merchant", merchant(ids[b.number], fields)) {
				return
			}
		}
		for n, order := range c.orders(buyers, orders) {
			id := ids[order["FCustId"].(string)]
			if !yield("voucherorder", yonyouOrder(n+1, id, order)) {
				return
			}
			if due := c.receivable(id, order); due != nil && !yield("receivable", due) {
				return
			}
		}
	}
}

func merchant(id string, fields map[string]any) map[string]any {
	return map[string]any{
		"id": id, "code": fields["FNumber"], "name": fields["FName"], "shortname": fields["FShortName"], "createOrgCode": "ORG001",
		"creditCode": fields["FSOCIALCRECODE"], "contactName": fields["F_LK_CONTACT"], "contactTel": fields["FMobile"], "address": fields["FADDRESS"],
		"peopleNum": fields["F_LK_HEADCOUNT"], "customerIndustryCode": fields["F_LK_INDUSTRY"], "email": fields["FEmail"],
		"createTime": fields["FCreateDate"], "modifyTime": fields["FModifyDate"],
	}
}

func yonyouOrder(n int, customer string, order map[string]any) map[string]any {
	next := "ENDORDER"
	switch {
	case order["FCancelStatus"] == "B":
		next = "OPPOSE"
	case order["FDocumentStatus"] == "B":
		next = "APPROVING"
	case order["FCloseStatus"] == "A":
		next = "DELIVERGOODS"
	}
	var lines []any
	for _, e := range order["FSaleOrderEntry"].([]any) {
		entry := e.(map[string]any)
		product := entry["FMaterialId"].(map[string]any)
		lines = append(lines, map[string]any{"productCode": product["FNumber"], "productName": product["FName"], "qty": entry["FQty"], "oriSum": entry["FAllAmount"]})
	}
	return map[string]any{
		"id": fmt.Sprint(1811000000000100000 + n), "code": fmt.Sprintf("XS%06d", n), "agentId": customer, "vouchdate": order["FDate"].(time.Time).Format(time.DateTime),
		"corpContactUserName": order["FSalerId"], "payMoney": order["FBillAllAmount"], "nextStatus": next, "lines": lines,
		"createTime": order["FCreateDate"], "modifyTime": order["FModifyDate"],
	}
}

// receivable draws what an order left to be paid, if anything: due 30 days after it, rarely open for longer than 90.
func (c *company) receivable(customer string, order map[string]any) map[string]any {
	at := order["FDate"].(time.Time)
	if order["FDocumentStatus"] != "C" || order["FCancelStatus"] == "B" {
		return nil
	}
	balance := order["FBillAllAmount"]
	if c.now.Sub(at) > 90*24*time.Hour || c.rng.IntN(2) == 0 {
		balance = 0
	}
	return map[string]any{"customer": customer, "amount": order["FBillAllAmount"], "balance": balance,
		"vouchdate": at.Format(time.DateOnly), "maturitydate": at.AddDate(0, 0, 30).Format(time.DateOnly)}
}
