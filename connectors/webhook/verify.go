package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"lingke/connectors"
)

// push is what a sender sent, and when it arrived.
type push struct {
	header http.Header
	body   []byte
	now    time.Time
}

// Verify checks that the push is genuine and returns its id. The proof comes before everything else, so that who does not know the
// secret learns nothing from the answer.
func (r *receiver) Verify(h http.Header, body []byte, now time.Time) (string, error) {
	id, err := r.verifier.verify(push{h, body, now})
	if err != nil {
		return "", fmt.Errorf("webhook %q: %w", r.id, err)
	}
	return id, nil
}

// unauthorized makes an error the sender's.
func unauthorized(why error) error { return fmt.Errorf("%w: %w", connectors.ErrUnauthorized, why) }

// once returns a header that must come once.
func once(h http.Header, name string) (string, error) {
	if len(h.Values(name)) != 1 {
		return "", fmt.Errorf("header %s must come once", name)
	}
	return h.Get(name), nil
}

// fresh checks a push's time against now.
func fresh(at, now time.Time, window time.Duration) error {
	if off := now.Sub(at); off > window || off < -window {
		return fmt.Errorf("%w: sent %s, now %s", connectors.ErrStale, at.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return nil
}

// pushID is the id of a push whose sender gives none in a header of its own.
func (p push) id(header string) (string, error) {
	if header == "" {
		sum := sha256.Sum256(p.body)
		return hex.EncodeToString(sum[:16]) + "-" + strconv.FormatInt(p.now.Unix()/60, 36), nil
	}
	id, err := once(p.header, header)
	if err == nil && !validID(id) {
		err = fmt.Errorf("header %s must be 1-%d visible ASCII characters", header, maxID)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", connectors.ErrBadRecord, err)
	}
	return id, nil
}

var errNoMatch = errors.New("no signature matches")
