package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"

	"lingke/connectors"
	"lingke/internal/raw"
)

// keepRaw keeps what the source told before anything follows from it: also what cannot be taken in yet may be by another mapping.
func (s *Service) keepRaw(ctx context.Context, source string, records []connectors.Record) error {
	body, n, err := raw.Pack(records)
	switch {
	case errors.Is(err, raw.ErrTooLarge) && len(records) > 1:
		half := len(records) / 2
		return errors.Join(s.keepRaw(ctx, source, records[:half]), s.keepRaw(ctx, source, records[half:]))
	case errors.Is(err, raw.ErrTooLarge):
		s.log.LogAttrs(ctx, slog.LevelWarn, "a raw record is too large to be kept", slog.String("connector", source), slog.String("id", records[0].ID))
		return nil
	case err != nil:
		return err
	case n == 0:
		return nil
	}
	now := s.stamp()
	p := raw.Part{ID: fmt.Sprintf("%013x-%s", now.UnixMilli(), uuid.NewString()), Source: source, At: now, Count: n, Body: body}
	if err := s.store.AddRaw(ctx, p); err != nil {
		return fmt.Errorf("keep %d raw records: %w", n, err)
	}
	return nil
}
