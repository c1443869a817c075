package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"lingke/connectors"
)

// cursors is the part of the store that remembers how far a connector has come.
type cursors interface {
	Cursor(ctx context.Context, name string) (string, error)
	SetCursor(ctx context.Context, name, cursor string) error
}

// Report tells what a pull did.
type Report struct {
	Records int // taken in, or known already
	Bad     int // refused for ever; each is in the log with its reason
}

// Puller takes in what connectors pull.
type Puller struct {
	service  *Service
	cursors  cursors
	parallel int
	log      *slog.Logger
}

// NewPuller returns a Puller that takes up to parallel records in at once.
func NewPuller(s *Service, c cursors, parallel int, log *slog.Logger) *Puller {
	return &Puller{service: s, cursors: c, parallel: max(1, parallel), log: log}
}

// Pull takes in what changed at a connector since its last pull, or everything when full is set, and remembers how far it came once all of that is stored. progress, if not nil,
// is told the number of records after each. A record that can never be taken in is logged and skipped; any other failure ends the pull, and the next one goes on from
// a cursor from which nothing is missed.
func (p *Puller) Pull(ctx context.Context, name string, from connectors.Connector, full bool, progress func(int)) (Report, error) {
	since := ""
	if !full {
		var err error
		if since, err = p.cursors.Cursor(ctx, name); err != nil {
			return Report{}, fmt.Errorf("cursor of %s: %w", name, err)
		}
	}
	in := newIntake(ctx, p, name, progress)
	next, pullErr := from.Pull(in.ctx, connectors.Cursor(since), in.emit)
	report, err := in.wait()
	if err != nil {
		return report, err // not everything up to next is stored
	}
	if next != "" && string(next) != since {
		if err := p.cursors.SetCursor(context.WithoutCancel(ctx), name, string(next)); err != nil {
			return report, fmt.Errorf("remember cursor of %s: %w", name, err)
		}
	}
	if pullErr != nil {
		return report, fmt.Errorf("pull %s: %w", name, pullErr)
	}
	return report, nil
}

// intake spreads the records of one pull over several workers and keeps the first failure.
type intake struct {
	ctx     context.Context
	stop    context.CancelCauseFunc
	records chan connectors.Record
	workers sync.WaitGroup
	kind    connectors.Kind
	pending sync.WaitGroup // records emitted and not yet taken in
	good    atomic.Int64
	bad     atomic.Int64
}

func newIntake(ctx context.Context, p *Puller, name string, progress func(int)) *intake {
	in := &intake{records: make(chan connectors.Record, p.parallel)}
	in.ctx, in.stop = context.WithCancelCause(ctx)
	for range p.parallel {
		in.workers.Go(func() {
			for r := range in.records {
				in.take(p, name, r, progress)
				in.pending.Done()
			}
		})
	}
	return in
}

func (in *intake) take(p *Puller, name string, r connectors.Record, progress func(int)) {
	if in.ctx.Err() != nil {
		return
	}
	err := apply(in.ctx, p.service, name, r)
	switch {
	case err == nil:
		n := in.good.Add(1)
		if progress != nil {
			progress(int(n))
		}
	case errors.Is(err, connectors.ErrBadRecord):
		in.bad.Add(1)
		p.log.LogAttrs(in.ctx, slog.LevelWarn, "record refused", slog.String("connector", name), slog.Any("err", err))
	default:
		in.stop(err)
	}
}

// apply is Service.Apply with a panic turned into an error: on a goroutine of its own it would end the process.
func apply(ctx context.Context, s *Service, name string, r connectors.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("take in %s %q: panic: %v", r.Kind, r.ID, p)
		}
	}()
	return s.Apply(ctx, name, r)
}

// emit hands a record to the workers. Kinds do not overlap: a customer that follows its orders is judged by all of them.
func (in *intake) emit(r connectors.Record) error {
	if r.Kind != in.kind {
		in.pending.Wait()
		in.kind = r.Kind
	}
	in.pending.Add(1)
	select {
	case in.records <- r:
		return nil
	case <-in.ctx.Done():
		in.pending.Done()
		return context.Cause(in.ctx)
	}
}

// wait ends the intake; the error is the first failure of a worker, or of the caller's context.
func (in *intake) wait() (Report, error) {
	close(in.records)
	in.workers.Wait()
	err := context.Cause(in.ctx)
	in.stop(nil)
	return Report{Records: int(in.good.Load()), Bad: int(in.bad.Load())}, err
}
