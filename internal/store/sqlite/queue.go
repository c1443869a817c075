package sqlite

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// request is one write and its outcome.
type request struct {
	run   func(*tx) error
	taken atomic.Bool // by the writer, or by a caller who gave up waiting
	press bool
	done  chan struct{}
	err   error // set before done is closed
}

// outcome waits for the commit. A context that ends before the writer takes the request withdraws it; after that outcome waits on, and it is near.
func (r *request) outcome(ctx context.Context) error {
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-r.done
	}
	return r.err
}

// queue holds the requests that wait for the writer. Events are pressing: a platform waits for their acknowledgement, and gives up after a second.
type queue struct {
	most int // requests of a batch

	mu       sync.Mutex
	pressing []*request
	others   []*request
	parted   bool // the last batch left others waiting
	closed   bool
	arrived  chan struct{} // holds one after something changed
}

func newQueue(most int) *queue { return &queue{most: most, arrived: make(chan struct{}, 1)} }

// add puts requests behind those of their kind; ErrClosed.
func (q *queue) add(all ...*request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	for _, r := range all {
		if r.press {
			q.pressing = append(q.pressing, r)
		} else {
			q.others = append(q.others, r)
		}
	}
	q.changed()
	return nil
}

// putBack puts what was taken and not run before everything else of its kind, none of it pressing.
func (q *queue) putBack(all []*request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range all {
		r.taken.Store(false)
	}
	q.others = append(slices.Clone(all), q.others...)
	q.changed()
}

// presses reports whether something pressing waits.
func (q *queue) presses() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pressing) > 0
}

// close refuses later requests. It reports whether it was the first to.
func (q *queue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := !q.closed
	q.closed = true
	q.changed()
	return first
}

func (q *queue) changed() {
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

// next waits for requests and returns those to commit together, without those whose callers gave up. ok is false where no more come.
func (q *queue) next() (batch []*request, ok bool) {
	for {
		batch, closed := q.take()
		if len(batch) > 0 {
			return slices.DeleteFunc(batch, func(r *request) bool { return !r.taken.CompareAndSwap(false, true) }), true
		}
		if closed {
			return nil, false
		}
		<-q.arrived
	}
}

// take takes the pressing ones alone, so that their commit is short, but not twice in a row while others wait.
func (q *queue) take() (batch []*request, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch, q.pressing = split(q.pressing, q.most)
	if q.parted = len(batch) > 0 && len(q.others) > 0 && !q.parted; !q.parted {
		var more []*request
		more, q.others = split(q.others, q.most-len(batch))
		batch = append(batch, more...)
	}
	return batch, q.closed
}

func split(all []*request, n int) (first, rest []*request) {
	n = min(n, len(all))
	return all[:n:n], slices.Clone(all[n:])
}

// waiting returns how many requests wait.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pressing) + len(q.others)
}
