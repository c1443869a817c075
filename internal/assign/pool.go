// Package assign decides who gets a customer: which pool it waits in, who may take it from there, and what a claim costs.
package assign

import (
	"slices"

	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring"
)

// Strategy is how a pool hands its customers out.
type Strategy string

// The strategies.
const (
	ByClaim  Strategy = "claim"    // the team's members see a card; the first to click owns the customer
	Rotate   Strategy = "rotate"   // members get their turn by capacity (Person.Monthly)
	Equal    Strategy = "equal"    // members get their turn, all alike
	Weighted Strategy = "weighted" // members get their turn by Person.Weight
	Least    Strategy = "least"    // the member who owns the fewest for the capacity gets it
	// ByManager shows managers who could get it, and one click gives it.
	ByManager Strategy = "manager"
	Hold      Strategy = "hold" // nobody is asked
)

// Pool is a set of unowned customers with the team that may take them.
type Pool struct {
	Name     string
	When     *scoring.Condition // which customers belong here
	Team     string
	Strategy Strategy
	Notify   []string // who sees the card: "team", "manager", or a person's id
	// TaskTitle and TaskDue describe the owner's first task; no task where the title is empty.
	TaskTitle lang.Text
	TaskDue   calendar.Span
	// Match are conditions on who gets a customer that is handed out. Where nobody who fits all of them can get it, the whole team counts.
	Match []Match
	// Wait is for how long somebody who gave a customer back cannot have it again; zero: at once, except that it is not handed to who had it last.
	Wait calendar.Span
	// Lock is for how long after it came into the pool a customer cannot be claimed, except by managers, so that all of the team see it first.
	Lock calendar.Span
}

// HandsOut reports whether customers find their owner by rule.
func (p Pool) HandsOut() bool {
	return slices.Contains([]Strategy{Rotate, Equal, Weighted, Least}, p.Strategy)
}

// Chooses reports whether somebody is chosen as soon as a customer is there: by a rule, or by a manager.
func (p Pool) Chooses() bool { return p.HandsOut() || p.Strategy == ByManager }

// Waits is why a customer has no owner that has just come into the pool; the zero Pool stands for none.
func (p Pool) Waits() customer.WaitWhy {
	switch {
	case p.Name == "":
		return customer.WaitNoPool
	case p.HandsOut():
		return customer.WaitInTurn
	case p.Strategy == ByManager:
		return customer.WaitChoice
	case p.Strategy == ByClaim:
		return customer.WaitOffered
	}
	return customer.WaitHeld
}

// Pools are the pools in the order in which they are tried.
type Pools []Pool

// Route returns the first pool whose condition the customer meets.
func (p Pools) Route(f *scoring.Facts, total float64, tier string) (Pool, bool) {
	for _, pool := range p {
		if pool.When.Match(f, total, tier) {
			return pool, true
		}
	}
	return Pool{}, false
}

// ByName returns the pool of that name.
func (p Pools) ByName(name string) (Pool, bool) {
	i := slices.IndexFunc(p, func(pool Pool) bool { return pool.Name == name })
	if i < 0 {
		return Pool{}, false
	}
	return p[i], true
}
