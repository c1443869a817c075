package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// Verdict is what rules make of a customer.
type Verdict struct {
	Model string            `json:"model"`
	Score float64           `json:"score"`
	Tiers map[string]string `json:"tiers"` // by scheme
	Pool  string            `json:"pool,omitempty"`
}

// Move is a customer whose verdict other rules would change.
type Move struct {
	Customer string  `json:"customer"` // its id
	Name     string  `json:"name"`
	Owner    string  `json:"owner,omitempty"` // who has it and keeps it
	Before   Verdict `json:"before"`          // as stored
	After    Verdict `json:"after"`
	// HandOut says that it would be handed out to somebody: it has no owner and comes into a pool that is handed out in turn.
	HandOut bool `json:"hand_out,omitempty"`
}

// Steps reports whether the customer gets another tier or pool, and not only another score.
func (m Move) Steps() bool {
	return m.Before.Pool != m.After.Pool || !maps.Equal(m.Before.Tiers, m.After.Tiers)
}

// Count is how many customers make the same step.
type Count struct {
	From string `json:"from"`
	To   string `json:"to"`
	N    int    `json:"n"`
}

// DryRun sums up what other rules would change.
type DryRun struct {
	Customers int                `json:"customers"` // looked at
	Moved     int                `json:"moved"`     // with another score, tier or pool
	Scores    int                `json:"scores"`    // with another score
	Tiers     map[string][]Count `json:"tiers"`     // by scheme: with another tier
	Pools     []Count            `json:"pools"`     // with another pool; "" is none
	Owned     int                `json:"owned"`     // of those moved, owned ones: they keep their owners
	HandOut   int                `json:"hand_out"`  // of those moved, those that would be handed out
}

// DryRun judges every customer by other rules, as publishing them now would, and stores nothing. each is called with every move, in the order of ids. It
// needs memory for some thousand customers at a time.
func (s *Service) DryRun(ctx context.Context, rules *Rules, each func(Move) error) (DryRun, error) {
	sum := DryRun{Tiers: make(map[string][]Count)}
	err := s.judgeEach(ctx, rules, store.CustomerQuery{}, func(old, c customer.Customer) error {
		sum.Customers++
		m := Move{Customer: c.ID, Name: c.Name, Owner: c.Owner, Before: verdictOf(old), After: verdictOf(c), HandOut: handedOut(old, c, rules.Pools)}
		if !sum.count(m) {
			return nil
		}
		return each(m)
	})
	if err != nil {
		return sum, fmt.Errorf("dry run: %w", err)
	}
	return sum, nil
}

// judgeEach judges every customer that q selects by rules as of now, in the order of ids, and stores nothing. Several pages are read and judged side by side; fn is called by one
// goroutine.
func (s *Service) judgeEach(ctx context.Context, rules *Rules, q store.CustomerQuery, fn func(old, c customer.Customer) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	now := s.stamp()
	work, order := make(chan *page), make(chan *page, passWorkers)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop(errEnough) // before it waits: nobody reads any more
	workers.Go(func() {
		defer close(work)
		defer close(order)
		if err := s.cutPages(ctx, "", passFirst, work, order); err != nil {
			stop(err)
		}
	})
	for range passWorkers {
		workers.Go(func() {
			for p := range work {
				var err error
				if p.plans, err = s.judged(ctx, rules, q, p, now); err != nil {
					stop(err)
					continue // it is never ready
				}
				close(p.ready)
			}
		})
	}
	for {
		p, err := arrived(ctx, order)
		if p == nil || err != nil {
			return err
		}
		for _, one := range p.plans {
			if err := fn(one.old, one.put); err != nil {
				return err
			}
		}
	}
}

// judged are the customers of a page that q selects, with what judging them gives.
func (s *Service) judged(ctx context.Context, rules *Rules, q store.CustomerQuery, p *page, now time.Time) (plans []plan, err error) {
	q.After, q.Through, q.Limit = p.after, p.through, passPage
	for more := true; more; {
		all, next, err := s.store.Customers(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read customers: %w", err)
		}
		for _, c := range all {
			plans = append(plans, plan{old: c, put: c})
		}
		q.After, more = next, next != ""
	}
	if err := s.readHistories(ctx, plans); err != nil {
		return nil, err
	}
	return plans, guarded(func() error {
		for i, one := range plans {
			c, err := rules.Judge(one.put, one.history.orders, one.history.activities, now, "")
			if err != nil {
				return err
			}
			plans[i].put = c
		}
		return nil
	})
}

func verdictOf(c customer.Customer) Verdict {
	o := Verdict{Model: c.Score.Model, Score: c.Score.Total, Tiers: make(map[string]string, len(c.Tiers)), Pool: c.Pool}
	for scheme, state := range c.Tiers {
		o.Tiers[scheme] = state.Tier
	}
	return o
}

func handedOut(was, is customer.Customer, pools assign.Pools) bool {
	if is.Owner != "" || is.Pool == was.Pool {
		return false
	}
	i := slices.IndexFunc(pools, func(p assign.Pool) bool { return p.Name == is.Pool })
	return i >= 0 && pools[i].Strategy == assign.Rotate
}

// count adds a customer up and reports whether anything of it changes.
func (d *DryRun) count(m Move) bool {
	moved := m.Before.Score != m.After.Score
	if moved {
		d.Scores++
	}
	for scheme, to := range m.After.Tiers {
		if from := m.Before.Tiers[scheme]; from != to {
			d.Tiers[scheme] = step(d.Tiers[scheme], from, to)
			moved = true
		}
	}
	if m.Before.Pool != m.After.Pool {
		d.Pools = step(d.Pools, m.Before.Pool, m.After.Pool)
		moved = true
	}
	if moved {
		d.Moved++
		d.Owned += one(m.Owner != "")
		d.HandOut += one(m.HandOut)
	}
	return moved
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// step counts a step; there are few kinds of them.
func step(counts []Count, from, to string) []Count {
	i := slices.IndexFunc(counts, func(c Count) bool { return c.From == from && c.To == to })
	if i < 0 {
		i, counts = len(counts), append(counts, Count{From: from, To: to})
	}
	counts[i].N++
	return counts
}
