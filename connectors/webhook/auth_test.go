package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
)

func headersOf(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// The example of GitHub's documentation, "Validating webhook deliveries".
func TestGitHubsPublishedSignature(t *testing.T) {
	t.Parallel()
	r := open(t, Config{Auth: AuthHMAC, Secret: "It's a Secret to Everybody"})
	body := []byte("Hello, World!")
	h := headersOf("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	if id, err := r.Verify(h, body, testNow); err != nil || id == "" {
		t.Errorf("Verify = %q, %v", id, err)
	}
}

func TestPlainHMACIsRefusedUnlessItFits(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":1}`)
	sum := func(text string) string {
		mac := hmac.New(sha256.New, []byte(plainSecret))
		mac.Write([]byte(text))
		return base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	c := Config{Auth: AuthHMAC, Secret: plainSecret, IDHeader: "X-Id", Signature: Signature{
		Header: "X-Sign", Encoding: "base64", Timestamp: "X-Time", Window: time.Minute, Signed: "{timestamp}\n{id}\n{body}"}}
	r := open(t, c)
	at := fmt.Sprint(testNow.Unix())
	late := fmt.Sprint(testNow.Add(-2 * time.Minute).Unix())
	millis := fmt.Sprint(testNow.UnixMilli())
	good := sum(at + "\nid-1\n" + string(body))
	for name, tt := range map[string]struct {
		h    http.Header
		body string
		want error
	}{
		"as it should be":        {headersOf("X-Sign", good, "X-Time", at, "X-Id", "id-1"), string(body), nil},
		"milliseconds":           {headersOf("X-Sign", sum(millis+"\nid-1\n"+string(body)), "X-Time", millis, "X-Id", "id-1"), string(body), nil},
		"another body":           {headersOf("X-Sign", good, "X-Time", at, "X-Id", "id-1"), `{"a":2}`, connectors.ErrUnauthorized},
		"another time":           {headersOf("X-Sign", good, "X-Time", late, "X-Id", "id-1"), string(body), connectors.ErrUnauthorized},
		"another id":             {headersOf("X-Sign", good, "X-Time", at, "X-Id", "id-2"), string(body), connectors.ErrUnauthorized},
		"too old":                {headersOf("X-Sign", sum(late+"\nid-1\n"+string(body)), "X-Time", late, "X-Id", "id-1"), string(body), connectors.ErrStale},
		"no time":                {headersOf("X-Sign", good, "X-Id", "id-1"), string(body), connectors.ErrUnauthorized},
		"time in words":          {headersOf("X-Sign", sum("now\nid-1\n"+string(body)), "X-Time", "now", "X-Id", "id-1"), string(body), connectors.ErrUnauthorized},
		"no signature":           {headersOf("X-Time", at, "X-Id", "id-1"), string(body), connectors.ErrUnauthorized},
		"two signatures":         {headersOf("X-Sign", good, "X-Sign", good, "X-Time", at, "X-Id", "id-1"), string(body), connectors.ErrUnauthorized},
		"an empty signature":     {headersOf("X-Sign", "", "X-Time", at, "X-Id", "id-1"), string(body), connectors.ErrUnauthorized},
		"half a signature":       {headersOf("X-Sign", good[:20], "X-Time", at, "X-Id", "id-1"), string(body), connectors.ErrUnauthorized},
		"signed, without its id": {headersOf("X-Sign", sum(at+"\n\n"+string(body)), "X-Time", at), string(body), connectors.ErrBadRecord},
	} {
		id, err := r.Verify(tt.h, []byte(tt.body), testNow)
		if !errors.Is(err, tt.want) || tt.want == nil && id != "id-1" {
			t.Errorf("%s: %q, %v; want %v", name, id, err, tt.want)
		}
		if err != nil && (strings.Contains(err.Error(), plainSecret) || strings.Contains(err.Error(), good)) {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
	}
}

func TestHMACWithSHA512(t *testing.T) {
	t.Parallel()
	r := open(t, Config{Auth: AuthHMAC, Secret: plainSecret, Signature: Signature{Header: "X-S", Algorithm: "sha512"}})
	mac := hmac.New(sha512.New, []byte(plainSecret))
	mac.Write([]byte("body"))
	if _, err := r.Verify(headersOf("X-S", hex.EncodeToString(mac.Sum(nil))), []byte("body"), testNow); err != nil {
		t.Error(err)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	bearer, own := open(t, Config{Auth: AuthToken, Secret: plainSecret}), open(t, Config{Auth: AuthToken, Secret: plainSecret, TokenHeader: "X-Token", IDHeader: "X-Id"})
	for name, tt := range map[string]struct {
		r    connectors.Receiver
		h    http.Header
		want error
	}{
		"bearer":               {bearer, headersOf("Authorization", "Bearer "+plainSecret), nil},
		"without bearer":       {bearer, headersOf("Authorization", plainSecret), connectors.ErrUnauthorized},
		"none":                 {bearer, headersOf(), connectors.ErrUnauthorized},
		"empty":                {bearer, headersOf("Authorization", ""), connectors.ErrUnauthorized},
		"a longer one":         {bearer, headersOf("Authorization", "Bearer "+plainSecret+"x"), connectors.ErrUnauthorized},
		"twice":                {bearer, headersOf("Authorization", "Bearer "+plainSecret, "Authorization", "Bearer "+plainSecret), connectors.ErrUnauthorized},
		"header of its own":    {own, headersOf("X-Token", plainSecret, "X-Id", "7"), nil},
		"in the wrong header":  {own, headersOf("Authorization", "Bearer "+plainSecret, "X-Id", "7"), connectors.ErrUnauthorized},
		"without the id":       {own, headersOf("X-Token", plainSecret), connectors.ErrBadRecord},
		"an id of two lines":   {own, headersOf("X-Token", plainSecret, "X-Id", "7\n8"), connectors.ErrBadRecord},
		"wrong, without an id": {own, headersOf("X-Token", "guess"), connectors.ErrUnauthorized},
	} {
		if _, err := tt.r.Verify(tt.h, []byte("{}"), testNow); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestWithoutAnIDTheSameBodyWithinAMinuteIsARedelivery(t *testing.T) {
	t.Parallel()
	r := open(t, Config{Auth: AuthToken, Secret: plainSecret})
	id := func(body string, at time.Time) string {
		id, err := r.Verify(headersOf("Authorization", "Bearer "+plainSecret), []byte(body), at)
		if err != nil || !validID(id) {
			t.Fatal(id, err)
		}
		return id
	}
	minute := testNow.Truncate(time.Minute)
	if id("a", minute) != id("a", minute.Add(59*time.Second)) {
		t.Error("a redelivery has another id")
	}
	if id("a", minute) == id("b", minute) || id("a", minute) == id("a", minute.Add(time.Minute)) {
		t.Error("different pushes have one id")
	}
}

func TestWaysToSignThatProveNothingAreRefused(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Config{
		"can be forged":                  {Auth: AuthHMAC, Signature: Signature{Algorithm: "sha1"}},
		"expected sha256 or sha512":      {Auth: AuthHMAC, Signature: Signature{Algorithm: "crc32"}},
		"expected hex or base64":         {Auth: AuthHMAC, Signature: Signature{Encoding: "utf8"}},
		"{body} must stand in it once":   {Auth: AuthHMAC, Signature: Signature{Signed: "{timestamp}"}},
		"a time that is not signed":      {Auth: AuthHMAC, Signature: Signature{Timestamp: "X-T", Signed: "{body}"}},
		"belong together":                {Auth: AuthHMAC, Signature: Signature{Signed: "{timestamp}{body}"}},
		"{id} needs id_header":           {Auth: AuthHMAC, Signature: Signature{Signed: "{id}{body}"}},
		"signature.window":               {Auth: AuthHMAC, Signature: Signature{Timestamp: "X-T", Window: 2 * time.Hour}},
		"auth is \"basic\"":              {Auth: "basic"},
		"signature is for auth: hmac":    {Auth: AuthToken, Signature: Signature{Header: "x"}},
		"token_header is for":            {Auth: AuthHMAC, TokenHeader: "x"},
		"id_header is for auth":          {IDHeader: "x"},
		"secret: needs at least 16":      {Auth: AuthToken, Secret: "short"},
		"secret: needs at least 16 byte": {Auth: AuthHMAC, Secret: "short"},
	} {
		if c.Secret == "" {
			c.Secret = plainSecret
		}
		if _, err := c.Open("x"); !errors.Is(err, connectors.ErrConfig) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), plainSecret) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
