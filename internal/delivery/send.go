package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"lingke/bots"
	"lingke/internal/delivery/budget"
)

// Bounds of trying again.
const (
	maxAttempts = 12                  // then the delivery is dead: with the delays below after about half an hour
	firstDelay  = time.Second         // before the second attempt, at most
	maxDelay    = 5 * time.Minute     // before any later one, and while an app's settings are wrong
	oldest      = 40 * 24 * time.Hour // how old a message may grow that only waits for a platform's limit: a month's budget comes back within 31 days
)

// Attempt makes one attempt to bring what the platform shows in step with the wish, and returns d as it is to be stored: done, due again, or
// dead with the reason. It does not fail: every outcome is a state. rnd returns a number in [0,1).
func Attempt(ctx context.Context, bot bots.Bot, d Delivery, now time.Time, rnd func() float64) Delivery {
	d, _ = attempt(ctx, bot, d, now, rnd)
	return d
}

// attempt is Attempt with the failure that decided the outcome.
func attempt(ctx context.Context, bot bots.Bot, d Delivery, now time.Time, rnd func() float64) (Delivery, error) {
	ask, err := try(ctx, bot, &d)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) { // running out of time is an attempt, stopping is not
		d.Due = now
		return d, err
	}
	if errors.Is(err, errSuccession) {
		d.Due, d.Why = now, ""
		return d, nil
	}
	d.Attempts++
	switch {
	case err == nil:
		d.State, d.Why, d.Attempts, d.Shown, d.Ended, d.Rank = Done, "", 0, d.Rev, now, Urgent
		if ask > 0 && !d.answers() { // who asked reads the answer anyway
			d.Ask = now.Add(ask)
		}
	case errors.Is(err, bots.ErrPermanent), d.Attempts >= maxAttempts:
		d.State, d.Why, d.Ended = Dead, err.Error(), now
	case errors.Is(err, bots.ErrRateLimited) && !d.Created.IsZero() && now.Sub(d.Created) > oldest:
		d.State, d.Why, d.Ended = Dead, err.Error(), now
	case errors.Is(err, bots.ErrRateLimited):
		d.Attempts-- // the platform did not look at the message
		d.Why, d.Due = why(err), now.Add(wait(err, time.Second)+jitter(time.Second, rnd))
	case errors.Is(err, bots.ErrMisconfigured):
		d.Why, d.Due = err.Error(), now.Add(wait(err, maxDelay))
	default:
		d.Why, d.Due = err.Error(), now.Add(max(bots.RetryAfter(err), jitter(backoff(d.Attempts), rnd)))
	}
	return d, err
}

// why is what people read of a failure: the whole of what a platform said, and of a budget of ours its own sentence.
func why(err error) string {
	var e *bots.Error
	if errors.As(err, &e) && e.Code == budget.CodeSpent {
		return e.Text
	}
	return err.Error()
}

// try is show with a panic turned into a failure.
func try(ctx context.Context, bot bots.Bot, d *Delivery) (ask time.Duration, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return show(ctx, bot, d)
}

// recaller is a bot that can take a sent message back.
type recaller interface {
	Recall(ctx context.Context, h bots.Handle) error
}

// errSuccession says that a card cannot be changed any more and was made due as a new message: that one shows people something that was not there, so it passes the stages
// first, and waits for the morning where it may.
var errSuccession = errors.New("the card gets a successor")

// show sends the first state as a new message and later ones as updates of it. ask is as in bots.Receipt. errSuccession.
func show(ctx context.Context, bot bots.Bot, d *Delivery) (ask time.Duration, err error) {
	if d.Shown > 0 && d.Card != nil {
		err := update(ctx, bot, d)
		if !errors.Is(err, bots.ErrNotUpdatable) {
			return 0, err
		}
		recall(ctx, bot, d.Handle)
		d.Replaced++
		d.Shown, d.Rank = 0, policies[d.Kind].Rank
		return 0, errSuccession
	}
	receipt, err := bot.Send(ctx, d.outgoing())
	if err != nil {
		return 0, fmt.Errorf("send %s: %w", d.ID, err)
	}
	d.Handle, d.Refused = receipt.Handle, append(d.LeftOut, receipt.Refused...)
	return receipt.Ask, nil
}

// recall takes a card back that cannot be changed, so that its buttons do not stand beside its successor. Where the platform cannot, a click on it is answered with
// how things are.
func recall(ctx context.Context, bot bots.Bot, h bots.Handle) {
	if r, ok := bot.(recaller); ok && h.Message != "" {
		_ = r.Recall(ctx, h) // the successor says the same
	}
}

func update(ctx context.Context, bot bots.Bot, d *Delivery) error {
	u, ok := bot.(bots.Updater)
	if !ok {
		return bots.ErrNotUpdatable
	}
	handle, err := u.Update(ctx, d.Handle, d.outgoing())
	d.Handle = handle
	if err != nil {
		return fmt.Errorf("update %s: %w", d.ID, err)
	}
	return nil
}

func (d *Delivery) outgoing() bots.Outgoing {
	return bots.Outgoing{
		ID: MessageID(d.ID, d.Replaced), To: d.To, Conversation: d.Conversation,
		ReplyURL: d.ReplyURL, ReplyUntil: d.ReplyUntil, Mark: d.mark(), Notice: d.AsNotice, Text: d.Text, Card: d.Card, File: d.File,
	}
}

// mark is a short number that no other message has; answers have none.
func (d *Delivery) mark() string {
	if d.answers() {
		return ""
	}
	sum := sha256.Sum256([]byte(MessageID(d.ID, d.Replaced)))
	return "编号 " + hex.EncodeToString(sum[:4])
}

func wait(err error, least time.Duration) time.Duration { return max(bots.RetryAfter(err), least) }

// backoff doubles from firstDelay up to maxDelay.
func backoff(attempts int) time.Duration {
	delay := firstDelay
	for range min(attempts, 20) - 1 {
		delay = min(2*delay, maxDelay)
	}
	return delay
}

// jitter spreads a delay over its second half, so that what failed together does not come back together.
func jitter(d time.Duration, rnd func() float64) time.Duration {
	return d/2 + time.Duration(rnd()*float64(d/2))
}

// Random is the source of jitter outside tests.
func Random() float64 { return rand.Float64() } //nolint:gosec // spreads load, keeps no secret
