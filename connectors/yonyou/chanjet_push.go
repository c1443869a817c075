package yonyou

import (
	"crypto/aes"
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"lingke/connectors"
)

// ticketLife is how long a ticket opens anything.
const ticketLife = 30 * time.Minute

// ticket is the newest ticket that was pushed.
type ticket struct {
	mu   sync.Mutex
	text string
	at   time.Time
}

func (t *ticket) keep(text string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if text != "" && at.After(t.at) {
		t.text, t.at = text, at
	}
}

func (t *ticket) valid(now time.Time) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text, t.text != "" && now.Sub(t.at) < ticketLife
}

// message is what a push says once it is opened.
type message struct {
	ID         string `json:"id"`
	AppKey     string `json:"appKey"`
	Type       string `json:"msgType"`
	Time       any    `json:"time"`
	BizContent object `json:"bizContent"`
}

func (m message) at() (time.Time, bool) {
	ms, err := strconv.ParseInt(text(m.Time), 10, 64)
	return time.UnixMilli(ms).UTC(), err == nil && ms > 0
}

// Verify opens a push: who can write one knows the message secret, and nothing else proves the sender. The error wraps
// connectors.ErrUnauthorized, connectors.ErrStale or connectors.ErrBadRecord.
func (c *Chanjet) Verify(_ http.Header, body []byte, now time.Time) (string, error) {
	m, err := c.message(body)
	if err != nil {
		return "", err
	}
	at, ok := m.at()
	if !ok || now.Sub(at) > ticketLife || at.Sub(now) > newestPush {
		return "", fmt.Errorf("chanjet %q: %w: sent at %q", c.id, connectors.ErrStale, text(m.Time))
	}
	if m.ID == "" || len(m.ID) > 100 {
		return "", fmt.Errorf("chanjet %q: %w: the message has no usable id", c.id, connectors.ErrBadRecord)
	}
	return m.ID, nil
}

func (c *Chanjet) message(body []byte) (m message, err error) {
	var p struct {
		EncryptMsg string `json:"encryptMsg"`
	}
	if err := decodeJSON(body, &p); err != nil || p.EncryptMsg == "" {
		return m, fmt.Errorf("chanjet %q: %w: it is no encrypted message", c.id, connectors.ErrBadRecord)
	}
	opened, err := openECB(p.EncryptMsg, c.cfg.MessageSecret)
	if err == nil {
		err = decodeJSON(opened, &m)
	}
	if err != nil || !hmac.Equal([]byte(m.AppKey), []byte(c.cfg.AppKey)) {
		return m, fmt.Errorf("chanjet %q: %w: it does not open with message_secret, or is meant for another app", c.id, connectors.ErrUnauthorized)
	}
	return m, nil
}

// openECB opens AES-ECB with PKCS#5, as the platform's own programs do.
func openECB(encrypted, secret string) ([]byte, error) {
	block, err := aes.NewCipher([]byte(secret))
	if err != nil {
		return nil, errSealed
	}
	b, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(b) == 0 || len(b)%aes.BlockSize != 0 {
		return nil, errSealed
	}
	for at := 0; at < len(b); at += aes.BlockSize {
		block.Decrypt(b[at:at+aes.BlockSize], b[at:at+aes.BlockSize])
	}
	pad := int(b[len(b)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, errSealed
	}
	for _, p := range b[len(b)-pad:] {
		if int(p) != pad {
			return nil, errSealed
		}
	}
	return b[:len(b)-pad], nil
}

// Decode keeps the ticket of a push; no push that is documented holds records.
func (c *Chanjet) Decode(body []byte) ([]connectors.Record, error) {
	m, err := c.message(body)
	if err != nil {
		return nil, err
	}
	if at, ok := m.at(); ok && m.Type == "APP_TICKET" {
		c.ticket.keep(m.BizContent.text("appTicket"), at)
	}
	return nil, nil
}

// Answer is what the platform takes for "received".
func (c *Chanjet) Answer([]byte) (contentType string, answer []byte) {
	return "application/json", []byte(`{"result":"success"}`)
}
