package delivery_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
)

var now = time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC)

// bot answers as its fields say and keeps what it was asked.
type bot struct {
	send, update error
	sent         []bots.Outgoing
	updated      []bots.Outgoing
}

func (b *bot) Platform() bots.Platform { return bots.WeCom }

func (b *bot) Send(_ context.Context, m bots.Outgoing) (bots.Receipt, error) {
	b.sent = append(b.sent, m)
	return bots.Receipt{Handle: bots.Handle{Message: "m", Codes: []string{"fresh"}}}, b.send
}

func (b *bot) Update(_ context.Context, _ bots.Handle, m bots.Outgoing) (bots.Handle, error) {
	b.updated = append(b.updated, m)
	return bots.Handle{Message: "m"}, b.update
}

func failure(kind error, wait time.Duration) error {
	return &bots.Error{Kind: kind, Platform: bots.WeCom, Op: "send", Code: "1", Text: "no", Wait: wait}
}

func TestAttemptEndsInAState(t *testing.T) {
	t.Parallel()
	down := errors.New("connection refused")
	for _, tt := range []struct {
		name     string
		attempts int
		err      error
		state    delivery.State
		left     int // attempts noted afterwards
		after    time.Duration
	}{
		{"success is done", 3, nil, delivery.Done, 0, 0},
		{"a failure comes back", 0, down, delivery.Due, 1, 750 * time.Millisecond},
		{"later failures wait longer", 4, down, delivery.Due, 5, 12 * time.Second},
		{"never longer than five minutes", 10, down, delivery.Due, 11, 225 * time.Second},
		{"the last failure is the end", 11, down, delivery.Dead, 12, 0},
		{"a permanent refusal ends at once", 0, failure(bots.ErrPermanent, 0), delivery.Dead, 1, 0},
		{"a limit costs no attempt and waits as told", 2, failure(bots.ErrRateLimited, time.Minute), delivery.Due, 2, time.Minute + 750*time.Millisecond},
		{"wrong settings wait for a person", 0, failure(bots.ErrMisconfigured, 0), delivery.Due, 1, 5 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := delivery.Delivery{ID: "lead-1", Text: "x", Rev: 1, Attempts: tt.attempts, State: delivery.Due, Due: now}
			got := delivery.Attempt(t.Context(), &bot{send: tt.err}, d, now, func() float64 { return 0.5 })
			if got.State != tt.state || got.Attempts != tt.left || got.Due.Sub(now) != tt.after {
				t.Errorf("state %s, attempts %d, due after %s; want %s, %d, %s", got.State, got.Attempts, got.Due.Sub(now), tt.state, tt.left, tt.after)
			}
			if (got.Why == "") != (tt.err == nil) {
				t.Errorf("why is %q after %v", got.Why, tt.err)
			}
		})
	}
}

func TestStoppingIsNotAnAttempt(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	d := delivery.Delivery{ID: "lead-1", Text: "x", Rev: 1, Attempts: 2, State: delivery.Due}
	got := delivery.Attempt(ctx, &bot{send: ctx.Err()}, d, now, delivery.Random)
	if got.Attempts != 2 || got.State != delivery.Due || !got.Due.Equal(now) {
		t.Errorf("got %+v, want it due at once with the same attempts", got)
	}
}

func TestALaterStateUpdatesTheCard(t *testing.T) {
	t.Parallel()
	card := bots.Card{Kind: "lead", Closed: "已被张三领取"}
	d := delivery.Delivery{ID: "lead-1", Card: &card, Rev: 7, Shown: 3, Handle: bots.Handle{Message: "m", Codes: []string{"c"}}, State: delivery.Due}
	b := new(bot)
	got := delivery.Attempt(t.Context(), b, d, now, delivery.Random)
	if len(b.updated) != 1 || len(b.sent) != 0 || got.Shown != 7 || got.State != delivery.Done || len(got.Handle.Codes) != 0 {
		t.Errorf("%d updates, %d sends, %+v", len(b.updated), len(b.sent), got)
	}
}

func TestACardThatCannotBeChangedGetsASuccessorWithAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	card := bots.Card{Kind: "lead", Closed: "已被张三领取"}
	d := delivery.Delivery{ID: "lead-1", Card: &card, Rev: 7, Shown: 3, State: delivery.Due}
	b := &bot{update: failure(bots.ErrNotUpdatable, 0)}
	got := delivery.Attempt(t.Context(), b, d, now, delivery.Random)
	if len(b.sent) != 0 || got.State != delivery.Due || got.Shown != 0 || got.Rank != delivery.Ordinary || !got.Due.Equal(now) {
		t.Fatalf("a new message passes the stages first; sent %+v, got %+v", b.sent, got)
	}
	got = delivery.Attempt(t.Context(), b, got, now, delivery.Random)
	if len(b.sent) != 1 || b.sent[0].ID != "lead-1_r1" || got.Replaced != 1 || got.State != delivery.Done || got.Shown != 7 {
		t.Fatalf("sent %+v, got %+v", b.sent, got)
	}
	if delivery.IDOf(b.sent[0].ID) != "lead-1" {
		t.Errorf("a click on the successor belongs to %q", delivery.IDOf(b.sent[0].ID))
	}
}

func TestASuccessorThatFailsIsSentAgainUnderItsOwnID(t *testing.T) {
	t.Parallel()
	card := bots.Card{Kind: "lead", Closed: "已被张三领取"}
	d := delivery.Delivery{ID: "lead-1", Card: &card, Rev: 7, Shown: 3, State: delivery.Due}
	b := &bot{update: failure(bots.ErrNotUpdatable, 0), send: errors.New("down")}
	got := delivery.Attempt(t.Context(), b, d, now, delivery.Random)
	got = delivery.Attempt(t.Context(), b, got, now, delivery.Random)
	b.send = nil
	got = delivery.Attempt(t.Context(), b, got, now, delivery.Random)
	if len(b.sent) != 2 || b.sent[0].ID != b.sent[1].ID || got.State != delivery.Done {
		t.Errorf("sent under %q and %q", b.sent[0].ID, b.sent[1].ID)
	}
}

// recalling is a bot that can also take messages back.
type recalling struct {
	bot
	recalled []bots.Handle
}

func (b *recalling) Recall(_ context.Context, h bots.Handle) error {
	b.recalled = append(b.recalled, h)
	return nil
}

func TestACardThatCannotBeChangedIsTakenBackBeforeItsSuccessor(t *testing.T) {
	t.Parallel()
	card := bots.Card{Kind: "lead", Closed: "已被张三领取"}
	for _, tt := range []struct {
		name   string
		handle bots.Handle
		want   int
	}{
		{"where its message is known", bots.Handle{Message: "m0"}, 1},
		{"not where the platform never told", bots.Handle{}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := &recalling{bot: bot{update: failure(bots.ErrNotUpdatable, 0)}}
			lost := &recallingLost{b}
			d := delivery.Delivery{ID: "lead-1", Card: &card, Rev: 7, Shown: 3, Handle: tt.handle, State: delivery.Due}
			got := delivery.Attempt(t.Context(), lost, d, now, delivery.Random)
			got = delivery.Attempt(t.Context(), lost, got, now, delivery.Random)
			if len(b.recalled) != tt.want || len(b.sent) != 1 || got.State != delivery.Done {
				t.Errorf("recalled %v, sent %d, %s", b.recalled, len(b.sent), got.State)
			}
		})
	}
}

// recallingLost returns the handle as it got it beside its failure, as the platforms' bots do.
type recallingLost struct{ *recalling }

func (b *recallingLost) Update(_ context.Context, h bots.Handle, _ bots.Outgoing) (bots.Handle, error) {
	return h, b.update
}
