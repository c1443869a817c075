package budget_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/clocktest"
	"lingke/internal/delivery/budget"
)

// ledger is a budget.Store in memory that counts its writes.
type ledger struct {
	mu     sync.Mutex
	spent  map[string]map[time.Time]int
	writes int
	// forgets makes it small: slots that no longer count vanish.
	forgets bool
}

func newLedger() *ledger { return &ledger{spent: map[string]map[time.Time]int{}} }

func (l *ledger) Reserve(_ context.Context, all []budget.Draw) ([]int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	granted := make([]int, len(all))
	for i, d := range all {
		slots := l.spent[d.Key]
		if slots == nil {
			slots = map[time.Time]int{}
			l.spent[d.Key] = slots
		}
		if d.Want < 0 {
			slots[d.At] = max(0, slots[d.At]+d.Want)
			granted[i] = d.Want
			continue
		}
		sum := 0
		for at, n := range slots {
			if !at.Before(d.Since) {
				sum += n
			} else if l.forgets {
				delete(slots, at)
			}
		}
		granted[i] = max(0, min(d.Want, d.Max-sum))
		slots[d.At] += granted[i]
	}
	return granted, nil
}

func (l *ledger) Drawn(_ context.Context, prefix string, since time.Time) (all []budget.Use, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for at, n := range l.spent[prefix] {
		if !at.Before(since) {
			all = append(all, budget.Use{Key: prefix, At: at, Spent: n})
		}
	}
	return all, nil
}

func (l *ledger) PurgeDrawn(context.Context, time.Time) (int, error) { return 0, nil }

func (l *ledger) total(key string) (n int) {
	for _, spent := range l.spent[key] {
		n += spent
	}
	return n
}

var start = time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)

func TestNoSlidingWindowEverSeesMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []budget.Limit{{Name: "s", Max: 20, Window: time.Second}, {Name: "m", Max: 30, Window: time.Minute}, {Name: "h", Max: 1000, Window: time.Hour}} {
		store, c := newLedger(), clocktest.At(start)
		store.forgets = true
		busy := time.Duration(0)
		replicas := []*budget.Keeper{budget.NewKeeper(store, c.Now), budget.NewKeeper(store, c.Now), budget.NewKeeper(store, c.Now)}
		rnd := rand.New(rand.NewPCG(1, uint64(limit.Max)))
		var sent []time.Time
		for range 10_000 {
			step := time.Duration(rnd.Int64N(int64(limit.Window) / int64(limit.Max)))
			busy += step
			c.Pass(step)
			if rnd.IntN(2000) == 0 {
				c.Pass(3 * limit.Window) // everybody rests
			}
			err := replicas[rnd.IntN(3)].Take(t.Context(), 1, budget.Need{Limit: limit, N: 1})
			if err == nil {
				late := time.Duration(rnd.Int64N(int64(limit.Window) / 10)) // on its way
				sent = append(sent, c.Now().Add(late))
			}
		}
		checkWindows(t, limit, sent)
		if pace := float64(len(sent)) / (busy.Seconds() / limit.Window.Seconds()); pace < 0.6*float64(limit.Max) {
			t.Errorf("%s: only %.1f of %d are used a window", limit.Name, pace, limit.Max)
		}
	}
}

func checkWindows(t *testing.T, limit budget.Limit, sent []time.Time) {
	t.Helper()
	slices.SortFunc(sent, time.Time.Compare)
	from := 0
	for to, at := range sent {
		for !sent[from].After(at.Add(-limit.Window)) {
			from++
		}
		if n := to - from + 1; n > limit.Max {
			t.Fatalf("%s: %d in the window up to %s, at most %d", limit.Name, n, at, limit.Max)
		}
	}
}

func TestAMonthIsNeverPassedAndBlocksSaveWrites(t *testing.T) {
	t.Parallel()
	store, c := newLedger(), clocktest.At(start)
	limit := budget.Limit{Name: "dingtalk/month-calls", Max: 500}
	one, two := budget.NewKeeper(store, c.Now), budget.NewKeeper(store, c.Now)
	passed := 0
	var refused *budget.Refused
	for i := range 700 {
		err := []*budget.Keeper{one, two}[i%2].Take(t.Context(), 1, budget.Need{Limit: limit, N: 1})
		if err == nil {
			passed++
		} else if !errors.As(err, &refused) {
			t.Fatal(err)
		}
	}
	if passed != 500 || refused == nil || !refused.Until.Equal(time.Date(2026, 4, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600))) {
		t.Errorf("%d passed, refused %v", passed, refused)
	}
	if store.writes > 260 { // some 40 for what passed, one for each that was refused
		t.Errorf("%d writes for %d calls", store.writes, passed)
	}
	c.Pass(25 * 24 * time.Hour) // April
	if err := one.Take(t.Context(), 1, budget.Need{Limit: limit, N: 1}); err != nil {
		t.Errorf("in the next month: %v", err)
	}
}

func TestWhatCanWaitLeavesSomethingOfTheMonth(t *testing.T) {
	t.Parallel()
	store, c := newLedger(), clocktest.At(start)
	k := budget.NewKeeper(store, c.Now)
	need := budget.Need{Limit: budget.Limit{Name: "month", Max: 1000}, N: 1}
	count := func(share float64) (n int) {
		for k.Take(t.Context(), share, need) == nil {
			n++
		}
		return n
	}
	if bulk, rest := count(0.8), count(1); bulk != 800 || rest != 200 {
		t.Errorf("bulk takes %d, and then what is urgent %d", bulk, rest)
	}
}

func TestASendTakesAllThatItNeedsOrNothing(t *testing.T) {
	t.Parallel()
	store, c := newLedger(), clocktest.At(start)
	k := budget.NewKeeper(store, c.Now)
	wide, narrow := budget.Limit{Name: "wide", Max: 10, Window: time.Minute}, budget.Limit{Name: "narrow", Max: 1, Window: time.Minute}
	needs := []budget.Need{{wide, "", 2}, {narrow, "zhangwei", 1}, {budget.Limit{Name: "free"}, "", 9}}
	if err := k.Take(t.Context(), 1, needs...); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := k.Take(t.Context(), 1, needs...); err == nil {
			t.Fatal("the narrow budget lets two pass")
		}
	}
	errs, err := k.TakeEach(t.Context(), 1, [][]budget.Need{{{wide, "", 4}}, {{wide, "", 5}}, {{wide, "", 4}}, nil})
	if err != nil || errs[0] != nil || errs[1] == nil || errs[2] != nil || errs[3] != nil {
		t.Errorf("%v, %v", errs, err)
	}
	if err := k.Close(t.Context()); err != nil || store.total("wide") != 10 || store.total("narrow/zhangwei") != 1 {
		t.Errorf("spent %v, %v", store.spent, err)
	}
}

func TestWhatIsNotUsedIsGivenBack(t *testing.T) {
	t.Parallel()
	store, c := newLedger(), clocktest.At(start)
	k := budget.NewKeeper(store, c.Now)
	need := budget.Need{Limit: budget.Limit{Name: "s", Max: 200, Window: time.Second}, N: 1}
	for range 40 { // blocks grow
		if err := k.Take(t.Context(), 1, need); err != nil {
			t.Fatal(err)
		}
	}
	c.Pass(time.Minute)
	if err := k.Take(t.Context(), 1, need); err != nil {
		t.Fatal(err)
	}
	k.Refund(need)
	if err := k.Close(t.Context()); err != nil || store.total("s") != 40 {
		t.Errorf("40 were used and one given back: %d are spent, %v", store.total("s"), err)
	}
}

func TestACallWaitsForSecondsAndIsPutOffForLonger(t *testing.T) {
	t.Parallel()
	began := time.Now()
	now := func() time.Time { return start.Add(time.Since(began)) }
	m := budget.NewMeter(budget.NewKeeper(newLedger(), now), budget.Limits{Platform: bots.DingTalk, APISecond: 4, MonthCalls: 10}, now)
	for range 10 {
		if err := m.Spend(t.Context(), "PUT /x"); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < time.Second {
		t.Errorf("10 calls with 4 a second took %s", took)
	}
	err := m.Spend(t.Context(), "PUT /x")
	var refusal *bots.Error
	if !errors.Is(err, bots.ErrRateLimited) || !errors.As(err, &refusal) || refusal.Code != budget.CodeSpent || bots.RetryAfter(err) < 20*24*time.Hour {
		t.Errorf("the month is spent: %v", err)
	}
	if want := "钉钉本月接口调用额度（10）已用完，4月1日 00:00:00 后继续发送"; refusal.Text != want {
		t.Errorf("text %q, want %q", refusal.Text, want)
	}
	m.Refund("PUT /x")
	if err := m.Spend(t.Context(), "PUT /x"); err != nil {
		t.Errorf("after a refund: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Spend(ctx, "PUT /x"); err == nil {
		t.Error("a call without a budget passes")
	}
}

func TestStandingsForecastTheMonthByItsWorkdays(t *testing.T) {
	t.Parallel()
	weekdays := func(from, to time.Time) (n int) {
		for d := from; d.Before(to); d = d.AddDate(0, 0, 1) {
			if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
				n++
			}
		}
		return n
	}
	store, c := newLedger(), clocktest.At(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)) // a Monday, the first workday of March
	l := budget.Limits{Platform: bots.DingTalk, MonthCalls: 5000, AppDay: 100}
	k := budget.NewKeeper(store, c.Now)
	spend := func(n int) {
		for range n {
			if err := k.Take(t.Context(), 1, budget.Need{Limit: l.Calls(), N: 1}); err != nil {
				t.Fatal(err)
			}
		}
	}
	standing := func() budget.Standing {
		if err := k.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := budget.Standings(t.Context(), store, l, c.Now(), weekdays)
		if err != nil || len(all) != 2 {
			t.Fatalf("%v, %v", all, err)
		}
		return all[0]
	}
	if st := standing(); st.Used != 0 || st.Forecast != 0 || st.Over() {
		t.Errorf("before the first call: %+v", st)
	}
	spend(100)
	if st := standing(); st.Used != 100 || st.Forecast != 22*100 {
		t.Errorf("after the first day, of 22 workdays: %+v", st)
	}
	c.Pass(24 * time.Hour)
	spend(500)
	c.Pass(24 * time.Hour)
	if st := standing(); st.Used != 600 || st.Forecast != 22*300 || !st.Over() || st.Share() != 0.12 {
		t.Errorf("after two days: %+v", st)
	}
}
