package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"lingke/bots"
)

// Digests is the part of the store that merging works with.
type Digests interface {
	Show(ctx context.Context, d Delivery) (bool, error)
	Delivery(ctx context.Context, id string) (Delivery, error)
	Waiting(ctx context.Context, platform bots.Platform, reader string, before time.Time) (int, error)
	MergeDeliveries(ctx context.Context, platform bots.Platform, reader string, before, now time.Time, into, why string) (int, error)
	Deliveries(ctx context.Context, q Query) (page []Delivery, next string, err error)
}

// Digest is the stage that makes one message of many that wait for one person. Nothing is lost between two replicas or by a crash: the digest stands in the store before
// anything becomes part of it, what is part of it says so in one write each, and its text is made of those when it is sent. Once something joined, it is shown anew.
type Digest struct {
	Store  Digests
	Above  func() int    // more than so many waiting ones are merged; 0: never
	Within time.Duration // those that are due so soon wait
	Card   func(p bots.Platform, reader string, items []Delivery) bots.Card
}

// MergedWhy is what a message says of itself that became part of a digest.
const MergedWhy = "已并入摘要"

// bucket is how long what is merged for one person goes into the same digest.
const bucket = 10 * time.Minute

// settle is how long a digest waits for what others merge into it at the same moment.
const settle = 2 * time.Second

// Hold is as in Stage.
func (s Digest) Hold(ctx context.Context, now time.Time, all []Delivery) ([]Hold, error) {
	holds := make([]Hold, len(all))
	merging := make(map[string]bool)
	for i := range all {
		d := &all[i]
		switch {
		case d.Kind == KindDigest:
			empty, err := s.compose(ctx, d)
			if err != nil {
				return nil, err
			}
			if empty {
				holds[i] = Hold{Ended: Withdrawn, Why: "摘要为空"}
			}
		case d.news() && d.Merges:
			flood, err := s.flood(ctx, now, *d)
			if err != nil {
				return nil, err
			}
			if !flood {
				continue
			}
			holds[i] = Hold{Until: now, Why: d.Why}
			if !merging[d.Reader] {
				merging[d.Reader] = true
				holds[i].Then = func(ctx context.Context) error { return s.merge(ctx, now, *d) }
			}
		}
	}
	return holds, nil
}

// flood reports whether so much waits for the reader that it is merged. What waited for the daily digest is merged as soon as there are two.
func (s Digest) flood(ctx context.Context, now time.Time, d Delivery) (bool, error) {
	above := s.Above()
	if above <= 0 {
		return false, nil
	}
	if d.Rank == Bulk {
		above = 1
	}
	n, err := s.Store.Waiting(ctx, d.Platform, d.Reader, now.Add(s.Within))
	if err != nil {
		return false, fmt.Errorf("what waits for %s: %w", d.Reader, err)
	}
	return n > above, nil
}

// DigestID is the same for everything that is merged for one reader within a bucket of time, on every replica.
func DigestID(platform bots.Platform, reader string, now time.Time) string {
	sum := sha256.Sum256([]byte(string(platform) + "\x00" + reader))
	return fmt.Sprintf("digest-%s-%d", hex.EncodeToString(sum[:8]), now.Truncate(bucket).Unix())
}

// merge makes everything that waits for d's reader part of one digest.
func (s Digest) merge(ctx context.Context, now time.Time, d Delivery) error {
	id := DigestID(d.Platform, d.Reader, now)
	digest := Delivery{
		ID: id, Platform: d.Platform, Kind: KindDigest, To: []string{d.Reader}, Text: "摘要", Rev: 1, State: Due, Due: milli(now.Add(Lease)), Created: milli(now),
	}
	if err := s.raise(ctx, &digest); err != nil { // should this break off, it is sent by itself when nobody can be at it any more
		return err
	}
	n, err := s.Store.MergeDeliveries(ctx, d.Platform, d.Reader, now.Add(s.Within), milli(now), id, MergedWhy)
	if err != nil || n == 0 {
		return err
	}
	digest.Due = milli(now.Add(settle))
	return s.raise(ctx, &digest)
}

// raise shows the digest anew, whoever showed it last: what it is made of is read before, so that the last one to raise it has read everything.
func (s Digest) raise(ctx context.Context, digest *Delivery) error {
	for digest.Rev = 1; ; {
		if _, err := s.compose(ctx, digest); err != nil {
			return err
		}
		changed, err := s.Store.Show(ctx, *digest)
		if err != nil || changed {
			return err
		}
		stored, err := s.Store.Delivery(ctx, digest.ID)
		if err != nil {
			return fmt.Errorf("digest %s: %w", digest.ID, err)
		}
		digest.Rev = stored.Rev + 1
	}
}

// compose writes the digest anew from what is part of it, oldest first; it reports whether nothing is.
func (s Digest) compose(ctx context.Context, d *Delivery) (empty bool, err error) {
	var items []Delivery
	for q := (Query{Into: d.ID, Limit: 500}); ; {
		page, next, err := s.Store.Deliveries(ctx, q)
		if err != nil {
			return false, fmt.Errorf("parts of %s: %w", d.ID, err)
		}
		items = append(items, page...)
		if next == "" {
			break
		}
		q.After = next
	}
	if len(items) == 0 {
		return true, nil
	}
	slices.Reverse(items)
	card := s.Card(d.Platform, d.To[0], items)
	d.Card, d.Text, d.Rewritten = &card, "", true
	return false, nil
}
