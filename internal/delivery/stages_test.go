package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

var shanghai = time.FixedZone("CST", 8*60*60)

// wall is an instant of March 2026, which begins on a Sunday, by the clock of Shanghai.
func wall(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour, minute, 0, 0, shanghai)
}

// fixed are wishes that do not change.
type fixed delivery.Wishes

func (f fixed) Wishes(context.Context) (delivery.Wishes, error) { return delivery.Wishes(f), nil }

func quiet(w delivery.Wishes) delivery.Quiet {
	return delivery.Quiet{
		From: 21 * time.Hour, To: 8 * time.Hour, Zone: shanghai, Policy: delivery.NewPlanner([]string{"green"}, 0, nil).Of,
		Workday: func(_ string, t time.Time) time.Time {
			for w := t.In(shanghai); ; w = time.Date(w.Year(), w.Month(), w.Day()+1, 8, 0, 0, 0, shanghai) {
				if w.Weekday() != time.Saturday && w.Weekday() != time.Sunday {
					return w
				}
			}
		},
		Person: func(_ bots.Platform, user string) string { return user }, Wishes: fixed(w),
	}
}

func TestNothingThatCanWaitIsSentAtNight(t *testing.T) {
	t.Parallel()
	wishes := delivery.Wishes{
		"muted":   {Mutes: []delivery.Mute{{From: wall(3, 9, 0), Until: wall(3, 12, 0), Reason: "开会"}}},
		"nochurn": {Mutes: []delivery.Mute{{Kind: "churn", From: wall(3, 9, 0), Until: wall(3, 22, 0)}}},
		"early":   {QuietFrom: 18 * time.Hour, QuietTo: 9*time.Hour + 30*time.Minute},
	}
	one := func(kind, to string) delivery.Delivery {
		return delivery.Delivery{Kind: kind, To: []string{to}, Rev: 1}
	}
	for _, c := range []struct {
		name  string
		d     delivery.Delivery
		now   time.Time
		until time.Time
		why   string
	}{
		{"by day", one("task", "a"), wall(3, 10, 0), time.Time{}, ""},
		{"a minute before nine", one("task", "a"), wall(3, 20, 59), time.Time{}, ""},
		{"from nine on", one("task", "a"), wall(3, 21, 0), wall(4, 8, 0), "夜间"},
		{"after midnight", one("task", "a"), wall(4, 2, 30), wall(4, 8, 0), "夜间"},
		{"at eight it goes", one("task", "a"), wall(4, 8, 0), time.Time{}, ""},
		{"a group sleeps too", delivery.Delivery{Kind: "text", Conversation: "g"}, wall(3, 23, 0), wall(4, 8, 0), "夜间"},
		{"what somebody asked for just now", delivery.Delivery{Kind: "text", To: []string{"a"}, Rank: delivery.Urgent}, wall(3, 23, 0), time.Time{}, ""},
		{"a change makes no sound", delivery.Delivery{Kind: "task", To: []string{"a"}, Shown: 1, Rev: 2}, wall(3, 23, 0), time.Time{}, ""},
		{"Friday night to Monday for what waits for workdays", one("reminder", "a"), wall(6, 22, 0), wall(9, 8, 0), "非工作日"},
		{"and to Saturday for what does not", one("task", "a"), wall(6, 22, 0), wall(7, 8, 0), "夜间"},
		{"on a Sunday", one("reminder", "a"), wall(8, 10, 0), wall(9, 8, 0), "非工作日"},
		{"muted", one("task", "muted"), wall(3, 10, 0), wall(3, 12, 0), "本人静音：开会"},
		{"before the mute began", one("task", "muted"), wall(3, 8, 30), time.Time{}, ""},
		{"a kind is muted into the night", one("churn", "nochurn"), wall(3, 10, 0), wall(4, 8, 0), "夜间"},
		{"a task of a topic that is muted", delivery.Delivery{Kind: "task", Topic: "churn", To: []string{"nochurn"}, Rev: 1}, wall(3, 10, 0), wall(4, 8, 0), "夜间"},
		{"a task of a topic waits for workdays", delivery.Delivery{Kind: "task", Topic: "anniversary", To: []string{"a"}, Rev: 1}, wall(8, 10, 0), wall(9, 8, 0), "非工作日"},
		{"another kind is not", one("task", "nochurn"), wall(3, 10, 0), time.Time{}, ""},
		{"own quiet hours", one("task", "early"), wall(3, 19, 0), wall(4, 9, 30), "本人"},
		{"own quiet hours after the night", one("task", "early"), wall(4, 8, 30), wall(4, 9, 30), "本人"},
	} {
		holds, err := quiet(wishes).Hold(t.Context(), c.now, []delivery.Delivery{c.d})
		if err != nil || !holds[0].Until.Equal(c.until) || !strings.Contains(holds[0].Why, c.why) {
			t.Errorf("%s: until %s (%s), %v; want %s", c.name, holds[0].Until, holds[0].Why, err, c.until)
		}
	}
}

func TestAMutedPersonIsLeftOutOfAMessageToSeveral(t *testing.T) {
	t.Parallel()
	q := quiet(delivery.Wishes{
		"b": {Mutes: []delivery.Mute{{From: wall(3, 9, 0), Until: wall(3, 12, 0)}}}, "c": {Mutes: []delivery.Mute{{From: wall(3, 9, 0), Until: wall(3, 11, 0)}}},
	})
	all := []delivery.Delivery{{Kind: "lead", To: []string{"a", "b", "c"}}, {Kind: "lead", To: []string{"b", "c"}}}
	holds, err := q.Hold(t.Context(), wall(3, 10, 0), all)
	if err != nil || !holds[0].Until.IsZero() || !slices.Equal(all[0].To, []string{"a"}) || len(all[0].LeftOut) != 2 || all[0].LeftOut[0].To != "b" {
		t.Errorf("%+v, %+v, %v", holds[0], all[0], err)
	}
	if !holds[1].Until.Equal(wall(3, 11, 0)) || len(all[1].To) != 2 {
		t.Errorf("to nobody but muted ones: %+v, %+v", holds[1], all[1])
	}
}

// crowd is a store with many reminders for one reader, worked on by senders that share it.
type crowd struct {
	t     *testing.T
	store *sqlite.Store
	mu    sync.Mutex
	at    time.Time
	sent  map[string]bots.Outgoing
}

func newCrowd(t *testing.T, n int) *crowd {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	c := &crowd{t: t, store: s, at: wall(3, 10, 0).UTC(), sent: map[string]bots.Outgoing{}}
	for i := range n {
		c.remind(fmt.Sprintf("due-%03d", i), "a")
	}
	return c
}

func (c *crowd) remind(id, to string) {
	c.t.Helper()
	d := delivery.NewPlanner(nil, 0, nil).Arrange(delivery.Delivery{
		ID: id, Platform: bots.DingTalk, Kind: delivery.KindReminder, To: []string{to}, Text: "即将到期：" + id, Rev: 1, State: delivery.Due, Due: c.now(), Created: c.now(),
	})
	if _, err := c.store.Show(c.t.Context(), d); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crowd) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

// Platform and Send make it a bot.
func (c *crowd) Platform() bots.Platform { return bots.DingTalk }
func (c *crowd) Send(_ context.Context, m bots.Outgoing) (bots.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, twice := c.sent[m.ID]; twice {
		c.t.Errorf("%s is sent twice", m.ID)
	}
	c.sent[m.ID] = m
	return bots.Receipt{Handle: bots.Handle{Message: m.ID}}, nil
}

func (c *crowd) Update(_ context.Context, h bots.Handle, m bots.Outgoing) (bots.Handle, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent[m.ID] = m
	return h, nil
}

func (c *crowd) digest(s delivery.Digests) delivery.Digest {
	return delivery.Digest{
		Store: s, Above: func() int { return 5 }, Within: 10 * time.Minute,
		Card: func(_ bots.Platform, _ string, items []delivery.Delivery) bots.Card {
			lines := make([]string, len(items))
			for i, d := range items {
				lines[i] = d.ID
			}
			return bots.Card{Kind: delivery.KindDigest, Title: "摘要", Body: strings.Join(lines, "\n")}
		},
	}
}

// work runs senders until nothing is due any more, while the clock goes on a second a round.
func (c *crowd) work(stages ...func() []delivery.Stage) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	var running sync.WaitGroup
	var tokens int
	for _, make := range stages {
		s := delivery.NewSender(c.store, c, c.now, func() string { c.mu.Lock(); defer c.mu.Unlock(); tokens++; return fmt.Sprint("t", tokens) }, 4, func(delivery.Delivery, time.Duration) {}, quietLog, make()...)
		running.Go(func() { s.Run(ctx) })
		defer s.Wake()
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		page, _, err := c.store.Deliveries(ctx, delivery.Query{State: delivery.Due, Limit: 1000})
		if err != nil {
			c.t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%d are still due: %+v", len(page), page[0])
		}
		c.mu.Lock()
		c.at = c.at.Add(time.Second)
		c.mu.Unlock()
		time.Sleep(20 * time.Millisecond)
	}
	cancel()
	running.Wait()
}

// told are the ids that somebody read, by themselves or as a line of a digest, and how often.
func (c *crowd) told() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	told := map[string]int{}
	for id, m := range c.sent {
		if m.Card == nil {
			told[id]++
			continue
		}
		for line := range strings.Lines(m.Card.Body) {
			told[strings.TrimSpace(line)]++
		}
	}
	return told
}

func TestAFloodBecomesADigestAndEachIsToldOnce(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 60)
	for i := range 5 {
		c.remind(fmt.Sprint("few-", i), "b")
	}
	stages := func() []delivery.Stage { return []delivery.Stage{c.digest(c.store)} }
	c.work(stages, stages, stages)
	told := c.told()
	for id, n := range told {
		if n != 1 {
			t.Errorf("%s is told %d times", id, n)
		}
	}
	if len(told) != 65 || len(c.sent) > 13 {
		t.Errorf("%d are told in %d messages", len(told), len(c.sent))
	}
	d, err := c.store.Delivery(t.Context(), "due-059")
	if err != nil || d.State != delivery.Merged || d.Into == "" || d.Why != delivery.MergedWhy {
		t.Errorf("%+v, %v", d, err)
	}
}

// broken fails at one of the steps of a merge, as a crash there would.
type broken struct {
	*sqlite.Store
	mu   sync.Mutex
	left map[string]int
}

var errCrash = errors.New("crash")

func (b *broken) crash(step string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left[step]--
	return b.left[step] >= 0
}

func (b *broken) Show(ctx context.Context, d delivery.Delivery) (bool, error) {
	if d.Rev == 1 && b.crash("before") || d.Rev > 1 && b.crash("after") {
		return false, errCrash
	}
	return b.Store.Show(ctx, d)
}

func (b *broken) MergeDeliveries(ctx context.Context, p bots.Platform, reader string, before, now time.Time, into, why string) (int, error) {
	if b.crash("between") {
		return 0, errCrash
	}
	return b.Store.MergeDeliveries(ctx, p, reader, before, now, into, why)
}

func TestAMergeThatBreaksOffLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"before", "between", "after"} {
		c := newCrowd(t, 20)
		b := &broken{Store: c.store, left: map[string]int{step: 3}}
		c.work(func() []delivery.Stage { return []delivery.Stage{c.digest(b)} })
		told := c.told()
		for id, n := range told {
			if n != 1 {
				t.Errorf("broken %s: %s is told %d times", step, id, n)
			}
		}
		if len(told) != 20 {
			t.Errorf("broken %s: %d are told", step, len(told))
		}
	}
}

func TestWishesAreKeptForEveryReplica(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 0)
	books := []*delivery.WishBook{delivery.NewWishBook(c.store, c.now, store.ErrConflict), delivery.NewWishBook(c.store, c.now, store.ErrConflict)}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			_, err := books[i%2].Change(t.Context(), fmt.Sprint("p", i), func(w delivery.Wish) delivery.Wish {
				w.Mutes = append(w.Mutes, delivery.Mute{From: c.now(), Until: c.now().Add(time.Hour)})
				return w
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := books[0].Wishes(t.Context())
	if err != nil || len(got) != 20 || len(got.Of("p7").Mutes) != 1 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := books[1].Change(t.Context(), "p7", func(delivery.Wish) delivery.Wish { return delivery.Wish{} }); err != nil {
		t.Fatal(err)
	}
	if got, err = books[1].Wishes(t.Context()); err != nil || len(got) != 19 {
		t.Errorf("%d wishes after one was taken back, %v", len(got), err)
	}
}

var quietLog = slog.New(slog.DiscardHandler)
