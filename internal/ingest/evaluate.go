package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

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

// evaluate is judge with the history as it is stored now.
func (s *Service) evaluate(ctx context.Context, c customer.Customer) (customer.Customer, error) {
	h, err := s.historyOf(ctx, c.Refs())
	if err != nil {
		return c, fmt.Errorf("evaluate %s: %w", c.ID, err)
	}
	return s.judge(c, h)
}

// judge returns c with facts, score, tier, stage and pool as they follow from its records and history now, and with the effects of what
// changed.
func (s *Service) judge(c customer.Customer, h history) (customer.Customer, error) {
	rules := s.rules()
	now := s.stamp()
	facts := customer.Derive(rules.Model.Schema(), c, h.orders, h.activities, now)
	text, err := json.Marshal(facts)
	if err != nil {
		return c, fmt.Errorf("facts of %s: %w", c.ID, err)
	}
	was := c
	c.Facts = text
	c.Score = rules.Model.Score(facts, now).Brief() // Explain says the rest
	c.Tier = rules.Scheme.Tier(c.Score.Total)
	c.Stage = customer.StageOf(c, h.orders, now)
	route(&c, was, facts, rules.Pools, now)
	return c, nil
}

// route decides where an unowned customer waits. Only leads are handed out: somebody who buys already has whoever sold to them.
func route(c *customer.Customer, was customer.Customer, f *scoring.Facts, pools assign.Pools, now time.Time) {
	if c.Owner != "" {
		return
	}
	pool := assign.Pool{}
	if c.Stage == customer.Lead {
		pool, _ = pools.Route(f, c.Score.Total, c.Tier)
	}
	c.Pool = pool.Name
	moved := c.Pool != was.Pool
	if moved || pool.Strategy == assign.ByClaim && worthShowing(was, *c) {
		c.Require(customer.Effect{Kind: customer.EffectCards, At: now, Pool: c.Pool})
	}
	if moved && pool.Strategy == assign.Rotate {
		c.Require(customer.Effect{Kind: customer.EffectHandOut, At: now, Pool: c.Pool})
	}
}

// shownStep is by how many points a score moves before the cards that show it are changed: every change of a card spends a call of the platform's month.
const shownStep = 5

// worthShowing reports whether the lead cards that people already have should be changed.
func worthShowing(was, is customer.Customer) bool {
	return is.Tier != was.Tier || is.Name != was.Name || math.Abs(is.Score.Total-was.Score.Total) >= shownStep
}
