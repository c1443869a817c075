package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"lingke/connectors/egress"
	"lingke/connectors/webhook"
)

// HookTimeout is how long a webhook may take to answer, and answerLimit how much of the answer is read.
const (
	HookTimeout = 15 * time.Second
	answerLimit = 64 << 10
)

// Hook is a webhook that somebody listens to: messages are signed as Standard Webhooks 1.0.0 says.
type Hook struct {
	URL    string
	Secret string // as webhook.Config.Secret
	Client *http.Client
	Now    func() time.Time
}

// Send makes one attempt. Errors tell neither the address nor what was answered: both may hold what is nobody else's business.
func (h *Hook) Send(ctx context.Context, p Post) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(p.Body))
	if err != nil {
		return fmt.Errorf("the address cannot be used: %w", ErrPermanent)
	}
	for name, values := range webhook.Sign(h.Secret, p.ID, h.Now(), p.Body) {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "lingke")
	resp, err := h.Client.Do(req)
	if err != nil {
		if err = egress.Plain(err); errors.Is(err, egress.ErrForbidden) {
			err = fmt.Errorf("%w (allow_private would allow it)", err)
		}
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, answerLimit) // so that the connection can be used again
	return h.judge(resp)
}

func (h *Hook) judge(resp *http.Response) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	err := fmt.Errorf("status %d", resp.StatusCode)
	if resp.StatusCode == http.StatusGone {
		return fmt.Errorf("%w: %w", err, ErrGone)
	}
	if wait := egress.RetryAfter(resp.Header, h.Now()); wait > 0 {
		return &LaterError{Wait: wait, Err: err}
	}
	return err
}
