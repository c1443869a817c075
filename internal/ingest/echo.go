package ingest

import (
	"context"
	"fmt"
	"slices"

	"lingke/connectors"
	"lingke/internal/customer"
)

// withoutEchoes leaves out what a source tells only because we wrote into it.
func (s *Service) withoutEchoes(ctx context.Context, source string, records []connectors.Record) ([]connectors.Record, error) {
	if !s.rules().Written[source] || len(records) == 0 {
		return records, nil
	}
	holders := make(map[customer.Ref]customer.Customer)
	for part := range slices.Chunk(records, together) {
		refs := make([]customer.Ref, len(part))
		for i, r := range part {
			refs[i] = customer.NewRef(source, r.ID)
		}
		found, err := s.store.CustomersByKey(ctx, refs, nil)
		if err != nil {
			return nil, fmt.Errorf("customers of %d records: %w", len(refs), err)
		}
		for _, c := range found {
			for _, ref := range c.Refs() {
				holders[ref] = c
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(records), func(r connectors.Record) bool {
		ref := customer.NewRef(source, r.ID)
		return holders[ref].Echo(ref, r)
	}), nil
}
