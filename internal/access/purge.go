package access

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// LeastKept is for how long every line is kept at least: six months, which the Cybersecurity Law asks of network logs.
const LeastKept = 184 * 24 * time.Hour

// Purge forgets the lines at the old end that are from before an instant, at most those older than LeastKept, and returns how many. The last of them is remembered
// and signed, so that Check tells a purge from lines that somebody took away.
func (l *Log) Purge(ctx context.Context, before time.Time) (int, error) {
	now := l.now().UTC().Truncate(time.Millisecond)
	if latest := now.Add(-LeastKept); before.After(latest) {
		before = latest
	}
	last, err := l.lastBefore(ctx, before)
	if err != nil || last.N == 0 {
		return 0, err
	}
	a := anchor{N: last.N, Seal: last.Seal, At: last.At, Purged: now, Key: l.keys[0].ID}
	a.MAC = hex.EncodeToString(l.keys[0].MAC(a.text(), 32))
	text, err := json.Marshal(a)
	if err != nil {
		return 0, fmt.Errorf("purge the read log: %w", err)
	}
	if err := l.store.PutDocument(ctx, anchorName, text); err != nil {
		return 0, fmt.Errorf("purge the read log: %w", err)
	}
	n, err := l.store.PurgeReads(ctx, last.N) // after a crash in between, Check begins behind the anchor all the same
	if err != nil {
		return n, fmt.Errorf("purge the read log: %w", err)
	}
	return n, nil
}

// lastBefore returns the last of the lines at the old end that are from before an instant.
func (l *Log) lastBefore(ctx context.Context, before time.Time) (last Read, err error) {
	for {
		page, err := l.store.ReadsAfter(ctx, last.N, 1000)
		if err != nil {
			return Read{}, fmt.Errorf("purge the read log: %w", err)
		}
		for _, r := range page {
			if !r.At.Before(before) {
				return last, nil
			}
			last = r
		}
		if len(page) == 0 {
			return last, nil
		}
	}
}

func decodeMAC(text string) ([]byte, error) { return hex.DecodeString(text) }
