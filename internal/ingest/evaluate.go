package ingest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/scoring"
)

// history is what a customer bought and did.
type history struct {
	orders     []customer.Order
	activities []customer.Activity
}

func (h history) same(o history) bool {
	return slices.Equal(h.orders, o.orders) && slices.Equal(h.activities, o.activities)
}

func (s *Service) historyOf(ctx context.Context, refs []customer.Ref) (history, error) {
	orders, err := s.store.Orders(ctx, refs)
	if err != nil {
		return history{}, fmt.Errorf("orders: %w", err)
	}
	activities, err := s.store.Activities(ctx, refs, time.Time{})
	if err != nil {
		return history{}, fmt.Errorf("activities: %w", err)
	}
	return history{orders, activities}, nil
}

// evaluate is Judge with the history as it is stored now.
func (s *Service) evaluate(ctx context.Context, c customer.Customer, cause customer.Why) (customer.Customer, error) {
	h, err := s.historyOf(ctx, c.Refs())
	if err != nil {
		return c, fmt.Errorf("evaluate %s: %w", c.ID, err)
	}
	return s.rules().Judge(c, h.orders, h.activities, s.stamp(), cause)
}

// Judge returns c with facts, score, tiers, stage and pool as they follow from its records, orders and activities at an instant, and with the effects of
// what changed. The score follows at once. The tiers follow the schemes' policies, and at once for a new customer (see Settle), after a big event,
// after a person's adjustment began or ended, when another model scores the customer than before, and when the caller names a cause.
func (r *Rules) Judge(c customer.Customer, orders []customer.Order, activities []customer.Activity, now time.Time, cause customer.Why) (customer.Customer, error) {
	was := c
	r.belongs(&c, now)
	facts := customer.Derive(r.Schema(), c, orders, activities, now)
	if team := r.Teams[c.Owner]; team != "" {
		facts.SetText("team", team, "lingke", c.OwnedAt)
	}
	text, err := facts.MarshalJSON()
	if err != nil {
		return c, fmt.Errorf("facts of %s: %w", c.ID, err)
	}
	c.Facts = text
	lead := r.lead(facts, now)
	c.Score = rescored(was, c, lead, facts, now)
	adjusted, _ := c.Adjusted(now)
	c.Lapses = adjusted.Expires
	c.Totals = r.totals(lead, facts, now)
	c.Stage = customer.StageOf(c, orders, now)
	c.Active = customer.LastActive(orders, activities, now)
	events := r.Big.events(orders, activities, now)
	why := because(cause, was, c, news(events, was.Followed), now)
	c.Followed = events
	c.Worked(r.Signs.Last(c, orders, activities, now))
	r.tier(&c, facts, was.Score.Model, why, now)
	tellTier(&c, was, why, now)
	route(&c, was, facts, r.Pools, now)
	if r.Follow != nil {
		r.Follow.Look(customer.View{
			Was: was, Is: &c, Facts: facts, Orders: orders, Activities: activities, Occasion: r.Occasion,
			Settled: !now.Before(c.Judged.Add(r.Settle)), Now: now,
		})
	}
	c.Announce(r.Watch, now)
	return c, nil
}

// rescored is the leading score. One that comes out as before stays as it is, with its instant.
func rescored(was, c customer.Customer, lead *scoring.Model, f *scoring.Facts, now time.Time) scoring.Result {
	a, adjusted := c.Adjusted(now)
	same := was.Score.Model == lead.Version() && a.ID == adjustedBy(was) && bytes.Equal(was.Facts, c.Facts)
	if same && !adjusted && lead.Total(f, now) == was.Score.Total {
		return was.Score
	}
	result := lead.Score(f, now)
	if adjusted {
		result = lead.Adjust(result, a.Adjustment, now)
	}
	if same && result.Total == was.Score.Total {
		return was.Score
	}
	return result.Brief() // Explain says the rest
}

// adjustedBy is the adjustment that the customer's score was made with; "" for none.
func adjustedBy(c customer.Customer) string {
	a, _ := c.Adjusted(c.Score.At)
	return a.ID
}

// because is what the customer's tiers follow this time; WhyScore leaves them to the policy.
func because(cause customer.Why, was, c customer.Customer, big bool, now time.Time) customer.Why {
	a, _ := c.Adjusted(now)
	switch {
	case cause != "":
		return cause
	case was.Score.Model != "" && was.Score.Model != c.Score.Model:
		return customer.WhyModel
	case a.ID != adjustedBy(was):
		return customer.WhyAdjustment
	case big:
		return customer.WhyBig
	}
	return customer.WhyScore
}

// tier sets the customer's tiers. A model that takes over moves them at once; one that scored the customer before goes on from the tiers that it left, so
// that going back to it is as if the other had never been.
func (r *Rules) tier(c *customer.Customer, f *scoring.Facts, before string, why customer.Why, now time.Time) {
	if c.Judged.IsZero() {
		c.Judged = now
	}
	base, atOnce := c.Tiers, why != customer.WhyScore
	if before != "" && before != c.Score.Model {
		if left := c.Switch(before, c.Score.Model); left != nil {
			base, atOnce = left, why != customer.WhyModel
		}
	}
	if now.Before(c.Judged.Add(r.Settle)) {
		c.Tiers = r.Schemes.Next(nil, f, c.Score.Total, c.Judged, false)
	} else {
		c.Move(r.Schemes.Next(base, f, c.Score.Total, now, atOnce), now, why)
	}
	c.Tier = c.Tiers[r.Schemes.Leading].Tier
}

// tellTier requires that the owner is told of another tier. Another model or other records move many at once, which managers have seen beforehand: those are not told.
func tellTier(c *customer.Customer, was customer.Customer, why customer.Why, now time.Time) {
	if c.Owner == "" || c.Owner != was.Owner || was.Tier == "" || was.Tier == c.Tier || why == customer.WhyModel || why == customer.WhyMerge {
		return
	}
	c.Require(customer.Effect{
		Kind: customer.EffectTier, At: now, From: string(why), Was: &customer.Announced{Tier: was.Tier, Owner: was.Owner}, Is: &customer.Announced{Tier: c.Tier, Owner: c.Owner},
	})
}

// differs reports whether anything came out differently.
func differs(old, c customer.Customer) bool {
	return !old.Clock.Same(c.Clock) ||
		!bytes.Equal(old.Facts, c.Facts) || old.Score.Model != c.Score.Model || old.Score.Total != c.Score.Total || old.Stage != c.Stage ||
		old.Tier != c.Tier || old.Pool != c.Pool || !old.Waiting.Same(c.Waiting) || len(old.Effects) != len(c.Effects) || !old.Judged.Equal(c.Judged) || !old.Lapses.Equal(c.Lapses) || !old.Active.Equal(c.Active) ||
		!maps.EqualFunc(old.Tiers, c.Tiers, sameState) || !slices.Equal(old.Totals, c.Totals) || !slices.Equal(old.Followed, c.Followed) ||
		!old.SameFollowing(c.Following)
}

func sameState(a, b scoring.TierState) bool {
	return a.Tier == b.Tier && a.Since.Equal(b.Since) && a.Waiting == b.Waiting && a.Why == b.Why
}

// route decides where an unowned customer waits: in the pool that a source asked for, else where its score leads. Only leads, and who has lost an owner, are handed out by
// their score: somebody who buys already has whoever sold to them.
func route(c *customer.Customer, was customer.Customer, f *scoring.Facts, pools assign.Pools, now time.Time) {
	if c.Owner != "" {
		return
	}
	pool, asked := pools.ByName(c.Text(connectors.FieldPool))
	if c.Stage == customer.Lost {
		pool = assign.Pool{}
	} else if !asked && (c.Stage == customer.Lead || c.Round > 0) {
		pool, _ = pools.Route(f, c.Score.Total, c.Tier)
	}
	c.Pool = pool.Name
	c.Waiting = waiting(was, *c, pool, now)
	moved := c.Pool != was.Pool
	if moved || pool.Strategy == assign.ByClaim && worthShowing(was, *c) {
		c.Require(customer.Effect{Kind: customer.EffectCards, At: now, Pool: c.Pool})
	}
	if moved && pool.Chooses() {
		c.Require(customer.Effect{Kind: customer.EffectHandOut, At: now, Pool: c.Pool})
	}
}

// waiting says why nobody owns the customer. What a hand-out found stays until the next one, while the customer stays where it is.
func waiting(was, c customer.Customer, pool assign.Pool, now time.Time) customer.Waiting {
	w := customer.Waiting{Why: pool.Waits(), Since: now}
	switch {
	case c.Stage == customer.Lost:
		w.Why = customer.WaitLost
	case c.Clock.Cooled.After(now):
		w.Why = customer.WaitCooling
	case c.Pool == "" && c.Stage != customer.Lead && c.Round == 0:
		w.Why = customer.WaitNoLead
	}
	if was.Waiting.Why == "" || was.Pool != c.Pool || was.Owner != "" {
		return w
	}
	if was.Waiting.Why == customer.WaitNobody && w.Why == customer.WaitInTurn || was.Waiting.Why == customer.WaitChoice && w.Why == customer.WaitChoice || was.Waiting.Handing {
		return was.Waiting
	}
	w.Since = was.Waiting.Since
	return w
}

// shownStep is by how many points a score moves before the cards that show it are changed: every change of a card spends a call of the platform's month.
const shownStep = 5

// worthShowing reports whether the lead cards that people already have should be changed.
func worthShowing(was, is customer.Customer) bool {
	return is.Tier != was.Tier || is.Name != was.Name || math.Abs(is.Score.Total-was.Score.Total) >= shownStep
}
