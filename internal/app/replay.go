package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/ingest"
)

// ErrNoReplay says that nothing a connector told can be read anew.
var ErrNoReplay = errors.New("what this connector told cannot be read anew")

// Replay reads what a connector's source told once by its mapping as it is now, and tells in lines of text what that changed, or with dry would. Phones are masked.
// ErrNoConnector, ErrNoReplay, ingest.ErrNothingKept, connectors.ErrNotKept.
func (a *App) Replay(ctx context.Context, name string, dry bool, progress func(int)) ([]string, error) {
	if _, known := a.cfg.Connectors[name]; !known {
		return nil, fmt.Errorf("%w: %q; there are: %s", ErrNoConnector, name, strings.Join(slices.Sorted(maps.Keys(a.cfg.Connectors)), ", "))
	}
	from, can := a.rereaders[name]
	if !can {
		return nil, fmt.Errorf("%w: %s is of type %s, which has no mapping", ErrNoReplay, name, a.cfg.Connectors[name].Type)
	}
	sum, err := a.ingest.Replay(ctx, name, from, dry, progress)
	if errors.Is(err, ingest.ErrNothingKept) && a.cfg.Connectors[name].RawFor() == 0 {
		err = fmt.Errorf("%w: its keep_raw is never", err)
	}
	return replayLines(name, dry, sum), err
}

func replayLines(name string, dry bool, sum ingest.Replayed) []string {
	if len(sum.Kinds) == 0 {
		return nil
	}
	first := fmt.Sprintf("%s: %d raw records read anew", name, sum.Kept)
	if dry {
		first += "; dry run, nothing was written"
	}
	lines := []string{first}
	for _, kind := range slices.Sorted(maps.Keys(sum.Kinds)) {
		k := sum.Kinds[kind]
		lines = append(lines, fmt.Sprintf("  %-8s %d kept: %d changed, %d as before, %d not taken in before, %d refused", kind, k.Things(), k.Changed, k.Same, k.New, k.Refused))
	}
	for _, c := range sum.Changes {
		lines = append(lines, fmt.Sprintf("  e.g. %s %s, %s: %q becomes %q", c.Kind, c.Ref, c.Field, masked(c.Field, c.Before), masked(c.Field, c.After)))
	}
	for _, why := range sum.Refused {
		lines = append(lines, "  refused: "+why)
	}
	return lines
}

// masked hides a phone number where a field may hold one.
func masked(field, text string) string {
	switch field {
	case connectors.FieldPhone, connectors.FieldMobile, connectors.FieldContact:
		return access.MaskPhone(text)
	}
	return text
}
