package access

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrSecret: a secret is too short to keep anything.
var ErrSecret = errors.New("a secret needs at least 16 characters")

// Key is what one purpose signs with.
type Key struct {
	ID     string // names the key and tells nothing of it
	secret []byte
}

// MAC returns the first n bytes, at most 32, of an HMAC-SHA-256 over text.
func (k Key) MAC(text string, n int) []byte {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(text))
	return mac.Sum(nil)[:n]
}

// String names the key, so that printing one shows no secret; see also GoString.
func (k Key) String() string { return "key " + k.ID }

// GoString is String.
func (k Key) GoString() string { return k.String() }

// Keys are the keys of one purpose: the first one signs, all of them verify, so that a secret can be changed without refusing what an older one signed.
type Keys []Key

// Derive makes the keys of a purpose from secrets, the newest first: HKDF (RFC 5869) with SHA-256. Purposes cannot be told from one another's signatures. ErrSecret.
func Derive(purpose string, secrets ...string) (Keys, error) {
	var keys Keys
	for _, s := range secrets {
		if len(s) < 16 {
			return nil, ErrSecret
		}
		secret, err := hkdf.Key(sha256.New, []byte(s), nil, "lingke "+purpose, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("key for %s: %w", purpose, err)
		}
		id := sha256.Sum256(append([]byte("id "), secret...))
		keys = append(keys, Key{ID: hex.EncodeToString(id[:4]), secret: secret})
	}
	if len(keys) == 0 {
		return nil, ErrSecret
	}
	return keys, nil
}

// ByID returns the key of that name.
func (k Keys) ByID(id string) (Key, bool) {
	for _, key := range k {
		if key.ID == id {
			return key, true
		}
	}
	return Key{}, false
}

// Verify reports, in constant time for each key, whether mac is what one of the keys makes of text. At least 8 bytes are needed.
func (k Keys) Verify(text string, mac []byte) bool {
	good := false
	if len(mac) < 8 || len(mac) > sha256.Size {
		return false
	}
	for _, key := range k {
		if hmac.Equal(key.MAC(text, len(mac)), mac) {
			good = true
		}
	}
	return good
}

// NewSecret makes a secret of 256 random bits.
func NewSecret() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails, see its documentation
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// Sign is MAC with the key that signs.
func (k Keys) Sign(text string, n int) []byte { return k[0].MAC(text, n) }
