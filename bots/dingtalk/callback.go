package dingtalk

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"time"

	"lingke/bots"
)

// maxCallback bounds a callback's body.
const maxCallback = 256 << 10

// callback serves HTTP mode.
type callback struct {
	bot  *Bot
	take bots.Handler
}

// Callback serves the addresses of HTTP mode by the last part of their path: robot, card and event. A replayed call has
// the same Incoming.ID as the first one, so the handler's own memory of what it stored refuses it; that memory must
// reach back one hour. A signature that was seen serves no other body (replay.go).
func (b *Bot) Callback(h bots.Handler) http.Handler {
	return &callback{bot: b, take: h}
}

func (c *callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	serve := map[string]func(http.ResponseWriter, *http.Request, []byte){
		"robot": c.robot, "card": c.card, "event": c.event,
	}[path.Base(r.URL.Path)]
	switch {
	case serve == nil:
		http.NotFound(w, r)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case r.Header.Get("Content-Encoding") != "":
		http.Error(w, "unsupported encoding", http.StatusUnsupportedMediaType)
	default:
		if body, ok := readBody(w, r); ok {
			serve(w, r, body)
		}
	}
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
	case err != nil:
		http.Error(w, "bad request", http.StatusBadRequest)
	}
	return body, err == nil
}

// robot takes a message; the answer "empty" means that a reply, if any, comes by another way.
func (c *callback) robot(w http.ResponseWriter, r *http.Request, body []byte) {
	stamp, signature := r.Header.Get("timestamp"), r.Header.Get("sign")
	if err := VerifyRobot(c.bot.cfg.ClientSecret, stamp, signature, c.bot.now()); err != nil {
		c.unauthorized(w, r, err)
		return
	}
	shared, ok := c.once(w, r, stamp, signature, body, sameInstant)
	if !ok {
		return
	}
	in, err := parseMessage(body, c.bot.now().UTC())
	if errors.Is(err, errBudgetSpent) {
		c.bot.log.ErrorContext(r.Context(), "robot callback without text", "err", err)
		writeJSON(w, map[string]string{"msgtype": "empty"})
		return
	}
	if err != nil {
		c.malformed(w, r, err)
		return
	}
	if err := c.genuine(r.Context(), in, unionOf(body), shared); err != nil {
		c.unauthorized(w, r, err)
		return
	}
	if _, err := safely(r.Context(), c.take, in); err != nil {
		c.failed(w, r, in.ID, err)
		return
	}
	writeJSON(w, map[string]string{"msgtype": "empty"})
}

// once answers a call whose signature was used with another body, beyond the instant, and reports whether to go on; shared is as of replayed.
func (c *callback) once(w http.ResponseWriter, r *http.Request, stamp, signature string, body []byte, instant time.Duration) (shared, ok bool) {
	shared, err := c.replayed(r.Context(), stamp, signature, body, instant)
	switch {
	case errors.Is(err, ErrReplayed):
		c.unauthorized(w, r, err)
	case err != nil:
		c.failed(w, r, "signature", err)
	}
	return shared, err == nil
}

// unionOf is the union id that a message names for its sender.
func unionOf(body []byte) string {
	var m struct {
		UnionID string `json:"senderUnionId"`
	}
	_ = json.Unmarshal(body, &m) // parsed before
	return m.UnionID
}

// card takes a click. As over the stream, a handler that takes too long goes on after an empty answer.
func (c *callback) card(w http.ResponseWriter, r *http.Request, body []byte) {
	stamp, signature := r.Header.Get("x-ddpaas-signature-timestamp"), r.Header.Get("x-ddpaas-signature")
	if err := VerifyCard(c.bot.cfg.CardSecret, stamp, signature, c.bot.now()); err != nil {
		c.unauthorized(w, r, err)
		return
	}
	if _, ok := c.once(w, r, stamp, signature, body, sameClick); !ok {
		return
	}
	in, err := parseClick(body, stamp+" "+string(body), c.bot.now())
	if err != nil {
		c.malformed(w, r, err)
		return
	}
	o, ok := c.within(r.Context(), in, c.bot.stream.Answer)
	switch {
	case !ok:
		writeJSON(w, callbackResponse{})
	case o.err != nil:
		c.failed(w, r, in.ID, o.err)
	default:
		writeJSON(w, response(o.answer))
	}
}

func (c *callback) within(ctx context.Context, in bots.Incoming, limit time.Duration) (outcome, bool) {
	done := make(chan outcome, 1)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.bot.stream.Handler)
	go func() {
		defer cancel()
		answer, err := safely(ctx, c.take, in)
		done <- outcome{answer, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case o := <-done:
		return o, true
	case <-timer.C:
		c.bot.log.WarnContext(ctx, "click answered before its handler finished", "id", in.ID)
		return outcome{}, false
	}
}

func (c *callback) openEvent(r *http.Request, body []byte) ([]byte, *Events, error) {
	owners := []string{c.bot.cfg.ClientID}
	if c.bot.cfg.CorpID != "" {
		owners = append(owners, c.bot.cfg.CorpID)
	}
	events, err := NewEvents(c.bot.cfg.EventToken, c.bot.cfg.EventAESKey, owners...)
	if err != nil {
		return nil, nil, err
	}
	var in struct {
		Encrypt string `json:"encrypt"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, nil, ErrSignature
	}
	q := r.URL.Query()
	signature := q.Get("msg_signature")
	if signature == "" {
		signature = q.Get("signature") // an older page's name of it
	}
	message, err := events.Open(signature, q.Get("timestamp"), q.Get("nonce"), in.Encrypt)
	return message, events, err
}

// unauthorized answers every failed check alike; only the log tells them apart.
func (c *callback) unauthorized(w http.ResponseWriter, r *http.Request, err error) {
	c.bot.log.WarnContext(r.Context(), "callback refused", "path", path.Base(r.URL.Path), "err", err)
	http.Error(w, "unauthorized", http.StatusUnauthorized)
}

func (c *callback) malformed(w http.ResponseWriter, r *http.Request, err error) {
	c.bot.log.WarnContext(r.Context(), "callback not usable", "path", path.Base(r.URL.Path), "err", err)
	http.Error(w, "bad request", http.StatusBadRequest)
}

func (c *callback) failed(w http.ResponseWriter, r *http.Request, id string, err error) {
	c.bot.log.ErrorContext(r.Context(), "incoming not taken", "id", id, "err", err)
	http.Error(w, "not taken", http.StatusInternalServerError)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	body, err := encode(v)
	if err != nil {
		http.Error(w, "not taken", http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(body)
}
