package egress_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"lingke/connectors/egress"
)

func TestOnlyAddressesOfTheInternetArePublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"8.8.8.8": true, "114.114.114.114": true, "2400:3200::1": true, "172.32.0.1": true, "100.63.255.255": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "::1": false, "::": false, "fe80::1": false, "fc00::1": false,
		"fd12::1": false, "ff02::1": false, "::ffff:127.0.0.1": false, "::ffff:8.8.8.8": true, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:0:1::": false, "fe80::1%eth0": false,
		"::127.0.0.1": false, "100.100.100.200": false,
	} {
		if got := egress.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("Public(%s) = %v", address, got)
		}
	}
	if egress.Public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}

func TestAClientForPublicAddressesReachesNothingElse(t *testing.T) {
	t.Parallel()
	reached := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer srv.Close()
	local := strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	for _, address := range []string{srv.URL, local, strings.Replace(srv.URL, "127.0.0.1", "[::1]", 1)} {
		resp, err := egress.Client(5*time.Second, true).Get(address + "/?token=hush-hush")
		if err == nil {
			_ = resp.Body.Close()
		}
		if plain := egress.Plain(err); !errors.Is(err, egress.ErrForbidden) || strings.Contains(plain.Error(), "hush") {
			t.Errorf("%s: %v", address, plain)
		}
	}
	if reached {
		t.Error("the server was reached")
	}
	resp, err := egress.Client(5*time.Second, false).Get(srv.URL)
	if err != nil || !reached {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

func TestARedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	defer srv.Close()
	resp, err := egress.Client(5*time.Second, false).Get(srv.URL)
	if err != nil || resp.StatusCode != http.StatusFound {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
}

func TestRead(t *testing.T) {
	t.Parallel()
	if text, err := egress.Read(strings.NewReader("12345"), 5); err != nil || string(text) != "12345" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := egress.Read(strings.NewReader("123456"), 5); !errors.Is(err, egress.ErrTooLarge) {
		t.Errorf("%v, want ErrTooLarge", err)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "Mon, 02 Mar 2026 00:01:00 GMT": time.Minute, "Sun, 01 Mar 2026 00:01:00 GMT": 0, "-3": 0, "soon": 0, "99999999999": 0,
	} {
		if got := egress.RetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("Retry-After %q is %s, want %s", text, got, want)
		}
	}
}
