package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"lingke/bots"
)

// Wishes are what people asked for about being told things, by our ids of them.
type Wishes map[string]Wish

// Of is what somebody asked for; the zero Wish for nobody.
func (w Wishes) Of(person string) Wish { return w[person] }

// Wish is what one person asked for.
type Wish struct {
	Mutes []Mute `json:"mutes,omitempty"`
	// QuietFrom and QuietTo are the person's own quiet hours, as time since midnight by the company's clock; equal: none.
	QuietFrom time.Duration `json:"quiet_from,omitempty"`
	QuietTo   time.Duration `json:"quiet_to,omitempty"`
	// Platform is where the person wants to be told things; "": where the company says.
	Platform bots.Platform `json:"platform,omitempty"`
}

// Mute is a time in which a person is not told things that can wait.
type Mute struct {
	Kind   string    `json:"kind,omitempty"` // of messages, or the topic of tasks; "" for all
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"`
}

// muted is until when the person does not want to be told of such a delivery, and why; the instant itself where they do.
func (w Wish) muted(at time.Time, d Delivery) (time.Time, string) {
	until, why := at, ""
	for _, m := range w.Mutes {
		if (m.Kind == "" || m.Kind == d.Kind || m.Kind == d.Topic) && !at.Before(m.From) && m.Until.After(until) {
			until, why = m.Until, "本人静音"
			if m.Reason != "" {
				why += "：" + m.Reason
			}
		}
	}
	return until, why
}

// holds is muted with the person's own quiet hours.
func (w Wish) holds(at time.Time, d Delivery, zone *time.Location) (time.Time, string) {
	if until, why := w.muted(at, d); until.After(at) {
		return until, why
	}
	if end := within(at, w.QuietFrom, w.QuietTo, zone); end.After(at) {
		return end, "本人免打扰时段"
	}
	return at, ""
}

// empty reports whether nothing of it matters any more.
func (w Wish) empty() bool { return len(w.Mutes) == 0 && w.QuietFrom == w.QuietTo && w.Platform == "" }

// documents is the part of the store that keeps them.
type documents interface {
	Document(ctx context.Context, name string) ([]byte, error)
	SwapDocument(ctx context.Context, name string, old, text []byte) error
}

// wishesName is the document that holds them all: one of a few hundred bytes for each person who asked for something.
const wishesName = "delivery-wishes"

// wishesFor is how long what was read counts: as long as another replica takes to notice.
const wishesFor = time.Second

// WishBook keeps what people asked for, for every replica. Its methods may be called from several goroutines.
type WishBook struct {
	store    documents
	now      func() time.Time
	conflict error
	watch    func(Wishes)

	mu   sync.Mutex
	read time.Time
	all  Wishes
}

// NewWishBook returns a WishBook. conflict is the error by which the store says that somebody else wrote meanwhile.
func NewWishBook(s documents, now func() time.Time, conflict error) *WishBook {
	return &WishBook{store: s, now: now, conflict: conflict}
}

// Watch has fn told of all wishes whenever they are read. Call it before the first reading.
func (b *WishBook) Watch(fn func(Wishes)) { b.watch = fn }

// Wishes returns them, as they were at most a second ago. The caller must not change them.
func (b *WishBook) Wishes(ctx context.Context) (Wishes, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.read.IsZero() && time.Since(b.read) < wishesFor {
		return b.all, nil
	}
	_, all, err := b.load(ctx)
	if err != nil {
		return nil, err
	}
	b.learn(all)
	return all, nil
}

// refresh tells watch how things stand after a change of ours, to which somebody else may have added; the next look reads for itself.
func (b *WishBook) refresh(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, all, err := b.load(ctx); err == nil {
		b.learn(all)
	}
	b.read = time.Time{}
}

// learn takes over what stands in the store. It is called with mu, so that what is told to watch never goes back.
func (b *WishBook) learn(all Wishes) {
	b.read, b.all = time.Now(), all
	if b.watch != nil {
		b.watch(all)
	}
}

func (b *WishBook) load(ctx context.Context) ([]byte, Wishes, error) {
	text, err := b.store.Document(ctx, wishesName)
	if err != nil {
		return nil, nil, err
	}
	all := Wishes{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &all); err != nil {
			return nil, nil, fmt.Errorf("document %q: %w", wishesName, err)
		}
	}
	return text, all, nil
}

// Change changes what one person asked for. change may be called several times, each time with what stands then, without mutes that are over.
func (b *WishBook) Change(ctx context.Context, person string, change func(Wish) Wish) (Wish, error) {
	for {
		old, all, err := b.load(ctx)
		if err != nil {
			return Wish{}, err
		}
		w := all[person]
		w.Mutes = slices.DeleteFunc(slices.Clone(w.Mutes), func(m Mute) bool { return !m.Until.After(b.now()) })
		w = change(w)
		if all[person] = w; w.empty() {
			delete(all, person)
		}
		text, err := json.Marshal(all)
		if err != nil {
			return w, err
		}
		if bytes.Equal(old, text) {
			return w, nil
		}
		err = b.store.SwapDocument(ctx, wishesName, old, text)
		if b.conflict != nil && errors.Is(err, b.conflict) {
			continue
		}
		b.refresh(ctx)
		return w, err
	}
}
