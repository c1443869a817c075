package customer

import (
	"cmp"
	"slices"
	"time"

	"lingke/scoring"
)

// Standing is what is kept of a customer's scores and tiers beside the leading ones.
type Standing struct {
	// Judged is when the customer was scored for the first time. During its first hours (see ingest.Rules) its tiers follow the score at
	// once and count as held since then, so that it does not matter in which order its records and orders arrive.
	Judged time.Time `json:"judged,omitzero" bson:"judged,omitempty"`
	// Totals are those of the models that cover the customer and do not lead for it, in the models' order.
	Totals []ModelTotal `json:"totals,omitempty" bson:"totals,omitempty"`
	// Active is the day of the latest order or the instant of the latest activity by the customer that counted when it was judged last; zero where there was none.
	Active time.Time `json:"active,omitzero" bson:"active,omitempty"`
	// Tiers are the customer's tiers in every scheme, by the scheme's name.
	Tiers map[string]scoring.TierState `json:"tiers,omitempty" bson:"tiers,omitempty"`
	// Left are the tiers as they were when another model took over, by the model that was left, the latest last.
	Left []Left `json:"left,omitempty" bson:"left,omitempty"`
	// Changes are the latest changes of tiers, oldest first.
	Changes []TierChange `json:"changes,omitempty" bson:"changes,omitempty"`
	// Followed names the big events of late that the tiers have followed, sorted: "order kingdee/1".
	Followed []string `json:"followed,omitempty" bson:"followed,omitempty"`
	// Adjustments are what people changed of the score, oldest first; the latest that is in force counts.
	Adjustments []Adjustment `json:"adjustments,omitempty" bson:"adjustments,omitempty"`
	// Lapses is when the adjustment that the score was made with expires, so that somebody looks then; zero without one.
	Lapses time.Time `json:"lapses,omitzero" bson:"lapses,omitempty"`
}

// ModelTotal is what another model than the leading one gives.
type ModelTotal struct {
	Model string  `json:"model" bson:"model"` // name@hash
	Total float64 `json:"total" bson:"total"`
}

// Left are the tiers that a customer had under a model when another one took over.
type Left struct {
	Model string                       `json:"model" bson:"model"` // name@hash
	Tiers map[string]scoring.TierState `json:"tiers" bson:"tiers"`
}

// maxLeft bounds how many models' tiers a customer keeps.
const maxLeft = 3

// Switch notes the tiers that the customer had under a model, and returns those that it had under another one when that was left, nil if it never had
// or that is too long ago. Going back to a model so goes on from where it was left, holds and instants included.
func (s *Standing) Switch(from, to string) map[string]scoring.TierState {
	var before map[string]scoring.TierState
	kept := make([]Left, 0, maxLeft+1)
	for _, l := range s.Left {
		switch l.Model {
		case to:
			before = l.Tiers
		case from: // replaced
		default:
			kept = append(kept, l)
		}
	}
	kept = append(kept, Left{Model: from, Tiers: s.Tiers})
	s.Left = kept[max(0, len(kept)-maxLeft):]
	return before
}

// TierChange is a move from one tier to another.
type TierChange struct {
	Scheme string    `json:"scheme" bson:"scheme"`
	From   string    `json:"from" bson:"from"`
	To     string    `json:"to" bson:"to"`
	At     time.Time `json:"at" bson:"at"`
	Why    Why       `json:"why" bson:"why"`
}

// Why is what a customer's tier followed.
type Why string

// The reasons.
const (
	WhyScore      Why = "score"      // its score, after the policy
	WhyBig        Why = "big"        // a big event: a large order, an escalated complaint
	WhyAdjustment Why = "adjustment" // a person's adjustment, or the end of one
	WhyModel      Why = "model"      // another model scores it
	WhyMerge      Why = "merge"      // it holds other records than before
)

// maxChanges bounds how many changes of tiers a customer keeps.
const maxChanges = 20

// Move puts the states of the schemes after a score in place of those before and notes what moved.
func (s *Standing) Move(next map[string]scoring.TierState, at time.Time, why Why) {
	for _, scheme := range sortedSchemes(next) {
		from, to := s.Tiers[scheme].Tier, next[scheme].Tier
		if from != "" && from != to {
			s.Changes = append(slices.Clip(s.Changes), TierChange{Scheme: scheme, From: from, To: to, At: at, Why: why})
		}
	}
	s.Changes = s.Changes[max(0, len(s.Changes)-maxChanges):]
	s.Tiers = next
}

func sortedSchemes(states map[string]scoring.TierState) []string {
	out := make([]string, 0, len(states))
	for scheme := range states {
		out = append(out, scheme)
	}
	slices.Sort(out)
	return out
}

// inherit takes over what people decided about a customer that is merged into this one, and how long it is known.
func (s *Standing) inherit(old Standing) {
	if s.Judged.IsZero() || !old.Judged.IsZero() && old.Judged.Before(s.Judged) {
		s.Judged = old.Judged
	}
	for _, a := range old.Adjustments {
		if !slices.ContainsFunc(s.Adjustments, func(have Adjustment) bool { return have.ID == a.ID }) {
			s.Adjustments = append(slices.Clip(s.Adjustments), a)
		}
	}
	slices.SortStableFunc(s.Adjustments, func(a, b Adjustment) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	for _, ref := range old.Followed {
		if at, known := slices.BinarySearch(s.Followed, ref); !known {
			s.Followed = slices.Insert(slices.Clip(s.Followed), at, ref)
		}
	}
}
