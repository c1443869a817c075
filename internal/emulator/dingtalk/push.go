package dingtalk

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrOffline says that no stream connection of the app wanted the push, which is lost then.
var ErrOffline = errors.New("the app has no stream connection")

// redeliveries is how often a bot message comes again when Options.Redeliver is set.
const redeliveries = 10

// frameFor builds the frame once the connection is known, whose address goes into bot messages.
type frameFor func(c *conn) (frame, error)

// deliver writes one frame to a connection chosen at random and returns a function that waits for its answer.
func (s *Server) deliver(topic string, build frameFor) (wait func(context.Context) (ack, error), err error) {
	c, ok := s.stream.pick(topic)
	if !ok {
		return nil, fmt.Errorf("push %s: %w", topic, ErrOffline)
	}
	f, err := build(c)
	if err != nil {
		return nil, err
	}
	waiting, err := c.send(f)
	if err != nil {
		return nil, fmt.Errorf("push %s: %w", topic, err)
	}
	return func(ctx context.Context) (ack, error) { return c.await(ctx, f, waiting) }, nil
}

// hit applies what goes wrong with a push: it returns how often to deliver it, and an error where it is lost.
func (s *Server) hit(t Trouble, topic string) (times int, err error) {
	switch {
	case t.Lost:
		return 0, fmt.Errorf("push %s: lost on the way", topic)
	case t.Cut:
		if c, ok := s.stream.pick(topic); ok {
			s.stream.remove(c)
			c.cut()
		}
		return 0, fmt.Errorf("push %s: %w", topic, errGone)
	case t.Twice:
		return 2, nil
	}
	return 1, nil
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
