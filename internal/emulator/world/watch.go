package world

import "sync"

// watchers wakes whoever waits for a change. A waiter that is busy misses nothing: one wake-up stays in its channel.
type watchers struct {
	mu   sync.Mutex
	list map[chan struct{}]struct{}
}

// Subscribe returns a channel that receives after every change (several changes may give one), and a function that ends
// the subscription.
func (w *World) Subscribe() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	w.watch.mu.Lock()
	defer w.watch.mu.Unlock()
	if w.watch.list == nil {
		w.watch.list = map[chan struct{}]struct{}{}
	}
	w.watch.list[ch] = struct{}{}
	return ch, func() {
		w.watch.mu.Lock()
		defer w.watch.mu.Unlock()
		delete(w.watch.list, ch)
	}
}

func (w *watchers) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch := range w.list {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
