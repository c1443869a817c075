package delivery

import (
	"context"
	"sync"
	"time"

	"lingke/bots"
)

// tally is what came of a run so far.
type tally struct {
	sync.Mutex
	asked, refused int
	// spent is how long the budget of a platform has no room, once that is known.
	spent map[bots.Platform]time.Duration
	err   error // the first one
}

// each asks for all messages, several side by side, and ends early at an error.
func (r *Results) each(ctx context.Context, due []Delivery, said *tally) error {
	var working sync.WaitGroup
	work := make(chan Delivery)
	for range min(askers, len(due)) {
		working.Go(func() {
			for d := range work {
				n, err := r.one(ctx, d, said)
				said.note(n, err)
			}
		})
	}
	for _, d := range due {
		if said.failed() != nil {
			break
		}
		work <- d
	}
	close(work)
	working.Wait()
	return said.err
}

func (t *tally) note(refused int, err error) {
	t.Lock()
	defer t.Unlock()
	switch {
	case err == nil:
		t.asked, t.refused = t.asked+1, t.refused+refused
	case t.err == nil:
		t.err = err
	}
}

func (t *tally) failed() error {
	t.Lock()
	defer t.Unlock()
	return t.err
}

// over is how long the budget of a platform has no room, if that is known.
func (t *tally) over(p bots.Platform) (wait time.Duration, over bool) {
	t.Lock()
	defer t.Unlock()
	wait, over = t.spent[p]
	return wait, over
}

// close notes that the budget of a platform has no room for so long, and returns that.
func (t *tally) close(p bots.Platform, wait time.Duration) time.Duration {
	t.Lock()
	defer t.Unlock()
	t.spent[p] = max(t.spent[p], wait)
	return t.spent[p]
}
