package ingest

import (
	"context"
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

// NewPuller returns a Puller that works on up to parallel parts of a pull at once, each of some hundred records.
func NewPuller(s *Service, c cursors, parallel int, log *slog.Logger) *Puller {
	return &Puller{service: s, cursors: c, parallel: max(1, parallel), log: log}
}

// Pull takes in what changed at a connector since its last pull, or everything when full is set, and remembers how far it came once all of that is stored: at the end,
// and on the way where the connector is connectors.Resumable. So a pull that is killed, a full one too, is gone on with by the next that is not full. progress, if
// not nil, is told how many records are taken in so far, now and then and from several goroutines. A record that can never be taken in is logged and skipped; any
// other failure ends the pull, and the next one goes on from a cursor from which nothing is missed.
func (p *Puller) Pull(ctx context.Context, name string, from connectors.Connector, full bool, progress func(int)) (Report, error) {
	since, err := p.since(ctx, name, full)
	if err != nil {
		return Report{}, err
	}
	in := newIntake(ctx, p, name, progress)
	next, pullErr := pullAlong(in.ctx, from, since, in.emit, in.reached)
	report, err := in.wait()
	if err != nil {
		return report, err // not everything up to next is stored
	}
	if next != "" && next != since {
		if err := in.remember(next); err != nil {
			return report, err
		}
	}
	if pullErr != nil {
		return report, fmt.Errorf("pull %s: %w", name, pullErr)
	}
	return report, nil
}

func (p *Puller) since(ctx context.Context, name string, full bool) (connectors.Cursor, error) {
	if full {
		return "", nil
	}
	since, err := p.cursors.Cursor(ctx, name)
	if err != nil {
		return "", fmt.Errorf("cursor of %s: %w", name, err)
	}
	return connectors.Cursor(since), nil
}

func pullAlong(ctx context.Context, from connectors.Connector, since connectors.Cursor, emit func(connectors.Record) error, reached func(connectors.Cursor) error) (connectors.Cursor, error) {
	if r, ok := from.(connectors.Resumable); ok {
		return r.PullAlong(ctx, since, emit, reached)
	}
	return from.Pull(ctx, since, emit)
}

// intake spreads the records of one pull, in parts, over several workers and keeps the first failure. emit and reached belong to the goroutine that pulls.
type intake struct {
	ctx      context.Context
	stop     context.CancelCauseFunc
	puller   *Puller
	name     string
	progress func(int)

	open    []connectors.Record // emitted and not handed to the workers yet
	kind    connectors.Kind     // of the last record
	stretch *stretch            // since the last cursor
	parts   chan part
	workers sync.WaitGroup
	pending sync.WaitGroup // parts that are not taken in yet
	marks   chan *stretch
	marking sync.WaitGroup
	good    atomic.Int64
	bad     atomic.Int64
}

// part is records of one kind that are taken in together.
type part struct {
	records []connectors.Record
	of      *stretch
}

// stretch is what was emitted between two cursors; the later one may be remembered once its parts, and those of the stretches before, are taken in.
type stretch struct {
	parts  sync.WaitGroup
	cursor connectors.Cursor
	lost   atomic.Bool // a part was not taken in
}

// mostStretches is how many stretches may wait for their parts.
const mostStretches = 64

func newIntake(ctx context.Context, p *Puller, name string, progress func(int)) *intake {
	in := &intake{puller: p, name: name, progress: progress, stretch: &stretch{}, parts: make(chan part), marks: make(chan *stretch, mostStretches)}
	in.ctx, in.stop = context.WithCancelCause(ctx)
	for range p.parallel {
		in.workers.Go(func() {
			for part := range in.parts {
				if !in.take(part.records) {
					part.of.lost.Store(true)
				}
				part.of.parts.Done()
				in.pending.Done()
			}
		})
	}
	in.marking.Go(in.mark)
	return in
}

// take takes a part in. Where it does not, which it reports, the intake is stopped.
func (in *intake) take(records []connectors.Record) bool {
	if in.ctx.Err() != nil {
		return false
	}
	bad, err := apply(in.ctx, in.puller.service, in.name, records)
	if err != nil {
		in.stop(err)
		return false
	}
	for _, err := range bad {
		in.puller.log.LogAttrs(in.ctx, slog.LevelWarn, "record refused", slog.String("connector", in.name), slog.Any("err", err))
	}
	in.bad.Add(int64(len(bad)))
	n := in.good.Add(int64(len(records) - len(bad)))
	if in.progress != nil {
		in.progress(int(n))
	}
	return true
}

// apply is Service.applyAll with a panic turned into an error: on a goroutine of its own it would end the process.
func apply(ctx context.Context, s *Service, name string, records []connectors.Record) (bad []error, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("take in %d records from %s %q on: panic: %v", len(records), records[0].Kind, records[0].ID, p)
		}
	}()
	return s.applyAll(ctx, name, records)
}

// mark remembers the cursors in their order, each once everything before it is stored, also after the intake was stopped.
func (in *intake) mark() {
	broken := false
	for s := range in.marks {
		s.parts.Wait()
		if broken = broken || s.lost.Load(); broken {
			continue
		}
		if err := in.remember(s.cursor); err != nil {
			broken = true
			in.stop(err)
		}
	}
}

// remember stores a cursor that is true; that the pull is being stopped does not make it less so.
func (in *intake) remember(c connectors.Cursor) error {
	if err := in.puller.cursors.SetCursor(context.WithoutCancel(in.ctx), in.name, string(c)); err != nil {
		return fmt.Errorf("remember cursor of %s: %w", in.name, err)
	}
	return nil
}

// emit collects records for the workers. Kinds do not overlap: a customer that follows its orders is judged by all of them.
func (in *intake) emit(r connectors.Record) error {
	if r.Kind != in.kind {
		if err := in.handOn(); err != nil {
			return err
		}
		in.pending.Wait()
		in.kind = r.Kind
	}
	if in.open = append(in.open, r); len(in.open) < together {
		return context.Cause(in.ctx)
	}
	return in.handOn()
}

// handOn gives what was collected to the workers.
func (in *intake) handOn() error {
	if len(in.open) == 0 {
		return context.Cause(in.ctx)
	}
	p := part{in.open, in.stretch}
	in.open = nil
	p.of.parts.Add(1)
	in.pending.Add(1)
	select {
	case in.parts <- p:
		return nil
	case <-in.ctx.Done():
		p.of.lost.Store(true)
		p.of.parts.Done()
		in.pending.Done()
		return context.Cause(in.ctx)
	}
}

// reached ends a stretch.
func (in *intake) reached(c connectors.Cursor) error {
	if err := in.handOn(); err != nil {
		return err
	}
	in.stretch.cursor = c
	select {
	case in.marks <- in.stretch:
		in.stretch = &stretch{}
		return nil
	case <-in.ctx.Done():
		return context.Cause(in.ctx)
	}
}

// wait ends the intake; the error is the first failure of a worker, or of the caller's context.
func (in *intake) wait() (Report, error) {
	_ = in.handOn() // it fails as the context has, which is returned below
	close(in.parts)
	in.workers.Wait()
	close(in.marks)
	in.marking.Wait()
	err := context.Cause(in.ctx)
	in.stop(nil)
	return Report{Records: int(in.good.Load()), Bad: int(in.bad.Load())}, err
}
