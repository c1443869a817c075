package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"
)

// Signature says how a sender writes its HMAC. What is not set is as GitHub does it: X-Hub-Signature-256: sha256=<hex of HMAC-SHA256 of the body>.
type Signature struct {
	Header    string // where the signature is
	Prefix    string // what stands before it there
	Encoding  string // hex or base64
	Algorithm string // sha256 or sha512
	// Timestamp names a header with the time of sending: seconds or milliseconds since 1970. It is checked against Window and must be part of Signed. Without it a push that somebody overheard
	// can be sent again, and changes nothing then.
	Timestamp string
	Window    time.Duration // 0 is five minutes
	// Signed is the text under the HMAC: {body}, {timestamp} and {id} are replaced. Empty is "{body}", or "{timestamp}.{body}" with a timestamp.
	Signed string
}

// plain is AuthHMAC.
type plain struct {
	Signature

	key      []byte
	hash     func() hash.Hash
	decode   func(string) ([]byte, error)
	idHeader string
}

// maxWindow is the longest time for which an old push is believed.
const maxWindow = time.Hour

func newPlain(c Config) (*plain, error) {
	p := &plain{Signature: c.Signature.withDefaults(), key: []byte(c.Secret), idHeader: c.IDHeader}
	switch p.Algorithm {
	case "sha256":
		p.hash = sha256.New
	case "sha512":
		p.hash = sha512.New
	case "sha1", "md5":
		return nil, fmt.Errorf("signature.algorithm: %s can be forged; use sha256 or sha512, or auth: token where the sender can do no better", p.Algorithm)
	default:
		return nil, fmt.Errorf("signature.algorithm is %q, expected sha256 or sha512", p.Algorithm)
	}
	switch p.Encoding {
	case "hex":
		p.decode = hex.DecodeString
	case "base64":
		p.decode = base64.StdEncoding.Strict().DecodeString
	default:
		return nil, fmt.Errorf("signature.encoding is %q, expected hex or base64", p.Encoding)
	}
	return p, p.problem()
}

func (s Signature) withDefaults() Signature {
	if s.Header == "" {
		s.Header = "X-Hub-Signature-256"
		if s.Prefix == "" {
			s.Prefix = "sha256="
		}
	}
	if s.Encoding == "" {
		s.Encoding = "hex"
	}
	if s.Algorithm == "" {
		s.Algorithm = "sha256"
	}
	if s.Window == 0 {
		s.Window = Tolerance
	}
	if s.Signed == "" {
		s.Signed = "{body}"
		if s.Timestamp != "" {
			s.Signed = "{timestamp}.{body}"
		}
	}
	return s
}

func (p *plain) problem() error {
	switch {
	case len(p.key) < minSecret:
		return fmt.Errorf("secret: needs at least %d bytes", minSecret)
	case strings.Count(p.Signed, "{body}") != 1:
		return errors.New("signature.signed: {body} must stand in it once")
	case (p.Timestamp != "") != strings.Contains(p.Signed, "{timestamp}"):
		return errors.New("signature: timestamp and {timestamp} in signed belong together: a time that is not signed proves nothing")
	case strings.Contains(p.Signed, "{id}") && p.idHeader == "":
		return errors.New("signature.signed: {id} needs id_header")
	case p.Window < 0 || p.Window > maxWindow:
		return fmt.Errorf("signature.window is %s, expected up to %s", p.Window, maxWindow)
	}
	return nil
}

func (p *plain) verify(in push) (string, error) {
	stamp, err := "", error(nil)
	if p.Timestamp != "" {
		if stamp, err = once(in.header, p.Timestamp); err != nil {
			return "", unauthorized(err)
		}
	}
	if err := p.matches(in, stamp); err != nil {
		return "", unauthorized(err)
	}
	if p.Timestamp != "" {
		at, err := sentAt(stamp)
		if err != nil {
			return "", unauthorized(fmt.Errorf("header %s: %w", p.Timestamp, err))
		}
		if err := fresh(at, in.now, p.Window); err != nil {
			return "", err
		}
	}
	return in.id(p.idHeader)
}

func (p *plain) matches(in push, stamp string) error {
	text, err := once(in.header, p.Header)
	if err != nil {
		return err
	}
	encoded, ok := strings.CutPrefix(text, p.Prefix)
	if !ok {
		return fmt.Errorf("header %s does not begin with %s", p.Header, p.Prefix)
	}
	got, err := p.decode(encoded)
	if err != nil || !hmac.Equal(got, p.sum(in, stamp)) {
		return errNoMatch
	}
	return nil
}

func (p *plain) sum(in push, stamp string) []byte {
	before, after, _ := strings.Cut(p.Signed, "{body}")
	fill := strings.NewReplacer("{timestamp}", stamp, "{id}", in.header.Get(p.idHeader))
	mac := hmac.New(p.hash, p.key)
	mac.Write([]byte(fill.Replace(before)))
	mac.Write(in.body)
	mac.Write([]byte(fill.Replace(after)))
	return mac.Sum(nil)
}

// sentAt reads seconds or milliseconds since 1970.
func sentAt(text string) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n < 0:
		return time.Time{}, errors.New("must be seconds or milliseconds since 1970")
	case n >= 1e12:
		return time.UnixMilli(n), nil
	}
	return time.Unix(n, 0), nil
}
