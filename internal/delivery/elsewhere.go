package delivery

import (
	"context"
	"time"

	"lingke/bots"
)

// Otherwise makes the sender try another way for what its platform refuses for good, or has no budget for, before anybody saw it. other returns the delivery as it
// goes over another platform, or false where there is no other way. It returns s; call it before Run.
func (s *Sender) Otherwise(other func(Delivery) (Delivery, bool)) *Sender {
	s.other = other
	return s
}

// Routed makes the sender hand on what nobody has seen yet and a reader wants to get over another platform; answers stay where they were asked for. route returns the
// delivery as it goes there, or false. It returns s; call it before Run.
func (s *Sender) Routed(route func(context.Context, Delivery) (Delivery, bool)) *Sender {
	s.route = route
	return s
}

// rerouted is the delivery as its reader wants to get it, where that is not here. What this platform was chosen for because the other one failed stays here, and so does what
// follows a card that was shown here.
func (s *Sender) rerouted(ctx context.Context, d Delivery) (Delivery, bool) {
	if s.route == nil || d.Moved || !d.news() || d.Replaced > 0 || len(d.To) != 1 || d.answers() {
		return d, false
	}
	moved, ok := s.route(ctx, d)
	if !ok {
		return d, false
	}
	moved.State, moved.Due = Due, s.now().UTC()
	return moved, true
}

// longWait is from when on a message goes another way rather than waiting for a platform's budget.
const longWait = time.Hour

// elsewhere is the delivery as it goes another way, where that is called for and there is one.
func (s *Sender) elsewhere(d Delivery, failure error) (Delivery, bool) {
	spent := ours(failure) && bots.RetryAfter(failure) > longWait
	if s.other == nil || d.Moved || d.Shown > 0 || len(d.To) != 1 || d.State != Dead && !spent {
		return d, false
	}
	moved, ok := s.other(d)
	if !ok {
		return d, false
	}
	moved.State, moved.Attempts, moved.Due, moved.Ended, moved.Handle, moved.Moved = Due, 0, s.now().UTC(), time.Time{}, bots.Handle{}, true
	return moved, true
}
