package ingest

import (
	"context"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/internal/raw"
)

// maxWhy is how many characters of a reason are kept.
const maxWhy = 500

// refusal notes why a record was refused.
func (s *Service) refusal(source string, r connectors.Record, why error) raw.Refused {
	if r.Bad != nil {
		why = r.Bad // what it is about stands beside it
	}
	text := []rune(strings.ReplaceAll(why.Error(), connectors.ErrBadRecord.Error()+": ", ""))
	return raw.Refused{
		ID: raw.RefusedID(source, r), Source: source, Kind: r.Kind, Thing: shortID(r.ID), ModifiedAt: r.ModifiedAt.UTC().Truncate(time.Millisecond), At: s.stamp(), Why: string(text[:min(len(text), maxWhy)]),
	}
}

func shortID(id string) string {
	if len(id) > maxID {
		return ""
	}
	return id
}

// settleRefused forgets what was refused before of things that are taken in now. Most sources have nothing refused, so that is asked first.
func (s *Service) settleRefused(ctx context.Context, source string, taken []connectors.Record) error {
	noted, _, err := s.store.Refused(ctx, source, "", 1)
	if err != nil || len(noted) == 0 || len(taken) == 0 {
		return err
	}
	all := make([]raw.Refused, len(taken))
	for i, r := range taken {
		all[i] = raw.Refused{ID: raw.RefusedID(source, r), Source: source, ModifiedAt: r.ModifiedAt.UTC().Truncate(time.Millisecond)}
	}
	return s.store.SettleRefused(ctx, all)
}
