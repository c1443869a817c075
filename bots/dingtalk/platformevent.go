package dingtalk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/event"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/handler"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"

	"lingke/bots"
)

// anyEvent is the only topic of events; which of them come is ticked in the console.
const anyEvent = "*"

// onEvent acknowledges an event once it is taken. LATER asks for it again, and so does no acknowledgement at all.
func (s *supervisor) onEvent(l *link) handler.IFrameHandler {
	return s.guard(l, func(df *payload.DataFrame) *payload.DataFrameResponse {
		h := event.NewEventHeaderFromDataFrame(df)
		in, err := parseEvent([]byte(df.Data), h.EventId, h.EventType, instant(h.EventBornTime, frameTime(df, s.bot.now())))
		if err != nil {
			return s.unreadable(df, err)
		}
		o, ok := s.await(s.handle(in), s.cfg.Handler)
		if !ok || o.err != nil {
			return ack(jsonText(event.NewEventProcessResultLater()))
		}
		return ack(jsonText(event.NewEventProcessResultSuccess()))
	})
}

// parseEvent reads an event's own values. An event without an id is known by its content.
func parseEvent(data []byte, id, kind string, at time.Time) (bots.Incoming, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return bots.Incoming{}, fmt.Errorf("%w: event: %w", errMalformed, err)
	}
	if kind == "" {
		return bots.Incoming{}, fmt.Errorf("%w: an event without a type", errMalformed)
	}
	if id == "" || len(id) > maxID/2 {
		id = digest(kind, string(data))
	}
	e := bots.Event{Type: kind, Fields: make(map[string]string, len(values)), At: at}
	for name, raw := range values {
		if text, ok := scalar(raw); ok {
			e.Fields[name] = text
		} else if text, ok := scalars(raw); ok {
			e.Fields[name] = text
		}
	}
	return bots.Incoming{ID: "dingtalk:event:" + id, Platform: bots.DingTalk, Event: &e}, nil
}

// scalars returns a list of texts, numbers or truth values joined with commas: user_leave_org names its people so.
func scalars(raw json.RawMessage) (string, bool) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return "", false
	}
	texts := make([]string, len(list))
	for i, one := range list {
		var ok bool
		if texts[i], ok = scalar(one); !ok {
			return "", false
		}
	}
	return strings.Join(texts, ","), true
}

// scalar returns a text, number or truth value as text.
func scalar(raw json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, string(raw) != "null"
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String(), true
	}
	var truth bool
	if json.Unmarshal(raw, &truth) == nil {
		return strconv.FormatBool(truth), true
	}
	return "", false
}

// pushedEvent is the envelope of an event in HTTP mode; older samples name some of it differently.
type pushedEvent struct {
	EventType string  `json:"EventType"`
	EventID   string  `json:"eventId"`
	EventTime flexInt `json:"EventTime"` // ms
	TimeStamp flexInt `json:"TimeStamp"` // ms
}

// event takes an event in HTTP mode. The check that the console makes when the address is saved is answered as well; what the handler does not take is refused, so that the
// platform pushes it again and then keeps it in its list of failed pushes.
func (c *callback) event(w http.ResponseWriter, r *http.Request, body []byte) {
	message, events, err := c.openEvent(r, body)
	if err != nil {
		c.unauthorized(w, r, err)
		return
	}
	var e pushedEvent
	if err := json.Unmarshal(message, &e); err != nil {
		c.malformed(w, r, err)
		return
	}
	if e.EventType != "check_url" {
		in, err := parseEvent(message, e.EventID, e.EventType, instant(int64(max(e.EventTime, e.TimeStamp)), c.bot.now().UTC()))
		if err != nil {
			c.malformed(w, r, err)
			return
		}
		if _, err := safely(r.Context(), c.take, in); err != nil {
			c.failed(w, r, in.ID, err)
			return
		}
	}
	c.received(w, r, events)
}

// received answers an event with the word that the platform expects, sealed.
func (c *callback) received(w http.ResponseWriter, r *http.Request, events *Events) {
	stamp := strconv.FormatInt(c.bot.now().UnixMilli(), 10)
	sealed, err := events.Seal(stamp, digest(stamp, r.URL.Query().Get("nonce"))[:16], []byte("success"))
	if err != nil {
		c.failed(w, r, "event", err)
		return
	}
	writeJSON(w, sealed)
}
