// Package imports takes files in that people drop or upload.
//
//	file ──read──▶ records ──note in the ledger──▶ make them count ──take in──▶ done
//	                 │                                                    ▲
//	              preview: nothing is written            undo: no longer count, tell the rest again
//
// Nothing counts before all of it is noted; what was noted is taken in even if the process dies in between (Resume). A batch is taken back by
// telling every record of it again from what the other batches told (package batch), so later imports and other sources stay as they are.
package imports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/ingest"
)

// The reasons why a file or a batch is refused; test with errors.Is, besides those of package sheet.
var (
	ErrPool   = errors.New("no such pool")
	ErrSource = errors.New("records of that source cannot be imported")
	ErrBusy   = errors.New("too many files are being imported at once")
	ErrState  = errors.New("the batch is not in a state for that")
)

// ledger is the part of the store that imports use.
type ledger interface {
	PutBatch(ctx context.Context, b batch.Batch) error
	Batch(ctx context.Context, id string) (batch.Batch, error)
	Batches(ctx context.Context, after string, limit int) (page []batch.Batch, next string, err error)
	AddTold(ctx context.Context, all []batch.Told) error
	SetTold(ctx context.Context, batchID string, live bool) error
	Told(ctx context.Context, kind connectors.Kind, refs []customer.Ref) ([]batch.Told, error)
	ToldBy(ctx context.Context, batchID string, kind connectors.Kind, after string, limit int) (page []batch.Told, next string, err error)
	Attach(ctx context.Context, batchID, name string, content []byte) error
	Attachment(ctx context.Context, batchID, name string) ([]byte, error)
	CustomersByKey(ctx context.Context, refs []customer.Ref, codes []string) ([]customer.Customer, error)
}

// intake is the part of ingest that imports use.
type intake interface {
	ApplyAll(ctx context.Context, source string, records []connectors.Record) error
	Retell(ctx context.Context, kind connectors.Kind, refs []customer.Ref, told ingest.Ledger) (touched []customer.Ref, err error)
	RefreshAll(ctx context.Context, refs []customer.Ref) error
}

// Service imports. Its methods may be called from several goroutines and processes.
type Service struct {
	Ledger ledger
	Intake intake
	// Fields are the fields of customers that headers may name, beside the usual ones.
	Fields func() []sheet.Field
	Pools  func() []string // the pools' names
	// Reserved are the names of sources that imports may not tell of: those of connectors.
	Reserved func(source string) bool
	Limits   sheet.Limits
	Zone     *time.Location
	Now      func() time.Time
	NewID    func() string // sorts by time
	Log      *slog.Logger
}

// Request is a file to import.
type Request struct {
	File    string // its name
	Content []byte
	Mapping *sheet.Mapping // nil: guessed
	By      string         // a person's id, or who started the command
	Pool    string         // the pool to put its customers into; by their scores if empty
}

// Preview is what an import would do.
type Preview struct {
	Batch  batch.Batch   `json:"batch"`
	Result *sheet.Result `json:"result"`
	// Before are the live batches of the same content.
	Before []batch.Batch `json:"before,omitempty"`

	file *sheet.File
}

// Preview reads a file and says what importing it would change. Nothing is written. Errors: ErrPool, ErrSource, and those of package sheet.
func (s *Service) Preview(ctx context.Context, q Request) (*Preview, error) {
	return s.preview(ctx, q, s.newBatch(q))
}

func (s *Service) preview(ctx context.Context, q Request, b batch.Batch) (*Preview, error) {
	if err := s.checkPool(q.Pool); err != nil {
		return nil, err
	}
	f, err := sheet.Open(q.File, q.Content, q.Mapping, s.Limits)
	if err != nil {
		return nil, err
	}
	r, err := f.Read(ctx, sheet.Options{Mapping: q.Mapping, Fields: s.Fields(), Zone: s.Zone, At: b.At, Checks: checks})
	if err != nil {
		return nil, err
	}
	if s.Reserved(r.Source) {
		return nil, fmt.Errorf("%w: %q is a connector", ErrSource, r.Source)
	}
	if err := sound(r.Records, b.At); err != nil {
		return nil, err
	}
	if q.Pool != "" {
		intoPool(r.Records, q.Pool)
	}
	p := &Preview{Batch: b, Result: r, file: f}
	p.Batch.Source = r.Source
	p.Batch.Rows, p.Batch.Good, p.Batch.Failed, p.Batch.Skipped = r.Rows, r.Good, r.Failed, r.Skipped
	if err := s.count(ctx, p); err != nil {
		return nil, err
	}
	return p, s.findSame(ctx, p)
}

func (s *Service) checkPool(name string) error {
	if name == "" {
		return nil
	}
	for _, p := range s.Pools() {
		if p == name {
			return nil
		}
	}
	return fmt.Errorf("%w: %q; there are %v", ErrPool, name, s.Pools())
}

// sound reports what no mapping could make right.
func sound(records []connectors.Record, now time.Time) error {
	for _, r := range records {
		if err := ingest.Check(r, now); err != nil {
			return fmt.Errorf("%w: %w", sheet.ErrMapping, err)
		}
	}
	return nil
}

func intoPool(records []connectors.Record, pool string) {
	for _, r := range records {
		if r.Kind == connectors.Customer {
			r.Fields[connectors.FieldPool] = pool
		}
	}
}

// Import takes a file in and says what it did. progress, if not nil, is told the number of records taken in so far, and of all.
func (s *Service) Import(ctx context.Context, q Request, progress func(done, all int)) (*Preview, error) {
	p, err := s.Begin(ctx, q)
	if err != nil {
		return p, err
	}
	return p, s.Finish(ctx, p, progress)
}

// Begin notes what a file tells, so that it will be taken in whatever happens, and returns before that is done.
func (s *Service) Begin(ctx context.Context, q Request) (*Preview, error) {
	p, err := s.Preview(ctx, q)
	if err != nil {
		return nil, err
	}
	return p, s.note(ctx, p)
}

// Finish takes in what Begin noted and brings p's batch up to date.
func (s *Service) Finish(ctx context.Context, p *Preview, progress func(done, all int)) error {
	if err := s.apply(ctx, p.Batch.Source, p.Result.Records, progress); err != nil {
		return fmt.Errorf("batch %s: %w", p.Batch.ID, err)
	}
	if err := s.end(ctx, &p.Batch, batch.Done); err != nil {
		return err
	}
	s.Log.LogAttrs(ctx, slog.LevelInfo, "imported", slog.String("batch", p.Batch.ID), slog.String("file", p.Batch.File), slog.Int("rows", p.Batch.Rows),
		slog.Int("failed", p.Batch.Failed), slog.Int("new", p.Batch.New), slog.Int("changed", p.Batch.Changed), slog.Int("orders", p.Batch.Orders))
	return nil
}

// note writes everything down that the batch tells, and then makes it count.
func (s *Service) note(ctx context.Context, p *Preview) error {
	if err := s.put(ctx, &p.Batch, batch.Loading); err != nil {
		return err
	}
	if err := s.attachProblems(ctx, p); err != nil {
		return err
	}
	const chunk = 500
	told := make([]batch.Told, 0, chunk)
	for i, r := range p.Result.Records {
		told = append(told, batch.Told{Batch: p.Batch.ID, Ref: customer.NewRef(p.Batch.Source, r.ID), Record: r})
		if len(told) < chunk && i < len(p.Result.Records)-1 {
			continue
		}
		if err := s.Ledger.AddTold(ctx, told); err != nil {
			return fmt.Errorf("note batch %s: %w", p.Batch.ID, err)
		}
		told = told[:0]
	}
	if err := s.put(ctx, &p.Batch, batch.Applying); err != nil {
		return err
	}
	if err := s.Ledger.SetTold(ctx, p.Batch.ID, true); err != nil {
		return fmt.Errorf("batch %s: %w", p.Batch.ID, err)
	}
	return nil
}

func (s *Service) put(ctx context.Context, b *batch.Batch, state batch.State) error {
	b.State = state
	if err := s.Ledger.PutBatch(ctx, *b); err != nil {
		return fmt.Errorf("batch %s becomes %s: %w", b.ID, state, err)
	}
	b.Rev++
	return nil
}

func (s *Service) end(ctx context.Context, b *batch.Batch, state batch.State) error {
	b.Ended = s.stamp()
	return s.put(ctx, b, state)
}

func (s *Service) stamp() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// apply takes records in by parts in which a customer and what belongs to it stay together, so that each customer is scored once.
func (s *Service) apply(ctx context.Context, source string, records []connectors.Record, progress func(done, all int)) error {
	done := 0
	for _, part := range parts(records) {
		if err := s.Intake.ApplyAll(ctx, source, part); err != nil {
			return err
		}
		if done += len(part); progress != nil {
			progress(done, len(records))
		}
	}
	return nil
}

// partSize is how many records are taken in together.
const partSize = 2000

// parts puts each customer's records together, and the customers into parts.
func parts(records []connectors.Record) (out [][]connectors.Record) {
	var order []string
	by := make(map[string][]connectors.Record)
	for _, r := range records {
		id := r.Customer
		if r.Kind == connectors.Customer {
			id = r.ID
		}
		if _, known := by[id]; !known {
			order = append(order, id)
		}
		by[id] = append(by[id], r)
	}
	var part []connectors.Record
	for i, id := range order {
		part = append(part, by[id]...)
		if len(part) >= partSize || i == len(order)-1 {
			out, part = append(out, part), nil
		}
	}
	return out
}

// maxAttachment bounds what is kept of a batch: MongoDB keeps documents of 16 MB at most.
const maxAttachment = 12 << 20

// attachProblems keeps the rows that failed, with their reasons, for the one who imported.
func (s *Service) attachProblems(ctx context.Context, p *Preview) error {
	if p.Result.Failed == 0 {
		return nil
	}
	var out bytes.Buffer
	if err := p.file.Corrected(ctx, p.Result, &out); err != nil {
		return fmt.Errorf("rows that failed: %w", err)
	}
	if out.Len() > maxAttachment {
		return nil // the problems are in the preview all the same
	}
	return s.Ledger.Attach(ctx, p.Batch.ID, batch.ProblemsAttachment, out.Bytes())
}

// Problems writes the rows of a previewed file that failed, to be corrected and imported again.
func (p *Preview) Problems(ctx context.Context, w io.Writer) error {
	return p.file.Corrected(ctx, p.Result, w)
}
