package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/internal/emulator/world"
)

// patience is how long a test waits for something that ordinarily takes less than a second.
const patience = 30 * time.Second

// transcript keeps what was printed and lets a test wait for a part of it.
type transcript struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newTranscript() *transcript { return &transcript{changed: make(chan struct{}, 1)} }

func (p *transcript) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
	return p.text.Write(b)
}

func (p *transcript) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// await returns the first group of the pattern as soon as it was printed; only one goroutine may wait.
func (p *transcript) await(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	timeout := time.After(patience)
	for {
		if m := re.FindStringSubmatch(p.String()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-p.changed:
		case <-timeout:
			t.Fatalf("nothing printed matches %q:\n%s", pattern, p)
		}
	}
}

// running is a demo as its user knows it: by what it printed.
type running struct {
	page string // address of the chat page
	out  *transcript
	log  *transcript // what went wrong
}

// start runs a demo on free ports until the test ends, and fails the test if the demo then does not end well.
func start(t *testing.T, o Options) *running {
	t.Helper()
	r := &running{out: newTranscript(), log: newTranscript()}
	o.Addr, o.EmulatorAddr, o.Out = "127.0.0.1:0", "127.0.0.1:0", r.out
	o.Log = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, o) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	r.page = r.out.await(t, `(http://\S+/_emulator/)`)
	return r
}

// chats returns what a person sees.
func chats(t *testing.T, page, platform, person string) []world.Conversation {
	t.Helper()
	q := url.Values{"platform": {platform}, "person": {person}}
	return ask[[]world.Conversation](t, http.MethodGet, page+"conversations?"+q.Encode(), "")
}

// cardsOf returns the cards that a person sees.
func cardsOf(t *testing.T, page, platform, person string) []world.Message {
	t.Helper()
	var out []world.Message
	for _, c := range chats(t, page, platform, person) {
		for _, m := range c.Messages {
			if m.Card != nil {
				out = append(out, m)
			}
		}
	}
	return out
}

func ask[T any](t *testing.T, method, address, body string) T {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s %v", method, address, resp.Status, text, err)
	}
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s %s: %v in %s", method, address, err, text)
	}
	return v
}

// until waits for a condition that follows from what others do meanwhile.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}
