package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"lingke/connectors"
)

// pushTimeout keeps the answer to a push well inside the senders' patience; they come again after a 503.
const pushTimeout = 5 * time.Second

// The outcomes of pushes, as the metrics name them.
const (
	pushAccepted    = "accepted"
	pushDuplicate   = "duplicate"
	pushBad         = "bad_record"
	pushSignature   = "signature"
	pushStale       = "stale"
	pushNoHook      = "no_hook"
	pushEncoding    = "encoding"
	pushTooLarge    = "too_large"
	pushBody        = "body"
	pushUnavailable = "unavailable"
)

// PushAnswer is the answer to a push that was taken in, now or before.
type PushAnswer struct {
	Status   string   `json:"status"` // "accepted"
	Accepted int      `json:"accepted"`
	Refused  []string `json:"refused"` // what is wrong with the other records, each with its place
}

// push takes in what a source pushes. A redelivery is answered like the first delivery: the sender may not have heard that answer.
func (s *server) push(c *gin.Context) {
	name, err := pathText(c.Param("connector"))
	if err != nil {
		s.refusePush(c, "", pushNoHook, ErrNoHook)
		return
	}
	body, outcome, err := s.pushBody(c)
	if err != nil {
		s.refusePush(c, "", outcome, err)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), pushTimeout)
	defer cancel()
	pushed, err := s.Push(ctx, name, c.Request.Header, body)
	if err != nil {
		outcome, err = pushFailure(err)
		if outcome == pushNoHook {
			name = "" // a stranger's word, not a connector's name
		}
		s.refusePush(c, name, outcome, err)
		return
	}
	s.taken(c, name, pushed)
}

func (s *server) taken(c *gin.Context, name string, pushed Pushed) {
	outcome := pushAccepted
	if !pushed.Fresh {
		outcome = pushDuplicate
	}
	s.Metrics.observePush(name, outcome)
	if len(pushed.Answer) > 0 {
		c.Data(http.StatusOK, pushed.ContentType, pushed.Answer)
		return
	}
	refused := pushed.Refused
	if refused == nil {
		refused = []string{}
	}
	writeJSON(c, http.StatusOK, "application/json", PushAnswer{Status: "accepted", Accepted: pushed.Accepted, Refused: refused})
}

func (s *server) refusePush(c *gin.Context, name, outcome string, err error) {
	s.Metrics.observePush(name, outcome)
	s.refuse(c, err)
}

// pushBody reads the raw body, which the signature is over: compressed or larger than allowed it is refused unread.
func (s *server) pushBody(c *gin.Context) (body []byte, outcome string, err error) {
	if len(c.Request.Header.Values("Content-Encoding")) > 0 {
		return nil, pushEncoding, errEncoding
	}
	body, err = io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, s.BodyLimit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, pushTooLarge, fmt.Errorf("%w: at most %d bytes", errTooLarge, s.BodyLimit)
	case err != nil:
		return nil, pushBody, fmt.Errorf("%w: %w", errBody, err)
	}
	return body, "", nil
}

// pushFailure tells the reasons of Push apart. What is wrong with signature or time shows in metrics and log only: the answer is the same.
func pushFailure(err error) (outcome string, answered error) {
	switch {
	case errors.Is(err, ErrNoHook):
		return pushNoHook, err
	case errors.Is(err, connectors.ErrUnauthorized):
		return pushSignature, fmt.Errorf("%w: %w", errPushRefused, err)
	case errors.Is(err, connectors.ErrStale):
		return pushStale, fmt.Errorf("%w: %w", errPushRefused, err)
	case errors.Is(err, connectors.ErrBadRecord):
		return pushBad, fmt.Errorf("%w: %w", errPushBad, err)
	default:
		return pushUnavailable, fmt.Errorf("%w: %w", errPushLater, err)
	}
}
