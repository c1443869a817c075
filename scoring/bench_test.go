package scoring

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// row is what a hand-written scorer would take.
type row struct {
	industry, region, role, stage                                                    string
	headcount, revenue, visits, logins, lastVisit, trial, events, content            float64
	total, year, orders, repurchase, since, largest, acv, nps, referrals, complaints float64
}

// The same 20 rules three times: for Lingke and expr as text, and by hand. 17 conditions and 3 normalised terms.
var benchRules = []struct {
	when string
	add  int
}{
	{`industry == "制造业" && headcount > 500`, 20}, {`last_visit_days <= 10`, 15}, {`order_amount_total > 100000`, 30},
	{`region in ["华东", "华南"]`, 4}, {`contact_role == "CEO"`, 8}, {`annual_revenue >= 1e7 && annual_revenue < 1e9`, 3},
	{`visits_30d > 3 || logins_30d > 5`, 4}, {`trial_features >= 3`, 4}, {`events_365d > 0`, 2}, {`content_90d > 2`, 2},
	{`order_count_365d >= 2`, 3}, {`days_since_order > 180`, -5}, {`largest_order > 50000`, 3}, {`complaints_90d > 1`, -4},
	{`referrals > 0`, 2}, {`stage != "lost"`, 1}, {`contact_role contains "总"`, 3},
}

var benchTerms = []struct {
	field  string
	weight float64
	full   float64
}{{"potential_acv", 10, 500000}, {"nps", 4, 10}, {"repurchase_count_365d", 6, 4}}

func benchModel(b testing.TB) *Model {
	var text strings.Builder
	text.WriteString("name: bench\ndimensions:\n  - id: d\n    rules:\n")
	for i, r := range benchRules {
		fmt.Fprintf(&text, "      - {id: r%d, when: '%s', add: %d}\n", i, r.when, r.add)
	}
	text.WriteString("    indicators:\n")
	for i, term := range benchTerms {
		fmt.Fprintf(&text, "      - {id: i%d, value: %s, weight: %v, linear: {to: %v}}\n", i, term.field, term.weight, term.full)
	}
	return parse(b, text.String())
}

func yes(b bool, add int64) int64 {
	if b {
		return add * 1000
	}
	return 0
}

func share(v, weight, full float64) int64 {
	return int64(min(max(v/full, 0), 1)*weight*1000 + 0.5)
}

func native(r *row) float64 {
	t := yes(r.industry == "制造业" && r.headcount > 500, 20) + yes(r.lastVisit <= 10, 15) + yes(r.total > 100000, 30)
	t += yes(r.region == "华东" || r.region == "华南", 4) + yes(r.role == "CEO", 8) + yes(r.revenue >= 1e7 && r.revenue < 1e9, 3)
	t += yes(r.visits > 3 || r.logins > 5, 4) + yes(r.trial >= 3, 4) + yes(r.events > 0, 2) + yes(r.content > 2, 2)
	t += yes(r.orders >= 2, 3) + yes(r.since > 180, -5) + yes(r.largest > 50000, 3) + yes(r.complaints > 1, -4)
	t += yes(r.referrals > 0, 2) + yes(r.stage != "lost", 1) + yes(strings.Contains(r.role, "总"), 3)
	t += share(r.acv, 10, 500000) + share(r.nps, 4, 10) + share(r.repurchase, 6, 4)
	return float64(min(max(t, 0), 100000)) / 1000
}

// customers draws the same random customers for every engine; all is known, since native and expr have no missing values.
func customers(n int) (rows []row, all []*Facts, envs []map[string]any) {
	g := rand.New(rand.NewPCG(1, 2))
	pick := func(options ...string) string { return options[g.IntN(len(options))] }
	upTo := func(n int) float64 { return float64(g.IntN(n)) }
	for range n {
		r := row{
			industry: pick("制造业", "零售业", "物流业"), region: pick("华东", "华南", "华北", "西南"), role: pick("CEO", "总经理", "采购经理", "副总裁"),
			stage: pick("lead", "active", "lost"), headcount: upTo(1000), revenue: upTo(2e9), visits: upTo(8), logins: upTo(10), lastVisit: upTo(20),
			trial: upTo(6), events: upTo(3), content: upTo(6), total: upTo(200000), year: upTo(1e5), orders: upTo(5), repurchase: upTo(5),
			since: upTo(360), largest: upTo(1e5), acv: upTo(6e5), nps: upTo(11), referrals: upTo(3), complaints: upTo(4),
		}
		env := map[string]any{
			"industry": r.industry, "region": r.region, "contact_role": r.role, "stage": r.stage, "headcount": r.headcount,
			"annual_revenue": r.revenue, "visits_30d": r.visits, "logins_30d": r.logins, "last_visit_days": r.lastVisit,
			"trial_features": r.trial, "events_365d": r.events, "content_90d": r.content, "order_amount_total": r.total,
			"order_amount_365d": r.year, "order_count_365d": r.orders, "repurchase_count_365d": r.repurchase,
			"days_since_order": r.since, "largest_order": r.largest, "potential_acv": r.acv, "nps": r.nps, "referrals": r.referrals,
			"complaints_90d": r.complaints,
		}
		f := BuiltIn().NewFacts()
		for name, v := range env {
			if text, ok := v.(string); ok {
				f.SetText(name, text, "", noon)
			} else {
				f.SetNumber(name, v.(float64), "", noon)
			}
		}
		rows, all, envs = append(rows, r), append(all, f), append(envs, env)
	}
	return rows, all, envs
}

// exprPrograms are the rules as programs of expr's own machine.
func exprPrograms(b testing.TB, env map[string]any) []*vm.Program {
	var out []*vm.Program
	compile := func(text string) {
		p, err := expr.Compile(text, expr.Env(env))
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, p)
	}
	for _, r := range benchRules {
		compile(r.when)
	}
	for _, term := range benchTerms {
		compile(fmt.Sprintf("max(min(%s / %v, 1.0), 0.0) * %v", term.field, term.full, term.weight))
	}
	return out
}

func exprTotal(b testing.TB, machine *vm.VM, programs []*vm.Program, env map[string]any) float64 {
	var total int64
	for i, p := range programs {
		v, err := machine.Run(p, env)
		if err != nil {
			b.Fatal(err)
		}
		switch v := v.(type) {
		case bool:
			total += yes(v, int64(benchRules[i].add))
		case float64:
			total += thousandths(v)
		}
	}
	return points(min(max(total, 0), 100000))
}

func TestAllEnginesOfTheBenchmarkAgree(t *testing.T) {
	t.Parallel()
	rows, all, envs := customers(500)
	m, programs := benchModel(t), exprPrograms(t, envs[0])
	machine := new(vm.VM)
	for i := range rows {
		want := native(&rows[i])
		if got := m.Total(all[i], noon); got != want {
			t.Fatalf("customer %d: %v, by hand %v", i, got, want)
		}
		if got := exprTotal(t, machine, programs, envs[i]); got != want {
			t.Fatalf("customer %d: expr %v, by hand %v", i, got, want)
		}
	}
}

func TestTotalDoesNotAllocate(t *testing.T) {
	_, all, _ := customers(1)
	for _, m := range []*Model{benchModel(t), defaultModel(t)} {
		if n := testing.AllocsPerRun(100, func() { m.Total(all[0], noon) }); n != 0 {
			t.Errorf("%s: %v allocations", m.Name(), n)
		}
	}
}

func BenchmarkScoreOne(b *testing.B) {
	rows, all, envs := customers(4096)
	m, programs, machine := benchModel(b), exprPrograms(b, envs[0]), new(vm.VM)
	sink := 0.0
	for _, engine := range []struct {
		name string
		run  func(i int) float64
	}{
		{"native", func(i int) float64 { return native(&rows[i]) }},
		{"lingke", func(i int) float64 { return m.Total(all[i], noon) }},
		{"expr", func(i int) float64 { return exprTotal(b, machine, programs, envs[i]) }},
		{"explain", func(i int) float64 { return m.Score(all[i], noon).Total }},
	} {
		b.Run(engine.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				sink += engine.run(i & 4095)
			}
		})
	}
	_ = sink
}

func BenchmarkParseModel(b *testing.B) {
	text, err := os.ReadFile("../configs/models/default.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ParseModel("default.yaml", text, BuiltIn()); err != nil {
			b.Fatal(err)
		}
	}
}
