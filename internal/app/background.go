package app

import (
	"context"
	"sync"
)

// background is work under way that nobody may be waiting for any more. It is cut off when the gateway stops.
type background struct {
	slots   chan struct{}
	ended   chan struct{} // closed when the gateway stops
	running sync.WaitGroup
	mu      sync.Mutex // guards ended against running.Add
	stopped bool
}

func newBackground(places int) *background {
	return &background{slots: make(chan struct{}, places), ended: make(chan struct{})}
}

// enter takes a place; false where none is free.
func (b *background) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		return false
	}
	select {
	case b.slots <- struct{}{}:
		b.running.Add(1)
		return true
	default:
		return false
	}
}

func (b *background) leave() {
	<-b.slots
	b.running.Done()
}

// behind does fn although who asked may end, until the gateway stops. The channel is closed when fn has returned, and the place left.
func (b *background) behind(ctx context.Context, fn func(context.Context)) <-chan struct{} {
	done := make(chan struct{})
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer cancel()
		defer close(done)
		defer b.leave()
		fn(work)
	}()
	go func() {
		defer cancel()
		select {
		case <-b.ended:
		case <-done:
		}
	}()
	return done
}

func (b *background) stop() {
	b.mu.Lock()
	if !b.stopped {
		b.stopped = true
		close(b.ended)
	}
	b.mu.Unlock()
	b.running.Wait()
}
