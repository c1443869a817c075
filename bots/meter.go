package bots

import "context"

// Meter keeps an app's budgets of calls, which every process of the organisation shares. Its methods may be called from several goroutines.
type Meter interface {
	// Spend takes one call of an API ("PUT /v1.0/card/instances") out of the budgets before it is made, and waits a moment for room where that is near. The error
	// wraps ErrRateLimited and tells the wait; the call is not made then.
	Spend(ctx context.Context, api string) error
	// Refund gives a call back that the platform refused without counting it.
	Refund(api string)
}

// Unmetered lets every call pass.
type Unmetered struct{}

// Spend lets the call pass.
func (Unmetered) Spend(context.Context, string) error { return nil }

// Refund does nothing.
func (Unmetered) Refund(string) {}
