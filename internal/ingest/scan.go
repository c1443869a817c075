package ingest

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// Scanned tells what a scan for deletions found.
type Scanned struct {
	Known int // records and orders that counted before
	Gone  int // of them, marked as deleted, since the source has them no longer
	Back  int // were marked as deleted, and the source has them
}

// ErrTooManyGone says that a source has lost so much at once that its list is doubted.
var ErrTooManyGone = errors.New("too much is missing at the source")

// A scan in which more than fewGone things are missing, and more than one in goneShare, or in which the source has nothing at all, changes nothing: it is rather a missing
// permission or half an answer than so many deletions.
const (
	fewGone   = 10
	goneShare = 5
)

// Scan compares the customers and orders that a source told with those that it has. What it has no longer is marked as deleted, as a version of the instant at which the
// scan began, and what was marked and is there again counts again. Nothing is changed before all lists were read to their ends and compared. anyNumber also accepts what
// would be ErrTooManyGone. A scan that was cut off is finished by the next one. It keeps 16 bytes in memory for each thing.
func (s *Service) Scan(ctx context.Context, source string, from connectors.Lister, anyNumber bool) (sum Scanned, err error) {
	began := s.stamp()
	var all []*census
	for _, kind := range from.Lists() {
		c, err := s.census(ctx, source, kind, from)
		if err != nil {
			return sum, fmt.Errorf("scan %s: %w", source, err)
		}
		if err := c.plausible(); err != nil && !anyNumber {
			return sum, fmt.Errorf("scan %s: %w", source, err)
		}
		sum.Known += len(c.live)
		all = append(all, c)
	}
	for _, c := range all {
		if err := s.settle(ctx, c, began, &sum); err != nil {
			return sum, fmt.Errorf("scan %s: mark what is gone: %w", source, err)
		}
	}
	return sum, nil
}

// census is what was stored of a source and counted before its list was read, and the list, both as sorted hashes of ids. Two ids of one hash would at worst hide a deletion.
type census struct {
	source string
	kind   connectors.Kind
	seed   maphash.Seed
	live   []uint64
	listed []uint64
}

func (s *Service) census(ctx context.Context, source string, kind connectors.Kind, from connectors.Lister) (*census, error) {
	c := &census{source: source, kind: kind, seed: maphash.MakeSeed()}
	err := s.eachStored(ctx, source, kind, func(t stored) error {
		if !t.deleted {
			c.live = append(c.live, c.hash(t.ref.ID()))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("stored %ss: %w", kind, err)
	}
	err = from.EachID(ctx, kind, func(id string) error {
		c.listed = append(c.listed, c.hash(id))
		return ctx.Err()
	})
	slices.Sort(c.live)
	slices.Sort(c.listed)
	return c, err
}

func (c *census) hash(id string) uint64 { return maphash.String(c.seed, id) }

// plausible doubts a list that lacks too much. ErrTooManyGone.
func (c *census) plausible() error {
	missing := 0
	for _, h := range c.live {
		if !has(c.listed, h) {
			missing++
		}
	}
	if missing > 0 && len(c.listed) == 0 || missing > fewGone && missing*goneShare > len(c.live) {
		return fmt.Errorf("%w: %d of %d %ss", ErrTooManyGone, missing, len(c.live), c.kind)
	}
	return nil
}

func has(sorted []uint64, h uint64) bool {
	_, found := slices.BinarySearch(sorted, h)
	return found
}

// changes tells whether a stored thing is to be marked or to count again. What was stored since the list was begun may be missing in it and is left alone.
func (c *census) changes(t stored) (gone, back bool) {
	h := c.hash(t.ref.ID())
	listed := has(c.listed, h)
	return !t.deleted && !listed && has(c.live, h), t.deleted && listed
}

// settle marks what is gone and what is back, some hundred at a time.
func (s *Service) settle(ctx context.Context, c *census, at time.Time, sum *Scanned) error {
	var open []stored
	flush := func() error {
		defer func() { open = open[:0] }()
		return s.mark(ctx, c, open, at)
	}
	err := s.eachStored(ctx, c.source, c.kind, func(t stored) error {
		gone, back := c.changes(t)
		if !gone && !back {
			return nil
		}
		sum.Gone, sum.Back = sum.Gone+one(gone), sum.Back+one(back)
		if open = append(open, t); len(open) < together {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// mark takes in that things are there no longer, or again, as versions of an instant; all else that is known of them stays.
func (s *Service) mark(ctx context.Context, c *census, all []stored, at time.Time) error {
	var records []connectors.Record
	var orders []customer.Order
	for _, t := range all {
		if c.kind == connectors.Customer {
			records = append(records, connectors.Record{Kind: c.kind, ID: t.ref.ID(), ModifiedAt: at, Deleted: !t.deleted})
			continue
		}
		t.order.Deleted, t.order.ModifiedAt = !t.deleted, at
		orders = append(orders, t.order)
	}
	touched, err := s.keep(ctx, history{orders: orders})
	if err != nil {
		return err
	}
	if err := s.RefreshAll(ctx, slices.Sorted(maps.Keys(touched))); err != nil {
		return err
	}
	return s.ApplyAll(ctx, c.source, records)
}

// stored is what the store has of one thing of a source; order belongs to orders.
type stored struct {
	ref     customer.Ref
	deleted bool
	order   customer.Order
}

// eachStored calls fn for everything of a kind that a source told and did not take back.
func (s *Service) eachStored(ctx context.Context, source string, kind connectors.Kind, fn func(stored) error) error {
	switch kind {
	case connectors.Order:
		return s.store.EachOrder(ctx, source, func(o customer.Order) error { return fn(stored{o.ID, o.Deleted, o}) })
	case connectors.Customer:
		return s.store.EachCustomer(ctx, func(c customer.Customer) error {
			for _, r := range c.Records {
				if r.Ref.Source() != source || r.Withdrawn {
					continue
				}
				if err := fn(stored{ref: r.Ref, deleted: r.Deleted}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return fmt.Errorf("%w: a source cannot be asked for every %s", connectors.ErrConfig, kind)
}
