package ingest

import (
	"context"
	"fmt"

	"lingke/internal/customer"
)

// Decide takes in what a person decided about who is the same customer, as ApplyAll takes in what sources tell: stored first, then put into effect. Doing it again, or after
// a later decision about the same records, changes nothing.
func (s *Service) Decide(ctx context.Context, all ...customer.Decision) error {
	var keys []string
	for _, d := range all {
		if _, err := s.store.PutDecision(ctx, d); err != nil {
			return fmt.Errorf("store decision about %s and %s: %w", d.A, d.B, err)
		}
		keys = append(keys, customer.RefKey(d.A), customer.RefKey(d.B))
	}
	if err := s.regroup(ctx, customer.Kin{}, keys); err != nil {
		return fmt.Errorf("put %d decisions into effect: %w", len(all), err)
	}
	return nil
}
