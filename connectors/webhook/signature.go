package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The header names of Standard Webhooks 1.0.0.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

const (
	// Tolerance is how far a push's timestamp may be from now, either way.
	Tolerance = 5 * time.Minute

	secretPrefix  = "whsec_"
	minSecret     = 16
	maxID         = 128
	maxSignatures = 16 // a sender that rotates its secret has two
)

// standard is AuthStandard.
type standard struct{ key []byte }

func (s standard) verify(p push) (string, error) {
	id, timestamp, signatures, err := headers(p.header)
	if err != nil {
		return "", unauthorized(err)
	}
	if !matches(signatures, sum(s.key, id, timestamp, p.body)) {
		return "", unauthorized(errNoMatch)
	}
	return id, fresh(time.Unix(timestamp, 0), p.now, Tolerance)
}

// headers returns the three headers, each of which must come once.
func headers(h http.Header) (id string, timestamp int64, signatures []string, err error) {
	for _, name := range []string{HeaderID, HeaderTimestamp, HeaderSignature} {
		if len(h.Values(name)) != 1 {
			return "", 0, nil, fmt.Errorf("header %s must come once", name)
		}
	}
	if id = h.Get(HeaderID); !validID(id) {
		return "", 0, nil, fmt.Errorf("header %s must be 1-%d visible ASCII characters", HeaderID, maxID)
	}
	text := h.Get(HeaderTimestamp)
	timestamp, err = strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(timestamp, 10) != text || timestamp < 0 || timestamp > 1<<40 {
		return "", 0, nil, fmt.Errorf("header %s must be whole seconds", HeaderTimestamp)
	}
	signatures = strings.Fields(h.Get(HeaderSignature))
	if len(signatures) == 0 || len(signatures) > maxSignatures {
		return "", 0, nil, fmt.Errorf("header %s must hold 1-%d signatures", HeaderSignature, maxSignatures)
	}
	return id, timestamp, signatures, nil
}

func validID(id string) bool {
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return id != "" && len(id) <= maxID
}

// matches compares each signature of version v1 in constant time; other versions are passed over.
func matches(signatures []string, want []byte) bool {
	found := false
	for _, s := range signatures {
		text, ok := strings.CutPrefix(s, "v1,")
		if !ok {
			continue
		}
		got, err := base64.StdEncoding.Strict().DecodeString(text)
		if err == nil && hmac.Equal(got, want) {
			found = true
		}
	}
	return found
}

// sum is the HMAC over "id.timestamp.body".
func sum(key []byte, id string, timestamp int64, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(timestamp, 10) + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// parseSecret returns the key. The error does not repeat the secret.
func parseSecret(secret string) ([]byte, error) {
	key := []byte(secret)
	if encoded, ok := strings.CutPrefix(secret, secretPrefix); ok {
		var err error
		if key, err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return nil, errors.New("secret: after whsec_ there must be base64")
		}
	}
	if len(key) < minSecret {
		return nil, fmt.Errorf("secret: needs at least %d bytes", minSecret)
	}
	return key, nil
}

// Sign returns the headers of a push, for senders and tests. A secret that Open refuses gives headers that no receiver
// accepts. The time is sent in whole seconds.
func Sign(secret, id string, at time.Time, body []byte) http.Header {
	h := http.Header{}
	h.Set(HeaderID, id)
	h.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	key, err := parseSecret(secret)
	if err != nil {
		return h
	}
	h.Set(HeaderSignature, "v1,"+base64.StdEncoding.EncodeToString(sum(key, id, at.Unix(), body)))
	return h
}
