package dingtalk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// topicEvent is the only topic of events.
const topicEvent = "*"

// pushEvent pushes an event over the stream, as often as the injected trouble wants, and again while nobody acknowledges it with SUCCESS. Unlike a bot message, an event
// waits for an app that is not connected.
func (s *Server) pushEvent(kind string, data map[string]any) error {
	id := serial()
	if _, event := s.addresses(); event != "" {
		return s.postEvent(id, kind, data)
	}
	t := s.opt.Trouble("event")
	if t.Delay > 0 {
		s.spawn(func() {
			if pause(s.live, t.Delay) == nil {
				_ = s.pushEventTroubled(t, id, kind, data) // logged there
			}
		})
		return nil
	}
	return s.pushEventTroubled(t, id, kind, data)
}

func (s *Server) pushEventTroubled(t Trouble, id, kind string, data map[string]any) error {
	times, err := s.hit(t, topicEvent)
	if err != nil {
		s.eventLater(id, kind, data, 0, err)
		return nil
	}
	for range times {
		if err := s.pushEventOnce(id, kind, data, 0); err != nil && !errors.Is(err, ErrOffline) {
			return err
		}
	}
	return nil
}

func (s *Server) pushEventOnce(id, kind string, data map[string]any, attempt int) error {
	wait, err := s.deliver(topicEvent, func(c *conn) (frame, error) {
		now := s.world.Now()
		f, err := s.callback(c.id, topicEvent, data, now)
		f.Type = "EVENT"
		f.Headers["eventId"], f.Headers["eventType"], f.Headers["eventCorpId"] = id, kind, s.opt.CorpID
		f.Headers["eventBornTime"], f.Headers["eventUnifiedAppId"] = strconv.FormatInt(now.UnixMilli(), 10), s.opt.ClientID
		return f, err
	})
	if err != nil {
		s.log.Info("event not delivered", "type", kind, "err", err)
		s.eventLater(id, kind, data, attempt, err)
		return err
	}
	s.spawn(func() {
		ctx, cancel := context.WithTimeout(s.live, max(s.opt.Redeliver, s.opt.AnswerIn))
		defer cancel()
		a, err := wait(ctx)
		if err == nil {
			err = consumed(a)
		}
		if err != nil {
			s.eventLater(id, kind, data, attempt, err)
		}
	})
	return nil
}

// consumed reports why an acknowledgement does not count.
func consumed(a ack) error {
	var body struct{ Status string }
	if a.Code != 200 {
		return fmt.Errorf("acknowledged with code %d", a.Code)
	}
	if err := json.Unmarshal([]byte(a.Data), &body); err != nil || !strings.EqualFold(body.Status, "SUCCESS") {
		return fmt.Errorf("acknowledged with status %q", body.Status)
	}
	return nil
}

// eventLater repeats an event after Options.Redeliver.
func (s *Server) eventLater(id, kind string, data map[string]any, attempt int, why error) {
	if s.opt.Redeliver <= 0 || attempt >= redeliveries || s.live.Err() != nil {
		return
	}
	s.log.Info("event comes again", "type", kind, "attempt", attempt+1, "why", why)
	s.spawn(func() {
		if pause(s.live, s.opt.Redeliver) == nil {
			_ = s.pushEventOnce(id, kind, data, attempt+1) // logged there
		}
	})
}
