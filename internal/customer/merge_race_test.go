package customer_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lingke/connectors"
	"lingke/internal/customer"
)

// shared is a store to which several write at once: what was written is guarded by Rev, as store.Customers says.
type shared struct {
	*world
	former map[string]int64 // revs of ids that are other names now
}

// work is one version or decision on its way into the store, as package ingest takes it there.
type work struct {
	told
	kin    customer.Kin // as read until now
	looked map[string]bool
	keys   []string // what is looked up besides what the kin asks for
	next   func(*shared, *work) bool
}

func begin(x told) *work {
	w := &work{told: x, next: (*shared).read}
	if x.decision.ID != "" {
		w.next = (*shared).decide
		w.keys = []string{customer.RefKey(x.decision.A), customer.RefKey(x.decision.B)}
	}
	w.again()
	return w
}

func (w *work) again() {
	w.kin, w.looked = customer.Kin{Ref: w.ref, Version: w.version}, map[string]bool{}
}

func (s *shared) decide(w *work) bool {
	if old, known := s.decisions[w.decision.ID]; !known || w.decision.Replaces(old) {
		s.decisions[w.decision.ID] = w.decision
	}
	w.next = (*shared).read
	return false
}

// read looks once for what the kin misses.
func (s *shared) read(w *work) bool {
	missing := w.kin.Missing(w.looked)
	if len(w.looked) == 0 {
		missing = append(missing, w.keys...)
	}
	if len(missing) == 0 {
		w.next = (*shared).write
		return s.write(w)
	}
	for _, c := range s.customers {
		if slices.ContainsFunc(c.Keys(), func(key string) bool { return slices.Contains(missing, key) }) {
			w.kin.Customers = append(slices.DeleteFunc(slices.Clone(w.kin.Customers), func(o customer.Customer) bool { return o.ID == c.ID }), c)
		}
	}
	slices.SortFunc(w.kin.Customers, func(a, b customer.Customer) int { return strings.Compare(a.ID, b.ID) })
	refs := w.kin.Refs()
	for _, key := range missing {
		w.looked[key] = true
		if ref, found := customer.CutRefKey(key); found {
			refs = append(refs, ref)
		}
	}
	for _, d := range s.about(refs) {
		w.kin.Decisions = append(slices.DeleteFunc(slices.Clone(w.kin.Decisions), func(o customer.Decision) bool { return o.ID == d.ID }), d)
	}
	return false
}

func (s *shared) about(refs []customer.Ref) []customer.Decision {
	all := slices.SortedFunc(maps.Values(s.decisions), func(a, b customer.Decision) int { return strings.Compare(a.ID, b.ID) })
	return slices.DeleteFunc(all, func(d customer.Decision) bool { return !slices.Contains(refs, d.A) && !slices.Contains(refs, d.B) })
}

// write stores what follows from what was read, unless somebody else wrote meanwhile.
func (s *shared) write(w *work) bool {
	change, changed := customer.Regroup(w.kin, ranks)
	if !changed {
		return true
	}
	w.next = (*shared).read
	for _, c := range change.Put {
		if s.customers[c.ID].Rev != c.Rev {
			w.again()
			return false
		}
	}
	for _, g := range change.Gone {
		if rev := s.customers[g.ID].Rev; rev == 0 || rev != g.Rev {
			w.again()
			return false
		}
	}
	for _, c := range change.Put {
		c.Rev = max(c.Rev, s.former[c.ID]) + 1
		delete(s.former, c.ID)
		s.customers[c.ID] = c
	}
	for _, g := range change.Gone {
		s.former[g.ID] = g.Rev + 1
		delete(s.customers, g.ID)
	}
	kin := w.kin
	w.next = func(s *shared, w *work) bool {
		for _, ref := range (customer.Kin{Customers: change.Put}).Refs() {
			w.keys = append(w.keys, customer.RefKey(ref))
		}
		w.next = (*shared).read
		w.again()
		return s.alone(kin, change.Put)
	}
	return false
}

// alone is what is looked for after a writing: others with the same keys, decisions that were not known.
func (s *shared) alone(kin customer.Kin, put []customer.Customer) bool {
	for _, c := range put {
		if i := slices.IndexFunc(kin.Customers, func(o customer.Customer) bool { return o.ID == c.ID }); i >= 0 && slices.Equal(kin.Customers[i].Strong(), c.Strong()) {
			continue
		}
		about := s.about(c.Refs())
		if slices.ContainsFunc(about, func(d customer.Decision) bool { return !slices.Contains(kin.Decisions, d) }) {
			return false
		}
		keys := c.Lookups(about)
		for _, o := range s.customers {
			if o.ID != c.ID && slices.ContainsFunc(o.Strong(), func(key string) bool { return slices.Contains(keys, key) }) {
				return false
			}
		}
	}
	return true
}

// TestManyWritersEndInTheSameCustomers lets up to four versions and decisions be on their way at once, each anywhere between its readings and its writings.
func TestManyWritersEndInTheSameCustomers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		versions := drawTold(t)
		want := newWorld()
		for _, v := range versions {
			want.take(v)
		}
		s := &shared{newWorld(), map[string]int64{}}
		var under []*work
		for next := 0; next < len(versions) || len(under) > 0; {
			if next < len(versions) && len(under) < 4 && (len(under) == 0 || rapid.Bool().Draw(t, "begin")) {
				under = append(under, begin(versions[next]))
				next++
			}
			i := rapid.IntRange(0, len(under)-1).Draw(t, "worker")
			if w := under[i]; w.next(s, w) {
				under = slices.Delete(under, i, i+1)
			}
		}
		for id, c := range s.customers {
			c.Rev = 0
			s.customers[id] = c
		}
		if a, b := want.text(t), s.text(t); a != b {
			t.Fatalf("one after another:\n%s\nat once:\n%s", a, b)
		}
	})
}

// TestCopiesOfARecordKeepWhatEachSays parts two customers that hold one record, each in a version of its own.
func TestCopiesOfARecordKeepWhatEachSays(t *testing.T) {
	t.Parallel()
	a, x := customer.Ref("kingdee/1"), customer.Ref("website/1")
	if customer.IDOf(a) > customer.IDOf(x) {
		a, x = x, a
	}
	tell := func(ref customer.Ref, versions ...connectors.Record) customer.Record {
		r := customer.Record{Ref: ref}
		for _, v := range versions {
			r = r.Tell(v)
		}
		return r
	}
	early, late := version(1, map[string]string{"region": "华东"}), version(2, map[string]string{"region": "华南"})
	late.Deleted = true
	both := customer.Customer{ID: customer.IDOf(a), Rev: 7, Records: []customer.Record{tell(a, early), tell(x, late)}}
	slices.SortFunc(both.Records, func(p, q customer.Record) int { return len(p.Ref) - len(q.Ref) })
	alone := customer.Customer{ID: customer.IDOf(x), Rev: 9, Records: []customer.Record{tell(x, early)}}
	for name, kin := range map[string]customer.Kin{
		"told again":   {Ref: x, Version: early},
		"nothing told": {},
		"told of both": {Ref: a, Version: early},
	} {
		kin.Customers = []customer.Customer{both, alone}
		kin.Decisions = []customer.Decision{customer.Decide(a, x, false, "li", start)}
		change, _ := customer.Regroup(kin, ranks)
		got := map[string]customer.Record{}
		for _, c := range change.Put {
			if len(c.Records) != 1 {
				t.Errorf("%s: %s keeps %v", name, c.ID, c.Refs())
			}
			got[c.ID] = c.Records[0]
		}
		if r := got[alone.ID]; r.Values["region"].Text != "华南" || !r.Deleted || !r.At.Equal(late.ModifiedAt) || !r.Since.Equal(early.ModifiedAt) {
			t.Errorf("%s: of %v the record alone says %+v", name, slices.Sorted(maps.Keys(got)), r)
		}
	}
}
