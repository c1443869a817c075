package dingtalk

import (
	"sync"
	"time"
)

// Limits are the platform's budgets. Standard is what an organisation without a paid edition has.
type Limits struct {
	QPS         int // calls per second of one API; 0 is 20, negative is none
	MonthCalls  int // API calls per calendar month, tokens and contacts aside; 0 is none
	MonthPushes int // pushes to the app per calendar month; 0 is none
}

// Standard returns the limits of DingTalk's standard edition (since 2025-11-19).
func Standard() Limits { return Limits{QPS: 20, MonthCalls: 5000, MonthPushes: 3000} }

// limiter counts calls and pushes by the emulator's clock.
type limiter struct {
	limits Limits

	mu     sync.Mutex
	recent map[string][]time.Time // per API, the calls of the last second, oldest first
	month  string
	calls  int
	pushes int
	over   int // calls that were refused for a limit, ever
}

func newLimiter(l Limits) *limiter {
	if l.QPS == 0 {
		l.QPS = 20
	}
	return &limiter{limits: l, recent: map[string][]time.Time{}}
}

// second takes one call of an API from the second's budget.
func (l *limiter) second(api string, now time.Time) bool {
	if l.limits.QPS < 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.recent[api][:0]
	for _, t := range l.recent[api] {
		if age := now.Sub(t); age >= 0 && age < time.Second {
			kept = append(kept, t)
		}
	}
	ok := len(kept) < l.limits.QPS
	if ok {
		kept = append(kept, now)
	} else {
		l.over++
	}
	l.recent[api] = kept
	return ok
}

// call takes one call from the month's budget.
func (l *limiter) call(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(now)
	ok := take(&l.calls, l.limits.MonthCalls)
	if !ok {
		l.over++
	}
	return ok
}

// refused is how many calls went beyond a limit, since the start.
func (l *limiter) refused() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

// push takes one push from the month's budget.
func (l *limiter) push(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(now)
	return take(&l.pushes, l.limits.MonthPushes)
}

func (l *limiter) used(now time.Time) (calls, pushes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(now)
	return l.calls, l.pushes
}

// turn starts a new count where a new month began in DingTalk's time zone.
func (l *limiter) turn(now time.Time) {
	if m := now.In(shanghai).Format("2006-01"); m != l.month {
		l.month, l.calls, l.pushes = m, 0, 0
	}
}

// shanghai is China Standard Time, which has no daylight saving since 1991.
var shanghai = time.FixedZone("CST", 8*60*60)

func take(used *int, budget int) bool {
	if budget > 0 && *used >= budget {
		return false
	}
	*used++
	return true
}
