package dingtalk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/handler"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"

	"lingke/bots"
)

var (
	// errHandlerPanic is a handler's panic turned into a failure of that one frame.
	errHandlerPanic = errors.New("the handler panicked")
	// errNoRoom refuses a frame that waited too long for its turn.
	errNoRoom = errors.New("too many frames at once")
)

// outcome is what the handler made of one incoming.
type outcome struct {
	answer bots.Answer
	err    error
}

// onMessage acknowledges a message once it is stored. The content of the acknowledgement is ignored by the platform.
func (s *supervisor) onMessage(l *link) handler.IFrameHandler {
	return s.guard(l, func(df *payload.DataFrame) *payload.DataFrameResponse {
		in, err := parseMessage([]byte(df.Data), frameTime(df, s.bot.now()))
		if err != nil {
			return s.unreadable(df, err)
		}
		o, ok := s.await(s.handle(in), s.cfg.Handler)
		if !ok || o.err != nil {
			return again()
		}
		return ack(`{"response":null}`)
	})
}

// onClick answers a click with the new state of its card. A handler that takes longer than the platform waits goes on
// after the acknowledgement; the card then changes by an update.
func (s *supervisor) onClick(l *link) handler.IFrameHandler {
	return s.guard(l, func(df *payload.DataFrame) *payload.DataFrameResponse {
		arrived := time.Now()
		in, err := parseClick([]byte(df.Data), df.GetMessageId(), frameTime(df, s.bot.now()))
		if err != nil {
			return s.unreadable(df, err)
		}
		o, ok := s.await(s.handle(in), s.cfg.Answer-time.Since(arrived))
		if !ok {
			s.bot.log.Warn("click acknowledged before its handler finished", "id", in.ID)
			return ack(`{"response":{}}`)
		}
		if o.err != nil {
			return again()
		}
		return ack(jsonText(map[string]any{"response": response(o.answer)}))
	})
}

// guard is what every frame of ours passes: it is counted, not taken from a link that is closing, and its panic stays
// its own.
func (s *supervisor) guard(l *link, take func(*payload.DataFrame) *payload.DataFrameResponse) handler.IFrameHandler {
	return func(_ context.Context, df *payload.DataFrame) (resp *payload.DataFrameResponse, err error) {
		l.seen()
		if !l.gate.enter() {
			return again(), nil
		}
		defer l.gate.leave()
		defer func() {
			if p := recover(); p != nil {
				s.bot.log.Error("stream frame panicked", "message_id", df.GetMessageId(), "panic", fmt.Sprint(p))
				resp = again()
			}
		}()
		return take(df), nil
	}
}

// handle runs the handler on its own goroutine as soon as there is room, and refuses where there is none in time.
func (s *supervisor) handle(in bots.Incoming) <-chan outcome {
	done := make(chan outcome, 1)
	if !s.room() {
		s.bot.log.Warn("too many frames at once, asking for it again", "id", in.ID)
		done <- outcome{err: errNoRoom}
		return done
	}
	s.busy.Go(func() {
		defer func() { <-s.slots }()
		ctx, cancel := context.WithTimeout(s.work, s.cfg.Handler)
		defer cancel()
		answer, err := safely(ctx, s.take, in)
		if err != nil {
			s.bot.log.ErrorContext(ctx, "incoming not taken", "id", in.ID, "err", err)
		}
		done <- outcome{answer, err}
	})
	return done
}

func (s *supervisor) room() bool {
	timer := time.NewTimer(s.cfg.Queue)
	defer timer.Stop()
	select {
	case s.slots <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

// safely calls h; a panic is an error.
func safely(ctx context.Context, h bots.Handler, in bots.Incoming) (answer bots.Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			answer, err = bots.Answer{}, fmt.Errorf("%w: %v", errHandlerPanic, p)
		}
	}()
	return h(ctx, in)
}

func (s *supervisor) await(done <-chan outcome, limit time.Duration) (outcome, bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case o := <-done:
		return o, true
	case <-timer.C:
		return outcome{}, false
	}
}

// unreadable answers a frame whose content cannot be used; a repeat would bring the same.
func (s *supervisor) unreadable(df *payload.DataFrame, err error) *payload.DataFrameResponse {
	s.bot.log.Error("stream frame not usable", "topic", df.GetTopic(), "message_id", df.GetMessageId(), "err", err)
	if errors.Is(err, errBudgetSpent) {
		return ack(`{"response":null}`)
	}
	return reject(http.StatusBadRequest, "bad request")
}

// again asks the platform to deliver the frame once more.
func again() *payload.DataFrameResponse {
	return reject(payload.DataFrameResponseStatusCodeKInternalError, "internal error")
}

func ack(data string) *payload.DataFrameResponse {
	resp := payload.NewSuccessDataFrameResponse()
	resp.Message = "OK"
	resp.SetData(data)
	return resp
}

func reject(code int, message string) *payload.DataFrameResponse {
	resp := payload.NewDataFrameResponse(code)
	resp.Message = message
	resp.SetData(`{"response":null}`)
	return resp
}

// frameTime is when the platform sent the frame, or now.
func frameTime(df *payload.DataFrame, now time.Time) time.Time {
	ms, err := strconv.ParseInt(df.GetHeader(payload.DataFrameHeaderKTime), 10, 64)
	if err != nil {
		return now
	}
	return instant(ms, now)
}
