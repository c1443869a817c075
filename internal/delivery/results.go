package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"lingke/bots"
	"lingke/internal/delivery/budget"
)

// reported is the part of the store that results are kept in.
type reported interface {
	Unreported(ctx context.Context, now time.Time, limit int) ([]Delivery, error)
	SetReport(ctx context.Context, id string, r *Report, ask time.Time) error
	Show(ctx context.Context, d Delivery) (bool, error)
	documents
}

// Results asks the platforms what became of messages after they were taken: who has read them, and whom the platform refused after all. Who was refused is told another
// way. One replica at a time asks; what it has stored is not asked again by the next.
type Results struct {
	Store reported
	Bots  []bots.Bot // those that are no bots.Tracker are never asked
	Now   func() time.Time
	// Share is how much of a month's calls may be spent when it is asked: knowing who has read a message is worth less than the next message. 0: nobody is asked.
	Share float64
	// Other is the message as it goes to the same person over another platform, or false.
	Other func(Delivery) (Delivery, bool)
	// Arrange is Planner.Arrange.
	Arrange func(Delivery) Delivery
	// Observe is told how many people newly have read, have not, or were refused a message of a platform: "read", "unread", "refused".
	Observe func(p bots.Platform, outcome string, n int)
	Log     *slog.Logger
	// Conflict is the error by which the store says that somebody else wrote meanwhile.
	Conflict error
}

// Bounds of asking.
const (
	askBatch  = 200
	askers    = 8                // ask side by side: a platform takes a tenth of a second to answer
	askFor    = 45 * time.Second // in one run: the next one begins a minute after this one
	tellsFor  = 24 * time.Hour   // how far back DingTalk tells
	askAgain  = 10 * time.Minute // after a failure
	askSooner = time.Minute      // while the platform is not through with a message
)

// laterAsks are when it is asked again who has read a message, after it was sent: whoever has not looked by then is told of it in no other way.
var laterAsks = []time.Duration{4 * time.Hour, 23 * time.Hour}

// Ask asks for everything that is due, as far as the budgets and the time of a run go, and returns how many were asked for and how many people were refused.
func (r *Results) Ask(ctx context.Context) (asked, refused int, err error) {
	if due, err := r.Store.Unreported(ctx, r.Now().UTC(), 1); err != nil || len(due) == 0 {
		return 0, 0, err // as in most minutes, in which nothing need be written
	}
	turn := Turn{Store: r.Store, Name: "delivery-results", Now: r.Now}
	release, mine, err := turn.Take(ctx, r.Now().Add(2*askFor))
	if !mine || err != nil {
		if errors.Is(err, r.Conflict) {
			err = nil // somebody else was faster
		}
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, release(context.WithoutCancel(ctx))) }()
	began, said := r.Now(), &tally{spent: map[bots.Platform]time.Duration{}}
	for r.Now().Sub(began) < askFor && ctx.Err() == nil {
		due, err := r.Store.Unreported(ctx, r.Now().UTC(), askBatch)
		if err == nil {
			err = r.each(ctx, due, said)
		}
		if err != nil {
			return said.asked, said.refused, err
		}
		if len(due) < askBatch {
			break
		}
	}
	return said.asked, said.refused, ctx.Err()
}

// one asks for one message.
func (r *Results) one(ctx context.Context, d Delivery, said *tally) (refused int, err error) {
	now := r.Now().UTC()
	if wait, over := said.over(d.Platform); over {
		return 0, r.Store.SetReport(ctx, d.ID, nil, d.askAt(now.Add(wait)))
	}
	tracked, err := r.track(ctx, d)
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case errors.Is(err, bots.ErrUntracked), errors.Is(err, bots.ErrPermanent):
		return 0, r.Store.SetReport(ctx, d.ID, nil, time.Time{})
	case ours(err):
		return 0, r.Store.SetReport(ctx, d.ID, nil, d.askAt(now.Add(said.close(d.Platform, max(bots.RetryAfter(err), askSooner)))))
	case err != nil:
		r.Log.LogAttrs(ctx, slog.LevelWarn, "ask what became of a message", slog.String("delivery", d.ID), slog.Any("err", err))
		return 0, r.Store.SetReport(ctx, d.ID, nil, d.askAt(now.Add(max(bots.RetryAfter(err), askAgain))))
	case !tracked.Done:
		return 0, r.Store.SetReport(ctx, d.ID, nil, d.askAt(now.Add(askSooner)))
	}
	return r.keep(ctx, d, tracked, now)
}

func (r *Results) track(ctx context.Context, d Delivery) (bots.Tracked, error) {
	for _, b := range r.Bots {
		if t, ok := b.(bots.Tracker); ok && b.Platform() == d.Platform && r.Share > 0 {
			return t.Track(budget.WithShare(ctx, r.Share), d.Handle)
		}
	}
	return bots.Tracked{}, bots.ErrUntracked
}

// keep stores what a platform tells, after it has put what it refused on its other way: a crash between the two does that again, under the same ids.
func (r *Results) keep(ctx context.Context, d Delivery, t bots.Tracked, now time.Time) (refused int, err error) {
	report := &Report{At: milli(now), Read: len(t.Read), Unread: len(t.Unread)}
	for _, person := range t.Refused {
		if person.Fate == bots.Twin { // no other message has its mark: the person has this one, from an attempt whose answer was lost
			report.Unread++
			continue
		}
		report.Failed = append(report.Failed, person)
		if err := r.again(ctx, d, person, now); err != nil {
			return 0, err
		}
	}
	next := time.Time{}
	if report.Unread > 0 {
		next = d.nextAsk(now)
	}
	if err := r.Store.SetReport(ctx, d.ID, report, next); err != nil {
		return 0, err
	}
	r.observe(d, *report)
	return len(report.Failed), nil
}

// observe tells what is new in a report.
func (r *Results) observe(d Delivery, now Report) {
	was := Report{}
	if d.Report != nil {
		was = *d.Report
	}
	r.Observe(d.Platform, "read", max(0, now.Read-was.Read))
	if d.Report == nil {
		r.Observe(d.Platform, "unread", now.Unread)
	}
	r.Observe(d.Platform, "refused", max(0, len(now.Failed)-len(was.Failed)))
}

// askAt is when it is asked again; zero once the platform tells nothing any more.
func (d Delivery) askAt(at time.Time) time.Time {
	if at.Sub(d.Ended) >= tellsFor {
		return time.Time{}
	}
	return milli(at)
}

func (d Delivery) nextAsk(now time.Time) time.Time {
	for _, after := range laterAsks {
		if at := d.Ended.Add(after); at.After(now) {
			return d.askAt(at)
		}
	}
	return time.Time{}
}

// longestAgain is how long a message that met a person's limit of the day is put off from day to day.
const longestAgain = 3 * 24 * time.Hour

// again brings a message to somebody whom the platform refused after it had taken the message: over another platform, on the next day where that helps, or to the dead
// letters. It is a message of its own, so it keeps the quiet hours and the budgets; the refused one says that it was refused.
func (r *Results) again(ctx context.Context, d Delivery, refused bots.Refusal, now time.Time) error {
	sum := sha256.Sum256([]byte(d.ID + "\x00" + refused.To))
	x := Delivery{
		ID: "again-" + hex.EncodeToString(sum[:12]), Platform: d.Platform, Kind: d.Kind, Topic: d.Topic, Customer: d.Customer, Task: d.Task, Question: d.Question, To: []string{refused.To},
		Text: d.Text, Card: d.Card, File: d.File, Rev: 1, State: Due, Due: milli(now), Created: d.Created, Moved: d.Moved,
	}
	if x.Kind == KindDigest { // its parts belong to the refused one
		x.Kind = KindNotice
	}
	other, ok := x, false
	if !d.Moved {
		other, ok = r.Other(x)
	}
	switch {
	case ok:
		x = other
		x.Moved = true
	case refused.Fate == bots.Tonight && now.Sub(d.Created) < longestAgain:
		x.Due = milli(tomorrow(now))
	default:
		x.State, x.Why, x.Ended = Dead, refused.Reason, milli(now)
	}
	if x.State == Due {
		x = r.Arrange(x)
	}
	_, err := r.Store.Show(ctx, x)
	return err
}

// tomorrow is when DingTalk's next day begins; China has had no summer time since 1991.
func tomorrow(now time.Time) time.Time {
	day := now.In(time.FixedZone("UTC+8", 8*60*60))
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location())
}
