package report

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"lingke/internal/store"
)

// subjectPage is how many customers are read at once, and mostReaders how many pages are: decoding keeps a processor busy, and one goroutine only one.
const (
	subjectPage = 256
	mostReaders = 4
)

// stretch is some customers that lie behind an id and up to another, on their way through a pass.
type stretch struct {
	after, through string         // through is "" where it is the last
	read           chan []Subject // gets them once
}

// each calls fn for every customer in id order, one after the other, in memory that does not grow with their number. Pages are read ahead by several goroutines.
func each(ctx context.Context, s records, fn func(Subject) error) error {
	readers := min(mostReaders, runtime.GOMAXPROCS(0))
	g, ctx := errgroup.WithContext(ctx)
	work, order := make(chan *stretch), make(chan *stretch, readers)
	g.Go(func() error {
		defer close(work)
		defer close(order)
		return cutStretches(ctx, s, order, work)
	})
	for range readers {
		g.Go(func() error {
			for p := range work {
				subjects, err := p.subjects(ctx, s)
				if err != nil {
					return err
				}
				p.read <- subjects
			}
			return nil
		})
	}
	g.Go(func() error { return eachIn(ctx, order, fn) })
	return g.Wait()
}

// cutStretches cuts all customers into stretches and hands each to both.
func cutStretches(ctx context.Context, s records, order, work chan<- *stretch) error {
	for after := ""; ; {
		through, err := s.CustomerBound(ctx, after, subjectPage)
		if err != nil {
			return fmt.Errorf("read customers: %w", err)
		}
		p := &stretch{after: after, through: through, read: make(chan []Subject, 1)}
		for _, to := range []chan<- *stretch{order, work} {
			select {
			case to <- p:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if after = through; through == "" {
			return nil
		}
	}
}

// subjects reads a stretch. Customers that were added to it since it was cut make it a little longer.
func (p *stretch) subjects(ctx context.Context, s records) (all []Subject, err error) {
	for after, more := p.after, true; more; {
		page, next, err := s.Customers(ctx, store.CustomerQuery{After: after, Through: p.through, Limit: subjectPage})
		if err != nil {
			return nil, fmt.Errorf("read customers: %w", err)
		}
		found, err := histories(ctx, s, page)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
		after, more = next, next != ""
	}
	return all, nil
}

// eachIn calls fn for the customers of each stretch, in the order in which they were cut.
func eachIn(ctx context.Context, order <-chan *stretch, fn func(Subject) error) error {
	for p := range order {
		select {
		case subjects := <-p.read:
			for _, x := range subjects {
				if err := fn(x); err != nil {
					return err
				}
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
