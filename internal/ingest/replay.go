package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/raw"
)

// ErrNothingKept says that no raw records of a source are kept.
var ErrNothingKept = errors.New("no raw records of this source are kept")

// Replayed tells what a replay did, or would do.
type Replayed struct {
	Kept    int // versions that are kept
	Kinds   map[connectors.Kind]Remade
	Changes []Change // the first few
	Refused []string // why, of the first few
}

// Remade counts the things of one kind, each once, however many versions of it are kept.
type Remade struct {
	Same    int // come out as they are stored, or are told by a version that is not kept
	Changed int
	New     int // were never taken in; or are orders and activities that count no longer, and go on so
	Refused int // cannot be made by the mapping; they stay as they are
}

// Things is how many there are.
func (r Remade) Things() int { return r.Same + r.Changed + r.New + r.Refused }

// Change is a field of a thing that comes out differently.
type Change struct {
	Kind          connectors.Kind
	Ref           customer.Ref
	Field         string
	Before, After string
}

// mostRemade is how many versions are held in memory at once; of more, those of some things are read at a time, by as many readings as it takes.
const mostRemade = 50_000

// firstChanges is how many changes are told in full.
const firstChanges = 20

// Replay makes what a source told once say what its connector's mapping makes of it now. What was told by a version that is not kept any more stays as it is: a value goes
// only where the version that told it is kept, and makes no such value. Before anything is written all of it was read; the error wraps connectors.ErrNotKept, and nothing is
// written, where the mapping reads what the newest raw record of a thing does not have. A replay that was cut off may be begun again; customers of orders whose
// scoring it did not come to follow in the night. What arrives meanwhile is taken in by
// the mapping as it is now. dry writes nothing. ErrNothingKept.
func (s *Service) Replay(ctx context.Context, source string, from connectors.Rereader, dry bool, progress func(int)) (Replayed, error) {
	kept, err := s.store.CountRaw(ctx, source)
	if err != nil {
		return Replayed{}, err
	}
	if kept == 0 {
		return Replayed{}, fmt.Errorf("%w: %s", ErrNothingKept, source)
	}
	r := &rereading{Service: s, source: source, from: from, dry: true, missing: make(map[string]int), shares: uint64(1 + kept/mostRemade)} //nolint:gosec // a count
	if err := r.run(ctx, nil); err != nil {
		return r.sum, err
	}
	if err := r.lacking(); err != nil {
		return r.sum, err
	}
	if dry {
		return r.sum, nil
	}
	last := r.last
	r.dry = false
	if err := r.run(ctx, progress); err != nil {
		return r.sum, err
	}
	if err := s.store.SettleRefused(ctx, r.named); err != nil {
		return r.sum, err
	}
	return r.sum, s.catchUpRaw(ctx, source, from, last)
}

// rereading is a replay under way.
type rereading struct {
	*Service

	source  string
	from    connectors.Rereader
	dry     bool
	shares  uint64 // by how many readings
	sum     Replayed
	missing map[string]int // what the mapping reads and raw records lack: how many
	last    string         // the greatest id of a part
	named   []raw.Refused  // what stood for ids that can be read now
}

// told is what is kept of one thing, made anew.
type told struct {
	ref      customer.Ref
	at       []time.Time         // of the versions that are kept
	versions []connectors.Record // of those of them that could be made, oldest first
	err      error               // why the newest could not
}

// run reads everything that is kept, share by share.
func (r *rereading) run(ctx context.Context, progress func(int)) error {
	r.sum = Replayed{Kinds: make(map[connectors.Kind]Remade)}
	for share := range r.shares {
		all, err := r.read(ctx, share)
		if err != nil {
			return err
		}
		for _, kind := range []connectors.Kind{connectors.Order, connectors.Activity, connectors.Customer} {
			for part := range slices.Chunk(all[kind], together) {
				if err := r.take(ctx, kind, part); err != nil {
					return fmt.Errorf("replay %s: %w", r.source, err)
				}
				if progress != nil {
					progress(r.things())
				}
			}
		}
	}
	return nil
}

func (r *rereading) things() (n int) {
	for _, k := range r.sum.Kinds {
		n += k.Things()
	}
	return n
}

// lacking is the error about what the mapping reads and was not kept.
func (r *rereading) lacking() error {
	if len(r.missing) == 0 {
		return nil
	}
	var lines []string
	for _, what := range slices.Sorted(maps.Keys(r.missing)) {
		lines = append(lines, fmt.Sprintf("%s (%d)", what, r.missing[what]))
	}
	const most = 10
	return fmt.Errorf("%w; ask the source again with --full first: %s", connectors.ErrNotKept, strings.Join(lines[:min(most, len(lines))], "; "))
}

// read makes the versions of a share of all things anew, by kind.
func (r *rereading) read(ctx context.Context, share uint64) (map[connectors.Kind][]told, error) {
	by := make(map[connectors.Kind]map[customer.Ref]map[time.Time]raw.Version)
	kept := 0
	err := r.store.EachRaw(ctx, r.source, "", func(p raw.Part) error {
		r.last = max(r.last, p.ID)
		kept += p.Count
		return p.Each(func(v raw.Version) error {
			v = r.identified(v, p.At)
			ref := customer.NewRef(r.source, v.ID)
			if shareOf(ref, r.shares) != share {
				return nil
			}
			if by[v.Kind] == nil {
				by[v.Kind] = make(map[customer.Ref]map[time.Time]raw.Version)
			}
			if by[v.Kind][ref] == nil {
				by[v.Kind][ref] = make(map[time.Time]raw.Version)
			}
			by[v.Kind][ref][v.ModifiedAt.UTC().Truncate(time.Millisecond)] = v // of two readings of a version the later has more, if anything
			return nil
		})
	})
	r.sum.Kept = kept
	out := make(map[connectors.Kind][]told)
	for kind, things := range by {
		for _, ref := range slices.Sorted(maps.Keys(things)) {
			out[kind] = append(out[kind], r.remake(kind, ref, things[ref]))
		}
	}
	return out, err
}

// identified is a version with what its record tells now of itself, where the connector could read no id or time when it came.
func (r *rereading) identified(v raw.Version, arrived time.Time) raw.Version {
	if v.ID != "" && !v.ModifiedAt.IsZero() {
		return v
	}
	rec, err := anew(r.from, v, arrived)
	switch {
	case err == nil:
		if v.ID == "" && !r.dry {
			r.named = append(r.named, raw.Refused{ID: raw.RefusedID(r.source, connectors.Record{Kind: v.Kind, Raw: v.Raw}), Source: r.source})
		}
		v.ID, v.ModifiedAt = rec.ID, rec.ModifiedAt
	case v.ID == "":
		v.ID = noID + raw.RefusedID("", connectors.Record{Kind: v.Kind, Raw: v.Raw})
	}
	return v
}

// noID begins what stands for the id of a version that has none.
const noID = "\x00"

// anew makes the record of a version that arrived at an instant. Where the source told no time, that counts.
func anew(from connectors.Rereader, v raw.Version, arrived time.Time) (connectors.Record, error) {
	rec, err := from.Reread(v.Kind, v.Raw)
	switch {
	case !v.ModifiedAt.IsZero():
		rec.ModifiedAt = v.ModifiedAt
	case rec.ModifiedAt.IsZero():
		rec.ModifiedAt = arrived
	}
	return rec, err
}

func shareOf(ref customer.Ref, shares uint64) uint64 {
	h := uint64(14695981039346656037) // FNV-1a: the same in every reading
	for _, b := range []byte(ref) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h % shares
}

// remake makes the versions of one thing.
func (r *rereading) remake(kind connectors.Kind, ref customer.Ref, versions map[time.Time]raw.Version) told {
	t := told{ref: ref, at: slices.SortedFunc(maps.Keys(versions), time.Time.Compare)}
	for _, at := range t.at {
		rec, err := r.from.Reread(kind, versions[at].Raw)
		rec.ModifiedAt = at
		if err == nil {
			err = Check(rec, r.now())
		}
		if err == nil && rec.ID != ref.ID() {
			err = fmt.Errorf("%w: %s %s would get another id, %q: import it anew with --full", connectors.ErrBadRecord, kind, ref, rec.ID)
		}
		if t.err = err; err == nil {
			t.versions = append(t.versions, rec)
		}
	}
	return t
}

// take compares some things with what is stored, and stores what differs.
func (r *rereading) take(ctx context.Context, kind connectors.Kind, all []told) error {
	var refused []raw.Refused
	all = slices.DeleteFunc(slices.Clone(all), func(t told) bool {
		if t.err == nil {
			return false
		}
		if !t.nameless() { // the others are noted since they came
			refused = append(refused, r.refusal(r.source, connectors.Record{Kind: kind, ID: t.ref.ID(), ModifiedAt: t.at[len(t.at)-1]}, t.err))
		}
		if errors.Is(t.err, connectors.ErrNotKept) {
			r.missing[strings.TrimPrefix(t.err.Error(), connectors.ErrNotKept.Error()+": ")]++
		}
		r.count(kind, Remade{Refused: 1})
		if len(r.sum.Refused) < firstRefused {
			r.sum.Refused = append(r.sum.Refused, fmt.Sprintf("%s %s: %v", kind, t.named(), t.err))
		}
		return true
	})
	var err error
	switch kind {
	case connectors.Customer:
		err = r.takeCustomers(ctx, all)
	case connectors.Order:
		err = takeHistory(ctx, r, kind, all, r.orders())
	default:
		err = takeHistory(ctx, r, kind, all, r.activities())
	}
	if err != nil || r.dry {
		return err
	}
	if err := r.store.PutRefused(ctx, refused); err != nil {
		return err
	}
	return r.settleAll(ctx, all)
}

func (t told) nameless() bool { return strings.HasPrefix(t.ref.ID(), noID) }

func (t told) named() string {
	if t.nameless() {
		return "without an id"
	}
	return string(t.ref)
}

// settleAll forgets what was refused of things that could be made now: under their ids.
func (r *rereading) settleAll(ctx context.Context, all []told) error {
	var taken []connectors.Record
	for _, t := range all {
		taken = append(taken, t.versions...)
	}
	return r.settleRefused(ctx, r.source, taken)
}

func (r *rereading) count(kind connectors.Kind, c Remade) {
	was := r.sum.Kinds[kind]
	r.sum.Kinds[kind] = Remade{was.Same + c.Same, was.Changed + c.Changed, was.New + c.New, was.Refused + c.Refused}
}

func (r *rereading) note(kind connectors.Kind, ref customer.Ref, before, after map[string]string) {
	fields := make(map[string]bool)
	for f := range before {
		fields[f] = true
	}
	for f := range after {
		fields[f] = true
	}
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		if before[f] != after[f] && len(r.sum.Changes) < firstChanges {
			r.sum.Changes = append(r.sum.Changes, Change{kind, ref, f, before[f], after[f]})
		}
	}
}

// catchUpRaw takes in again what arrived since a part: a version that was stored while the replay wrote may have been replaced by the one that the replay had read. What is
// kept is kept before it is taken in, so all of it is found.
func (s *Service) catchUpRaw(ctx context.Context, source string, from connectors.Rereader, after string) error {
	return s.store.EachRaw(ctx, source, after, func(p raw.Part) error {
		var again []connectors.Record
		err := p.Each(func(v raw.Version) error {
			rec, err := anew(from, v, p.At)
			if err == nil {
				again = append(again, rec)
			}
			return nil // what cannot be made was refused as it arrived
		})
		if err != nil {
			return err
		}
		_, err = s.applyAll(ctx, source, again)
		return err
	})
}
