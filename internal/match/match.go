// Package match asks managers whether two customers are one, and carries out what they say.
//
// A new name or number → Likened: who has the same trade name or number (Store.Holders), whose names are the same or likely (package
// names) → a Question, once for two customers → while few are open, a card to every manager → Answer: a Decision about their
// records, which ingest puts into effect like a fact from a source. 不是同一家 is a decision, too, so nobody is asked again. Merge and Part
// are the same without having been asked.
package match

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// The reasons why a question or a customer cannot be changed; test with errors.Is.
var (
	ErrNotManager = errors.New("only a manager may say who is the same customer")
	ErrAnswered   = errors.New("the question is answered already")
	ErrCodes      = errors.New("customers with different credit codes are never one")
	ErrParts      = errors.New("the customer cannot be parted like that")
)

// records is the part of the store that matching uses.
type records interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	CustomersByKey(ctx context.Context, refs []customer.Ref, keys []string) ([]customer.Customer, error)
	Holders(ctx context.Context, keys []string, limit int) ([]store.Holder, error)
	store.Identity
}

// decider puts decisions into effect; see ingest.Service.
type decider interface {
	Decide(ctx context.Context, all ...customer.Decision) error
}

// shower shows questions to managers; see dispatch.Dispatcher.
type shower interface {
	ShowQuestion(ctx context.Context, q customer.Question, a, b customer.Customer) (cards []string, err error)
	CloseQuestion(ctx context.Context, q customer.Question) error
}

// Service asks and carries out. Its methods may be called from several goroutines and processes.
type Service struct {
	Store  records
	Decide decider
	Show   shower
	Now    func() time.Time
}

// Merge makes two customers, named by their ids, one. Errors: ErrNotManager, ErrCodes, store.ErrNotFound.
func (s *Service) Merge(ctx context.Context, one, other string, who access.Person) (customer.Customer, error) {
	if !who.May(access.Manage) {
		return customer.Customer{}, ErrNotManager
	}
	a, err := s.Store.Customer(ctx, one)
	if err != nil {
		return a, err
	}
	b, err := s.Store.Customer(ctx, other)
	if err != nil {
		return b, err
	}
	if a.ID == b.ID {
		return a, nil
	}
	if coded(a, b) {
		return a, ErrCodes
	}
	if err := s.Decide.Decide(ctx, between(a.Refs(), b.Refs(), true, who.ID, s.Now())...); err != nil {
		return a, err
	}
	return s.Store.Customer(ctx, a.ID)
}

// Part takes records out of a customer, as if they had never been one with the rest, whatever had joined them, and returns both as they are then: what has the id, and
// what has the records. Errors: ErrNotManager, ErrParts (no such record there, or nothing would be left), store.ErrNotFound.
func (s *Service) Part(ctx context.Context, id string, refs []customer.Ref, who access.Person) (rest, part customer.Customer, err error) {
	if !who.May(access.Manage) {
		return rest, part, ErrNotManager
	}
	c, err := s.Store.Customer(ctx, id)
	if err != nil {
		return rest, part, err
	}
	out, stay, err := split(c.Refs(), refs)
	if err != nil {
		return rest, part, fmt.Errorf("%s: %w", id, err)
	}
	if err := s.Decide.Decide(ctx, between(stay, out, false, who.ID, s.Now())...); err != nil {
		return rest, part, err
	}
	if rest, err = s.holder(ctx, stay[0]); err != nil {
		return rest, part, err
	}
	part, err = s.holder(ctx, out[0])
	return rest, part, err
}

func split(all, refs []customer.Ref) (out, stay []customer.Ref, err error) {
	wanted := make(map[customer.Ref]bool, len(refs))
	for _, ref := range refs {
		wanted[ref] = true
	}
	for _, ref := range all {
		if wanted[ref] {
			out = append(out, ref)
		} else {
			stay = append(stay, ref)
		}
	}
	if len(out) != len(wanted) {
		return nil, nil, fmt.Errorf("%w: it has not all of these records", ErrParts)
	}
	if len(out) == 0 || len(stay) == 0 {
		return nil, nil, fmt.Errorf("%w: nothing would be left on one side", ErrParts)
	}
	return out, stay, nil
}

// between are the decisions about every record of one customer and every one of another: a record that leaves its customer later, because its source
// corrects it, leaves nothing undecided behind.
func between(as, bs []customer.Ref, same bool, by string, at time.Time) []customer.Decision {
	all := make([]customer.Decision, 0, len(as)*len(bs))
	for _, a := range as {
		for _, b := range bs {
			all = append(all, customer.Decide(a, b, same, by, at))
		}
	}
	return all
}

// holder is the customer that has a record. While a merge is under way there may be two.
func (s *Service) holder(ctx context.Context, ref customer.Ref) (customer.Customer, error) {
	found, err := s.Store.CustomersByKey(ctx, []customer.Ref{ref}, nil)
	if err != nil {
		return customer.Customer{}, err
	}
	if len(found) == 0 {
		return customer.Customer{}, fmt.Errorf("customer of %s: %w", ref, store.ErrNotFound)
	}
	return found[0], nil
}

// coded reports whether two customers have different credit codes.
func coded(a, b customer.Customer) bool {
	return a.CreditCode != "" && b.CreditCode != "" && a.CreditCode != b.CreditCode
}
