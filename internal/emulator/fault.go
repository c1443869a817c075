package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is one injected trouble. It hits requests, or pushes to the gateway, that Match fits.
type Fault struct {
	ID int `json:"id"`
	// Match is "METHOD /path" with * for any run of characters, slashes too; the method may be *. Pushes to the gateway
	// are "PUSH dingtalk/message", "PUSH dingtalk/card", "PUSH wecom/callback", "PUSH yonyou/event", "PUSH chanjet/message".
	Match string `json:"match"`
	Times int    `json:"times"` // how often it hits; 0 is until it is removed
	Hits  int    `json:"hits"`  // how often it has hit

	DelayMS int             `json:"delay_ms,omitempty"` // wait first, in real time
	Hang    bool            `json:"hang,omitempty"`     // no answer until the client gives up
	Cut     bool            `json:"cut,omitempty"`      // the connection is cut in place of an answer
	Twice   bool            `json:"twice,omitempty"`    // carried out twice, as when a lost answer makes the client repeat
	After   bool            `json:"after,omitempty"`    // carried out, then cut, hung or answered as above: the answer is lost
	Status  int             `json:"status,omitempty"`   // answered with this in place of the platform's answer
	Body    json.RawMessage `json:"body,omitempty"`     // the answer's body; JSON text is sent as plain text
}

// ErrFault says that a fault description cannot be used.
var ErrFault = errors.New("not a usable fault")

func (f *Fault) check() error {
	method, path, ok := strings.Cut(f.Match, " ")
	switch {
	case !ok || method == "" || path == "":
		return fmt.Errorf("match %q, want \"METHOD /path\": %w", f.Match, ErrFault)
	case f.Times < 0 || f.DelayMS < 0:
		return fmt.Errorf("times and delay_ms must not be negative: %w", ErrFault)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d, want 200 to 599: %w", f.Status, ErrFault)
	case !f.Hang && !f.Cut && !f.Twice && f.Status == 0 && f.DelayMS == 0:
		return fmt.Errorf("it does nothing: %w", ErrFault)
	}
	return nil
}

func (f *Fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

// faults holds the injected faults, oldest first.
type faults struct {
	mu   sync.Mutex
	last int
	list []*Fault
}

func (s *faults) add(f Fault) (Fault, error) {
	if err := f.check(); err != nil {
		return f, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	f.ID, f.Hits = s.last, 0
	s.list = append(s.list, &f)
	return f, nil
}

// take uses the oldest fault that fits and is not used up.
func (s *faults) take(method, path string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.list {
		if (f.Times == 0 || f.Hits < f.Times) && fits(f.Match, method, path) {
			f.Hits++
			return *f, true
		}
	}
	return Fault{}, false
}

func (s *faults) all() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Fault{}
	for _, f := range s.list {
		out = append(out, *f)
	}
	return out
}

// remove takes one fault away, or all with id 0, and returns how many.
func (s *faults) remove(id int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.list)
	s.list = slices.DeleteFunc(s.list, func(f *Fault) bool { return id == 0 || f.ID == id })
	return before - len(s.list)
}

// fits matches "METHOD /path" in any case, * standing for any run of characters; without a method any fits.
func fits(pattern, method, path string) bool {
	m, p, ok := strings.Cut(pattern, " ")
	if !ok {
		m, p = "*", pattern
	}
	return glob(strings.ToLower(m), strings.ToLower(method)) && glob(strings.ToLower(p), strings.ToLower(path))
}

// glob matches text as a whole; only * is special. It runs in len(pattern)*len(text) at worst.
func glob(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
