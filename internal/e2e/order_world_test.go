package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// orderStart is the instant of the tests about order: their clock stands still there.
var orderStart = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// orderSources are the sources that tell, in the order of their rank; the last is not ranked at all.
var orderSources = []string{"kingdee", "website", "yonyou"}

// toldRecord is a record and who tells it, or a decision of a person, which no source tells.
type toldRecord struct {
	source string
	connectors.Record
	decision customer.Decision
}

// orderWorld makes n different records that contradict each other as real sources do: companies that several sources know, with codes that
// are entered late, wrongly, or taken back, versions of the same instant, deleted records, and orders and activities of all of them.
type orderWorld struct {
	rnd       *rand.Rand
	companies int
}

func newOrderWorld(seed uint64, n int) []toldRecord {
	w := orderWorld{rnd: rand.New(rand.NewPCG(seed, 1)), companies: max(10, n/8)}
	all := make([]toldRecord, n)
	for i := range all {
		if w.rnd.IntN(20) == 0 {
			all[i] = w.decision()
			continue
		}
		switch x := w.rnd.IntN(10); {
		case x < 6:
			all[i] = w.customer()
		case x < 8:
			all[i] = w.order(i)
		default:
			all[i] = w.activity(i)
		}
	}
	return all
}

// repeated adds a share of repeats and shuffles.
func repeated(all []toldRecord, share float64, seed uint64) []toldRecord {
	rnd := rand.New(rand.NewPCG(seed, 2))
	out := append([]toldRecord(nil), all...)
	for range int(float64(len(all)) * share) {
		out = append(out, all[rnd.IntN(len(all))])
	}
	rnd.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// at draws one of few instants, so that versions of the same instant are common.
func (w orderWorld) at() time.Time {
	return orderStart.Add(-time.Duration(w.rnd.IntN(300)) * 24 * time.Hour)
}

func (w orderWorld) customer() toldRecord {
	company := w.rnd.IntN(w.companies)
	r := connectors.Record{
		Kind: connectors.Customer, ID: w.recordID(company), ModifiedAt: w.at(), Deleted: w.rnd.IntN(20) == 0,
		Fields: map[string]string{connectors.FieldName: fmt.Sprintf("第%d精密制造有限公司%s", company, []string{"", "（华东）"}[w.rnd.IntN(2)])},
	}
	w.code(r.Fields, company)
	w.maybe(r.Fields, "industry", "制造业", "批发", "")
	w.maybe(r.Fields, "headcount", "30", "800", "2000")
	w.maybe(r.Fields, "region", "华东", "西北")
	w.maybe(r.Fields, "potential_acv", "20000", "600000")
	w.maybe(r.Fields, connectors.FieldPhone, "13800000000", "021-60000000", "")
	return toldRecord{source: w.source(), Record: r}
}

// code is mostly the company's own, sometimes a neighbour's, a wrong one, or emptied.
func (w orderWorld) code(fields map[string]string, company int) {
	switch x := w.rnd.IntN(20); {
	case x < 9: // not told
	case x < 17:
		fields[connectors.FieldCreditCode] = orderCode(company)
	case x == 17:
		fields[connectors.FieldCreditCode] = orderCode((company + 1) % w.companies)
	case x == 18:
		fields[connectors.FieldCreditCode] = "000000"
	default:
		fields[connectors.FieldCreditCode] = ""
	}
}

// decision is a person's about two records of a company, or of two neighbours, some of which never come to exist: mostly that they are one, or are not after all.
func (w orderWorld) decision() toldRecord {
	company := w.rnd.IntN(w.companies)
	a := customer.NewRef(w.source(), w.recordID(company))
	b := customer.NewRef(w.source(), w.recordID((company+w.rnd.IntN(2))%w.companies))
	if a == b {
		b += "x"
	}
	by := []string{"wangfang", "liqiang"}[w.rnd.IntN(2)]
	return toldRecord{decision: customer.Decide(a, b, w.rnd.IntN(5) < 3, by, w.at())}
}

func (w orderWorld) maybe(fields map[string]string, name string, values ...string) {
	if w.rnd.IntN(2) == 0 {
		fields[name] = values[w.rnd.IntN(len(values))]
	}
}

func (w orderWorld) source() string { return orderSources[w.rnd.IntN(len(orderSources))] }

// recordID is one of two records that a source may have of a company.
func (w orderWorld) recordID(company int) string {
	return fmt.Sprintf("%d-%d", company, w.rnd.IntN(2))
}

// order is a version of one of few orders; who ordered does not change.
func (w orderWorld) order(i int) toldRecord {
	r, source := w.child("o", i)
	r.Kind = connectors.Order
	r.Fields = map[string]string{
		connectors.FieldAmount: fmt.Sprintf("%d.%02d", w.rnd.IntN(200_000), w.rnd.IntN(100)),
		connectors.FieldDate:   w.at().Format(time.RFC3339),
		connectors.FieldStatus: []string{"won", "won", "open", "lost", "cancelled"}[w.rnd.IntN(5)],
	}
	return toldRecord{source: source, Record: r}
}

func (w orderWorld) activity(i int) toldRecord {
	r, source := w.child("a", i)
	r.Kind = connectors.Activity
	r.Fields = map[string]string{
		connectors.FieldType: []string{"visit", "login", "trial", "download"}[w.rnd.IntN(4)],
		connectors.FieldDate: w.at().Format(time.RFC3339),
	}
	return toldRecord{source: source, Record: r}
}

// child is a version of something that belongs to a customer's record; two in three have two versions or more.
func (w orderWorld) child(prefix string, i int) (connectors.Record, string) {
	n := w.rnd.IntN(1 + i/2)
	company, source := n%w.companies, orderSources[n%len(orderSources)]
	return connectors.Record{
		ID: fmt.Sprintf("%s%d", prefix, n), Customer: fmt.Sprintf("%d-%d", company, n%2), ModifiedAt: w.at(), Deleted: w.rnd.IntN(20) == 0,
	}, source
}

// orderCode is a valid unified social credit code (GB 32100-2015) for a number.
func orderCode(n int) string {
	const digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	code := fmt.Sprintf("91310000%09d", n)
	sum, weight := 0, 1
	for i := range code {
		sum += strings.IndexByte(digits, code[i]) * weight
		weight = weight * 3 % 31
	}
	return code + string(digits[(31-sum%31)%31])
}
