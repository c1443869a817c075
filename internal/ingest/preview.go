package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lingke/connectors"
	"lingke/internal/customer"
)

// Preview is what a pull would do.
type Preview struct {
	Kinds   map[connectors.Kind]Outcome
	First   []connectors.Record // the first few of each kind
	Refused []string            // why, of the first few that would be refused
	// Owned counts the customers whose source names an owner who is one of our people; Strangers counts those of each other name, of the first maxStrangers names.
	Owned     int
	Strangers map[string]int
}

// maxStrangers is how many names of owners whom nobody knows are counted.
const maxStrangers = 1000

// Outcome counts the records of one kind. A record that comes more than once is counted each time; a deleted order or activity that was never known counts as new.
type Outcome struct {
	New     int // not known yet
	Joining int // not known yet, and of a customer that another record tells of
	Changed int // known, with something new
	Known   int // known like that, or in a newer version
	Refused int // can never be taken in
}

// Read is how many records there were.
func (o Outcome) Read() int { return o.New + o.Joining + o.Changed + o.Known + o.Refused }

// How much of a preview is told in full.
const (
	firstOfKind  = 3
	firstRefused = 10
)

// Preview tells what Pull would do, and writes nothing. progress, if not nil, is told how many records were read so far.
func (p *Puller) Preview(ctx context.Context, name string, from connectors.Connector, full bool, progress func(int)) (Preview, error) {
	out := Preview{Kinds: make(map[connectors.Kind]Outcome)}
	since, err := p.since(ctx, name, full)
	if err != nil {
		return out, err
	}
	var open []connectors.Record
	n := 0
	look := func() error {
		err := p.service.preview(ctx, name, open, &out)
		n, open = n+len(open), open[:0]
		if progress != nil {
			progress(n)
		}
		return err
	}
	_, err = from.Pull(ctx, since, func(r connectors.Record) error {
		if open = append(open, r); len(open) < together {
			return nil
		}
		return look()
	})
	if lookErr := look(); err == nil {
		err = lookErr
	}
	if err != nil {
		return out, fmt.Errorf("preview of %s: %w", name, err)
	}
	return out, nil
}

// preview adds what applyAll would do with some records.
func (s *Service) preview(ctx context.Context, source string, records []connectors.Record, into *Preview) error {
	var customers []connectors.Record
	var told history
	for _, r := range records {
		if r.Bad == nil {
			into.show(r)
		}
		if err := Check(r, s.now()); err != nil {
			into.refuse(r.Kind, err)
			continue
		}
		if r.Kind == connectors.Customer {
			into.owner(s.rules(), strings.TrimSpace(r.Fields[connectors.FieldOwner]))
			customers = append(customers, r)
			continue
		}
		if err := told.add(source, r); err != nil {
			return err
		}
	}
	if err := s.previewHistory(ctx, told, into); err != nil {
		return err
	}
	return s.previewCustomers(ctx, source, customers, into)
}

func (p *Preview) show(r connectors.Record) {
	seen := 0
	for _, f := range p.First {
		if f.Kind == r.Kind {
			seen++
		}
	}
	if seen < firstOfKind {
		p.First = append(p.First, r)
	}
}

// owner counts whom a source says that a customer belongs to.
func (p *Preview) owner(r *Rules, name string) {
	_, met := p.Strangers[name]
	switch {
	case name == "":
	case r.Owners[name] != "":
		p.Owned++
	case met || len(p.Strangers) < maxStrangers:
		if p.Strangers == nil {
			p.Strangers = make(map[string]int)
		}
		p.Strangers[name]++
	}
}

func (p *Preview) refuse(k connectors.Kind, err error) {
	p.count(k, Outcome{Refused: 1})
	if len(p.Refused) < firstRefused {
		p.Refused = append(p.Refused, err.Error())
	}
}

func (p *Preview) count(k connectors.Kind, o Outcome) {
	was := p.Kinds[k]
	p.Kinds[k] = Outcome{was.New + o.New, was.Joining + o.Joining, was.Changed + o.Changed, was.Known + o.Known, was.Refused + o.Refused}
}

func (s *Service) previewCustomers(ctx context.Context, source string, records []connectors.Record, into *Preview) error {
	if len(records) == 0 {
		return nil
	}
	found, kins, first, err := s.holders(ctx, source, records)
	if err != nil {
		return err
	}
	for i, r := range records {
		kin, whole := found.kin(kins[i], first[i])
		if !whole {
			if kin, err = s.kin(ctx, kin, nil); err != nil {
				return err
			}
		}
		change, changed := customer.Regroup(kin, s.rules().Ranks)
		_, held := kin.Holder(kin.Ref)
		into.count(r.Kind, outcome(held, changed, changed && len(change.Put[0].Records) > 1))
	}
	return nil
}

func (s *Service) previewHistory(ctx context.Context, told history, into *Preview) error {
	var refs []customer.Ref
	for _, o := range told.orders {
		refs = append(refs, o.Customer)
	}
	for _, a := range told.activities {
		refs = append(refs, a.Customer)
	}
	if len(refs) == 0 {
		return nil
	}
	slices.Sort(refs)
	held, err := s.historyOf(ctx, slices.Compact(refs))
	if err != nil {
		return err
	}
	compareVersions(held.orders, told.orders, func(o customer.Order) customer.Ref { return o.ID }, func(o Outcome) { into.count(connectors.Order, o) })
	compareVersions(held.activities, told.activities, func(a customer.Activity) customer.Ref { return a.ID }, func(o Outcome) { into.count(connectors.Activity, o) })
	return nil
}

func compareVersions[T interface{ Version() string }](held, told []T, id func(T) customer.Ref, count func(Outcome)) {
	versions := make(map[customer.Ref]string, len(held))
	for _, h := range held {
		versions[id(h)] = h.Version()
	}
	for _, t := range told {
		version, known := versions[id(t)]
		count(outcome(known, t.Version() > version, false))
	}
}

func outcome(held, changed, joins bool) Outcome {
	switch {
	case !held && joins:
		return Outcome{Joining: 1}
	case !held:
		return Outcome{New: 1}
	case changed:
		return Outcome{Changed: 1}
	}
	return Outcome{Known: 1}
}
