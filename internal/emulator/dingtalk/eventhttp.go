package dingtalk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// eventAnswer is how long the app may take for an event in HTTP mode.
const eventAnswer = 1500 * time.Millisecond

// maxFailed is how many failed pushes one call lists.
const maxFailed = 200

// ErrEventURL: the app did not answer an event as the platform wants it.
var ErrEventURL = errors.New("the event address did not answer with the sealed word success")

// failed are the events that were not taken in HTTP mode; reading them takes them out.
type failed struct {
	mu   sync.Mutex
	list []map[string]any
}

// postEvent pushes an event to the address of HTTP mode, again after EventGaps, and keeps what is never taken for the list of failed pushes.
func (s *Server) postEvent(id, kind string, data map[string]any) error {
	body := maps.Clone(data)
	now := s.world.Now()
	body["EventType"], body["EventTime"], body["CorpId"], body["eventId"] = kind, now.UnixMilli(), s.opt.CorpID, id
	err := s.tryEvent(body)
	if err == nil {
		return nil
	}
	s.spawn(func() {
		for _, gap := range s.opt.EventGaps {
			if pause(s.live, gap) != nil {
				return
			}
			if s.tryEvent(body) == nil {
				return
			}
		}
		s.failed.mu.Lock()
		defer s.failed.mu.Unlock()
		s.failed.list = append(s.failed.list, map[string]any{"call_back_tag": kind, "event_time": now.UnixMilli(), kind: map[string]any{"corpid": s.opt.CorpID, "data": data}})
	})
	return err
}

// VerifyEventURL does what saving the address in the console does: it pushes check_url and wants the sealed "success".
func (s *Server) VerifyEventURL() error { return s.tryEvent(map[string]any{"EventType": "check_url"}) }

func (s *Server) tryEvent(body map[string]any) error {
	crypt, err := newEventCrypt(s.opt.EventToken, s.opt.EventKey, s.opt.ClientID)
	if err != nil {
		return err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	sealed, err := crypt.seal(text)
	if err != nil {
		return err
	}
	stamp, nonce := strconv.FormatInt(s.world.Now().UnixMilli(), 10), serial()[:8]
	query := url.Values{"msg_signature": {crypt.sign(stamp, nonce, sealed)}, "timestamp": {stamp}, "nonce": {nonce}}
	ctx, cancel := context.WithTimeout(s.live, eventAnswer)
	defer cancel()
	_, event := s.addresses()
	said, err := s.send(ctx, event+"?"+query.Encode(), http.Header{}, map[string]string{"encrypt": sealed})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEventURL, err)
	}
	return success(crypt, said)
}

// success checks the app's answer: signed, sealed, and the word.
func success(crypt eventCrypt, said []byte) error {
	var a struct {
		Signature string `json:"msg_signature"`
		TimeStamp string `json:"timeStamp"`
		Nonce     string `json:"nonce"`
		Encrypt   string `json:"encrypt"`
	}
	if err := json.Unmarshal(said, &a); err != nil {
		return fmt.Errorf("%w: %w", ErrEventURL, err)
	}
	if a.Signature != crypt.sign(a.TimeStamp, a.Nonce, a.Encrypt) {
		return fmt.Errorf("%w: bad signature", ErrEventURL)
	}
	word, err := crypt.open(a.Encrypt)
	if err != nil || string(word) != "success" {
		return fmt.Errorf("%w: it says %q (%w)", ErrEventURL, word, err)
	}
	return nil
}

// failedEvents lists what was never taken, and forgets it.
func (s *Server) failedEvents(w http.ResponseWriter, r *http.Request) {
	if f := s.admit("failed events", call{free: true}, r.URL.Query().Get("access_token"), remoteIP(r)); f != nil {
		writeOapi(w, nil, f)
		return
	}
	s.failed.mu.Lock()
	n := min(len(s.failed.list), maxFailed)
	list := append([]map[string]any{}, s.failed.list[:n]...)
	s.failed.list = s.failed.list[n:]
	more := len(s.failed.list) > 0
	s.failed.mu.Unlock()
	writeBeside(w, beside{"has_more": more, "failed_list": list}, nil)
}
