package yonyou

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"
)

// throttle allows a number of calls of each path in each minute.
type throttle struct {
	mu    sync.Mutex
	start map[string]time.Time
	used  map[string]int
}

func (t *throttle) allow(path string, perMinute int, now time.Time) bool {
	if perMinute <= 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.start == nil {
		t.start, t.used = map[string]time.Time{}, map[string]int{}
	}
	if past := now.Sub(t.start[path]); past < 0 || past >= time.Minute {
		t.start[path], t.used[path] = now, 0
	}
	t.used[path]++
	return t.used[path] <= perMinute
}

// tokens are those that were given out and are not over.
type tokens struct {
	mu   sync.Mutex
	ends map[string]time.Time
}

// issue gives out a token of the platform's kind: long, with characters that an address must escape. alone ends all others.
func (t *tokens) issue(now time.Time, life time.Duration, alone bool) string {
	var b [49]byte
	_, _ = rand.Read(b[:]) // it never fails (crypto/rand)
	text := "b+/" + base64.StdEncoding.EncodeToString(b[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ends == nil || alone {
		t.ends = map[string]time.Time{}
	}
	for old, end := range t.ends {
		if !now.Before(end) {
			delete(t.ends, old)
		}
	}
	t.ends[text] = now.Add(life)
	return text
}

func (t *tokens) valid(text string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	end, ok := t.ends[text]
	return ok && now.Before(end)
}

// revoke ends every token.
func (t *tokens) revoke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.ends)
}
