package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
	"lingke/scoring"
)

// cutsDocument is the name under which the store keeps the cut-offs of ranks for all replicas, by the models that gave the scores: going back to models
// finds theirs.
func cutsDocument(models string) string { return "rank-cuts " + models }

// Cuts are the cut-offs of the schemes by rank, as counted last. They are kept so that one customer's new score has its tier at once.
type Cuts struct {
	Models  string           `json:"models"` // the versions that gave the scores
	At      time.Time        `json:"at"`
	Moved   time.Time        `json:"moved,omitzero"` // when they were last counted otherwise than before
	Count   int64            `json:"count"`          // of customers; the lost ones are not ranked
	Schemes map[string]Edges `json:"schemes"`
}

// Edges are the cut-offs of one scheme.
type Edges struct {
	Ranks []scoring.RankCut `json:"ranks"` // the shares that they were counted for
	Low   []*float64        `json:"low"`   // where each tier begins; nil where nobody reaches it
	Enter []*float64        `json:"enter"` // what is enough to enter it from below, whatever the band; nil as before
}

// For reports whether the cut-offs were counted for the models of these rules.
func (k Cuts) For(r *Rules) bool { return k.Models == r.versions() }

// WithCuts returns the rules with these cut-offs in their schemes by rank. Edges of a scheme that is gone, or was counted for other shares, are left out, and
// so are all that were counted for other models.
func (r *Rules) WithCuts(k Cuts) *Rules {
	out := *r
	if !k.For(r) {
		return &out
	}
	out.Schemes.All = slices.Clone(r.Schemes.All)
	for i := range out.Schemes.All {
		t := &out.Schemes.All[i]
		edges, known := k.Schemes[t.Name]
		if !known || !slices.Equal(edges.Ranks, t.Ranks) || len(edges.Low) != len(t.Ranks) {
			continue
		}
		t.Cuts = slices.Clone(t.Cuts)
		for n, low := range edges.Low {
			t.Cuts[n].AtLeast = low
			if len(edges.Enter) == len(edges.Low) { // older counts have none
				t.Cuts[n].Enter = edges.Enter[n]
			}
		}
	}
	return &out
}

// Cuts returns the cut-offs that are kept for the models of rules; the zero Cuts where nobody counted yet.
func (s *Service) Cuts(ctx context.Context, r *Rules) (Cuts, error) {
	text, err := s.store.Document(ctx, cutsDocument(r.versions()))
	if err != nil || text == nil {
		return Cuts{}, err
	}
	var k Cuts
	if err := json.Unmarshal(text, &k); err != nil {
		return Cuts{}, fmt.Errorf("rank cut-offs: %w", err)
	}
	return k, nil
}

// Rank counts the scores of all customers and keeps the cut-offs that follow for the schemes by rank. Once they are in force, FollowCuts moves the tiers.
// The memory that it takes depends on how many different scores there are, not on how many customers.
func (s *Service) Rank(ctx context.Context) (Cuts, error) {
	rules := s.rules()
	before, err := s.Cuts(ctx, rules)
	if err != nil {
		return Cuts{}, err
	}
	h := scoring.NewHistogram()
	if err := s.store.EachTotal(ctx, h.AddTotal); err != nil {
		return Cuts{}, fmt.Errorf("count scores: %w", err)
	}
	k, err := s.cuts(rules, h)
	if err != nil {
		return Cuts{}, err
	}
	if maps.EqualFunc(before.Schemes, k.Schemes, Edges.same) {
		k.Moved = before.Moved
	}
	return k, s.KeepCuts(ctx, k)
}

// followedCursor is the name under which is noted which cut-offs the tiers by rank have followed, by when these moved: a pass that was cut off is so made up
// for by whoever comes next.
func followedCursor(models string) string { return "ranks followed " + models }

// FollowCuts moves the customers whose tier by rank may be another since cut-offs moved that are in force by now, unless that is done. It returns how many
// were judged anew.
func (s *Service) FollowCuts(ctx context.Context, k Cuts) (int, error) {
	if k.Moved.IsZero() {
		return 0, nil
	}
	moved := k.Moved.Format(time.RFC3339Nano)
	done, err := s.store.Cursor(ctx, followedCursor(k.Models))
	if err != nil || done == moved {
		return 0, err
	}
	n, err := s.retier(ctx)
	if err != nil {
		return n, err
	}
	return n, s.store.SetCursor(ctx, followedCursor(k.Models), moved)
}

func (e Edges) same(o Edges) bool {
	equal := func(a, b *float64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	return slices.Equal(e.Ranks, o.Ranks) && slices.EqualFunc(e.Low, o.Low, equal) && slices.EqualFunc(e.Enter, o.Enter, equal)
}

// Count is Rank by rules that are not in force: it judges everybody by them. Nothing is stored.
func (s *Service) Count(ctx context.Context, r *Rules) (Cuts, error) {
	h := scoring.NewHistogram()
	err := s.judgeEach(ctx, r, store.CustomerQuery{}, func(_, c customer.Customer) error {
		if c.Stage != customer.Lost {
			h.AddTotal(c.Score.Total)
		}
		return nil
	})
	if err != nil {
		return Cuts{}, fmt.Errorf("count scores: %w", err)
	}
	return s.cuts(r, h)
}

// cuts are the cut-offs that follow from counted scores.
func (s *Service) cuts(r *Rules, h *scoring.Histogram) (Cuts, error) {
	now := s.stamp()
	k := Cuts{Models: r.versions(), At: now, Moved: now, Count: h.Count(), Schemes: make(map[string]Edges)}
	for _, t := range r.Schemes.All {
		if t.Ranks == nil {
			continue
		}
		counted, err := h.Cuts(t.Name, t.Ranks, t.Else, t.ElseTitle)
		if err != nil {
			return Cuts{}, err
		}
		edges := Edges{Ranks: t.Ranks}
		for _, cut := range counted.Cuts {
			edges.Low, edges.Enter = append(edges.Low, cut.AtLeast), append(edges.Enter, cut.Enter)
		}
		k.Schemes[t.Name] = edges
	}
	return k, nil
}

// KeepCuts stores cut-offs for all replicas.
func (s *Service) KeepCuts(ctx context.Context, k Cuts) error {
	text, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("rank cut-offs: %w", err)
	}
	return s.store.PutDocument(ctx, cutsDocument(k.Models), text)
}

// misplaced reports whether the cut-offs in force may give the customer another tier by rank than it has: those of the other schemes did not change.
func (r *Rules) misplaced(c customer.Customer) bool {
	return slices.ContainsFunc(r.Schemes.All, func(t scoring.TierScheme) bool {
		return t.Ranks != nil && otherRank(t, c.Tiers[t.Name], c.Score.Total)
	})
}

// otherRank compares with the tier that the score alone gave last time. Who reaches no cut-off is told apart by conditions, which cut-offs do not
// change.
func otherRank(t scoring.TierScheme, state scoring.TierState, total float64) bool {
	had := state.Tier
	if state.Waiting != "" {
		return true // the band may not hold it any more
	}
	byRank := func(tier string) bool {
		return slices.ContainsFunc(t.Ranks, func(r scoring.RankCut) bool { return r.Tier == tier })
	}
	is := t.Tier(total)
	return is != had && (byRank(is) || byRank(had))
}
