package budget

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// Keeper draws on the budgets of one platform for one process. Its methods may be called from several goroutines.
type Keeper struct {
	store Store
	now   func() time.Time

	mu     sync.Mutex
	purses map[string]*purse
}

// purse holds what was drawn of one budget and is not used yet.
type purse struct {
	limit Limit
	at    time.Time // the slot that it was drawn in
	end   time.Time // when the slot is over and what is left no longer counts
	left  int
	block int // how much is drawn at once: it grows while blocks are used up within their slot
}

// maxBlock bounds how much of a budget one process holds without using it.
const maxBlock = 16

// NewKeeper returns a Keeper.
func NewKeeper(s Store, now func() time.Time) *Keeper {
	return &Keeper{store: s, now: now, purses: make(map[string]*purse)}
}

// Need is one thing that a send spends.
type Need struct {
	Limit Limit
	By    string // what the limit counts by: an API, a person; "" where there is one for all
	N     int
}

func (n Need) key() string {
	if n.By == "" {
		return n.Limit.Name
	}
	return n.Limit.Name + "/" + n.By
}

// Refused says which budget has no room, and when it may have some.
type Refused struct {
	Limit Limit
	Until time.Time
}

func (r *Refused) Error() string {
	return fmt.Sprintf("the budget %s of %d is spent until %s", r.Limit.Name, r.Limit.Max, r.Until.UTC().Format(time.RFC3339))
}

// Explain says it to people.
func (r *Refused) Explain() string {
	return fmt.Sprintf("%s（%d）已用完，%s 后继续发送", Title(r.Limit.Name), r.Limit.Max, r.Until.In(china).Format("1月2日 15:04:05"))
}

// Take spends everything of one send at once, or nothing: then the error is a *Refused. share, up to 1, is how much of the monthly budgets may be spent, so that what
// can wait leaves something for what cannot.
func (k *Keeper) Take(ctx context.Context, share float64, needs ...Need) error {
	errs, err := k.TakeEach(ctx, share, [][]Need{needs})
	if err != nil {
		return err
	}
	return errs[0]
}

// TakeEach is Take for several sends in their order, with at most one write for all of them. errs holds nil or a *Refused for each.
func (k *Keeper) TakeEach(ctx context.Context, share float64, sends [][]Need) (errs []error, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if err := k.fill(ctx, now, share, sends); err != nil {
		return nil, err
	}
	errs = make([]error, len(sends))
	for i, needs := range sends {
		errs[i] = k.pay(now, needs)
	}
	return errs, nil
}

// pay takes what one send needs out of the purses, or nothing.
func (k *Keeper) pay(now time.Time, needs []Need) error {
	for i, n := range needs {
		if n.Limit.Max <= 0 {
			continue
		}
		p := k.purses[n.key()]
		if p.left < n.N {
			for _, back := range needs[:i] {
				if back.Limit.Max > 0 {
					k.purses[back.key()].left += back.N
				}
			}
			return &Refused{Limit: n.Limit, Until: n.Limit.freed(now)}
		}
		p.left -= n.N
	}
	return nil
}

// fill draws what the purses lack, and gives back what is left in those whose slot is over.
func (k *Keeper) fill(ctx context.Context, now time.Time, share float64, sends [][]Need) error {
	wanted := make(map[string]int)
	var order []string
	draws := k.over(now)
	backs := len(draws)
	for _, needs := range sends {
		for _, n := range needs {
			if n.Limit.Max <= 0 {
				continue
			}
			key := n.key()
			if wanted[key] == 0 {
				order = append(order, key)
			}
			wanted[key] += n.N
			k.open(key, n.Limit)
		}
	}
	var drawn []*purse
	for _, key := range order {
		p := k.purses[key]
		if p.left >= wanted[key] {
			continue
		}
		at, since, end := p.limit.slot(now)
		p.at, p.end = at, end
		draws = append(draws, Draw{Key: key, At: milli(at), Since: milli(since), Want: max(wanted[key]-p.left, p.block), Max: p.limit.bound(share)})
		drawn = append(drawn, p)
	}
	if len(draws) == 0 {
		return nil
	}
	granted, err := k.store.Reserve(ctx, draws)
	if err != nil {
		return fmt.Errorf("draw on the budgets: %w", err)
	}
	for i, p := range drawn {
		p.left += granted[backs+i]
		p.block = min(maxBlock, 2*p.block, 1+p.limit.Max/8)
	}
	return nil
}

// bound is how much of the budget may be spent.
func (l Limit) bound(share float64) int {
	if l.Window == 0 && share < 1 {
		return int(float64(l.Max) * share)
	}
	return l.Max
}

func (k *Keeper) open(key string, l Limit) {
	if p := k.purses[key]; p == nil || p.limit != l {
		k.purses[key] = &purse{limit: l, block: 1}
	}
}

// over empties the purses whose slot is over, and returns what they give back. A month's purse keeps what it has until the month ends: it stays spent where it was drawn.
func (k *Keeper) over(now time.Time) []Draw {
	var back []Draw
	for key, p := range k.purses {
		switch {
		case p.end.IsZero() || now.Before(p.end):
			continue
		case p.limit.Window == 0 && Month(now).Equal(Month(p.at)):
			continue
		case p.left == 0 && now.Sub(p.end) > time.Minute+p.limit.Window:
			delete(k.purses, key)
			continue
		case p.left > 0:
			back = append(back, Draw{Key: key, At: milli(p.at), Since: milli(p.at), Want: -p.left})
			p.block = max(1, p.block/4)
		}
		p.left = 0
	}
	return back
}

// Refund puts back what was taken and not used.
func (k *Keeper) Refund(needs ...Need) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, n := range needs {
		if p := k.purses[n.key()]; n.Limit.Max > 0 && p != nil && k.now().Before(p.end) {
			p.left += n.N
		}
	}
}

// Close gives back everything that was drawn and not used.
func (k *Keeper) Close(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var back []Draw
	for key, p := range k.purses {
		if p.left > 0 {
			back = append(back, Draw{Key: key, At: milli(p.at), Since: milli(p.at), Want: -p.left})
		}
	}
	clear(k.purses)
	if len(back) == 0 {
		return nil
	}
	_, err := k.store.Reserve(ctx, back)
	return err
}

func milli(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Count adds what was spent without being asked for, whatever the limit.
func (k *Keeper) Count(ctx context.Context, l Limit, n int) error {
	at, since, _ := l.slot(k.now())
	if _, err := k.store.Reserve(ctx, []Draw{{Key: l.Name, At: milli(at), Since: milli(since), Want: n, Max: math.MaxInt32}}); err != nil {
		return fmt.Errorf("count %s: %w", l.Name, err)
	}
	return nil
}
