package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/internal/delivery/budget"
)

// Spend is the last stage: it takes what new messages spend of the budgets that count people and groups. Those of calls are kept where the calls are made, see budget.Meter.
type Spend struct {
	Keeper *budget.Keeper
	Limits budget.Limits
}

// Hold is as in Stage.
func (s Spend) Hold(ctx context.Context, now time.Time, all []Delivery) ([]Hold, error) {
	needs := make([][]budget.Need, len(all))
	for i, d := range all {
		if d.news() {
			needs[i] = s.Limits.Message(d.To, d.Conversation)
		}
	}
	errs, err := s.Keeper.TakeEach(ctx, 1, needs)
	if err != nil {
		return nil, fmt.Errorf("spend: %w", err)
	}
	holds := make([]Hold, len(all))
	for i, err := range errs {
		var refused *budget.Refused
		if errors.As(err, &refused) {
			holds[i] = Hold{Until: later(refused.Until, now.Add(time.Second)), Why: refused.Explain()}
		}
	}
	return holds, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
