package sample

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// NewLead draws the BD_Customer fields of a customer that has just been entered. Four in ten are strong: manufacturers of
// more than 500 people whose chief asks, with a big contract in sight. The brands have three characters, so that the names
// differ from Kingdee's.
func NewLead(rng *rand.Rand, now time.Time) map[string]any {
	where, line := pick(rng, places, func(p place) int { return p.weight }), pick(rng, industries, func(i industry) int { return i.weight })
	strong := rng.IntN(10) < 4
	if strong {
		where, line = places[rng.IntN(9)], industries[0] // the core markets
	}
	fields := profile(rng, where, line)
	if strong {
		headcount := 501 + rng.IntN(3500)
		fields["F_LK_HEADCOUNT"], fields["F_LK_REVENUE"] = headcount, float64(headcount)*float64(400000+rng.IntN(400000))
		fields["F_LK_CONTACT_ROLE"] = one(rng, []string{"CEO", "总经理", "董事长"})
		fields["F_LK_ACV"] = float64(500000 + 10000*rng.IntN(150))
		fields["F_LK_NPS"] = 9 + rng.IntN(2)
	}
	fields["FName"] = companyName(rng, where, line, 3)
	serial := rng.Uint64N(6_000_000_000) + 1_000_000 // beyond the numbers of Kingdee
	identify(fields, where, serial)
	fields["FNumber"] = fmt.Sprintf("XS%010d", serial)
	fields["FCreateDate"] = now.In(zone).Truncate(time.Second)
	return fields
}
