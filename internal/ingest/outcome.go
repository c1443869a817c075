package ingest

import (
	"context"
	"fmt"

	"lingke/internal/customer"
)

// Outcome stores what a person tells of a deal and scores its customer anew. What is told again of the same deal takes the place of what was told before,
// whatever arrives first.
func (s *Service) Outcome(ctx context.Context, o customer.Order) error {
	if _, err := s.store.PutOrder(ctx, o); err != nil {
		return fmt.Errorf("store outcome %s: %w", o.ID, err)
	}
	return s.refreshAll(ctx, []customer.Ref{o.Customer})
}
