package budget

import (
	"context"
	"errors"
	"time"

	"lingke/bots"
)

// patience is how long a call waits in place for a budget of seconds; for anything longer it is put off.
const patience = 3 * time.Second

// Meter is the bots.Meter of one platform.
type Meter struct {
	keeper *Keeper
	limits Limits
	now    func() time.Time
}

var _ bots.Meter = (*Meter)(nil)

// NewMeter returns a Meter that draws through k.
func NewMeter(k *Keeper, l Limits, now func() time.Time) *Meter {
	return &Meter{keeper: k, limits: l, now: now}
}

type shareKey struct{}

// WithShare returns a context in which calls may spend the monthly budgets up to a share of them only.
func WithShare(ctx context.Context, share float64) context.Context {
	return context.WithValue(ctx, shareKey{}, share)
}

// ShareOf is the share that WithShare set; 1 without.
func ShareOf(ctx context.Context) float64 {
	if share, ok := ctx.Value(shareKey{}).(float64); ok {
		return share
	}
	return 1
}

// Spend is as in bots.Meter.
func (m *Meter) Spend(ctx context.Context, api string) error {
	needs := m.limits.Call(api)
	for began := m.now(); ; {
		err := m.keeper.Take(ctx, ShareOf(ctx), needs...)
		var refused *Refused
		if !errors.As(err, &refused) {
			return err
		}
		wait := max(refused.Until.Sub(m.now()), time.Millisecond)
		if m.now().Add(wait).Sub(began) > patience {
			return m.limits.Refusal(api, refused, wait)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// Refund is as in bots.Meter.
func (m *Meter) Refund(api string) { m.keeper.Refund(m.limits.Call(api)...) }

// Refusal is a spent budget as the failure of an attempt: the platform was not asked.
func (l Limits) Refusal(op string, r *Refused, wait time.Duration) error {
	return &bots.Error{Kind: bots.ErrRateLimited, Platform: l.Platform, Op: op, Code: CodeSpent, Text: r.Explain(), Wait: wait}
}

// CodeSpent is the code of a failure that is a budget of ours and not the platform's refusal.
const CodeSpent = "budget spent"

// sleep waits in real time: a test's clock may stand.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
