package assign

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"lingke/internal/customer"
)

// Ledger is what a team's pools owe their members. Each customer that a pool hands out is one: everybody who could get it is credited with their share of it, and
// who gets it is debited with it. So a pool's credits always add up to nothing, in exact fractions, and over any time everybody has got their
// shares of what they could get, but for less than one customer or so. Who could not get a customer, for leave or for want of room, is not credited, and so
// comes back with no claim to what went to others meanwhile.
type Ledger struct {
	Month string         `json:"month"` // 2006-01, of Got
	Got   map[string]int `json:"got"`   // how many customers each person got this month by rule
	// Credits are by pool, then person.
	Credits map[string]map[string]*big.Rat `json:"credits"`
	// Open are the decisions that are not known to be carried out yet, by customer.
	Open map[string]Decision `json:"open,omitempty"`
}

// Decision is who gets a customer, with what it changed in the ledger, so that it can be taken back.
type Decision struct {
	Person string              `json:"person"`
	Pool   string              `json:"pool"`
	Round  int                 `json:"round"` // the customer's
	Month  string              `json:"month"`
	At     time.Time           `json:"at"`
	Shares map[string]*big.Rat `json:"shares"` // of everybody who could get it; they add up to 1
	Handed customer.Handed     `json:"handed"`
}

// parseLedger reads what Ledger.text wrote; nothing is an empty ledger.
func parseLedger(text []byte) (*Ledger, error) {
	l := &Ledger{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, l); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
	}
	if l.Got == nil {
		l.Got = make(map[string]int)
	}
	if l.Credits == nil {
		l.Credits = make(map[string]map[string]*big.Rat)
	}
	if l.Open == nil {
		l.Open = make(map[string]Decision)
	}
	return l, nil
}

func (l *Ledger) text() ([]byte, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return text, nil
}

// turn begins a new month.
func (l *Ledger) turn(month string) {
	if l.Month != month {
		l.Month = month
		clear(l.Got)
	}
}

// candidate is somebody who can get a customer now.
type candidate struct {
	id     string
	weight *big.Rat // above 0
	quota  *big.Rat // how many a month; nil for no limit
	open   int      // how many customers the person has
}

// decide chooses one of the candidates, of whom there must be some, and books it.
func (l *Ledger) decide(id string, d Decision, strategy Strategy, all []candidate) Decision {
	d.Month, d.Shares = l.Month, shares(all)
	credits := l.credit(d.Pool, d.Shares, 1)
	chosen := slices.MinFunc(all, func(a, b candidate) int {
		byLoad := 0
		if strategy == Least {
			byLoad = ratio(a.open, a.weight).Cmp(ratio(b.open, b.weight))
		}
		return cmp.Or(byLoad, credits[b.id].Cmp(credits[a.id]), cmp.Compare(a.id, b.id))
	})
	d.Person, d.Handed = chosen.id, l.handed(chosen, d, strategy, all)
	credits[chosen.id].Sub(credits[chosen.id], one())
	l.Got[chosen.id]++
	l.Open[id] = d
	l.trim(d.Pool)
	return d
}

// handed says why the chosen one gets it.
func (l *Ledger) handed(chosen candidate, d Decision, strategy Strategy, all []candidate) customer.Handed {
	h := d.Handed
	h.Rule, h.Share = string(strategy), d.Shares[chosen.id].RatString()
	h.Month, h.Open, h.Only = l.Got[chosen.id]+1, chosen.open, len(all) == 1
	if chosen.quota != nil {
		h.Quota = ceil(chosen.quota)
	}
	count := func(c candidate) *big.Rat {
		if strategy == Least {
			return ratio(c.open, c.weight)
		}
		return ratio(l.Got[c.id], c.weight)
	}
	h.Least = !h.Only && !slices.ContainsFunc(all, func(c candidate) bool { return count(c).Cmp(count(chosen)) < 0 })
	return h
}

// takeBack undoes a decision that was not carried out.
func (l *Ledger) takeBack(id string) {
	d, open := l.Open[id]
	if !open {
		return
	}
	delete(l.Open, id)
	credits := l.credit(d.Pool, d.Shares, -1)
	credits[d.Person].Add(credits[d.Person], one())
	if d.Month == l.Month && l.Got[d.Person] > 0 {
		l.Got[d.Person]--
	}
	l.trim(d.Pool)
}

// credit adds so many times their shares to people's credits in a pool and returns those.
func (l *Ledger) credit(pool string, shares map[string]*big.Rat, times int64) map[string]*big.Rat {
	credits := l.Credits[pool]
	if credits == nil {
		credits = make(map[string]*big.Rat)
		l.Credits[pool] = credits
	}
	for id, share := range shares {
		if credits[id] == nil {
			credits[id] = new(big.Rat)
		}
		credits[id].Add(credits[id], new(big.Rat).Mul(share, big.NewRat(times, 1)))
	}
	return credits
}

// maxDenominator bounds the fractions, in bits. Shares of 1/1 to 1/1000, in any mixture, stay far below.
const maxDenominator = 4096

// trim forgets credits of nothing, and rounds fractions that have become too long: the sum stays nothing, since the last takes what the others lost.
func (l *Ledger) trim(pool string) {
	credits := l.Credits[pool]
	long := false
	maps.DeleteFunc(credits, func(_ string, c *big.Rat) bool {
		long = long || c.Denom().BitLen() > maxDenominator
		return c.Sign() == 0
	})
	if !long {
		return
	}
	rest := new(big.Rat)
	ids := slices.Sorted(maps.Keys(credits))
	for _, id := range ids {
		rest.Add(rest, credits[id])
		credits[id].SetString(credits[id].FloatString(18))
		rest.Sub(rest, credits[id])
	}
	last := credits[ids[len(ids)-1]]
	last.Add(last, rest)
}

// shares are the candidates' parts of one customer.
func shares(all []candidate) map[string]*big.Rat {
	sum := new(big.Rat)
	for _, c := range all {
		sum.Add(sum, c.weight)
	}
	out := make(map[string]*big.Rat, len(all))
	for _, c := range all {
		out[c.id] = new(big.Rat).Quo(c.weight, sum)
	}
	return out
}

func one() *big.Rat { return big.NewRat(1, 1) }

func ratio(n int, weight *big.Rat) *big.Rat { return new(big.Rat).Quo(big.NewRat(int64(n), 1), weight) }

// ceil is the smallest whole number that is not less.
func ceil(r *big.Rat) int {
	n := new(big.Int).Add(r.Num(), r.Denom())
	n.Sub(n, big.NewInt(1))
	return int(n.Quo(n, r.Denom()).Int64()) // quotas are not negative
}
