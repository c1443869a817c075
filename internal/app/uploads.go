package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"lingke/internal/batch"
	"lingke/internal/imports"
)

const (
	uploadsAtOnce  = 2               // each may hold a whole file in memory
	uploadPatience = 5 * time.Second // how long somebody waits for the end of an import or its undoing
)

// uploads are the imports under way that nobody may be waiting for any more. What is cut off when the gateway stops is carried on by the job for that.
type uploads struct {
	slots   chan struct{}
	ended   chan struct{} // closed when the gateway stops
	running sync.WaitGroup
	mu      sync.Mutex // guards ended against running.Add
	stopped bool
}

func newUploads() *uploads {
	return &uploads{slots: make(chan struct{}, uploadsAtOnce), ended: make(chan struct{})}
}

// enter takes a place; false where none is free.
func (u *uploads) enter() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.stopped {
		return false
	}
	select {
	case u.slots <- struct{}{}:
		u.running.Add(1)
		return true
	default:
		return false
	}
}

func (u *uploads) leave() {
	<-u.slots
	u.running.Done()
}

// behind does fn although the request may end, until the gateway stops. The channel is closed when fn has returned, and the place left.
func (u *uploads) behind(ctx context.Context, fn func(context.Context)) <-chan struct{} {
	done := make(chan struct{})
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer cancel()
		defer close(done)
		defer u.leave()
		fn(work)
	}()
	go func() {
		defer cancel()
		select {
		case <-u.ended:
		case <-done:
		}
	}()
	return done
}

func (u *uploads) stop() {
	u.mu.Lock()
	if !u.stopped {
		u.stopped = true
		close(u.ended)
	}
	u.mu.Unlock()
	u.running.Wait()
}

// patient reports whether done came before somebody's patience ended.
func patient(ctx context.Context, done <-chan struct{}) bool {
	late := time.NewTimer(uploadPatience)
	defer late.Stop()
	select {
	case <-done:
		return true
	case <-late.C:
	case <-ctx.Done():
	}
	return false
}

// Upload notes a file durably and takes it in. It returns when that is done or after some seconds; then the batch is Applying and its end is in the store.
// Errors are those of package imports.
func (a *App) Upload(ctx context.Context, q imports.Request) (*imports.Preview, error) {
	return a.upload(ctx, func() (*imports.Preview, error) { return a.imports.Begin(ctx, q) })
}

func (a *App) upload(ctx context.Context, begin func() (*imports.Preview, error)) (*imports.Preview, error) {
	if !a.uploads.enter() {
		return nil, imports.ErrBusy
	}
	p, err := begin()
	if err != nil {
		a.uploads.leave()
		return nil, err
	}
	begun := *p
	done := a.uploads.behind(ctx, func(ctx context.Context) {
		if err := a.imports.Finish(ctx, p, nil); err != nil { // noted, so it is carried on later
			a.log.LogAttrs(ctx, slog.LevelError, "import cut off", slog.String("batch", begun.Batch.ID), slog.Any("err", err))
		}
	})
	if patient(ctx, done) {
		return p, nil
	}
	return &begun, nil
}

// Recall is UndoImport for somebody who waits some seconds only; then the batch is Undoing.
func (a *App) Recall(ctx context.Context, id string) (b batch.Batch, err error) {
	if !a.uploads.enter() {
		return b, imports.ErrBusy
	}
	var undone batch.Batch
	var failed error
	if patient(ctx, a.uploads.behind(ctx, func(ctx context.Context) {
		if undone, failed = a.UndoImport(ctx, id); failed != nil {
			a.log.LogAttrs(ctx, slog.LevelWarn, "import not taken back", slog.String("batch", id), slog.Any("err", failed))
		}
	})) {
		return undone, failed
	}
	return a.store.Batch(ctx, id)
}
