package sqlite

import (
	"slices"
	"sync"
	"sync/atomic"
)

// request is one write and its outcome.
type request struct {
	run   func(*tx) error
	taken atomic.Bool // by the writer, or by a caller who gave up waiting
	done  chan struct{}
	err   error // set before done is closed
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

// add puts r behind those of its kind; ErrClosed.
func (q *queue) add(r *request, pressing bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if pressing {
		q.pressing = append(q.pressing, r)
	} else {
		q.others = append(q.others, r)
	}
	q.changed()
	return nil
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
