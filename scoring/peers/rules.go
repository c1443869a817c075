package peers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"lingke/scoring"
)

// A rule adds points when its condition holds. The conditions are written so that expr, CEL and Lingke read them alike, but
// for contains, which CEL writes as a method.
type rule struct {
	when, cel string
	add       int64
}

var rules = []rule{
	{when: `industry == "制造业" && headcount > 500.0`, add: 20},
	{when: `last_visit_days <= 10.0`, add: 15},
	{when: `order_amount_total > 100000.0`, add: 30},
	{when: `region in ["华东", "华南"]`, add: 4},
	{when: `contact_role == "CEO"`, add: 8},
	{when: `annual_revenue >= 10000000.0 && annual_revenue < 1000000000.0`, add: 3},
	{when: `visits_30d > 3.0 || logins_30d > 5.0`, add: 4},
	{when: `trial_features >= 3.0`, add: 4},
	{when: `events_365d > 0.0`, add: 2},
	{when: `content_90d > 2.0`, add: 2},
	{when: `order_count_365d >= 2.0`, add: 3},
	{when: `days_since_order > 180.0`, add: -5},
	{when: `largest_order > 50000.0`, add: 3},
	{when: `complaints_90d > 1.0`, add: -4},
	{when: `referrals > 0.0`, add: 2},
	{when: `stage != "lost"`, add: 1},
	{when: `contact_role contains "总"`, cel: `contact_role.contains("总")`, add: 3},
}

// A term adds its weight in proportion, up to the full value.
type term struct {
	field        string
	weight, full float64
}

var terms = []term{{"potential_acv", 10, 500000}, {"nps", 4, 10}, {"repurchase_count_365d", 6, 4}}

// Row is a customer as hand-written code would hold it; Grule reads its fields and calls its method.
type Row struct {
	Industry, Region, Role, Stage                                                    string
	Headcount, Revenue, Visits, Logins, LastVisit, Trial, Events, Content            float64
	Total, Year, Orders, Repurchase, Since, Largest, ACV, NPS, Referrals, Complaints float64
}

// fields name Row's values as the rules do.
func (r *Row) fields() map[string]any {
	return map[string]any{
		"industry": r.Industry, "region": r.Region, "contact_role": r.Role, "stage": r.Stage, "headcount": r.Headcount,
		"annual_revenue": r.Revenue, "visits_30d": r.Visits, "logins_30d": r.Logins, "last_visit_days": r.LastVisit,
		"trial_features": r.Trial, "events_365d": r.Events, "content_90d": r.Content, "order_amount_total": r.Total,
		"order_amount_365d": r.Year, "order_count_365d": r.Orders, "repurchase_count_365d": r.Repurchase,
		"days_since_order": r.Since, "largest_order": r.Largest, "potential_acv": r.ACV, "nps": r.NPS, "referrals": r.Referrals,
		"complaints_90d": r.Complaints,
	}
}

func (r *Row) facts(into *scoring.Facts) {
	for name, v := range r.fields() {
		if text, ok := v.(string); ok {
			into.SetText(name, text, "", noon)
		} else {
			into.SetNumber(name, v.(float64), "", noon)
		}
	}
}

// model compiles the rules for a schema of the fields that a Row has, or for that of all built-in ones.
func model(all bool) (*scoring.Model, error) {
	schema := scoring.BuiltIn()
	if !all {
		var err error
		if schema, err = schema.Only(slices.Sorted(maps.Keys(new(Row).fields()))...); err != nil {
			return nil, err
		}
	}
	var text strings.Builder
	text.WriteString("name: bench\ndimensions:\n  - id: d\n    rules:\n")
	for i, r := range rules {
		fmt.Fprintf(&text, "      - {id: r%d, when: '%s', add: %d}\n", i, r.when, r.add)
	}
	text.WriteString("    indicators:\n")
	for i, t := range terms {
		fmt.Fprintf(&text, "      - {id: i%d, value: %s, weight: %v, linear: {to: %v}}\n", i, t.field, t.weight, t.full)
	}
	return scoring.ParseModel("bench.yaml", []byte(text.String()), schema)
}
