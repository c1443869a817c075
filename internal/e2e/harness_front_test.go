package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// front is the company's front door: it hands each request to one of the gateways in turn, as a load balancer does, and can repeat
// what it has seen, as a platform that lost our answer does. Without a gateway it answers 502.
type front struct {
	url    string
	handed atomic.Int64 // platform callbacks given to a gateway

	mu       sync.Mutex
	gateways []string
	turn     int
	keep     bool
	seen     []kept
	hold     *barrier
	client   *http.Client
}

// barrier holds a number of arrivals back until all of them are there, and then lets everything through.
type barrier struct {
	mu      sync.Mutex
	missing int
	open    chan struct{}
}

func newBarrier(n int) *barrier { return &barrier{missing: n, open: make(chan struct{})} }

// arrive waits for the others; on a barrier that is nil or open it returns at once.
func (b *barrier) arrive() {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.missing--
	if b.missing == 0 {
		close(b.open)
	}
	b.mu.Unlock()
	select {
	case <-b.open:
	case <-time.After(10 * time.Second): // a test that lost somebody fails by its checks, not by hanging
	}
}

// kept is a request that came through.
type kept struct {
	method, path, query string
	header              http.Header
	body                []byte
}

func newFront(t *testing.T) *front {
	t.Helper()
	f := &front{client: &http.Client{Timeout: 60 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			if target := f.next(); target != nil {
				r.SetURL(target)
			}
		},
		Transport:    &http.Transport{MaxIdleConnsPerHost: 64},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f.note(r); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/callbacks/") {
			f.holding().arrive()
			f.handed.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	f.url = srv.URL
	t.Cleanup(func() {
		srv.Close()
		proxy.Transport.(*http.Transport).CloseIdleConnections()
		f.client.CloseIdleConnections()
	})
	return f
}

// lead sends what comes from now on to the gateways at these addresses.
func (f *front) lead(addrs ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gateways = addrs
}

// holdFor makes the next n platform callbacks, here and at DingTalk's stream, arrive together.
func (f *front) holdFor(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hold = newBarrier(n)
}

func (f *front) holding() *barrier {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hold
}

func (f *front) next() *url.URL {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.gateways) == 0 {
		return nil
	}
	f.turn++
	return &url.URL{Scheme: "http", Host: f.gateways[f.turn%len(f.gateways)]}
}

// remember starts keeping what comes through.
func (f *front) remember() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keep, f.seen = true, nil
}

func (f *front) note(r *http.Request) error {
	f.mu.Lock()
	keep := f.keep
	f.mu.Unlock()
	if !keep {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, kept{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), body})
	return nil
}

// replay sends everything kept once more, byte for byte, and returns how many requests that were and how many got 200.
func (f *front) replay(t *testing.T) (sent, taken int) {
	t.Helper()
	f.mu.Lock()
	seen := f.seen
	f.keep = false
	f.mu.Unlock()
	for _, k := range seen {
		r, err := http.NewRequestWithContext(t.Context(), k.method, f.url+k.path+"?"+k.query, bytes.NewReader(k.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = k.header
		resp, err := f.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			taken++
		}
	}
	return len(seen), taken
}
