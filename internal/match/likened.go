package match

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/customer/names"
)

// What a name that many share may cost: so many customers are looked at, and so many questions asked about one of them.
const (
	mostLike  = 200
	mostAsked = 3
)

// Likened looks for customers that may be the same as c by name and number, notes the questions, and shows what there is room for.
func (s *Service) Likened(ctx context.Context, c customer.Customer) error {
	found, err := s.likely(ctx, c)
	if err != nil || len(found) == 0 {
		return err
	}
	for _, q := range found {
		if _, err := s.Store.AddQuestion(ctx, q); err != nil {
			return fmt.Errorf("note question: %w", err)
		}
	}
	return s.Ask(ctx)
}

// likely are the questions about c, the best founded first.
func (s *Service) likely(ctx context.Context, c customer.Customer) ([]customer.Question, error) {
	keys := c.Weak()
	if len(keys) == 0 {
		return nil, nil
	}
	others, err := s.like(ctx, c, keys)
	if err != nil || len(others) == 0 {
		return nil, err
	}
	decided, err := s.Store.Decisions(ctx, c.Refs())
	if err != nil {
		return nil, fmt.Errorf("decisions about %s: %w", c.ID, err)
	}
	var all []founded
	for _, o := range others {
		if o.ID == c.ID || coded(c, o) || apart(o, decided) {
			continue
		}
		if grade := Grade(c, o); grade > names.Different {
			q := customer.Ask(c.Refs()[0], o.Refs()[0], grade.String(), shared(c, o), s.Now())
			all = append(all, founded{q, grade})
		}
	}
	slices.SortStableFunc(all, func(a, b founded) int {
		return cmp.Or(cmp.Compare(len(b.Phones), len(a.Phones)), cmp.Compare(b.grade, a.grade), cmp.Compare(a.ID, b.ID))
	})
	all = all[:min(len(all), mostAsked)]
	out := make([]customer.Question, len(all))
	for i, f := range all {
		out[i] = f.Question
	}
	return out, nil
}

// like are the customers that have one of the keys and may be the same as c. Most that share a name have credit codes that differ, which their keys tell: those are not
// even read.
func (s *Service) like(ctx context.Context, c customer.Customer, keys []string) ([]customer.Customer, error) {
	holders, err := s.Store.Holders(ctx, keys, mostLike)
	if err != nil {
		return nil, fmt.Errorf("customers like %s: %w", c.ID, err)
	}
	own := c.Keys()
	var refs []string
	for _, h := range holders {
		if h.ID == c.ID || otherCode(own, h.Keys) {
			continue
		}
		if i := slices.IndexFunc(h.Keys, func(key string) bool { _, is := customer.CutRefKey(key); return is }); i >= 0 {
			refs = append(refs, h.Keys[i])
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	others, err := s.Store.CustomersByKey(ctx, nil, refs)
	if err != nil {
		return nil, fmt.Errorf("customers like %s: %w", c.ID, err)
	}
	return others, nil
}

// otherCode reports whether both have credit codes, and none in common.
func otherCode(a, b []string) bool {
	codes := func(keys []string) []string {
		return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !customer.IsCodeKey(key) })
	}
	ours, theirs := codes(a), codes(b)
	return len(ours) > 0 && len(theirs) > 0 && !slices.ContainsFunc(ours, func(code string) bool { return slices.Contains(theirs, code) })
}

// founded is a question and how much speaks for it.
type founded struct {
	customer.Question
	grade names.Grade
}

// apart reports whether a person said of a record of o that it is not of the customer that the decisions are about.
func apart(o customer.Customer, decided []customer.Decision) bool {
	refs := o.Refs()
	return slices.ContainsFunc(decided, func(d customer.Decision) bool {
		return !d.Same && (slices.Contains(refs, d.A) || slices.Contains(refs, d.B))
	})
}

// Grade says by their names whether two customers may be one: the best of what their sources call them.
func Grade(a, b customer.Customer) names.Grade {
	best := names.Different
	for _, x := range called(a) {
		for _, y := range called(b) {
			best = max(best, names.Compare(x, y))
		}
	}
	return best
}

// called are the names of a customer, each once.
func called(c customer.Customer) []names.Name {
	var out []names.Name
	seen := map[string]bool{}
	for _, r := range c.Records {
		if text := r.Values[connectors.FieldName].Text; text != "" && !seen[text] {
			seen[text] = true
			out = append(out, names.Parse(text))
		}
	}
	return out
}

// shared are the telephone numbers that both have.
func shared(a, b customer.Customer) []string {
	theirs := b.Phones()
	var out []string
	for _, n := range a.Phones() {
		if slices.Contains(theirs, n) {
			out = append(out, n)
		}
	}
	return out
}
