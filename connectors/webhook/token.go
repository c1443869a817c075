package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
)

// token is AuthToken: weaker than a signature, since who sees one push can send others. It is for senders that can do no better, over TLS.
type token struct {
	header   string
	digest   [sha256.Size]byte
	idHeader string
}

func newToken(c Config) (*token, error) {
	if len(c.Secret) < minSecret {
		return nil, fmt.Errorf("secret: needs at least %d bytes", minSecret)
	}
	t := &token{header: c.TokenHeader, digest: sha256.Sum256([]byte(c.Secret)), idHeader: c.IDHeader}
	if t.header == "" {
		t.header = "Authorization"
		t.digest = sha256.Sum256([]byte("Bearer " + c.Secret))
	}
	return t, nil
}

// verify compares digests, so that neither the time nor the length tells how near a guess is.
func (t *token) verify(in push) (string, error) {
	text, err := once(in.header, t.header)
	if err != nil {
		return "", unauthorized(err)
	}
	got := sha256.Sum256([]byte(text))
	if subtle.ConstantTimeCompare(got[:], t.digest[:]) != 1 {
		return "", unauthorized(errors.New("the token is not the right one"))
	}
	return in.id(t.idHeader)
}
