package yonyou

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"lingke/connectors"
)

// defaultOrder is what an order's row tells without any setting, besides what orderRecord works out.
func defaultOrder() map[string][]string {
	return map[string][]string{"number": {"code"}, connectors.FieldRep: {"corpContactUserName", "corpContact_name"}}
}

// orderRecord makes one record of the lines of an order. The order's own values stand on each line.
func (c *Conn) orderRecord(lines []object) (connectors.Record, error) {
	first := lines[0]
	rec := connectors.Record{Kind: connectors.Order, ID: first.id("id"), Customer: first.id("agentId", "agentId_id")}
	if err := checkID(rec.Kind, rec.ID); err != nil {
		return rec, err
	}
	if rec.Customer == "" || len(rec.Customer) > longestID {
		return rec, fmt.Errorf("order %s names no customer: %w", rec.ID, connectors.ErrBadRecord)
	}
	var ok bool
	if rec.ModifiedAt, ok = first.instant("pubts", "modifyTime", "auditTime", "createTime"); !ok {
		return rec, fmt.Errorf("order %s has no time of change: %w", rec.ID, connectors.ErrBadRecord)
	}
	rec.Fields = map[string]string{connectors.FieldStatus: orderStatus(first)}
	if names := products(lines, "productName", "productCode"); names != "" {
		rec.Fields[connectors.FieldProduct] = cut(names)
	}
	if amount, ok := orderAmount(first); ok {
		rec.Fields[connectors.FieldAmount] = amount
	}
	if at, ok := first.instant("vouchdate", "createTime"); ok {
		rec.Fields[connectors.FieldDate] = at.In(shanghai).Format(time.RFC3339)
	}
	return rec, c.orders.fill(&rec, first)
}

// orderStatus: an order counts as bought once it is approved. nextStatus is what happens to it next.
func orderStatus(row object) string {
	switch row.text("nextStatus", "nextStatusName", "statusCode") {
	case "OPPOSE":
		return connectors.StatusCancelled
	case "CONFIRMORDER", "APPROVING":
		return connectors.StatusOpen
	case "DELIVERGOODS", "DELIVERY_PART", "DELIVERY_TAKE_PART", "TAKEDELIVERY", "ENDORDER":
		return connectors.StatusWon
	}
	if row.text("verifystate") == "2" {
		return connectors.StatusWon
	}
	return connectors.StatusOpen
}

// orderAmount is the order's total with tax in the currency of the books. An order in another currency is converted at the
// order's own rate, to the hundredth.
func orderAmount(row object) (string, bool) {
	sum, ok := rational(row.at("payMoney"))
	if !ok {
		return "", false
	}
	own, books := row.id("orderPrices.currency", "orderPrices!currency"), row.id("orderPrices.natCurrency", "orderPrices!natCurrency")
	rate, known := rational(row.at("orderPrices.exchRate"))
	if own == books || own == "" || books == "" || !known || rate.Sign() <= 0 {
		return plain(sum), true
	}
	return cents(sum.Mul(sum, rate)), true
}

// cents rounds half away from zero, as books do.
func cents(r *big.Rat) string { return strings.TrimPrefix(trimmed(r.FloatString(2)), "+") }

// trimmed takes needless zeros off a decimal.
func trimmed(s string) string {
	d, _ := decimal(s)
	return d
}

// mostProducts bounds how many products of one order are named.
const mostProducts = 100

// products joins the different products of an order's lines in their order.
func products(lines []object, paths ...string) string {
	var names []string
	known := map[string]bool{}
	for _, l := range lines {
		if name := l.text(paths...); name != "" && !known[name] {
			known[name] = true
			names = append(names, name)
		}
	}
	if n := len(names); n > mostProducts {
		return strings.Join(names[:mostProducts], "、") + fmt.Sprintf("等%d种", n)
	}
	return strings.Join(names, "、")
}
