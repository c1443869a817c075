package wecom

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Errors of Say, Click and VerifyCallback.
var (
	ErrNoCallback = errors.New("the app has no callback URL")
	ErrUnanswered = errors.New("the app did not take the callback")
	ErrVerify     = errors.New("openapi callback address check failed (40057)")
)

const maxReply = 1 << 20

// delivery is one callback on its way: the inner message stays the same over all tries, the envelope does not.
type delivery struct {
	inner string
	reply func(msg []byte) // takes the opened passive reply; runs at most once
}

// deliver tries once and waits for the outcome. After a failure the other tries follow in the background, so that a reply
// may still come; the error tells about the first one.
func (s *Server) deliver(ctx context.Context, d delivery) error {
	s.mu.Lock()
	target := s.callback
	s.mu.Unlock()
	if target == "" {
		return ErrNoCallback
	}
	again, err := s.try(ctx, target, d)
	if err == nil {
		return nil
	}
	if again && s.opts.Deliveries > 1 && s.later(func() { s.redeliver(target, d) }) {
		return fmt.Errorf("%w; it will be sent again: %w", ErrUnanswered, err)
	}
	s.count(func(st *Stats) { st.Lost++ })
	return fmt.Errorf("%w: %w", ErrUnanswered, err)
}

// later runs work in the background unless the server is closed.
func (s *Server) later(work func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.work.Go(work)
	return true
}

func (s *Server) redeliver(target string, d delivery) {
	for try := 2; try <= s.opts.Deliveries; try++ {
		select {
		case <-s.ctx.Done():
			return
		case <-s.opts.After(s.opts.Gap):
		}
		s.count(func(st *Stats) { st.Again++ })
		again, err := s.try(s.ctx, target, d)
		if err == nil {
			return
		}
		s.opts.Log.Warn("wecom callback failed", slog.Int("try", try), slog.Any("err", err))
		if !again {
			break
		}
	}
	s.count(func(st *Stats) { st.Lost++ })
}

func (s *Server) count(change func(*Stats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.stats)
}

// try posts the callback once; again says whether the platform would repeat it.
func (s *Server) try(ctx context.Context, target string, d delivery) (again bool, err error) {
	s.count(func(st *Stats) { st.Callbacks++ })
	sealed, err := s.crypt.seal(randomBlock(), []byte(d.inner))
	if err != nil {
		return false, err
	}
	body := "<xml>" + element("ToUserName", s.opts.CorpID) + element("AgentID", strconv.Itoa(s.opts.AgentID)) + element("Encrypt", sealed) + "</xml>"
	query := s.signed(sealed)
	ctx, cancel := context.WithTimeout(ctx, s.opts.AnswerWithin)
	defer cancel()
	status, answer, err := s.call(ctx, http.MethodPost, target, query, body)
	switch {
	case err != nil:
		return true, err
	case status != http.StatusOK:
		return !s.opts.OnlyTimeouts, fmt.Errorf("status %d", status)
	}
	s.takeReply(answer, d.reply)
	return false, nil
}

// signed are the query parameters of one call.
func (s *Server) signed(sealed string) url.Values {
	timestamp, nonce := strconv.FormatInt(s.world.Now().Unix(), 10), secretText()[:10]
	return url.Values{"msg_signature": {s.crypt.signature(timestamp, nonce, sealed)}, "timestamp": {timestamp}, "nonce": {nonce}}
}

func (s *Server) call(ctx context.Context, method, target string, query url.Values, body string) (int, []byte, error) {
	u, err := url.Parse(target)
	if err != nil {
		return 0, nil, fmt.Errorf("callback URL: %w", err)
	}
	own := u.Query()
	for name, values := range query {
		own[name] = values
	}
	u.RawQuery = own.Encode()
	r, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("callback: %w", err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "text/xml")
	}
	resp, err := s.opts.Client.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("callback: %w", unwrapURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return 0, nil, fmt.Errorf("callback answer: %w", err)
	}
	return resp.StatusCode, answer, nil
}

// unwrapURL drops the address from an error of http.Client: it is long and carries the signature.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// envelope is a passive reply before it is opened.
type envelope struct {
	XMLName   xml.Name `xml:"xml"`
	Encrypt   string
	Signature string `xml:"MsgSignature"`
	TimeStamp string
	Nonce     string
}

// takeReply opens what stands in an answer; an empty one or "success" says nothing. A bad reply is ignored, as the platform
// tells nobody.
func (s *Server) takeReply(answer []byte, use func([]byte)) {
	if answer = bytes.TrimSpace(answer); len(answer) == 0 || string(answer) == "success" {
		return
	}
	msg, err := s.openReply(answer)
	if err != nil {
		s.count(func(st *Stats) { st.BadReplies++ })
		s.opts.Log.Warn("wecom passive reply ignored", slog.Any("err", err))
		return
	}
	use(msg)
}

func (s *Server) openReply(answer []byte) ([]byte, error) {
	var e envelope
	if err := xml.Unmarshal(answer, &e); err != nil {
		return nil, fmt.Errorf("passive reply: %w", err)
	}
	if e.Signature != s.crypt.signature(e.TimeStamp, e.Nonce, e.Encrypt) {
		return nil, fmt.Errorf("passive reply: %w: bad signature", errSealed)
	}
	return s.crypt.open(e.Encrypt)
}

// VerifyCallback does what saving the callback settings does: the app must open an encrypted text and answer with exactly
// it, within one second. The error wraps ErrVerify.
func (s *Server) VerifyCallback(ctx context.Context) error {
	s.mu.Lock()
	target, plain := s.callback, strconv.FormatInt(s.next(), 10)
	s.mu.Unlock()
	if target == "" {
		return ErrNoCallback
	}
	sealed, err := s.crypt.seal(randomBlock(), []byte(plain))
	if err != nil {
		return err
	}
	query := s.signed(sealed)
	query.Set("echostr", sealed)
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	status, answer, err := s.call(ctx, http.MethodGet, target, query, "")
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrVerify, err)
	case status != http.StatusOK:
		return fmt.Errorf("%w: status %d", ErrVerify, status)
	case string(answer) != plain:
		return fmt.Errorf("%w: the answer is not the plain text", ErrVerify)
	}
	return nil
}
