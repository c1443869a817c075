package wecom

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lingke/bots"
)

const (
	// maxBody bounds a callback; real ones stay below a few kilobytes.
	maxBody = 256 << 10
	// window is how far a callback's timestamp may be from now. The platform sets none; its redeliveries come within
	// half a minute.
	window = 10 * time.Minute
	// answerWithin leaves the platform's five seconds some room for the way.
	answerWithin = 4 * time.Second
)

// Refusal is why a callback was refused, for counters and logs; the caller of the URL learns none of it.
type Refusal string

// The reasons.
const (
	RefusedMethod    Refusal = "method"
	RefusedEncoding  Refusal = "encoding"  // a compressed body
	RefusedQuery     Refusal = "query"     // a parameter is missing or comes twice
	RefusedBody      Refusal = "body"      // unreadable or too large
	RefusedEnvelope  Refusal = "envelope"  // not the platform's XML
	RefusedStale     Refusal = "stale"     // outside the time window
	RefusedSignature Refusal = "signature" // not made with the app's token
	RefusedReplay    Refusal = "replay"    // by the ReplayGuard
	RefusedCipher    Refusal = "cipher"    // cannot be decrypted
	RefusedReceiver  Refusal = "receiver"  // for another enterprise or app
	RefusedContent   Refusal = "content"   // decrypted, but not a message or event
)

// ReplayGuard decides about a genuine callback inside the time window. A redelivery may repeat signature and nonce, and
// the handler's caller recognises it by Incoming.ID; so a guard is for those who keep count of nonces elsewhere. Returning
// false refuses the callback.
type ReplayGuard func(ctx context.Context, signature, nonce string, at time.Time) bool

// Callback serves the app's callback URL. GET is the console's check of the URL, POST a message or event. What is not
// genuine gets one and the same 401. When h fails the answer is 500 and the platform delivers again; what h needs more
// than four seconds for counts as failed.
func (b *Bot) Callback(h bots.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			b.verifyURL(w, r)
		case http.MethodPost:
			b.receive(w, r, h)
		default:
			b.deny(w, r, RefusedMethod)
		}
	})
}

// deny answers every refusal alike.
func (b *Bot) deny(w http.ResponseWriter, r *http.Request, why Refusal) {
	b.refuse(why)
	b.log.WarnContext(r.Context(), "callback refused", "reason", string(why))
	http.Error(w, "unauthorized", http.StatusUnauthorized)
}

// verifyURL answers with the decrypted echostr and nothing else.
func (b *Bot) verifyURL(w http.ResponseWriter, r *http.Request) {
	sig, why := readSignature(r.URL)
	if why == "" && sig.echo == "" {
		why = RefusedQuery
	}
	var plain []byte
	if why == "" {
		plain, why = b.open(r.Context(), sig, sig.echo)
	}
	if why != "" {
		b.deny(w, r, why)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(plain)
}

// receive takes one message or event to h.
func (b *Bot) receive(w http.ResponseWriter, r *http.Request, h bots.Handler) {
	in, known, why := b.read(w, r)
	switch {
	case why != "":
		b.deny(w, r, why)
		return
	case !known:
		w.WriteHeader(http.StatusOK)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	answer, err := h(ctx, in)
	if err != nil {
		b.log.ErrorContext(ctx, "callback not stored", "id", in.ID, "err", err)
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	b.answer(w, in, answer)
}

// read does everything before the handler.
func (b *Bot) read(w http.ResponseWriter, r *http.Request) (in bots.Incoming, known bool, why Refusal) {
	if r.Header.Get("Content-Encoding") != "" {
		return in, false, RefusedEncoding
	}
	sig, why := readSignature(r.URL)
	if why != "" {
		return in, false, why
	}
	body, err := readBody(w, r)
	if err != nil {
		return in, false, RefusedBody
	}
	env, err := parse(body)
	if err != nil || env.values[encrypt] == "" {
		return in, false, RefusedEnvelope
	}
	doc, why := b.open(r.Context(), sig, env.values[encrypt])
	if why != "" {
		return in, false, why
	}
	if !env.forAgent(b.cfg.AgentID) {
		return in, false, RefusedReceiver
	}
	return b.understand(doc)
}

// understand reads a decrypted document.
func (b *Bot) understand(doc []byte) (in bots.Incoming, known bool, why Refusal) {
	m, err := parse(string(doc))
	if err != nil {
		return in, false, RefusedContent
	}
	in, known, err = m.incoming(doc)
	switch {
	case err != nil:
		return in, false, RefusedContent
	case !m.forAgent(b.cfg.AgentID), known && in.Event == nil && !m.seen[agentID]: // events of the whole organisation name no app
		return in, false, RefusedReceiver
	}
	if in.Event != nil && in.Event.At.IsZero() {
		in.Event.At = b.now().UTC()
	}
	return in, known, ""
}

// readBody returns the whole body as text.
func readBody(w http.ResponseWriter, r *http.Request) (string, error) {
	var buf bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= maxBody {
		buf.Grow(int(r.ContentLength) + bytes.MinRead) // one allocation instead of a growing row of them
	}
	_, err := io.Copy(&buf, http.MaxBytesReader(w, r.Body, maxBody))
	return buf.String(), err
}

// signature is what the URL says about the callback.
type signature struct{ value, timestamp, nonce, echo string }

// readSignature takes each parameter once. An unescaped plus in echostr arrives as a space, which base64 never holds.
func readSignature(u *url.URL) (signature, Refusal) {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return signature{}, RefusedQuery
	}
	for _, name := range []string{"msg_signature", "timestamp", "nonce"} {
		if len(q[name]) != 1 || q[name][0] == "" {
			return signature{}, RefusedQuery
		}
	}
	return signature{
		value: q.Get("msg_signature"), timestamp: q.Get("timestamp"), nonce: q.Get("nonce"),
		echo: strings.ReplaceAll(q.Get("echostr"), " ", "+"),
	}, ""
}

// open checks signature, time and receiver, and decrypts. The signature comes first: who does not know the token learns
// nothing about the clock.
func (b *Bot) open(ctx context.Context, sig signature, encrypted string) ([]byte, Refusal) {
	if !b.cipher.signed(sig.value, sig.timestamp, sig.nonce, encrypted) {
		return nil, RefusedSignature
	}
	seconds, err := strconv.ParseInt(sig.timestamp, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<33 {
		return nil, RefusedStale
	}
	at := time.Unix(seconds, 0)
	if off := b.now().Sub(at).Abs(); off > window {
		return nil, RefusedStale
	}
	if b.guard != nil && !b.guard(ctx, sig.value, sig.nonce, at) {
		return nil, RefusedReplay
	}
	msg, err := b.cipher.decrypt(encrypted)
	switch {
	case errors.Is(err, errOtherCorp):
		return nil, RefusedReceiver
	case err != nil:
		return nil, RefusedCipher
	}
	return msg, ""
}

// answer tells the platform "received". A click may get the closed button at once; every other event gets an empty 200,
// because the platform allows only card updates as the answer to a card event (document 90241).
func (b *Bot) answer(w http.ResponseWriter, in bots.Incoming, a bots.Answer) {
	if in.Click == nil || a.Card == nil || a.Card.Closed == "" {
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = io.WriteString(w, b.cipher.reply(updateButton(in.Click.From, b.cfg.CorpID, a.Card.Closed, b.now()), b.now()))
}

// updateButton is the passive reply that puts a text in place of the clicker's buttons (document 90241).
func updateButton(to, from, closed string, at time.Time) string {
	return "<xml><ToUserName>" + cdata(to) + "</ToUserName><FromUserName>" + cdata(from) +
		"</FromUserName><CreateTime>" + strconv.FormatInt(at.Unix(), 10) +
		"</CreateTime><MsgType><![CDATA[update_button]]></MsgType><Button><ReplaceName>" +
		cdata(bots.CutRunes(closed, maxReplace)) + "</ReplaceName></Button></xml>"
}
