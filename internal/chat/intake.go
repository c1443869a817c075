package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"lingke/bots"
	"lingke/internal/inbox"
)

// Source is the inbox source of what people do.
const Source = "im"

// patience is how long a platform is kept waiting for a click's outcome: both cut the wait at 2 s or later.
const patience = 1500 * time.Millisecond

// queue is the part of the inbox that Intake uses.
type queue interface {
	Accept(ctx context.Context, id, source string, body []byte) (fresh bool, err error)
	Work(ctx context.Context, id, source string, body []byte, h inbox.Handler) (done <-chan struct{}, fresh bool, err error)
}

// Intake takes messages and clicks from the platforms: stored first, then worked on. A click is worked on at once, so that its outcome
// can be shown in place; a message is answered by deliveries.
type Intake struct {
	queue    queue
	service  *Service
	patience time.Duration
}

// NewIntake returns an Intake.
func NewIntake(q queue, s *Service) *Intake { return &Intake{queue: q, service: s, patience: patience} }

// Take is a bots.Handler.
func (i *Intake) Take(ctx context.Context, in bots.Incoming) (bots.Answer, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return bots.Answer{}, fmt.Errorf("encode %s: %w", in.ID, err)
	}
	if in.Click == nil {
		_, err := i.queue.Accept(ctx, in.ID, Source, body)
		return bots.Answer{}, err
	}
	answers := make(chan bots.Answer, 1)
	done, fresh, err := i.queue.Work(ctx, in.ID, Source, body, func(ctx context.Context, _ inbox.Event) error {
		a, err := i.service.Handle(ctx, in)
		answers <- i.service.sealAnswer(ctx, in, a)
		return err
	})
	if err != nil {
		return bots.Answer{}, err
	}
	if !fresh {
		a, err := i.service.Standing(ctx, in)
		return i.service.sealAnswer(ctx, in, a), err
	}
	late := time.NewTimer(i.patience)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	case <-ctx.Done():
	}
	select {
	case a := <-answers:
		return a, nil
	default:
		return bots.Answer{}, nil // the outcome follows as an update of the card
	}
}

// Work is the inbox handler of Source: it does what is left over from a crash or a failure.
func (i *Intake) Work(ctx context.Context, e inbox.Event) error {
	in, err := decode(e)
	if err != nil {
		return inbox.Permanent(err)
	}
	_, err = i.service.Handle(ctx, in)
	return err
}

// decode reads a stored event: one message or one click.
func decode(e inbox.Event) (bots.Incoming, error) {
	var in bots.Incoming
	if err := json.Unmarshal(e.Body, &in); err != nil {
		return bots.Incoming{}, fmt.Errorf("event %s: %w", e.ID, err)
	}
	if (in.Message == nil) == (in.Click == nil) {
		return bots.Incoming{}, fmt.Errorf("event %s: expected either a message or a click", e.ID)
	}
	return in, nil
}
