package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// Many customers at once cost a few reads and one write instead of some of each per customer. What this file does is what tryCustomer and rescore
// do for one; whoever gets in the way of it (another writer, a second record of the same customer, a merge) is left to them.

// plan is a customer to be stored, as far as its own record decides.
type plan struct {
	version connectors.Record
	ref     customer.Ref
	old     customer.Customer // as read; without Rev where there was none
	put     customer.Customer
	known   bool // the record says nothing new, but what follows from it may not be stored, after a crash in between
	history history
}

// gains reports whether the customer is found by other strong keys than before.
func (p plan) gains() bool {
	return p.old.Rev == 0 || !slices.Equal(p.put.Strong(), p.old.Strong())
}

// applyCustomers takes customers in.
func (s *Service) applyCustomers(ctx context.Context, source string, records []connectors.Record) error {
	plans, rest, err := s.plan(ctx, source, records)
	if err != nil {
		return err
	}
	again, err := s.carryOut(ctx, plans)
	if err != nil {
		return err
	}
	for _, p := range again {
		rest = append(rest, p.version)
	}
	for _, r := range rest {
		if err := s.applyCustomer(ctx, customer.NewRef(source, r.ID), r); err != nil {
			return err
		}
	}
	return nil
}

// plan sorts out which records concern one customer each and no other of them; rest are the others.
func (s *Service) plan(ctx context.Context, source string, records []connectors.Record) (plans []plan, rest []connectors.Record, err error) {
	if len(records) < 2 {
		return nil, records, nil
	}
	found, kins, first, err := s.holders(ctx, source, records)
	if err != nil {
		return nil, nil, err
	}
	ranks, taken := s.rules().Ranks, make(map[string]bool, len(records))
	plans = make([]plan, 0, len(records)) // a plan is large: growing would copy more than is kept
	for i, r := range records {
		ref := kins[i].Ref
		p := plan{version: r, ref: ref}
		kin, whole := found.kin(kins[i], first[i])
		change, changed := customer.Regroup(kin, ranks)
		switch holder, held := kin.Holder(ref); {
		case !whole:
		case !changed && held:
			p.old, p.put, p.known = holder, holder, true
		case len(change.Put) == 1 && len(change.Gone) == 0:
			p.put, p.old = change.Put[0], byID(kin.Customers, change.Put[0].ID)
			if change.Likens {
				p.put.Require(customer.Effect{Kind: customer.EffectLikened, At: s.stamp()})
			}
		}
		keys := first[i]
		if len(kin.Customers) > 0 {
			keys = kin.Missing(nil)
		}
		if p.put.ID == "" || !claim(taken, keys, p.put.ID) {
			rest = append(rest, r)
			continue
		}
		plans = append(plans, p)
	}
	return plans, rest, nil
}

// claim notes what a record concerns, by keys and by the id of its customer, unless an earlier record concerns some of it.
func claim(taken map[string]bool, keys []string, id string) bool {
	keys = append(slices.Clip(keys), "id "+id)
	free := !slices.ContainsFunc(keys, func(k string) bool { return taken[k] })
	for _, k := range keys {
		taken[k] = true
	}
	return free
}

// holders reads every customer that one of the records may concern at first sight, and the decisions about them. kins are the records' kin before that was looked at, and
// first is what each misses.
func (s *Service) holders(ctx context.Context, source string, records []connectors.Record) (found holders, kins []customer.Kin, first [][]string, err error) {
	kins, first = make([]customer.Kin, len(records)), make([][]string, len(records))
	for i, r := range records {
		kins[i] = customer.Kin{Ref: customer.NewRef(source, r.ID), Version: r}
		first[i] = kins[i].Missing(nil)
	}
	found, err = s.holdersOf(ctx, slices.Concat(first...))
	return found, kins, first, err
}

// carryOut judges and stores the customers of plans, and returns the plans that somebody got in the way of.
func (s *Service) carryOut(ctx context.Context, plans []plan) (again []plan, err error) {
	before, err := s.historyMark(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.judgeAll(ctx, plans); err != nil {
		return nil, err
	}
	stored, again, err := s.putAll(ctx, plans)
	if err != nil {
		return nil, err
	}
	gained := stored[:0]
	for _, p := range stored {
		if p.gains() {
			gained = append(gained, p)
		}
	}
	alone, twins, err := s.allAlone(ctx, gained)
	if err != nil || len(alone) == 0 {
		return append(again, twins...), err
	}
	after, err := s.historyMark(ctx)
	if err != nil || after != "" && after == before {
		return append(again, twins...), err // nobody stored anything that they could have missed
	}
	return append(again, twins...), s.catchUpAll(ctx, alone)
}

// historyMark is the mark of history; "" where the store has none.
func (s *Service) historyMark(ctx context.Context) (string, error) {
	m, ok := s.store.(store.Marked)
	if !ok {
		return "", nil
	}
	n, err := m.HistoryMark(ctx)
	return strconv.FormatInt(n, 10), err
}

// judgeAll is evaluate of each.
func (s *Service) judgeAll(ctx context.Context, plans []plan) error {
	if err := s.readHistories(ctx, plans); err != nil {
		return err
	}
	for i, p := range plans {
		c, err := s.rules().Judge(p.put, p.history.orders, p.history.activities, s.stamp(), regrouped(p.old, p.put))
		if err != nil {
			return err
		}
		plans[i].put = c
	}
	return nil
}

// readHistories fills in the histories of all plans by one reading.
func (s *Service) readHistories(ctx context.Context, plans []plan) error {
	whose := make(map[customer.Ref]int, len(plans))
	var refs []customer.Ref
	for i, p := range plans {
		for _, ref := range p.put.Refs() {
			refs, whose[ref] = append(refs, ref), i
		}
	}
	all, err := s.historyOf(ctx, refs)
	if err != nil {
		return fmt.Errorf("histories of %d customers: %w", len(plans), err)
	}
	for i := range plans {
		plans[i].history = history{}
	}
	for _, o := range all.orders { // each customer's stay in their order
		h := &plans[whose[o.Customer]].history
		h.orders = append(h.orders, o)
	}
	for _, a := range all.activities {
		h := &plans[whose[a.Customer]].history
		h.activities = append(h.activities, a)
	}
	return nil
}

// putAll stores the customers that are not stored like that already.
func (s *Service) putAll(ctx context.Context, plans []plan) (stored, conflicted []plan, err error) {
	news := make([]plan, 0, len(plans))
	for _, p := range plans {
		if !p.known || differs(p.old, p.put) {
			news = append(news, p)
		}
	}
	if len(news) == 0 {
		return nil, nil, nil
	}
	all := make([]customer.Customer, len(news))
	for i, p := range news {
		all[i] = p.put
	}
	conflicts, err := s.store.PutCustomers(ctx, all)
	if err != nil {
		return nil, nil, fmt.Errorf("store %d customers: %w", len(all), err)
	}
	stored = make([]plan, 0, len(news))
	for i, p := range news {
		if slices.Contains(conflicts, i) {
			conflicted = append(conflicted, p)
			continue
		}
		s.wakeFor(p.put)
		stored = append(stored, p)
	}
	return stored, conflicted, nil
}

// allAlone is alone for each, by one reading.
func (s *Service) allAlone(ctx context.Context, plans []plan) (alone, twins []plan, err error) {
	if len(plans) == 0 {
		return nil, nil, nil
	}
	var keys []string
	var refs []customer.Ref
	lookups := make([][]string, len(plans))
	for i, p := range plans {
		lookups[i] = p.put.Lookups(nil)
		keys, refs = append(keys, lookups[i]...), append(refs, p.put.Refs()...)
	}
	held, err := s.store.KeyHolders(ctx, keys)
	if err != nil {
		return nil, nil, fmt.Errorf("look for twins of %d customers: %w", len(plans), err)
	}
	decided, err := s.store.Decisions(ctx, refs)
	if err != nil {
		return nil, nil, fmt.Errorf("decisions about %d customers: %w", len(plans), err)
	}
	about := make(map[customer.Ref]bool)
	for _, d := range decided {
		about[d.A], about[d.B] = true, true
	}
	alone = make([]plan, 0, len(plans))
	for i, p := range plans {
		free := !slices.ContainsFunc(p.put.Refs(), func(ref customer.Ref) bool { return about[ref] })
		if free && keyed(held).onlyBy(p.put.ID, lookups[i]) {
			alone = append(alone, p)
		} else {
			twins = append(twins, p)
		}
	}
	return alone, twins, nil
}

// catchUpAll is catchUp for each: only those whose history has grown meanwhile are scored again.
func (s *Service) catchUpAll(ctx context.Context, plans []plan) error {
	now := slices.Clone(plans)
	if err := s.readHistories(ctx, now); err != nil {
		return err
	}
	for i, p := range plans {
		if p.history.same(now[i].history) {
			continue
		}
		p.put.Rev++ // as it was written
		if err := s.rescore(ctx, p.put); err != nil {
			return err
		}
	}
	return nil
}

// refreshAll scores anew the customers that refs belong to. There may be none yet: the order came before its customer.
func (s *Service) refreshAll(ctx context.Context, refs []customer.Ref) error {
	if len(refs) == 0 {
		return nil
	}
	found, err := s.store.CustomersByKey(ctx, refs, nil)
	if err != nil {
		return fmt.Errorf("customers of %d records: %w", len(refs), err)
	}
	return s.refreshFound(ctx, found)
}

// refreshFound scores customers anew as they were read just now.
func (s *Service) refreshFound(ctx context.Context, found []customer.Customer) error {
	plans, shared := refreshes(found)
	again, err := s.carryOut(ctx, plans)
	if err != nil {
		return err
	}
	for _, p := range again {
		shared = append(shared, p.put.ID)
	}
	for _, id := range shared {
		if err := s.Rescore(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// refreshes are the plans of customers as they are. shared are those that hold a record which another holds too, while a merge is under way.
func refreshes(found []customer.Customer) (plans []plan, shared []string) {
	taken := make(map[customer.Ref]bool, len(found))
	for _, c := range found {
		if slices.ContainsFunc(c.Refs(), func(ref customer.Ref) bool { return taken[ref] }) {
			shared = append(shared, c.ID)
			continue
		}
		for _, ref := range c.Refs() {
			taken[ref] = true
		}
		plans = append(plans, plan{old: c, put: c, known: true})
	}
	return plans, shared
}
