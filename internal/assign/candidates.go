package assign

import (
	"context"
	"errors"
	"fmt"

	"lingke/internal/customer"
	"lingke/internal/store"
	"lingke/scoring"
)

// candidates are the people who can get the customer now: those who match, or the whole team where none of them can. blocks counts the others of the team.
func (s *Service) candidates(c customer.Customer, pool Pool, l *Ledger, has loads, refused map[string]customer.Block) (
	all []candidate, h customer.Handed, blocks map[customer.Block]int,
) {
	blocks = make(map[customer.Block]int)
	wants := pool.wants(c, factsOf(c, pool))
	var matching []candidate
	for _, p := range s.people.Team(pool.Team) {
		one, block := s.candidateOf(p, pool, c, l.Got[p.ID], has[p.ID])
		if why, no := refused[p.ID]; no {
			block = why
		}
		if block != "" {
			blocks[block]++
			continue
		}
		all = append(all, one)
		if fits(p, wants) {
			matching = append(matching, one)
		}
	}
	h.Match = names(wants)
	if len(matching) > 0 {
		return matching, h, blocks
	}
	h.Unmatched = len(wants) > 0
	return all, h, blocks
}

// factsOf are what conditions look at; nil where no condition asks or they cannot be read.
func factsOf(c customer.Customer, pool Pool) *scoring.Facts {
	for _, m := range pool.Match {
		if m.When == nil {
			continue
		}
		if f, err := m.When.Schema().DecodeFacts(c.Facts); err == nil {
			return f
		}
	}
	return nil
}

// loads are what the people of a team have, by id.
type loads map[string]load

// add counts so many customers to what a person has.
func (l loads) add(person string, n int) {
	has := l[person]
	l[person] = load{day: has.day + n, holding: has.holding + n}
}

// loadsOf reads what a team's people have now. Decisions that are not carried out yet count as if they were; those that were, or are void, are closed: changed reports any.
func (s *Service) loadsOf(ctx context.Context, team string, l *Ledger) (out loads, changed bool, err error) {
	out = make(loads)
	for _, p := range s.people.Team(team) {
		day, holding, err := s.customers.Spent(ctx, p.ID, s.allowance(p).Day)
		if err != nil {
			return nil, false, fmt.Errorf("allowances of %s: %w", p.ID, err)
		}
		out[p.ID] = load{day, holding}
	}
	for id, d := range l.Open {
		c, err := s.customers.Customer(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return nil, false, err
		case c.Owner == "":
			out.add(d.Person, 1)
		case c.ID == id:
			changed = l.close(c) || changed
		}
	}
	return out, changed, nil
}
