package sqlite

import (
	"context"
	"fmt"
)

// EndLeases ends every lease, so that what a killed process was working on is taken up at once and not when its leases end. It is for the one process that works on
// this file; a lease's holder that is still alive may finish as long as nobody else has taken the work.
func (s *Store) EndLeases(ctx context.Context) error {
	err := s.do(ctx, func(t *tx) error {
		for _, query := range []string{
			`UPDATE events SET until = 0 WHERE state = 'due' AND until > 0`,
			`UPDATE deliveries SET until = 0 WHERE state = 'due' AND until > 0`,
			`UPDATE runs SET until = 0 WHERE ended IS NULL AND until > 0`,
		} {
			if _, err := t.exec(query); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ending the leases: %w", err)
	}
	return nil
}
