package imports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/internal/batch"
)

// offeredFor is how long an offered file is kept for somebody's yes.
const offeredFor = 24 * time.Hour

// ErrOfferSize says that a file is too large to be kept until somebody says yes.
var ErrOfferSize = fmt.Errorf("a file of more than %d MB cannot be offered", maxAttachment>>20)

// MaxOffer is how many bytes a file may have that is offered.
const MaxOffer = maxAttachment

// Offer keeps a file under an id until somebody says yes (Accept) or no (Decline), or a day has passed, and says what importing it would do. An id that is known already
// stays as it is. Errors are those of Preview, and ErrOfferSize, ErrState.
func (s *Service) Offer(ctx context.Context, id string, q Request) (*Preview, error) {
	if len(q.Content) > maxAttachment {
		return nil, ErrOfferSize
	}
	if b, err := s.Ledger.Batch(ctx, id); err == nil && b.State == batch.Offered {
		return s.Offered(ctx, id)
	}
	b := s.newBatch(q)
	b.ID = id
	p, err := s.preview(ctx, q, b)
	if err != nil {
		return nil, err
	}
	if err := s.Ledger.Attach(ctx, id, batch.FileAttachment, q.Content); err != nil {
		return nil, fmt.Errorf("offer %s: %w", id, err)
	}
	return p, s.put(ctx, &p.Batch, batch.Offered)
}

// Offered says what importing an offered file would do as things are now. ErrState where it is not offered any more.
func (s *Service) Offered(ctx context.Context, id string) (*Preview, error) {
	b, err := s.Ledger.Batch(ctx, id)
	if err != nil {
		return nil, err
	}
	if b.State != batch.Offered {
		return nil, fmt.Errorf("%w: %s is %s", ErrState, id, b.State)
	}
	content, err := s.Ledger.Attachment(ctx, id, batch.FileAttachment)
	if err != nil {
		return nil, fmt.Errorf("offer %s: %w", id, err)
	}
	fresh := batch.Batch{ID: b.ID, Rev: b.Rev, File: b.File, Hash: b.Hash, By: b.By, At: b.At, Pool: b.Pool, State: b.State}
	return s.preview(ctx, Request{File: b.File, Content: content, By: b.By, Pool: b.Pool}, fresh)
}

// Accept begins to take an offered file in, as Begin does. ErrState where it is not offered any more.
func (s *Service) Accept(ctx context.Context, id string) (*Preview, error) {
	p, err := s.Offered(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.note(ctx, p); err != nil {
		return nil, err
	}
	return p, s.Ledger.Attach(ctx, id, batch.FileAttachment, nil)
}

// Decline forgets an offered file. One that is not offered stays as it is.
func (s *Service) Decline(ctx context.Context, id string) error {
	b, err := s.Ledger.Batch(ctx, id)
	if err != nil || b.State != batch.Offered {
		return err
	}
	return s.withdraw(ctx, b)
}

func (s *Service) withdraw(ctx context.Context, b batch.Batch) error {
	return errors.Join(s.Ledger.Attach(ctx, b.ID, batch.FileAttachment, nil), s.end(ctx, &b, batch.Abandoned))
}

// Corrected is a copy of the rows of an offered or imported file that stayed out, each with its problem, to be corrected and read again; nil where none did. The
// store's error where they were too large to be kept.
func (s *Service) Corrected(ctx context.Context, id string) ([]byte, error) {
	b, err := s.Ledger.Batch(ctx, id)
	if err != nil || b.Failed == 0 {
		return nil, err
	}
	if b.State == batch.Offered {
		p, err := s.Offered(ctx, id)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		err = p.Problems(ctx, &out)
		return out.Bytes(), err
	}
	return s.Ledger.Attachment(ctx, id, batch.ProblemsAttachment)
}

// LastOffer is the last file that somebody was asked about and has not answered; false where there is none.
func (s *Service) LastOffer(ctx context.Context, by string) (string, bool, error) {
	b, found, err := s.lastOf(ctx, by, batch.Offered)
	return b.ID, found && b.At.After(s.Now().Add(-offeredFor)), err
}

// LastDone is the last import of somebody that counts.
func (s *Service) LastDone(ctx context.Context, by string) (batch.Batch, bool, error) {
	return s.lastOf(ctx, by, batch.Done)
}

func (s *Service) lastOf(ctx context.Context, by string, state batch.State) (batch.Batch, bool, error) {
	const last = 200
	page, _, err := s.Ledger.Batches(ctx, "", last)
	if err != nil {
		return batch.Batch{}, false, fmt.Errorf("batches: %w", err)
	}
	for _, b := range page {
		if b.By == by && b.State == state {
			return b, true, nil
		}
	}
	return batch.Batch{}, false, nil
}
