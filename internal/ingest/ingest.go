// Package ingest takes records in: it finds whose customer a record is, merges it, derives the facts, scores, tiers and routes the customer,
// and stores all of that with the effects that follow in one write. Taking a record in twice, or after a newer version of it, changes nothing.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/raw"
	"lingke/internal/store"
)

// records is the part of the store that taking in uses.
type records interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	CustomersByKey(ctx context.Context, refs []customer.Ref, keys []string) ([]customer.Customer, error)
	KeyHolders(ctx context.Context, keys []string) (map[string][]string, error)
	PutCustomer(ctx context.Context, c customer.Customer) error
	PutCustomers(ctx context.Context, all []customer.Customer) (conflicts []int, err error)
	Regroup(ctx context.Context, put []customer.Customer, gone []store.Gone) error
	Customers(ctx context.Context, q store.CustomerQuery) (page []customer.Customer, next string, err error)
	LapsedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error)
	CustomerBound(ctx context.Context, after string, n int) (string, error)
	EachCustomer(ctx context.Context, fn func(customer.Customer) error) error
	EachHolder(ctx context.Context, fn func(store.Holder) error) error
	EachTotal(ctx context.Context, fn func(total float64)) error
	Cursor(ctx context.Context, name string) (string, error)
	SetCursor(ctx context.Context, name, cursor string) error
	PutDecision(ctx context.Context, d customer.Decision) (bool, error)
	Decisions(ctx context.Context, refs []customer.Ref) ([]customer.Decision, error)
	store.History
	store.Documents
	store.Raws
	store.Refusals
}

// Service takes records in. Its methods may be called from several goroutines and processes.
type Service struct {
	store records
	rules func() *Rules
	now   func() time.Time
	wake  func(customerID string)
	log   *slog.Logger
}

// New returns a Service. wake is called with the id of every customer that was stored with effects to carry out.
func New(s records, rules func() *Rules, now func() time.Time, wake func(customerID string), log *slog.Logger) *Service {
	return &Service{store: s, rules: rules, now: now, wake: wake, log: log}
}

// ErrBusy says that a customer changed under every attempt to store it.
var ErrBusy = errors.New("the customer is being changed by too many at once")

// attempts bounds the optimistic writes; each failed one means that another writer succeeded.
const attempts = 100

// Apply takes one record of a source in. The error wraps connectors.ErrBadRecord, naming the field, where trying again is useless.
func (s *Service) Apply(ctx context.Context, source string, r connectors.Record) error {
	return s.ApplyAll(ctx, source, []connectors.Record{r})
}

// together is how many records are read and written at once at most: enough to make the cost of a commit and of a query small beside that of a record.
const together = 500

// ApplyAll takes records that arrived together in: each customer is scored once, by all of them. Bad records are left out and the error, which then wraps
// connectors.ErrBadRecord, names each; any other error means that not all of them are taken in, and the same records may be given again.
func (s *Service) ApplyAll(ctx context.Context, source string, records []connectors.Record) error {
	bad, err := s.applyAll(ctx, source, records)
	if err != nil {
		return err
	}
	return errors.Join(bad...)
}

// applyAll returns what is wrong with each bad record, and the error that kept the others from being taken in.
func (s *Service) applyAll(ctx context.Context, source string, records []connectors.Record) (bad []error, err error) {
	if err := s.keepRaw(ctx, source, records); err != nil {
		return nil, err
	}
	var customers, taken []connectors.Record
	var refused []raw.Refused
	var told history
	for _, r := range records {
		if err := Check(r, s.now()); err != nil {
			bad, refused = append(bad, err), append(refused, s.refusal(source, r, err))
			continue
		}
		taken = append(taken, r)
		if r.Kind == connectors.Customer {
			customers = append(customers, r)
			continue
		}
		if err := told.add(source, r); err != nil {
			return nil, err
		}
	}
	if len(refused) > 0 {
		if err := s.store.PutRefused(ctx, refused); err != nil {
			return nil, err
		}
	}
	touched, err := s.keep(ctx, told)
	if err != nil {
		return nil, err
	}
	if customers, err = s.withoutEchoes(ctx, source, customers); err != nil {
		return nil, err
	}
	for part := range slices.Chunk(customers, together) {
		if err := s.applyCustomers(ctx, source, part); err != nil {
			return nil, err
		}
		for _, r := range part {
			delete(touched, customer.NewRef(source, r.ID))
		}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(touched)), together) {
		if err := s.refreshAll(ctx, part); err != nil {
			return nil, err
		}
	}
	return bad, s.settleRefused(ctx, source, taken)
}

// add notes an order or an activity that was checked.
func (h *history) add(source string, r connectors.Record) error {
	if r.Kind == connectors.Order {
		o, err := order(source, r)
		h.orders = append(h.orders, o)
		return err
	}
	a, err := activity(source, r)
	h.activities = append(h.activities, a)
	return err
}

// keep stores orders and activities, without a look at their customers, and returns the refs of those that they belong to, and belonged to before.
func (s *Service) keep(ctx context.Context, told history) (map[customer.Ref]bool, error) {
	touched := make(map[customer.Ref]bool)
	for part := range slices.Chunk(told.orders, together) {
		before, err := s.store.PutOrders(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("store %d orders: %w", len(part), err)
		}
		for i, o := range part {
			touched[o.Customer], touched[before[i]] = true, true
		}
	}
	for part := range slices.Chunk(told.activities, together) {
		before, err := s.store.PutActivities(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("store %d activities: %w", len(part), err)
		}
		for i, a := range part {
			touched[a.Customer], touched[before[i]] = true, true
		}
	}
	delete(touched, "")
	return touched, nil
}

// Note stores an activity and scores its customer anew.
func (s *Service) Note(ctx context.Context, a customer.Activity) error {
	if _, err := s.store.PutActivity(ctx, a); err != nil {
		return fmt.Errorf("store activity %s: %w", a.ID, err)
	}
	return s.refreshAll(ctx, []customer.Ref{a.Customer})
}

// Rescore derives, scores, tiers and routes a customer anew, and stores it if anything came out differently.
func (s *Service) Rescore(ctx context.Context, id string) error {
	c, err := s.store.Customer(ctx, id)
	if err != nil {
		return fmt.Errorf("rescore: %w", err)
	}
	return s.rescore(ctx, c)
}

// rescore is Rescore of a customer as it was read, or written, just now.
func (s *Service) rescore(ctx context.Context, old customer.Customer) error {
	id := old.ID
	for range attempts {
		c, err := s.evaluate(ctx, old, "")
		if err != nil {
			return err
		}
		if !differs(old, c) {
			return nil
		}
		err = s.store.PutCustomer(ctx, c)
		if err == nil {
			s.wakeFor(c)
			return nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("rescore %s: %w", id, err)
		}
		if old, err = s.store.Customer(ctx, id); err != nil {
			return fmt.Errorf("rescore: %w", err)
		}
	}
	return fmt.Errorf("rescore %s: %w", id, ErrBusy)
}

func (s *Service) applyCustomer(ctx context.Context, ref customer.Ref, r connectors.Record) error {
	if err := s.regroup(ctx, customer.Kin{Ref: ref, Version: r}, nil); err != nil {
		return fmt.Errorf("take in %s: %w", ref, err)
	}
	return nil
}

// regroup puts the kin of a record together anew, or that of the customers that are found by some keys. Whom an attempt wrote while somebody else got in its way is looked
// at again by the next, also where the record has nothing to do with them any more.
func (s *Service) regroup(ctx context.Context, about customer.Kin, keys []string) error {
	return s.untilAlone(func() (bool, error) {
		wrote, done, err := s.tryCustomer(ctx, about, keys)
		keys = append(slices.Clip(keys), refKeys(wrote)...)
		return done, err
	})
}

// refKeys find the customers that hold the records of some.
func refKeys(all []customer.Customer) []string {
	var keys []string
	for _, ref := range (customer.Kin{Customers: all}).Refs() {
		keys = append(keys, customer.RefKey(ref))
	}
	return keys
}

// untilAlone repeats an attempt that somebody else got in the way of.
func (s *Service) untilAlone(try func() (done bool, err error)) error {
	for range attempts {
		done, err := try()
		if done || err != nil {
			return err
		}
	}
	return ErrBusy
}

// tryCustomer makes one attempt at regroup; done is false where somebody else wrote meanwhile, and wrote is what was stored in spite of that.
func (s *Service) tryCustomer(ctx context.Context, about customer.Kin, keys []string) (wrote []customer.Customer, done bool, err error) {
	kin, err := s.kin(ctx, about, keys)
	if err != nil {
		return nil, false, err
	}
	change, changed := customer.Regroup(kin, s.rules().Ranks)
	if !changed {
		return nil, true, s.again(ctx, kin, len(keys) > 0)
	}
	for i := range change.Put {
		if change.Put[i], err = s.evaluate(ctx, change.Put[i], regrouped(byID(kin.Customers, change.Put[i].ID), change.Put[i])); err != nil {
			return nil, false, err
		}
	}
	err = s.write(ctx, change)
	if errors.Is(err, store.ErrConflict) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("store: %w", err)
	}
	for _, c := range change.Put {
		s.wakeFor(c)
	}
	if done, err = s.alone(ctx, kin, change.Put); err != nil || !done {
		return change.Put, false, err
	}
	return nil, true, s.catchUp(ctx, kin.Customers, change.Put)
}

// again scores the customers of a kin in which nothing is new: the record's, or all. The record is known; what follows from it may not be, after a crash in between.
func (s *Service) again(ctx context.Context, kin customer.Kin, all bool) error {
	if holder, found := kin.Holder(kin.Ref); found && !all {
		return s.rescore(ctx, holder)
	}
	for _, c := range kin.Customers {
		if err := s.rescore(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// regrouped is the cause for a known customer's tiers to follow at once that it holds other records than before.
func regrouped(old, c customer.Customer) customer.Why {
	if len(old.Records) == 0 || slices.Equal(old.Refs(), c.Refs()) {
		return ""
	}
	return customer.WhyMerge
}

// catchUp scores those again that hold records which they did not hold before: whoever stored an order of such a record since it was read here has not
// found this customer yet. Both look after they wrote, so at least one of them sees what the other wrote.
func (s *Service) catchUp(ctx context.Context, before, put []customer.Customer) error {
	for _, c := range put {
		if old := byID(before, c.ID); slices.Equal(old.Refs(), c.Refs()) {
			continue // its Rev has kept the two apart
		}
		c.Rev++ // as it was written
		if err := s.rescore(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// byID returns the customer of that id, or one without records.
func byID(all []customer.Customer, id string) customer.Customer {
	for _, c := range all {
		if c.ID == id {
			return c
		}
	}
	return customer.Customer{}
}

func (s *Service) write(ctx context.Context, change customer.Regrouping) error {
	if change.Likens {
		change.Put[0].Require(customer.Effect{Kind: customer.EffectLikened, At: s.stamp()})
	}
	if len(change.Put) == 1 && len(change.Gone) == 0 {
		return s.store.PutCustomer(ctx, change.Put[0])
	}
	gone := make([]store.Gone, len(change.Gone))
	for i, g := range change.Gone {
		gone[i] = store.Gone{ID: g.ID, Rev: g.Rev, Into: g.Into}
	}
	for i := range change.Put {
		s.requireAll(&change.Put[i], change)
	}
	return s.store.Regroup(ctx, change.Put, gone)
}

// requireAll records what is to be done for a customer whose records were regrouped.
func (s *Service) requireAll(c *customer.Customer, change customer.Regrouping) {
	at, moved := s.stamp(), false
	for _, g := range change.Gone {
		if g.Into == c.ID {
			c.Require(customer.Effect{Kind: customer.EffectMerged, At: at, From: g.ID})
			moved = true
		}
	}
	if from := change.Parted[c.ID]; from != "" {
		c.Require(customer.Effect{Kind: customer.EffectParted, At: at, From: from})
		moved = true
	}
	for _, from := range change.Parted {
		moved = moved || from == c.ID
	}
	if moved { // the owner may have come, or gone, with the other one
		c.Require(customer.Effect{Kind: customer.EffectCards, At: at, Pool: c.Pool})
	}
}

// alone reports whether nobody else stored a customer that may be one with those put, or a decision about their records, at the same moment. Both writers look after they
// wrote, so at least one of them sees what the other wrote and joins the two. Who held the keys before need not look: whoever takes them up anew does.
func (s *Service) alone(ctx context.Context, kin customer.Kin, put []customer.Customer) (bool, error) {
	for _, c := range put {
		if slices.Equal(byID(kin.Customers, c.ID).Strong(), c.Strong()) {
			continue
		}
		decided, err := s.store.Decisions(ctx, c.Refs())
		if err != nil {
			return false, fmt.Errorf("decisions about %s: %w", c.ID, err)
		}
		if slices.ContainsFunc(decided, func(d customer.Decision) bool { return !slices.Contains(kin.Decisions, d) }) {
			return false, nil
		}
		keys := c.Lookups(decided)
		held, err := s.store.KeyHolders(ctx, keys)
		if err != nil {
			return false, fmt.Errorf("look for twins of %s: %w", c.ID, err)
		}
		if !keyed(held).onlyBy(c.ID, keys) {
			return false, nil
		}
	}
	return true, nil
}

func (s *Service) stamp() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

func (s *Service) wakeFor(c customer.Customer) {
	if len(c.Effects) > 0 {
		s.wake(c.ID)
	}
}
