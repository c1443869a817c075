package sqlite

import (
	"context"
	"fmt"

	"lingke/internal/store"
)

// schemaHistoryMark counts the transactions that changed orders or activities.
const schemaHistoryMark = `
CREATE TABLE history_mark (n INTEGER NOT NULL);
INSERT INTO history_mark VALUES (0);
`

var _ store.Marked = (*Store)(nil)

// HistoryMark is as in store.Marked.
func (s *Store) HistoryMark(ctx context.Context) (n int64, err error) {
	if err := s.row(ctx, []any{&n}, `SELECT n FROM history_mark`); err != nil {
		return 0, fmt.Errorf("reading the mark of history: %w", err)
	}
	return n, nil
}

// marked moves the mark of history, once in a transaction.
func (t *tx) marked() error {
	if t.moved {
		return nil
	}
	t.moved = true
	if _, err := t.exec(`UPDATE history_mark SET n = n + 1`); err != nil {
		return fmt.Errorf("moving the mark of history: %w", err)
	}
	return nil
}
