package app

import (
	"context"
	"log/slog"
	"time"

	"lingke/internal/batch"
	"lingke/internal/imports"
)

const (
	uploadsAtOnce  = 2               // each may hold a whole file in memory
	uploadPatience = 5 * time.Second // how long somebody waits for the end of an import or its undoing
)

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
