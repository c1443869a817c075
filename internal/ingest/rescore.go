package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// How a pass over all customers is cut into pieces: a page is read, judged and written together; two workers per processor keep it busy while others
// wait for the store.
const (
	passPage    = 256
	passFirst   = 32 // of the first page where nothing is written; each next one is twice as long, so that the workers share a small store too
	passWorkers = 4
	dayWorkers  = 1 // of what runs every few minutes: people in chat wait for the same processors
	// passSaves is after how many pages the pass notes how far it has come.
	passSaves = 8
	// passStale is how long after its begin a pass that was cut off is taken up again; later, everything begins anew.
	passStale = 12 * time.Hour
)

// passCursor is the name under which a pass notes how far it has come.
const passCursor = "rescore"

// passState is how far a pass has come.
type passState struct {
	Rules string    `json:"rules"` // the models that it scores by: another pass is no continuation
	Begun time.Time `json:"begun"`
	After string    `json:"after"`
	Done  int       `json:"done"`
}

// RescoreAll judges every customer anew and stores those for whom anything came out differently, in memory that does not grow with their number. It
// returns how many there were; progress, if not nil, is told so on the way. A pass that was cut off, by a crash or by ctx, is gone on with if the same
// models are still in force. A customer that cannot be judged is logged and does not stop the others.
func (s *Service) RescoreAll(ctx context.Context, progress func(done int)) (int, error) {
	state, err := s.resume(ctx)
	if err != nil {
		return 0, err
	}
	done, err := s.pass(ctx, state, nil, progress, passWorkers)
	if err != nil {
		return done, err
	}
	return done, s.store.SetCursor(ctx, passCursor, "")
}

// retier judges those customers anew whose tier by rank may be another since the cut-offs changed, and returns how many there were.
func (s *Service) retier(ctx context.Context) (int, error) {
	return s.pass(ctx, passState{}, func(c customer.Customer) bool { return s.rules().misplaced(c) }, nil, dayWorkers)
}

// resume is where the pass begins.
func (s *Service) resume(ctx context.Context) (passState, error) {
	fresh := passState{Rules: s.rules().versions(), Begun: s.stamp()}
	text, err := s.store.Cursor(ctx, passCursor)
	if err != nil || text == "" {
		return fresh, err
	}
	var left passState
	if err := json.Unmarshal([]byte(text), &left); err != nil {
		return fresh, fmt.Errorf("how far the last pass came: %w", err)
	}
	if left.Rules != fresh.Rules || left.Begun.Add(passStale).Before(fresh.Begun) {
		return fresh, nil
	}
	return left, nil
}

// versions names the models in force.
func (r *Rules) versions() string {
	names := make([]string, len(r.Models))
	for i, m := range r.Models {
		names[i] = m.Version()
	}
	return strings.Join(names, " ")
}

// page is some customers on their way through a pass: those behind an id and up to another.
type page struct {
	after, through string // through is "" where it is the last
	n              int    // how many were judged; readable once ready is closed
	plans          []plan // where nothing is stored: what judging gives; as n
	ready          chan struct{}
}

// pass judges all customers behind state.After whom want selects (nil: all), which several goroutines ask at once: one goroutine cuts them into pages, as many as parallel read, judge and store them,
// and this one notes in their order which are done.
func (s *Service) pass(ctx context.Context, state passState, want func(customer.Customer) bool, progress func(int), parallel int) (int, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work, order := make(chan *page), make(chan *page, parallel)
	var workers sync.WaitGroup
	workers.Go(func() {
		defer close(work)
		defer close(order)
		if err := s.cutPages(ctx, state.After, passPage, work, order); err != nil {
			stop(err)
		}
	})
	for range parallel {
		workers.Go(func() {
			for p := range work {
				if err := s.judgePage(ctx, p, want); err != nil {
					stop(err)
					continue // it is never ready
				}
				close(p.ready)
			}
		})
	}
	done, err := s.collect(ctx, state, order, progress)
	if err != nil {
		stop(err)
	}
	for range order { // let the others end
	}
	workers.Wait()
	return done, err
}

// cutPages cuts all customers into pages, in the order of their ids: the first of n, each next one twice as long, up to passPage.
func (s *Service) cutPages(ctx context.Context, after string, n int, work, order chan<- *page) error {
	for ; ; n = min(2*n, passPage) {
		through, err := s.store.CustomerBound(ctx, after, n)
		if err != nil {
			return fmt.Errorf("read customers: %w", err)
		}
		p := &page{after: after, through: through, ready: make(chan struct{})}
		for _, to := range []chan<- *page{order, work} {
			select {
			case to <- p:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if through == "" {
			return nil
		}
		after = through
	}
}

// judgePage reads a page and judges those whom want selects. Customers that were added to the page meanwhile make it a little longer.
func (s *Service) judgePage(ctx context.Context, p *page, want func(customer.Customer) bool) error {
	for after, more := p.after, true; more; {
		all, next, err := s.store.Customers(ctx, store.CustomerQuery{After: after, Through: p.through, Limit: passPage})
		if err != nil {
			return fmt.Errorf("read customers: %w", err)
		}
		if want != nil {
			all = selected(all, want)
		}
		if err := s.judgeMany(ctx, all); err != nil {
			return err
		}
		p.n += len(all)
		after, more = next, next != ""
	}
	return nil
}

func selected(all []customer.Customer, want func(customer.Customer) bool) []customer.Customer {
	out := all[:0]
	for _, c := range all {
		if want(c) {
			out = append(out, c)
		}
	}
	return out
}

// collect waits for the pages in their order, so that what it notes is done up to there.
func (s *Service) collect(ctx context.Context, state passState, order <-chan *page, progress func(int)) (int, error) {
	noted := state.After
	for n := 1; ; n++ {
		p, err := arrived(ctx, order)
		if p == nil {
			if err != nil && state.After != noted {
				err = errors.Join(err, s.note(context.WithoutCancel(ctx), state))
			}
			return state.Done, err
		}
		state.Done += p.n
		state.After = p.through
		if progress != nil {
			progress(state.Done)
		}
		if n%passSaves == 0 && p.through != "" {
			if err := s.note(ctx, state); err != nil {
				return state.Done, err
			}
			noted = p.through
		}
	}
}

// arrived returns the next page once it is done; nil after the last one, and where the pass was stopped.
func arrived(ctx context.Context, order <-chan *page) (*page, error) {
	select {
	case p, open := <-order:
		if !open {
			return nil, context.Cause(ctx)
		}
		select {
		case <-p.ready:
			return p, nil
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
	return nil, context.Cause(ctx)
}

// note keeps how far a pass came. One without a begin is none to go on with.
func (s *Service) note(ctx context.Context, state passState) error {
	if state.Begun.IsZero() {
		return nil
	}
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("note how far the pass came: %w", err)
	}
	return s.store.SetCursor(ctx, passCursor, string(text))
}

// judgeMany judges customers together; where that fails, one by one, to find out which of them it is. Its error says that none could be judged, or that ctx
// has ended.
func (s *Service) judgeMany(ctx context.Context, all []customer.Customer) error {
	if len(all) == 0 {
		return ctx.Err()
	}
	err := guarded(func() error { return s.refreshFound(ctx, all) })
	if err == nil {
		return nil
	}
	failed := 0
	for _, c := range all {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := guarded(func() error { return s.rescore(ctx, c) }); err != nil && ctx.Err() == nil {
			failed++
			s.log.LogAttrs(ctx, slog.LevelError, "rescore", slog.String("customer", c.ID), slog.Any("err", err))
		}
	}
	if failed == len(all) && failed > 1 { // it is not the customers
		return fmt.Errorf("rescore: none of %d customers: %w", failed, err)
	}
	return ctx.Err()
}

// guarded turns a panic into an error: on a goroutine of its own it would end the process.
func guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return do()
}
