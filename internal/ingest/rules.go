package ingest

import (
	"slices"
	"time"

	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/scoring"
)

// Rules are the rules in force: immutable, replaced as a whole. Models, schemes and pools are parsed for one schema.
type Rules struct {
	// Models are tried in order: the first that covers a customer leads for it. Pilots therefore stand first, and the last is for all.
	Models  scoring.Models
	Schemes scoring.Schemes
	Pools   assign.Pools
	Signs   customer.Signs // of an owner's work on a customer
	Ranks   customer.Ranks // of the sources
	// Settle is how long after it was first seen a customer's tiers follow its score at once, whatever the schemes' policies say: until then its
	// orders and activities may still be on their way.
	Settle time.Duration
	Big    Big
	// Past are models that are not in force any more, for explaining the scores that they made.
	Past  []*scoring.Model
	Names map[string]string // person's id → name, for explanations
	Teams map[string]string // person's id → team, which tells the fact "team" of the customers that the person owns
	// Owners are the people to whom a source may say that a customer belongs, by id and by name; a name that several have is not among them.
	Owners map[string]string
	// Watch is what other systems want to be told. Written are the sources that are told: what comes back from them may be an echo.
	Watch   customer.Watch
	Written map[string]bool
	// Follow says what work follows from a customer; nil where none does. Occasion is why customers are looked at.
	Follow   Follower
	Occasion customer.Occasion
}

// Follower decides, as part of the write that a customer is being prepared for, what work follows from it. It is pure: the same view gives the same work.
type Follower interface {
	Look(v customer.View)
	// OwnedOnly reports whether on an occasion nothing follows from a customer without owner, so that those need not be read.
	OwnedOnly(o customer.Occasion) bool
}

// Schema returns the fields that are derived and kept.
func (r *Rules) Schema() *scoring.Schema { return r.Models[0].Schema() }

// lead returns the model that leads for a customer.
func (r *Rules) lead(f *scoring.Facts, at time.Time) *scoring.Model {
	if m := r.Models.Lead(f, at); m != nil {
		return m
	}
	return r.Models[len(r.Models)-1]
}

// totals are those of the models that cover the customer without leading for it.
func (r *Rules) totals(lead *scoring.Model, f *scoring.Facts, at time.Time) []customer.ModelTotal {
	var out []customer.ModelTotal
	for _, m := range r.Models {
		if m != lead && m.Covers(f, at) {
			out = append(out, customer.ModelTotal{Model: m.Version(), Total: m.Total(f, at)})
		}
	}
	return out
}

// model returns the model of that version, in force or past; nil if there is none.
func (r *Rules) model(version string) *scoring.Model {
	for _, m := range slices.Concat(r.Models, r.Past) {
		if m.Version() == version {
			return m
		}
	}
	return nil
}

// Explain returns a customer's score with all that can be said about it: the stored facts under the model that made it, and the adjustment that was in
// force. Where that model is not known any more, only what is stored.
func (r *Rules) Explain(c customer.Customer) scoring.Result {
	m := r.model(c.Score.Model)
	if m == nil {
		return c.Score
	}
	return replay(m, c, r.Names)
}

// Replay scores a customer's stored facts again as of the instant at which it was scored. The total equals the stored one if m is the model that
// made it.
func Replay(m *scoring.Model, c customer.Customer) scoring.Result { return replay(m, c, nil) }

func replay(m *scoring.Model, c customer.Customer, names map[string]string) scoring.Result {
	facts, err := m.Schema().DecodeFacts(c.Facts)
	if err != nil {
		return c.Score
	}
	r := m.Score(facts, c.Score.At)
	if a, ok := c.Adjusted(c.Score.At); ok {
		a.Name = names[a.By]
		r = m.Adjust(r, a.Adjustment, c.Score.At)
	}
	return r
}
