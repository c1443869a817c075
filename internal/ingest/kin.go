package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lingke/internal/customer"
)

// errKin says that more hangs together than can be one customer: a source that gives everybody the same tax number, say.
var errKin = errors.New("too many customers have keys in common")

// mostKin is how many customers may hang together by strong keys and decisions.
const mostKin = 2000

// kin completes what is known about a record, or about the customers that are found by some keys, with all customers and decisions that concern it.
func (s *Service) kin(ctx context.Context, k customer.Kin, keys []string) (customer.Kin, error) {
	looked := make(map[string]bool)
	for missing := append(k.Missing(looked), keys...); len(missing) > 0; missing = k.Missing(looked) {
		found, err := s.store.CustomersByKey(ctx, nil, missing)
		if err != nil {
			return k, fmt.Errorf("customers of %s: %w", k.Ref, err)
		}
		k.Customers = united(k.Customers, found)
		if len(k.Customers) > mostKin {
			return k, fmt.Errorf("%s: %w", k.Ref, errKin)
		}
		decided, err := s.store.Decisions(ctx, append(refsIn(missing), customer.Kin{Customers: found}.Refs()...))
		if err != nil {
			return k, fmt.Errorf("decisions about %s: %w", k.Ref, err)
		}
		k.Decisions = joined(k.Decisions, decided)
		for _, key := range missing {
			looked[key] = true
		}
	}
	return k, nil
}

// united returns both, by id; of two readings of one customer the later counts.
func united(have, found []customer.Customer) []customer.Customer {
	out := slices.Clone(found)
	for _, c := range have {
		if byID(found, c.ID).ID == "" {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b customer.Customer) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// joined returns both; of two readings of one decision the later counts.
func joined(have, found []customer.Decision) []customer.Decision {
	out := slices.Clone(found)
	for _, d := range have {
		if !slices.ContainsFunc(found, func(f customer.Decision) bool { return f.ID == d.ID }) {
			out = append(out, d)
		}
	}
	return out
}

// refsIn are the refs that keys name.
func refsIn(keys []string) []customer.Ref {
	var refs []customer.Ref
	for _, key := range keys {
		if ref, found := customer.CutRefKey(key); found {
			refs = append(refs, ref)
		}
	}
	return refs
}

// holders are customers and decisions that were read for many records at once.
type holders struct {
	looked  map[string]bool
	byKey   map[string][]customer.Customer
	decided map[customer.Ref][]customer.Decision
}

func (s *Service) holdersOf(ctx context.Context, keys []string) (holders, error) {
	h := holders{make(map[string]bool, len(keys)), make(map[string][]customer.Customer, len(keys)), make(map[customer.Ref][]customer.Decision)}
	found, err := s.store.CustomersByKey(ctx, nil, keys)
	if err != nil {
		return h, fmt.Errorf("customers of %d keys: %w", len(keys), err)
	}
	for _, key := range keys {
		h.looked[key] = true
	}
	for _, c := range found {
		for _, key := range c.Strong() {
			h.byKey[key] = append(h.byKey[key], c)
		}
	}
	decided, err := s.store.Decisions(ctx, append(refsIn(keys), customer.Kin{Customers: found}.Refs()...))
	if err != nil {
		return h, fmt.Errorf("decisions about %d customers: %w", len(found), err)
	}
	for _, d := range decided {
		h.decided[d.A], h.decided[d.B] = append(h.decided[d.A], d), append(h.decided[d.B], d)
	}
	return h, nil
}

// kin is Service.kin by what was read, first being what the kin misses at first; whole is false where that does not suffice.
func (h holders) kin(k customer.Kin, first []string) (_ customer.Kin, whole bool) {
	looked := make(map[string]bool, len(first))
	for missing := first; len(missing) > 0; missing = k.Missing(looked) {
		if slices.ContainsFunc(missing, func(key string) bool { return !h.looked[key] }) {
			return k, false
		}
		found, about := h.of(missing), k.Decisions
		k.Customers = united(k.Customers, found)
		k.Decisions = joined(k.Decisions, h.about(append(refsIn(missing), customer.Kin{Customers: found}.Refs()...)))
		if len(found) == 0 && len(k.Decisions) == len(about) {
			return k, true // nothing came that could lead further
		}
		for _, key := range missing {
			looked[key] = true
		}
	}
	return k, true
}

// of is CustomersByKey among what was read.
func (h holders) of(keys []string) []customer.Customer {
	var all []customer.Customer
	for _, key := range keys {
		for _, c := range h.byKey[key] {
			if byID(all, c.ID).ID == "" {
				all = append(all, c)
			}
		}
	}
	slices.SortFunc(all, func(a, b customer.Customer) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// about is Decisions among what was read.
func (h holders) about(refs []customer.Ref) []customer.Decision {
	var all []customer.Decision
	for _, ref := range refs {
		all = joined(all, h.decided[ref])
	}
	return all
}

// keyed are the ids of the customers that have each key.
type keyed map[string][]string

// onlyBy reports whether nobody but a customer has one of some keys.
func (k keyed) onlyBy(id string, keys []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool {
		return slices.ContainsFunc(k[key], func(holder string) bool { return holder != id })
	})
}
