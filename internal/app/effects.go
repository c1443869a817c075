package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"lingke/internal/dispatch"
)

// effects carries customers' effects out as soon as they are stored. What does not fit into its queue, or fails, is left to the sweep job: it is in the
// store anyway.
type effects struct {
	dispatcher *dispatch.Dispatcher
	queue      chan string
	workers    int
	observe    func(outcome string, took time.Duration)
	log        *slog.Logger
}

func newEffects(d *dispatch.Dispatcher, workers int, observe func(outcome string, took time.Duration), log *slog.Logger) *effects {
	return &effects{dispatcher: d, queue: make(chan string, 4096), workers: max(1, workers), observe: observe, log: log}
}

func (e *effects) wake(customerID string) {
	select {
	case e.queue <- customerID:
	default:
	}
}

func (e *effects) run(ctx context.Context) {
	var workers sync.WaitGroup
	for range e.workers {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case id := <-e.queue:
					e.carry(context.WithoutCancel(ctx), id)
				}
			}
		})
	}
	workers.Wait()
}

func (e *effects) carry(ctx context.Context, id string) {
	started, outcome := time.Now(), "ok"
	if err := e.try(ctx, id); err != nil {
		outcome = "failed"
		e.log.LogAttrs(ctx, slog.LevelWarn, "carry out effects", slog.String("customer", id), slog.Any("err", err))
	}
	e.observe(outcome, time.Since(started))
}

// try is Carry with a panic turned into an error: on a goroutine of its own it would end the process.
func (e *effects) try(ctx context.Context, id string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return e.dispatcher.Carry(ctx, id)
}
