// Package egress is how HTTP leaves for addresses that a config or a stranger names: it reaches only the hosts that it may, takes no more of an answer than it must, waits
// when it is asked to, and lets no address or header into an error.
package egress

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The kinds of failure; test with errors.Is.
var (
	// ErrForbidden says that an address is none of the public Internet.
	ErrForbidden = errors.New("the address is not a public one")
	// ErrTooLarge says that an answer is longer than its reader takes.
	ErrTooLarge = errors.New("the answer is too long")
)

// Client returns an HTTP client with bounded patience that follows no redirect: what it carries is meant for one host. With publicOnly it connects to public addresses
// only. The check is made on the address that is dialled, so a name that changes its mind between a look-up and the call gains nothing; for the same reason no proxy is used then.
func Client(timeout time.Duration, publicOnly bool) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if publicOnly {
		dialer.Control = control
		transport.Proxy = nil
	}
	transport.DialContext = dialer.DialContext
	transport.TLSHandshakeTimeout, transport.ResponseHeaderTimeout = 10*time.Second, timeout
	transport.MaxResponseHeaderBytes = 64 << 10
	transport.MaxIdleConnsPerHost = 2
	return OneHost(&http.Client{Transport: transport, Timeout: timeout})
}

// OneHost returns a copy of a client that follows no redirect: tokens and signatures must not reach another host.
func OneHost(h *http.Client) *http.Client {
	own := *h
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// control looks at the address right before the connection is made.
func control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: unreadable", ErrForbidden)
	}
	if !Public(at.Addr()) {
		return ErrForbidden
	}
	return nil
}

// special are the networks of RFC 6890 and its successors that the net package does not know as special.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("5f00::/16"), netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("::/96"),
}

// Public reports whether an address is one of the public Internet: none of this machine, of a private or link-local network, of a carrier's, or of those that wrap another address.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Plain takes the address out of an error of the HTTP client, since it may carry a secret.
func Plain(err error) error {
	if at := (*url.Error)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Instead returns an error that stands for another, by errors.Is and errors.As, and reads otherwise: without what nobody may see.
func Instead(err error, text string) error { return &redacted{text: text, err: err} }

type redacted struct {
	text string
	err  error
}

func (r *redacted) Error() string { return r.text }
func (r *redacted) Unwrap() error { return r.err }

// Read reads at most limit bytes of an answer. ErrTooLarge.
func Read(body io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return text, err
}

// RetryAfter returns how long an answer asks to wait, 0 where it does not say.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
