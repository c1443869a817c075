package chat

import (
	"context"
	"errors"
	"time"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// talkedFor is how long a customer is the one that people talk of without naming it.
const talkedFor = 10 * time.Minute

// talkedOf is the customer of whom a person was told last, where the question was asked and not long before it; none where that were several. It follows from the read log alone, up to
// the instant of the question, so that a question that is worked on again means the same one.
func (s *Service) talkedOf(ctx context.Context, q question) (customer.Customer, bool, error) {
	const lines = 5 // those that show no customer, or somewhere else, are passed over
	page, _, err := s.Log.Find(ctx, access.ReadQuery{Person: q.who.ID, Limit: lines})
	if err != nil {
		return customer.Customer{}, false, err
	}
	for _, r := range page {
		switch {
		case !r.At.Before(q.at) || r.Platform != string(q.from.platform) || r.Place != q.from.logged():
			continue
		case q.at.Sub(r.At) > talkedFor || len(r.Customers) > 1 || r.More > 0:
			return customer.Customer{}, false, nil
		case len(r.Customers) == 1:
			c, err := s.Records.Customer(ctx, r.Customers[0])
			if errors.Is(err, store.ErrNotFound) {
				return c, false, nil
			}
			return c, err == nil, err
		}
	}
	return customer.Customer{}, false, nil
}

// unnamed finds the customer of a command that names none: of what only reads that of whom they talk; before anything is changed the person picks it.
func (s *Service) unnamed(ctx context.Context, c command, q *question) (r reply, known bool, err error) {
	last, known, err := s.talkedOf(ctx, *q)
	switch {
	case err != nil || !known:
		return reply{}, false, err
	case c.reads:
		q.customer = last
		return reply{}, true, nil
	}
	return s.choose(c, *q, []customer.Customer{last}), true, nil
}

// byPronoun reads a text with the name of the customer of whom they talk in place of a word for it: 这家公司为什么是A级; false where it has no such word, names
// a customer beside it, or asks for nothing of one.
func (s *Service) byPronoun(ctx context.Context, q question, text string) (r reading, ok bool, err error) {
	t := newTyped(withoutMention(text)).trimmed()
	m := pronoun.FindStringIndex(t.text())
	if m == nil || len(t.as) > longestChat {
		return reading{}, false, nil
	}
	c, known, err := s.talkedOf(ctx, q)
	if err != nil || !known {
		return reading{}, false, err
	}
	from, to := len([]rune(t.text()[:m[0]])), len([]rune(t.text()[:m[1]]))
	before, behind := t.to(from).String(), t.from(to).String()
	if other, err := s.nameIn(ctx, newTyped(before+" "+behind)); err != nil || other != "" {
		return reading{}, false, err
	}
	if r, ok, err = s.understand(ctx, q, before+" "+c.Name+" "+behind); err != nil || !ok || r.command.about == aboutNothing && r.meant == "" {
		return reading{}, false, err
	}
	return r, true, nil
}
