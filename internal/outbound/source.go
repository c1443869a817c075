package outbound

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// customers is the part of the store that write-back uses.
type customers interface {
	CustomersByKey(ctx context.Context, refs []customer.Ref, codes []string) ([]customer.Customer, error)
	PutCustomer(ctx context.Context, c customer.Customer) error
}

// Source tells a source about its own record. A post says which record; what is written is how the customer stands when it is sent, so that posts which overtake each
// other do no harm.
type Source struct {
	Customers customers
	Writer    connectors.Writer
	Person    func(id string) string // what the owner is called
	Now       func() time.Time
	Conflict  error // what PutCustomer's error wraps where somebody else wrote

	locks [16]sync.Mutex // two posts about one record wait for each other: the second finds that the first has said it all
}

// rounds bounds how often a customer that changes while it is told is told again at once.
const rounds = 5

// Send writes until what was written is how the customer stands. Nothing is written that was written already.
func (s *Source) Send(ctx context.Context, p Post) error {
	ref := customer.Ref(p.Body)
	lock := &s.locks[crc32.ChecksumIEEE(p.Body)%uint32(len(s.locks))]
	lock.Lock()
	defer lock.Unlock()
	for range rounds {
		fields, stands, err := s.look(ctx, ref)
		if err != nil || stands {
			return err
		}
		if err := s.write(ctx, ref, fields); err != nil {
			return err
		}
	}
	return errRestless
}

var errRestless = errors.New("the customer keeps changing")

// look returns what the record's source should say, and whether it does already, or there is nothing left to be told.
func (s *Source) look(ctx context.Context, ref customer.Ref) (fields map[string]string, stands bool, err error) {
	c, ok, err := s.holder(ctx, ref)
	if err != nil || !ok {
		return nil, true, err
	}
	fields = make(map[string]string)
	for _, f := range s.Writer.Takes() {
		switch f {
		case connectors.WriteTier:
			fields[f] = c.Tier
		case connectors.WriteScore:
			fields[f] = strconv.FormatFloat(math.Round(c.Score.Total), 'f', -1, 64)
		case connectors.WriteOwner:
			fields[f] = s.owner(c)
		case connectors.WriteTags:
			fields[f] = strings.Join(c.Tags, connectors.TagComma)
		}
	}
	w, ok := c.WrittenTo(ref)
	return fields, ok && w.Done && same(w.Fields, fields), nil
}

func (s *Source) owner(c customer.Customer) string {
	if c.Owner == "" {
		return ""
	}
	return s.Person(c.Owner)
}

// same leaves out small movements of the score: they are told with the next change.
func same(written, now map[string]string) bool {
	if maps.Equal(written, now) {
		return true
	}
	a, errA := strconv.ParseFloat(written[connectors.WriteScore], 64)
	b, errB := strconv.ParseFloat(now[connectors.WriteScore], 64)
	if errA != nil || errB != nil || math.Abs(a-b) >= customer.AnnouncedStep {
		return false
	}
	calm := maps.Clone(now)
	calm[connectors.WriteScore] = written[connectors.WriteScore]
	return maps.Equal(written, calm)
}

// holder is the customer that has the record, unless the source has deleted it.
func (s *Source) holder(ctx context.Context, ref customer.Ref) (customer.Customer, bool, error) {
	found, err := s.Customers.CustomersByKey(ctx, []customer.Ref{ref}, nil)
	if err != nil {
		return customer.Customer{}, false, fmt.Errorf("customer of %s: %w", ref, err)
	}
	for _, c := range found {
		for _, r := range c.Records {
			if r.Ref == ref {
				return c, !r.Deleted, nil
			}
		}
	}
	return customer.Customer{}, false, nil
}

// write notes the intention before the call and the success after it: whatever happens in between, what comes back is known as our own, and what was not confirmed is
// written again.
func (s *Source) write(ctx context.Context, ref customer.Ref, fields map[string]string) error {
	w := customer.Written{Ref: ref, At: s.Now().UTC().Truncate(time.Millisecond), Fields: fields}
	if err := s.note(ctx, w); err != nil {
		return err
	}
	err := s.Writer.WriteBack(ctx, connectors.Change{ID: ref.ID(), Fields: fields})
	if errors.Is(err, connectors.ErrConfig) || errors.Is(err, connectors.ErrBadRecord) {
		return fmt.Errorf("%w: %w", err, ErrPermanent)
	}
	if err != nil {
		return err
	}
	w.Done = true
	return s.note(ctx, w)
}

// noteAttempts bounds the optimistic writes; each failed one means that another writer succeeded.
const noteAttempts = 100

func (s *Source) note(ctx context.Context, w customer.Written) error {
	for range noteAttempts {
		c, ok, err := s.holder(ctx, w.Ref)
		if err != nil || !ok {
			return err
		}
		c.Wrote(w)
		if err = s.Customers.PutCustomer(ctx, c); !errors.Is(err, s.Conflict) {
			return err
		}
	}
	return errRestless
}
