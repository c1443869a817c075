package webhook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"lingke/connectors"
)

const (
	// The key of the Standard Webhooks libraries' own tests.
	testSecret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	plainSecret = "a plain secret of enough bytes"
)

var testNow = time.Unix(1614265330, 0)

func open(t testing.TB, c Config) connectors.Receiver {
	t.Helper()
	if c.Secret == "" {
		c.Secret = testSecret
	}
	r, err := c.Open("website")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The signature published with the Standard Webhooks specification's libraries.
func TestPublishedSignature(t *testing.T) {
	body := []byte(`{"test": 2432232314}`)
	h := Sign(testSecret, "msg_p5jXN8AQM9LWM0D4loKWxJek", testNow, body)
	if got, want := h.Get(HeaderSignature), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if id, err := open(t, Config{}).Verify(h, body, testNow); id != "msg_p5jXN8AQM9LWM0D4loKWxJek" || err != nil {
		t.Errorf("Verify = %q, %v", id, err)
	}
}

func TestOpenRefusesWhatCannotBeSafe(t *testing.T) {
	bad := map[string]Config{
		"no secret":          {},
		"short plain secret": {Secret: "fifteen bytes.."},
		"short whsec":        {Secret: "whsec_" + base64.StdEncoding.EncodeToString([]byte("short"))},
		"whsec, not base64":  {Secret: "whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"},
		"operator as a name": {Secret: testSecret, Mapping: renamed("$where", "x")},
	}
	for name, c := range bad {
		_, err := c.Open("website")
		if !errors.Is(err, connectors.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
		if c.Secret != "" && err != nil && strings.Contains(err.Error(), c.Secret) {
			t.Errorf("%s: shows the secret: %v", name, err)
		}
	}
	c := Config{Secret: testSecret}
	if s := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(s, testSecret) {
		t.Errorf("shows the secret: %s", s)
	}
}

func TestVerify(t *testing.T) {
	body := []byte(`{"a":1}`)
	change := func(f func(http.Header)) http.Header {
		h := Sign(testSecret, "id-1", testNow, body)
		f(h)
		return h
	}
	good := Sign(testSecret, "id-1", testNow, body).Get(HeaderSignature)
	cases := map[string]struct {
		h    http.Header
		body []byte
		now  time.Time
		want error
	}{
		"genuine":              {change(func(http.Header) {}), body, testNow, nil},
		"at the edge, old":     {change(func(http.Header) {}), body, testNow.Add(Tolerance), nil},
		"at the edge, new":     {change(func(http.Header) {}), body, testNow.Add(-Tolerance), nil},
		"too old":              {change(func(http.Header) {}), body, testNow.Add(Tolerance + time.Second), connectors.ErrStale},
		"too new":              {change(func(http.Header) {}), body, testNow.Add(-Tolerance - time.Second), connectors.ErrStale},
		"second of two":        {change(func(h http.Header) { h.Set(HeaderSignature, "v1,AAAA v1a,xyz "+good) }), body, testNow, nil},
		"other version":        {change(func(h http.Header) { h.Set(HeaderSignature, strings.Replace(good, "v1,", "v2,", 1)) }), body, testNow, connectors.ErrUnauthorized},
		"other body":           {change(func(http.Header) {}), []byte(`{"a":2}`), testNow, connectors.ErrUnauthorized},
		"other id":             {change(func(h http.Header) { h.Set(HeaderID, "id-2") }), body, testNow, connectors.ErrUnauthorized},
		"other time":           {change(func(h http.Header) { h.Set(HeaderTimestamp, "1614265331") }), body, testNow, connectors.ErrUnauthorized},
		"time with a plus":     {change(func(h http.Header) { h.Set(HeaderTimestamp, "+1614265330") }), body, testNow, connectors.ErrUnauthorized},
		"time in words":        {change(func(h http.Header) { h.Set(HeaderTimestamp, "now") }), body, testNow, connectors.ErrUnauthorized},
		"no id":                {change(func(h http.Header) { h.Del(HeaderID) }), body, testNow, connectors.ErrUnauthorized},
		"two ids":              {change(func(h http.Header) { h.Add(HeaderID, "id-2") }), body, testNow, connectors.ErrUnauthorized},
		"long id":              {Sign(testSecret, strings.Repeat("x", maxID+1), testNow, body), body, testNow, connectors.ErrUnauthorized},
		"id with a line break": {Sign(testSecret, "a\nb", testNow, body), body, testNow, connectors.ErrUnauthorized},
		"no signature":         {change(func(h http.Header) { h.Set(HeaderSignature, " ") }), body, testNow, connectors.ErrUnauthorized},
		"too many signatures":  {change(func(h http.Header) { h.Set(HeaderSignature, strings.Repeat("v1,AAAA ", 99)+good) }), body, testNow, connectors.ErrUnauthorized},
		"other secret":         {Sign(plainSecret, "id-1", testNow, body), body, testNow, connectors.ErrUnauthorized},
		"forged and stale":     {Sign(plainSecret, "id-1", testNow, body), body, testNow.Add(time.Hour), connectors.ErrUnauthorized},
		"refused secret":       {Sign("short", "id-1", testNow, body), body, testNow, connectors.ErrUnauthorized},
	}
	r := open(t, Config{})
	for name, c := range cases {
		id, err := r.Verify(c.h, c.body, c.now)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || (err == nil) != (id == "id-1") {
			t.Errorf("%s: Verify = %q, %v; want %v", name, id, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), good) {
			t.Errorf("%s: shows the expected signature: %v", name, err)
		}
	}
}

// The reference library and this package sign alike and accept each other's pushes.
func FuzzSignaturesAgreeWithTheReference(f *testing.F) {
	f.Add("msg_1", []byte(`{"a":1}`), testSecret)
	f.Add("x", []byte{}, plainSecret)
	f.Fuzz(func(t *testing.T, id string, body []byte, secret string) {
		key, err := parseSecret(secret)
		if err != nil || !validID(id) {
			return
		}
		reference, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now() // the reference has no clock to inject
		ours := Sign(secret, id, now, body)
		theirs, err := reference.Sign(id, now, body)
		if err != nil || theirs != ours.Get(HeaderSignature) {
			t.Errorf("we sign %s, the reference %s, %v", ours.Get(HeaderSignature), theirs, err)
		}
		if err := reference.Verify(body, ours); err != nil {
			t.Errorf("the reference refuses ours: %v", err)
		}
		r, err := Config{Secret: secret}.Open("x")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Verify(ours, body, now); err != nil || got != id {
			t.Errorf("Verify = %q, %v", got, err)
		}
		altered := append([]byte{'x'}, body...)
		if _, err := r.Verify(ours, altered, now); (err == nil) || reference.Verify(altered, ours) == nil {
			t.Error("an altered body is accepted")
		}
	})
}

// Whatever headers come, what we accept the reference accepts too.
func FuzzVerifyIsNotLooserThanTheReference(f *testing.F) {
	h := Sign(testSecret, "id-1", time.Now(), []byte("{}"))
	f.Add("id-1", h.Get(HeaderTimestamp), h.Get(HeaderSignature), []byte("{}"))
	f.Add("", "0", "v1,", []byte(""))
	reference, err := standardwebhooks.NewWebhook(testSecret)
	if err != nil {
		f.Fatal(err)
	}
	r := open(f, Config{})
	f.Fuzz(func(t *testing.T, id, timestamp, signature string, body []byte) {
		h := http.Header{}
		h.Set(HeaderID, id)
		h.Set(HeaderTimestamp, timestamp)
		h.Set(HeaderSignature, signature)
		if _, err := r.Verify(h, body, time.Now()); err == nil && reference.Verify(body, h) != nil {
			t.Errorf("only we accept %q %q %q %q", id, timestamp, signature, body)
		}
	})
}
