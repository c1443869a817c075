package store

import (
	"context"
	"time"

	"lingke/internal/raw"
)

// Refusals keeps what could not be taken in.
type Refusals interface {
	// PutRefused notes each in place of what was noted under its ID, unless that is of a later version.
	PutRefused(ctx context.Context, all []raw.Refused) error
	// Refused returns what is noted of a source by ID, after another; next is "" on the last page. limit is 1…1000, 0 means 100.
	Refused(ctx context.Context, source, after string, limit int) (page []raw.Refused, next string, err error)
	// CountRefused returns how much is noted of a source.
	CountRefused(ctx context.Context, source string) (int, error)
	// SettleRefused forgets what is noted under the ID of one of all, of its version or an earlier one.
	SettleRefused(ctx context.Context, all []raw.Refused) error
	// PurgeRefused forgets what a source was refused last before an instant, every source's where source is empty, and returns how much.
	PurgeRefused(ctx context.Context, source string, before time.Time) (int, error)
}
