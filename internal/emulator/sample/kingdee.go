package sample

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"
)

// Kingdee yields the form and fields of each record of an ERP: first the customers, then their orders by date, all before
// now. About three customers in ten have no order yet: they are leads. Amounts are log-normal, a few customers bring most of
// the money, and some have stopped buying. The same arguments yield the same records.
//
// Order numbers are BillNos from XSDD000001 on, customers KH000001 on with FCUSTID 100001 on.
func Kingdee(now time.Time, customers, orders int, seed uint64) iter.Seq2[string, map[string]any] {
	return func(yield func(string, map[string]any) bool) {
		rng := rand.New(rand.NewPCG(seed, 20150101))
		c := &company{rng: rng, now: now.In(zone), used: make(map[string]bool, customers)}
		var buyers []buyer
		for n := 1; n <= customers; n++ {
			fields, appetite := c.customer(n)
			if rng.IntN(10) >= 3 {
				fields["FGroup"] = group(appetite)
				fields["FSELLER"] = one(rng, []string{"张伟", "李娜", "刘洋", "陈静"})
				buyers = append(buyers, c.buyer(n, fields, appetite))
			}
			if !yield("BD_Customer", fields) {
				return
			}
		}
		for _, order := range c.orders(buyers, orders) {
			if !yield("SAL_SaleOrder", order) {
				return
			}
		}
	}
}

// Fill hands every record of Kingdee to put and stops at its first error.
func Fill(put func(form string, fields map[string]any) error, now time.Time, customers, orders int, seed uint64) error {
	for form, fields := range Kingdee(now, customers, orders, seed) {
		if err := put(form, fields); err != nil {
			return fmt.Errorf("sample record: %w", err)
		}
	}
	return nil
}

// buyer is a customer that has bought, in a stretch of time, with a usual size of an order.
type buyer struct {
	number      string
	first, last time.Time
	size        float64 // mean of the logarithm of an order's amount
	appetite    float64
}

func group(appetite float64) string {
	switch {
	case appetite > 40:
		return "A"
	case appetite > 15:
		return "B"
	case appetite > 5:
		return "C"
	}
	return "D"
}

// buyer draws when a customer bought. One in four has stopped.
func (c *company) buyer(n int, fields map[string]any, appetite float64) buyer {
	created := fields["FCreateDate"].(time.Time)
	window := c.now.AddDate(-3, 0, 0)
	if created.Before(window) {
		created = window
	}
	b := buyer{number: fmt.Sprintf("KH%06d", n), first: created, last: c.now.Add(-time.Hour), appetite: appetite}
	if c.rng.IntN(4) == 0 {
		b.last = between(c.rng, b.first, c.now.AddDate(0, -4, 0))
	}
	if b.last.Before(b.first) {
		b.last = b.first
	}
	b.size = 9.2 + 0.35*math.Log(appetite+1) + 0.4*c.rng.NormFloat64()
	return b
}

// orders yields n orders with their numbers from 0 on, by date. Each is made when it is asked for: all at once would take gigabytes.
func (c *company) orders(buyers []buyer, n int) iter.Seq2[int, map[string]any] {
	return func(yield func(int, map[string]any) bool) {
		for i, s := range c.sales(buyers, n) {
			if !yield(i, c.order(i+1, buyers[s.buyer], s.at)) {
				return
			}
		}
	}
}

// sale is that a buyer, by place, orders at an instant.
type sale struct {
	buyer int
	at    time.Time
}

// sales draws who orders when: each buyer once, the rest by appetite. They come in the order of their dates.
func (c *company) sales(buyers []buyer, n int) []sale {
	if len(buyers) == 0 {
		return nil
	}
	total := 0.0
	upTo := make([]float64, len(buyers))
	for i, b := range buyers {
		total += b.appetite
		upTo[i] = total
	}
	list := make([]sale, n)
	for i := range list {
		b := min(i, len(buyers)-1)
		if i >= len(buyers) {
			b = sort.SearchFloat64s(upTo, c.rng.Float64()*total)
		}
		list[i] = sale{b, between(c.rng, buyers[b].first, buyers[b].last)}
	}
	slices.SortStableFunc(list, func(a, b sale) int { return a.at.Compare(b.at) })
	return list
}

// order draws one order of one to four lines whose amounts add up to a log-normal total.
func (c *company) order(n int, b buyer, at time.Time) map[string]any {
	fields := map[string]any{
		"FID": 300000 + n, "FBillNo": fmt.Sprintf("XSDD%06d", n), "FCustId": b.number, "FSaleDeptId": "销售部",
		"FDate": time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone), "FCreateDate": at, "FModifyDate": at,
		"FSalerId": one(c.rng, []string{"张伟", "李娜", "刘洋", "陈静"}), "FCreatorId": "integration",
	}
	c.fate(fields, at)
	left := math.Exp(b.size + 0.9*c.rng.NormFloat64())
	var entries []any
	sum := 0.0
	for lines := 1 + c.rng.IntN(4); lines > 0; lines-- {
		entry, amount := c.entry(left/float64(lines), at)
		entries, sum, left = append(entries, entry), sum+amount, math.Max(0, left-amount)
	}
	fields["FSaleOrderEntry"], fields["FBillAllAmount"] = entries, fen(sum)
	return fields
}

// fate draws what became of an order: nearly all are audited and many closed, some wait or were cancelled.
func (c *company) fate(fields map[string]any, at time.Time) {
	state, closed, cancelled := "C", "A", "A"
	switch x := c.rng.IntN(100); {
	case x < 2:
		state = "B"
	case x < 4:
		cancelled = "B"
	case c.now.Sub(at) > 60*24*time.Hour:
		closed = "B"
	}
	fields["FDocumentStatus"], fields["FCloseStatus"], fields["FCancelStatus"] = state, closed, cancelled
	if state == "C" {
		approved := at.Add(time.Duration(c.rng.IntN(48)) * time.Hour)
		if approved.After(c.now) {
			approved = at
		}
		fields["FApproveDate"], fields["FModifyDate"], fields["FApproverId"] = approved, approved, "integration"
	}
}

// entry draws a line of about the wanted amount, at 13 % tax.
func (c *company) entry(want float64, at time.Time) (map[string]any, float64) {
	p := one(c.rng, products)
	for p.price > 2*want && p.price > products[7].price {
		p = one(c.rng, products)
	}
	quantity := math.Max(1, math.Round(want/p.price))
	amount := fen(quantity * p.price)
	net := fen(amount / 1.13)
	return map[string]any{
		"FMaterialId": map[string]any{"FNumber": p.number, "FName": p.name}, "FUnitID": "Pcs", "FQty": quantity, "FTaxPrice": p.price, "FPrice": fen(p.price / 1.13), "FEntryTaxRate": 13.0,
		"FAllAmount": amount, "FAmount": net, "FTaxAmount": fen(amount - net), "FDeliveryDate": at.AddDate(0, 0, 7+c.rng.IntN(40)),
	}, amount
}

// fen rounds to a hundredth of a yuan.
func fen(yuan float64) float64 { return math.Round(yuan*100) / 100 }
