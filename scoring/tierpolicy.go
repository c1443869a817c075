package scoring

import (
	"slices"
	"time"
)

// Policy says when a customer may leave its tier, so that noise does not move people: scores follow at once, tiers do not. The
// zero Policy moves at once.
type Policy struct {
	Entry   Band          // how far beyond a better tier's edge a score must be to enter it
	Exit    Band          // how far below the own tier's edge a score must be to leave it
	MinStay time.Duration // how long a customer stays in a tier before it may leave it by itself
}

// Band is a distance from an edge: the wider of whole points and a share of the edge (0.03: 3 %).
type Band struct{ Share, Points float64 }

func (b Band) of(edge float64) float64 { return max(b.Points, b.Share*max(edge, -edge)) }

// Steady returns the shipped policy: 4 % of the edge to enter, 4 % to leave, 30 days of stay.
func Steady() Policy {
	return Policy{Entry: Band{Share: 0.04}, Exit: Band{Share: 0.04}, MinStay: 30 * 24 * time.Hour}
}

// TierState is a customer's tier in one scheme, to be kept between runs.
type TierState struct {
	Tier  string    `json:"tier" bson:"tier"`
	Since time.Time `json:"since" bson:"since"`
	// Waiting is the tier that the score alone would give, while a band or the minimum stay holds the customer; else empty.
	Waiting string `json:"waiting,omitempty" bson:"waiting,omitempty"`
	Why     Hold   `json:"why,omitempty" bson:"why,omitempty"`
}

// Hold is what keeps a customer in a tier other than its score's.
type Hold string

// The reasons to hold.
const (
	HoldBand Hold = "band" // the score is too near to the edge
	HoldStay Hold = "stay" // the customer came too short a time ago
)

// Next returns the state after a score. was is the kept state; its zero value is a new customer, who gets the score's tier
// at once, as does one whose tier the scheme no longer has. big says that a big event happened (a large order, an escalated
// complaint): then neither bands nor the minimum stay hold. Next moved if its Tier differs from was.Tier.
func (p Policy) Next(s Scheme, was TierState, total float64, at time.Time, big bool) TierState {
	tiers := s.Tiers()
	now, raw := slices.Index(tiers, was.Tier), s.index(total, nil)
	if now < 0 || big && raw != now {
		return TierState{Tier: tiers[raw], Since: milliseconds(at)}
	}
	target := p.target(s, now, total)
	next := TierState{Tier: was.Tier, Since: was.Since}
	switch {
	case raw == now:
	case target == now:
		next.Waiting, next.Why = tiers[raw], HoldBand
	case at.Before(was.Since.Add(p.MinStay)):
		next.Waiting, next.Why = tiers[raw], HoldStay
	default:
		next = TierState{Tier: tiers[target], Since: milliseconds(at)}
	}
	if next.Tier != tiers[raw] && next.Waiting == "" {
		next.Waiting, next.Why = tiers[raw], HoldBand
	}
	return next
}

// target is the tier, by its place from the best down, that the bands allow from the tier now.
func (p Policy) target(s Scheme, now int, total float64) int {
	if up := s.index(total, p.entry); up < now {
		return up
	}
	if down := s.index(total, func(c Cut) float64 { return -p.Exit.of(c.edge()) }); down > now {
		return s.index(total, nil)
	}
	return now
}

// entry is how far beyond a cut's edge a score must be to enter its tier from below.
func (p Policy) entry(c Cut) float64 {
	band := p.Entry.of(c.edge())
	if c.Enter != nil {
		band = max(min(band, *c.Enter-c.edge()), 0)
	}
	return band
}

// index is the place of the total's tier from the best down, each cut being raised by what shift gives for it.
func (s Scheme) index(total float64, shift func(Cut) float64) int {
	for i, c := range s.Cuts {
		by := 0.0
		if shift != nil {
			by = shift(c)
		}
		if c.holds(total - by) {
			return i
		}
	}
	return len(s.Cuts)
}

// Schemes are the tier schemes that run side by side; one of them leads: routing and cadence follow its tiers.
type Schemes struct {
	All     []TierScheme
	Leading string // the name of one of All
}

// TierScheme is one scheme with what it looks at and how steadily.
type TierScheme struct {
	Scheme
	Policy Policy
	By     string    // a number field; empty: the total
	Ranks  []RankCut // the shares that Scheme's cuts are renewed from; nil: its cuts are fixed
}

// Renew returns the scheme with its cuts following the scores that were counted; one with fixed cuts as it is.
func (t TierScheme) Renew(h *Histogram) (TierScheme, error) {
	if t.Ranks == nil || h.Count() == 0 {
		return t, nil
	}
	s, err := h.Cuts(t.Name, t.Ranks, t.Else, t.ElseTitle)
	if err != nil {
		return t, err
	}
	for _, c := range t.Cuts {
		if c.When != nil {
			s.Cuts = append(s.Cuts, c)
		}
	}
	s.English = t.English
	t.Scheme = s
	return t, nil
}

// Next returns the customer's state in every scheme, by the scheme's name. A scheme over a field that is missing leaves the
// state that there is; a customer without one gets the last tier.
func (s Schemes) Next(was map[string]TierState, f *Facts, total float64, at time.Time, big bool) map[string]TierState {
	out := make(map[string]TierState, len(s.All))
	for _, t := range s.All {
		v, known := total, true
		if t.By != "" {
			var value Value
			value, known = f.Get(t.By)
			v = value.Number
		}
		switch state, had := was[t.Name]; {
		case known:
			out[t.Name] = t.Policy.Next(t.of(f, total), state, v, at, big)
		case had:
			out[t.Name] = state
		default:
			out[t.Name] = TierState{Tier: t.Else, Since: milliseconds(at)}
		}
	}
	return out
}

// Alone returns a scheme as the only one, which leads and whose tiers follow at once.
func Alone(s Scheme) Schemes {
	return Schemes{All: []TierScheme{{Scheme: s}}, Leading: s.Name}
}

// Lead returns the leading scheme; false if Leading names none.
func (s Schemes) Lead() (TierScheme, bool) {
	for _, t := range s.All {
		if t.Name == s.Leading {
			return t, true
		}
	}
	return TierScheme{}, false
}
