package imports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/batch"
	"lingke/internal/customer"
)

func (s *Service) newBatch(q Request) batch.Batch {
	sum := sha256.Sum256(q.Content)
	return batch.Batch{ID: s.NewID(), File: q.File, Hash: hex.EncodeToString(sum[:]), By: q.By, At: s.stamp(), Pool: q.Pool}
}

// checks refine fields by rules that only the rest of the product knows.
var checks = map[string]func(string) (string, error){
	connectors.FieldCreditCode: func(text string) (string, error) {
		code, ok := customer.CreditCode(text)
		if !ok {
			return "", sheet.Reason{
				ZH: "不是有效的统一社会信用代码（18 位，最后一位为校验码）", EN: "is no unified social credit code: expected 18 characters of which the last is the check digit",
			}
		}
		return code, nil
	},
}

// count compares the file's customers with those that are known.
func (s *Service) count(ctx context.Context, p *Preview) error {
	var customers []connectors.Record
	for _, r := range p.Result.Records {
		switch r.Kind {
		case connectors.Customer:
			customers = append(customers, r)
		case connectors.Order:
			p.Batch.Orders++
		case connectors.Activity:
			p.Batch.Activities++
		}
	}
	const chunk = 500
	for part := range slices.Chunk(customers, chunk) {
		if err := s.compare(ctx, p, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) compare(ctx context.Context, p *Preview, part []connectors.Record) error {
	var refs []customer.Ref
	var codes []string
	for _, r := range part {
		refs = append(refs, customer.NewRef(p.Batch.Source, r.ID))
		refs = append(refs, customer.SameAs(r.Fields[connectors.FieldSameAs])...)
		if code, ok := customer.CreditCode(r.Fields[connectors.FieldCreditCode]); ok {
			codes = append(codes, customer.CodeKey(code))
		}
	}
	known, err := s.Ledger.CustomersByKey(ctx, refs, codes)
	if err != nil {
		return fmt.Errorf("compare with what is known: %w", err)
	}
	held := make(map[customer.Ref]customer.Record)
	coded := make(map[string]bool)
	for _, c := range known {
		coded[c.CreditCode] = c.CreditCode != ""
		for _, r := range c.Records {
			held[r.Ref] = r
		}
	}
	for _, r := range part {
		code, _ := customer.CreditCode(r.Fields[connectors.FieldCreditCode])
		old, known := held[customer.NewRef(p.Batch.Source, r.ID)]
		joins := slices.ContainsFunc(customer.SameAs(r.Fields[connectors.FieldSameAs]), func(ref customer.Ref) bool { _, there := held[ref]; return there })
		switch {
		case known && !old.Withdrawn && says(old, r):
			p.Batch.Unchanged++
		case known && !old.Withdrawn || coded[code] || joins:
			p.Batch.Changed++
		default:
			p.Batch.New++
		}
	}
	return nil
}

// says reports whether the record tells already what r would tell.
func says(old customer.Record, r connectors.Record) bool {
	for field, text := range r.Fields {
		if old.Values[field].Text != text && !old.Values[field].At.After(r.ModifiedAt) {
			return false
		}
	}
	return !old.Deleted
}

// findSame looks for live batches of the same content among the last ones.
func (s *Service) findSame(ctx context.Context, p *Preview) error {
	const last = 200
	page, _, err := s.Ledger.Batches(ctx, "", last)
	if err != nil {
		return fmt.Errorf("earlier batches: %w", err)
	}
	for _, b := range page {
		if b.Hash == p.Batch.Hash && b.ID != p.Batch.ID && (b.State == batch.Done || b.State == batch.Applying) {
			p.Before = append(p.Before, b)
		}
	}
	return nil
}
