package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// reads is the part of the store that keeps the log; see store.Reads.
type reads interface {
	AppendReads(ctx context.Context, lines []Read) (bool, error)
	LastRead(ctx context.Context) (Read, error)
	ReadsAfter(ctx context.Context, n int64, limit int) ([]Read, error)
	KnownReads(ctx context.Context, ids []string) ([]string, error)
	FindReads(ctx context.Context, q ReadQuery) (page []Read, next string, err error)
	PurgeReads(ctx context.Context, through int64) (int, error)
	Document(ctx context.Context, name string) ([]byte, error)
	PutDocument(ctx context.Context, name string, text []byte) error
}

// Log is the read log. Each line is sealed with a key that the store does not hold where one is configured, over its own text and the seal of the line before; so no line
// can be changed, taken out or moved without Check naming the place. Lines that wait are written together.
//
// Its methods may be called from several goroutines; several processes append to one log, each line by a conditional write after the one before.
type Log struct {
	store reads
	keys  Keys
	now   func() time.Time

	mu     sync.Mutex
	queue  []*line
	busy   bool
	last   Read // where known
	cached bool
}

// line waits to be written.
type line struct {
	read Read
	done chan error
}

// NewLog returns the log that a store keeps.
func NewLog(store reads, keys Keys, now func() time.Time) *Log {
	return &Log{store: store, keys: keys, now: now}
}

// How many lines are written at once, how often somebody else may be faster, and how long writing may take.
const (
	mostLines  = 64
	mostRounds = 1000
	writeTime  = 20 * time.Second
)

// ErrCrowded: other processes were faster all the time.
var ErrCrowded = errors.New("the read log is written by others without pause")

// Add appends a line and returns once it is stored; one whose ID is in the log already adds nothing. A zero At becomes now. Whoever answers a question adds its
// line first: what cannot be logged is not shown.
func (l *Log) Add(ctx context.Context, r Read) error {
	if r.At.IsZero() {
		r.At = l.now()
	}
	w := &line{read: r, done: make(chan error, 1)}
	l.mu.Lock()
	l.queue = append(l.queue, w)
	start := !l.busy
	l.busy = true
	l.mu.Unlock()
	if start {
		go l.write(context.WithoutCancel(ctx))
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write writes until nobody waits.
func (l *Log) write(ctx context.Context) {
	for {
		l.mu.Lock()
		batch := l.queue[:min(len(l.queue), mostLines)]
		l.queue = l.queue[len(batch):]
		l.busy = len(batch) > 0
		l.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		limited, cancel := context.WithTimeout(ctx, writeTime)
		err := l.append(limited, batch)
		cancel()
		for _, w := range batch {
			w.done <- err
		}
	}
}

// append writes a batch after whatever is the last line at that moment. Only one goroutine of the process runs it.
func (l *Log) append(ctx context.Context, batch []*line) error {
	for range mostRounds {
		if !l.cached {
			last, err := l.store.LastRead(ctx)
			if err != nil {
				return fmt.Errorf("read log: %w", err)
			}
			l.last, l.cached = last, true
		}
		lines, err := l.fresh(ctx, batch)
		if err != nil || len(lines) == 0 {
			return err
		}
		done, err := l.store.AppendReads(ctx, lines)
		if err != nil {
			l.cached = false
			return fmt.Errorf("read log: %w", err)
		}
		if done {
			l.last = lines[len(lines)-1]
			return nil
		}
		l.cached = false
	}
	return ErrCrowded
}

// fresh seals the lines of a batch that the log does not have yet.
func (l *Log) fresh(ctx context.Context, batch []*line) ([]Read, error) {
	ids := make([]string, 0, len(batch))
	for _, w := range batch {
		ids = append(ids, w.read.ID)
	}
	known, err := l.store.KnownReads(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	var lines []Read
	last := l.last
	for _, w := range batch {
		if slices.Contains(known, w.read.ID) {
			continue
		}
		known = append(known, w.read.ID)
		last = w.read.follow(last, l.keys[0])
		lines = append(lines, last)
	}
	return lines, nil
}

// Find returns one page of lines, newest first.
func (l *Log) Find(ctx context.Context, q ReadQuery) (page []Read, next string, err error) {
	return l.store.FindReads(ctx, q)
}
