package dingtalk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"lingke/internal/emulator/world"
)

// maxAnswer bounds what is read of the app's answer.
const maxAnswer = 1 << 20

// callbacks are the addresses that the app registered for its cards, by callbackRouteKey.
type callbacks struct {
	mu     sync.Mutex
	routes map[string]route
	base   string
}

type route struct{ URL, Secret string }

// SetAddresses chooses HTTP mode for bot messages and events from now on, as the console does; an empty address keeps the stream for that kind.
func (s *Server) SetAddresses(robot, event string) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.opt.RobotURL, s.opt.EventURL = robot, event
}

func (s *Server) addresses() (robot, event string) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return s.opt.RobotURL, s.opt.EventURL
}

// met remembers under which address the app calls the emulator, which goes into the session addresses of HTTP mode.
func (s *Server) met(r *http.Request) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.hooks.base = scheme(r, "http") + "://" + r.Host
}

func (s *Server) ownBase() string {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return s.hooks.base
}

// registerCallback keeps where the clicks on cards of a route key go. A known key without forceUpdate is refused, as the error table of the call has it.
func (s *Server) registerCallback(r *http.Request) (any, *failure) {
	var req struct {
		Key    string `json:"callbackRouteKey"`
		URL    string `json:"callbackUrl"`
		Secret string `json:"apiSecret"`
		Force  bool   `json:"forceUpdate"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	switch {
	case req.Key == "":
		return nil, bad("param.callbackRouteKeyEmpty")
	case req.URL == "":
		return nil, bad("param.callbackUrlEmpty")
	}
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	if _, known := s.hooks.routes[req.Key]; known && !req.Force {
		return nil, &failure{status: http.StatusInternalServerError, code: "param.callbackRouteKeyExist"}
	}
	s.hooks.routes[req.Key] = route{req.URL, req.Secret}
	return map[string]any{"success": true, "result": map[string]string{"callbackUrl": req.URL, "apiSecret": req.Secret}}, nil
}

// postClick sends a click to the card's registered address and applies the answer.
func (s *Server) postClick(ctx context.Context, card *instance, user string, body map[string]any) (string, error) {
	s.hooks.mu.Lock()
	to, ok := s.hooks.routes[card.routeKey]
	s.hooks.mu.Unlock()
	if !ok {
		return "", fmt.Errorf("callbackRouteKey %q is not registered: %w", card.routeKey, ErrUnanswered)
	}
	header := http.Header{}
	if to.Secret != "" {
		stamp := strconv.FormatInt(s.world.Now().UnixMilli(), 10)
		mac := hmac.New(sha256.New, []byte(to.Secret))
		mac.Write([]byte(stamp))
		header.Set("x-ddpaas-signature-timestamp", stamp)
		header.Set("x-ddpaas-signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	delete(body, "value") // over HTTP the body has no copy of content, and no place
	delete(body, "spaceId")
	ctx, cancel := context.WithTimeout(ctx, s.opt.AnswerIn)
	defer cancel()
	said, err := s.send(ctx, to.URL, header, body)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnanswered, err)
	}
	var a answer
	if err := json.Unmarshal(said, &a); err != nil {
		return "", fmt.Errorf("%w: answer of the card callback: %w", ErrUnanswered, err)
	}
	return s.answered(card.track, user, a)
}

// postMessage sends a bot message to the address of HTTP mode. The answer may be a message to show.
func (s *Server) postMessage(body map[string]any) error {
	stamp := strconv.FormatInt(s.world.Now().UnixMilli(), 10)
	header := http.Header{"Timestamp": {stamp}, "Sign": {signature(s.opt.ClientSecret, stamp)}}
	ctx, cancel := context.WithTimeout(s.live, s.opt.AnswerIn)
	defer cancel()
	robot, _ := s.addresses()
	said, err := s.send(ctx, robot, header, s.sessions.attach(body, s.ownBase(), s.world.Now()))
	if err != nil {
		return err
	}
	var message map[string]json.RawMessage
	if json.Unmarshal(said, &message) != nil {
		return nil // an answer of another form says nothing
	}
	if text, f := webhookText(message); f == nil && text != "" {
		user, _ := body["senderStaffId"].(string)
		conversation := ""
		if body["conversationType"] == "2" {
			conversation, _ = body["conversationId"].(string)
		}
		s.world.Post(platform, user, conversation, world.Message{Text: text})
	}
	return nil
}

// post sends JSON and returns the body of a 200.
func (s *Server) send(ctx context.Context, address string, header http.Header, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("callback: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("callback: %w", err)
	}
	r.Header = header.Clone()
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := s.opt.Client.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("callback: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	if err != nil {
		return nil, fmt.Errorf("callback: %w", err)
	}
	return said, nil
}
