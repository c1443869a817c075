package customer

import (
	"slices"

	"lingke/internal/customer/names"
)

// Places are where a customer is, as people ask for it: what its sources call its region, the administrative divisions in its region, province, city and name, without 省, 市…
// (names.Places), sorted. A branch is where its name says.
func (c Customer) Places() []string {
	all := slices.Clone(names.Parse(c.Name).Places)
	for _, field := range []string{"region", "province", "city"} {
		if text := c.Text(field); text != "" {
			all = append(append(all, text), names.PlacesIn(text)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
