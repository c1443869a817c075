package report

import (
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/scoring/validate"
)

// BandEffect is how far the newcomers of a period came, by the score that they had a day after they came.
type BandEffect struct {
	Name       string            `json:"name"`       // "80 以上", "50–80", "50 及以下": a score of 80 belongs to the band up to 80
	Conversion validate.Estimate `json:"conversion"` // of all newcomers of the band
	Deal       validate.Estimate `json:"deal"`       // mean amount of the won ones, yuan
	Days       validate.Estimate `json:"days"`       // median of the won ones: what the deal took, where somebody tells, else since they came
	Assigned   int               `json:"assigned"`   // have, or had, an owner
	Contacted  int               `json:"contacted"`  // somebody noted a contact, or the deal's outcome
	Lost       int               `json:"lost"`       // by a lost deal, and none won
	Good       validate.Estimate `json:"good"`       // of those that a rep judged
}

// settled is how long after a newcomer came its first data are in.
const settled = 24 * time.Hour

// bandSums gathers newcomers.
type bandSums struct {
	cases []validate.Case
	more  []newcomer // of each case
}

type newcomer struct {
	assigned, contacted, lost bool
	judged, good              bool
}

// band takes a customer in that came in the period and had not bought anything before.
func (g *gathering) band(x Subject) {
	if _, before := x.spent(Period{time.Time{}, x.Since}); !g.q.Holds(x.Since) || before > 0 || len(g.q.Models) == 0 {
		return
	}
	at := x.Since.Add(settled)
	if at.After(g.q.To) {
		at = g.q.To
	}
	f, _, known := Past{Day: at, Model: g.q.Models[0]}.facts(x)
	if !known {
		return
	}
	m := g.q.Models.Lead(f, at)
	if m == nil {
		return
	}
	c := x.became(Period{x.Since, g.q.To})
	if deal, told := x.firstDeal(Period{x.Since, g.q.To}); told {
		c.Days = deal
	}
	c.Score = m.Total(f, at)
	g.bands.cases, g.bands.more = append(g.bands.cases, c), append(g.bands.more, x.came(g.q.Period, c.Won))
}

// firstDeal is how many days the first won deal of a period took, where somebody tells when it began.
func (x Subject) firstDeal(p Period) (days float64, told bool) {
	for _, o := range x.Orders { // by date
		if bought(o) && p.Holds(o.Date) {
			return o.Date.Sub(o.Opened).Hours() / 24, !o.Opened.IsZero() && !o.Opened.After(o.Date)
		}
	}
	return 0, false
}

// came says how far a newcomer came in a period.
func (x Subject) came(p Period, won bool) newcomer {
	n := newcomer{assigned: x.Owner != "" || len(x.Returns) > 0}
	for _, a := range x.Activities {
		q, _, judged := a.Quality()
		if a.At.After(p.To) {
			continue
		}
		if judged {
			n.judged, n.good = true, q == customer.Good
		}
		n.contacted = n.contacted || a.By != "" && a.Type == connectors.ActivityNote
	}
	for _, o := range x.Told {
		if o.Date.After(p.To) {
			continue
		}
		n.contacted = n.contacted || o.By != ""
		n.lost = n.lost || o.Status == connectors.StatusLost && !won
	}
	return n
}

func (s bandSums) effects(edges []float64) []BandEffect {
	var out []BandEffect
	for _, b := range validate.Bands(s.cases, edges, 1) {
		e := BandEffect{Name: b.Name(), Conversion: b.Conversion, Deal: b.Deal, Days: b.Days}
		judged, good := 0, 0
		for i, c := range s.cases {
			if !(c.Score > b.Above && c.Score <= b.UpTo) {
				continue
			}
			n := s.more[i]
			e.Assigned, e.Contacted, e.Lost = e.Assigned+one(n.assigned), e.Contacted+one(n.contacted), e.Lost+one(n.lost)
			judged, good = judged+one(n.judged), good+one(n.judged && n.good)
		}
		e.Good = validate.Proportion(good, judged)
		out = append(out, e)
	}
	return out
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
