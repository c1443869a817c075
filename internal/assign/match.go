package assign

import (
	"slices"
	"strings"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/scoring"
)

// Match is one condition on who gets a customer. For customers that meet When (nil: all) it wants people whose attribute of each name in Same holds
// the customer's own value of that field, and whose attributes hold all of People. A customer without a value for a field of Same asks nothing by it.
type Match struct {
	When   *scoring.Condition
	Same   []string
	People map[string]string
}

// want is what a customer asks of a person: the attribute has to hold the value.
type want struct{ attribute, value string }

// wants lists what the pool's conditions ask for a customer, by attribute.
func (p Pool) wants(c customer.Customer, f *scoring.Facts) []want {
	var all []want
	for _, m := range p.Match {
		if m.When != nil && (f == nil || !m.When.Match(f, c.Score.Total, c.Tier)) {
			continue
		}
		for _, field := range m.Same {
			if value := strings.TrimSpace(valueOf(c, field)); value != "" {
				all = append(all, want{field, value})
			}
		}
		for attribute, value := range m.People {
			all = append(all, want{attribute, value})
		}
	}
	slices.SortFunc(all, func(a, b want) int { return strings.Compare(a.attribute+"\x00"+a.value, b.attribute+"\x00"+b.value) })
	return slices.Compact(all)
}

// valueOf is the customer's value of a field, or its tier.
func valueOf(c customer.Customer, field string) string {
	if field == "tier" {
		return c.Tier
	}
	return c.Text(field)
}

// fits reports whether a person has everything that is asked.
func fits(p access.Person, wants []want) bool {
	for _, w := range wants {
		if !slices.ContainsFunc(p.Attributes[w.attribute], func(has string) bool { return strings.EqualFold(has, w.value) }) {
			return false
		}
	}
	return true
}

// names lists the attributes that were asked for, each once.
func names(wants []want) []string {
	var out []string
	for _, w := range wants {
		if !slices.Contains(out, w.attribute) {
			out = append(out, w.attribute)
		}
	}
	return out
}
