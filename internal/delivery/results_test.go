package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/delivery/budget"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

// tracker is a platform that tells what its field says.
type tracker struct {
	bot
	mu    sync.Mutex
	meet  chan struct{} // nil, or what each has to meet another at before it is told anything
	asked []string
	told  bots.Tracked
	err   error
	share float64
}

func (t *tracker) Platform() bots.Platform { return bots.DingTalk }

func (t *tracker) Track(ctx context.Context, h bots.Handle) (bots.Tracked, error) {
	t.mu.Lock()
	t.asked, t.share = append(t.asked, h.Message), budget.ShareOf(ctx)
	t.mu.Unlock()
	if t.meet != nil {
		select {
		case t.meet <- struct{}{}:
		case <-t.meet:
		case <-ctx.Done():
			return bots.Tracked{}, ctx.Err()
		}
	}
	return t.told, t.err
}

// inquiry asks a tracker about messages in a real store.
type inquiry struct {
	t     *testing.T
	store *sqlite.Store
	bot   *tracker
	at    time.Time
	all   delivery.Results
	mu    sync.Mutex
	seen  map[string]int // guarded by mu
}

func newInquiry(t *testing.T) *inquiry {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	q := &inquiry{t: t, store: s, bot: &tracker{}, at: wall(3, 10, 0).UTC(), seen: map[string]int{}}
	q.all = delivery.Results{
		Store: s, Bots: []bots.Bot{q.bot}, Now: func() time.Time { return q.at }, Share: 0.5, Log: quietLog, Conflict: store.ErrConflict, Arrange: delivery.NewPlanner(nil, 0, nil).Arrange,
		Other: func(d delivery.Delivery) (delivery.Delivery, bool) {
			d.Platform, d.To = bots.WeCom, []string{"Wx" + d.To[0]}
			return d, d.To[0] == "Wxboth"
		},
		Observe: func(_ bots.Platform, outcome string, n int) {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.seen[outcome] += n
		},
	}
	return q
}

// sent stores a message that was sent just now, to be asked about in a minute.
func (q *inquiry) sent(id, to string) {
	q.t.Helper()
	_, err := q.store.Show(q.t.Context(), delivery.Delivery{
		ID: id, Platform: bots.DingTalk, Kind: delivery.KindReminder, To: []string{to}, Text: "即将到期：" + id, Rev: 1, Shown: 1, State: delivery.Done, Due: q.at, Created: q.at, Ended: q.at,
		Handle: bots.Handle{Message: "notice:" + id}, Ask: q.at.Add(time.Minute),
	})
	must(q.t, err)
}

func (q *inquiry) ask() (asked, refused int) {
	q.t.Helper()
	asked, refused, err := q.all.Ask(q.t.Context())
	must(q.t, err)
	return asked, refused
}

func (q *inquiry) get(id string) delivery.Delivery {
	q.t.Helper()
	d, err := q.store.Delivery(q.t.Context(), id)
	must(q.t, err)
	return d
}

// again are the messages that took the place of refused ones.
func (q *inquiry) again() (all []delivery.Delivery) {
	q.t.Helper()
	page, _, err := q.store.Deliveries(q.t.Context(), delivery.Query{Limit: 1000})
	must(q.t, err)
	for _, d := range page {
		if strings.HasPrefix(d.ID, "again-") {
			all = append(all, d)
		}
	}
	return all
}

func refusedBy(to string, fate bots.Fate) bots.Tracked {
	return bots.Tracked{Done: true, Refused: []bots.Refusal{{To: to, Reason: "143106 full", Fate: fate}}}
}

func TestAMessageIsAskedForUntilItIsReadOrADayIsOver(t *testing.T) {
	t.Parallel()
	q := newInquiry(t)
	q.sent("r1", "u1")
	q.bot.told = bots.Tracked{Done: true, Unread: []string{"u1"}}
	var at []time.Duration
	for sent := q.at; q.at.Sub(sent) < 30*time.Hour; q.at = q.at.Add(time.Minute) {
		if n, _ := q.ask(); n > 0 {
			at = append(at, q.at.Sub(sent))
		}
	}
	if got := fmt.Sprint(at); got != "[1m0s 4h0m0s 23h0m0s]" {
		t.Errorf("asked at %s", got)
	}
	if d := q.get("r1"); d.Report == nil || d.Report.Unread != 1 || !d.Ask.IsZero() || q.seen["unread"] != 1 {
		t.Errorf("%+v, %v", d.Report, q.seen)
	}
	if q.bot.share != 0.5 {
		t.Errorf("it spends up to %v of a month", q.bot.share)
	}
	q.sent("r2", "u1")
	q.bot.told = bots.Tracked{Done: true, Read: []string{"u1"}}
	q.at = q.at.Add(time.Minute)
	q.ask()
	if d := q.get("r2"); d.Report.Read != 1 || !d.Ask.IsZero() {
		t.Errorf("what was read is asked for again: %+v", d)
	}
}

func TestWhoWasRefusedIsToldAnotherWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		to       string
		fate     bots.Fate
		state    delivery.State
		platform bots.Platform
		due      time.Duration // after the asking
		why      string
	}{
		{"over the other platform", "both", bots.Lost, delivery.Due, bots.WeCom, 0, ""},
		{"over the other platform, before the next day", "both", bots.Tonight, delivery.Due, bots.WeCom, 0, ""},
		{"on the next day", "one", bots.Tonight, delivery.Due, bots.DingTalk, 13*time.Hour + 59*time.Minute, ""},
		{"as a dead letter", "one", bots.Lost, delivery.Dead, bots.DingTalk, 0, "143106 full"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newInquiry(t)
			q.sent("r1", c.to)
			q.at = q.at.Add(time.Minute)
			q.bot.told = refusedBy(c.to, c.fate)
			if asked, refused := q.ask(); asked != 1 || refused != 1 {
				t.Errorf("asked %d, refused %d", asked, refused)
			}
			if d := q.get("r1"); len(d.Report.Failed) != 1 || !d.Ask.IsZero() {
				t.Errorf("%+v", d.Report)
			}
			all := q.again()
			if len(all) != 1 {
				t.Fatalf("%d messages take its place", len(all))
			}
			d := all[0]
			if d.State != c.state || d.Platform != c.platform || d.Due.Sub(q.at) != c.due || d.Why != c.why || d.Text != "即将到期：r1" || d.Shown != 0 {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestALimitOfTheDayIsWaitedForThreeDays(t *testing.T) {
	t.Parallel()
	q := newInquiry(t)
	q.sent("r1", "one")
	for day := range 5 {
		q.at = q.at.Add(24 * time.Hour)
		if all := q.again(); slices.ContainsFunc(all, func(d delivery.Delivery) bool { return d.State == delivery.Dead }) {
			if day != 3 || len(all) != 3 {
				t.Errorf("given up on day %d, after %d more attempts", day, len(all))
			}
			return
		}
		leased, err := q.store.LeaseDeliveries(t.Context(), string(bots.DingTalk), q.at, q.at.Add(time.Minute), "t", 1)
		must(t, err)
		for _, d := range leased { // it was sent, and is refused again
			d.State, d.Shown, d.Ended, d.Ask = delivery.Done, 1, q.at, q.at
			must(t, q.store.FinishDelivery(t.Context(), d, "t"))
		}
		q.bot.told = refusedBy("one", bots.Tonight)
		q.ask()
	}
	t.Error("it is never given up")
}

func TestATwinIsTheSameMessage(t *testing.T) {
	t.Parallel()
	q := newInquiry(t)
	q.sent("r1", "one")
	q.at = q.at.Add(time.Minute)
	q.bot.told = refusedBy("one", bots.Twin)
	if _, refused := q.ask(); refused != 0 || len(q.again()) != 0 || q.get("r1").Report.Unread != 1 {
		t.Errorf("%d refused, %+v, %+v", refused, q.again(), q.get("r1").Report)
	}
}

func TestAskingStopsWhereTheBudgetDoes(t *testing.T) {
	t.Parallel()
	q := newInquiry(t)
	for i := range 50 {
		q.sent(fmt.Sprint("r", i), "one")
	}
	q.at = q.at.Add(time.Minute)
	spent := func(wait time.Duration) error {
		return &bots.Error{Kind: bots.ErrRateLimited, Platform: bots.DingTalk, Code: budget.CodeSpent, Text: "spent", Wait: wait}
	}
	q.bot.err = spent(5 * time.Minute)
	const askers = 8
	asked, _ := q.ask()
	first := len(q.bot.asked)
	if asked != 50 || first > askers {
		t.Errorf("%d looked at, the platform was asked %d times", asked, first)
	}
	if asked, _ := q.ask(); asked != 0 {
		t.Errorf("%d are asked for before there is room", asked)
	}
	q.at, q.bot.err = q.at.Add(5*time.Minute), spent(20*24*time.Hour)
	q.ask()
	q.at = q.at.Add(20 * 24 * time.Hour)
	if asked, _ := q.ask(); asked != 0 || len(q.bot.asked) > first+askers {
		t.Errorf("%d are asked for although the platform tells nothing any more", asked)
	}
}

func TestMessagesAreAskedForSideBySide(t *testing.T) {
	t.Parallel()
	q := newInquiry(t)
	for i := range 50 {
		q.sent(fmt.Sprint("r", i), "one")
	}
	q.at = q.at.Add(time.Minute)
	q.bot.told, q.bot.meet = bots.Tracked{Done: true, Read: []string{"one"}}, make(chan struct{})
	if asked, refused := q.ask(); asked != 50 || refused != 0 || q.seen["read"] != 50 {
		t.Errorf("%d asked for, %d refused, %v", asked, refused, q.seen)
	}
}

func TestWhatCannotBeToldNowIsAskedForLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		told bots.Tracked
		err  error
		next time.Duration // 0: never
	}{
		{"under way", bots.Tracked{}, nil, time.Minute},
		{"no answer", bots.Tracked{}, errors.New("connection refused"), 10 * time.Minute},
		{"the platform's limit", bots.Tracked{}, failure(bots.ErrRateLimited, 30*time.Minute), 30 * time.Minute},
		{"not tracked", bots.Tracked{}, fmt.Errorf("a card: %w", bots.ErrUntracked), 0},
		{"refused for good", bots.Tracked{}, failure(bots.ErrPermanent, 0), 0},
	} {
		q := newInquiry(t)
		q.sent("r1", "one")
		q.at = q.at.Add(time.Minute)
		q.bot.told, q.bot.err = c.told, c.err
		q.ask()
		d := q.get("r1")
		if next := d.Ask.Sub(q.at); c.next == 0 && !d.Ask.IsZero() || c.next > 0 && next != c.next {
			t.Errorf("%s: asked again at %s", c.name, d.Ask)
		}
		if d.Report != nil {
			t.Errorf("%s: %+v", c.name, d.Report)
		}
	}
}

// forgetful fails to keep a report, as a crash before that would.
type forgetful struct {
	*sqlite.Store
	crashes int
}

func (f *forgetful) SetReport(ctx context.Context, id string, r *delivery.Report, ask time.Time) error {
	if f.crashes--; f.crashes >= 0 {
		return errCrash
	}
	return f.Store.SetReport(ctx, id, r, ask)
}

func TestACrashWhileAskingTellsNobodyTwice(t *testing.T) {
	t.Parallel()
	q := newInquiry(t)
	q.all.Store = &forgetful{Store: q.store, crashes: 3}
	q.sent("r1", "both")
	q.at = q.at.Add(time.Minute)
	q.bot.told = refusedBy("both", bots.Lost)
	for range 4 {
		_, _, _ = q.all.Ask(t.Context()) // the first three fail
	}
	if all := q.again(); len(all) != 1 || q.get("r1").Report == nil {
		t.Errorf("%d messages take its place", len(all))
	}
}

func TestOneReplicaAsksAtATime(t *testing.T) {
	t.Parallel()
	q := newInquiry(t)
	q.ask()
	if text, err := q.store.Document(t.Context(), "delivery-results"); err != nil || text != nil {
		t.Errorf("where nothing is to be asked for, %q is written: %v", text, err)
	}
	q.sent("r1", "one")
	q.at = q.at.Add(time.Minute)
	q.bot.told = bots.Tracked{Done: true, Read: []string{"one"}}
	turn := delivery.Turn{Store: q.store, Name: "delivery-results", Now: func() time.Time { return q.at }}
	release, taken, err := turn.Take(t.Context(), q.at.Add(time.Minute))
	must(t, err)
	if asked, _ := q.ask(); !taken || asked != 0 || len(q.bot.asked) != 0 {
		t.Errorf("beside another %d are asked for", asked)
	}
	must(t, release(t.Context()))
	if asked, _ := q.ask(); asked != 1 {
		t.Errorf("%d are asked for once the turn is free", asked)
	}
	q.sent("r2", "one")
	q.at = q.at.Add(time.Minute)
	if _, taken, err = turn.Take(t.Context(), q.at.Add(time.Minute)); err != nil || !taken {
		t.Fatal(taken, err)
	}
	q.at = q.at.Add(time.Minute) // its holder has died
	if asked, _ := q.ask(); asked != 1 {
		t.Errorf("%d are asked for after the holder's time", asked)
	}
}
