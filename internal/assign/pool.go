// Package assign decides who gets a customer: which pool it waits in, who may take it from there, and what a claim costs.
package assign

import (
	"slices"

	"lingke/internal/calendar"
	"lingke/scoring"
)

// Strategy is how a pool hands its customers out.
type Strategy string

// The strategies.
const (
	ByClaim Strategy = "claim"  // the team's members see a card; the first to click owns the customer
	Rotate  Strategy = "rotate" // the member with the most room gets it, by rule
	Hold    Strategy = "hold"   // nobody is asked
)

// Pool is a set of unowned customers with the team that may take them.
type Pool struct {
	Name     string
	When     *scoring.Condition // which customers belong here
	Team     string
	Strategy Strategy
	Notify   []string // who sees the card: "team", "manager", or a person's id
	// TaskTitle and TaskDue describe the owner's first task; no task where the title is empty.
	TaskTitle string
	TaskDue   calendar.Span
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
