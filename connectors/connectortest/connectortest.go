// Package connectortest is the suite that every connector which pulls has to pass, whatever its source is: what the
// contract in package connectors promises, tried from outside.
//
// A connector's test fills a source of its own (an emulator, a file, a server in the test), says in a Source what is in
// there, and calls Run. Each case gets a Source of its own.
package connectortest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"lingke/connectors"
)

// Key names a record whatever its version is.
type Key struct {
	Kind connectors.Kind
	ID   string
}

// Source is a filled source and a connector to it.
type Source struct {
	// Connector reads the source; nobody else uses it meanwhile.
	Connector connectors.Connector
	// Want is every record that the source holds, at least three. A full pull has to give these and no others.
	Want []Key
	// Change makes a new version of one record of Want, or adds one, and says which. It is nil where the source cannot change.
	Change func(t *testing.T) Key
}

// Run runs the suite. open is called once for each case and cleans up after itself with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Source) {
	cases := []struct {
		name string
		run  func(t *testing.T, s Source)
	}{
		{"the empty cursor gives everything, and all of it is valid", testFull},
		{"the cursor it returned gives nothing that was not there before", testAgain},
		{"a change after the pull is in the next one", testChange},
		{"a refused record stops the pull and is not missed later", testRefused},
		{"a cancelled context stops the pull and nothing is missed later", testCancelled},
		{"a context that is over before emits nothing", testOver},
		{"every cursor on the way misses nothing of the rest", testAlong},
		{"the cursor of a failed start is as good as the one before", testStart},
		{"its list of ids is what it holds, and stops at an error", testLists},
		{"what is kept of a record makes the same record, and nothing is kept unless asked for", testReread},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// pulled is what one or more pulls gave.
type pulled struct {
	versions map[Key]time.Time // the newest of each
	order    []connectors.Record
}

func newPulled() *pulled { return &pulled{versions: map[Key]time.Time{}} }

func (p *pulled) add(r connectors.Record) error {
	key := Key{r.Kind, r.ID}
	if at, ok := p.versions[key]; !ok || r.ModifiedAt.After(at) {
		p.versions[key] = r.ModifiedAt
	}
	p.order = append(p.order, r)
	return nil
}

func pull(t *testing.T, s Source, since connectors.Cursor, into *pulled) connectors.Cursor {
	t.Helper()
	next, err := s.Connector.Pull(t.Context(), since, into.add)
	if err != nil {
		t.Fatalf("Pull from %q: %v", since, err)
	}
	return next
}

// complete reports what is missing from, or too much in, what was pulled.
func complete(t *testing.T, s Source, got *pulled) {
	t.Helper()
	want := map[Key]bool{}
	for _, k := range s.Want {
		want[k] = true
		if _, ok := got.versions[k]; !ok {
			t.Errorf("%s %s was never emitted", k.Kind, k.ID)
		}
	}
	for k := range got.versions {
		if !want[k] {
			t.Errorf("%s %s was emitted but is not in the source", k.Kind, k.ID)
		}
	}
}

func testFull(t *testing.T, s Source) {
	if len(s.Want) < 3 {
		t.Fatalf("the source holds %d records, the suite needs three", len(s.Want))
	}
	got := newPulled()
	pull(t, s, "", got)
	complete(t, s, got)
	for _, r := range got.order {
		if err := Valid(r); err != nil {
			t.Errorf("%s %s: %v", r.Kind, r.ID, err)
		}
	}
}

// testLists compares the ids that the source can list with what it holds.
func testLists(t *testing.T, s Source) {
	lists, ok := s.Connector.(connectors.Lister)
	if !ok || len(lists.Lists()) == 0 {
		t.Skip("this connector cannot list")
	}
	for _, kind := range lists.Lists() {
		var want, got []string
		for _, k := range s.Want {
			if k.Kind == kind {
				want = append(want, k.ID)
			}
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("list %s: %v", kind, err)
			}
		}
		must(lists.EachID(t.Context(), kind, func(id string) error {
			got = append(got, id)
			return nil
		}))
		slices.Sort(want)
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v are listed, want %v", kind, got, want)
		}
		if err := lists.EachID(t.Context(), kind, func(string) error { return errRefused }); len(want) > 0 && !errors.Is(err, errRefused) {
			t.Errorf("an error of fn: %v", err)
		}
	}
}

// testReread compares every record with what is made of its Raw. A record that is added up from several things has none.
func testReread(t *testing.T, s Source) {
	again, ok := s.Connector.(connectors.Rereader)
	if !ok {
		t.Skip("this connector has no mapping")
	}
	got := newPulled()
	pull(t, s, "", got)
	for _, r := range got.order {
		if r.Raw != nil {
			t.Fatalf("%s %s has a Raw that nobody asked for", r.Kind, r.ID)
		}
	}
	again.KeepRaw()
	got = newPulled()
	pull(t, s, "", got)
	complete(t, s, got)
	for _, r := range got.order {
		if r.Raw == nil {
			t.Errorf("%s %s has no Raw", r.Kind, r.ID)
			continue
		}
		if !json.Valid(r.Raw) {
			t.Errorf("the Raw of %s %s is no JSON: %q", r.Kind, r.ID, r.Raw)
		}
		made, err := again.Reread(r.Kind, r.Raw)
		made.ModifiedAt, made.Raw = r.ModifiedAt, r.Raw
		if err != nil || !reflect.DeepEqual(made, r) {
			t.Errorf("made of %s: %+v, %v; want %+v", r.Raw, made, err, r)
		}
	}
}

func testAgain(t *testing.T, s Source) {
	first, again := newPulled(), newPulled()
	next := pull(t, s, "", first)
	next = pull(t, s, next, again)
	pull(t, s, next, again)
	for key, at := range again.versions {
		if before, ok := first.versions[key]; !ok || !before.Equal(at) {
			t.Errorf("%s %s of %v came anew though nothing has changed (before: %v)", key.Kind, key.ID, at, before)
		}
	}
}

func testChange(t *testing.T, s Source) {
	if s.Change == nil {
		t.Skip("this source cannot change")
	}
	first, later := newPulled(), newPulled()
	next := pull(t, s, "", first)
	key := s.Change(t)
	pull(t, s, next, later)
	at, ok := later.versions[key]
	if !ok {
		t.Fatalf("%s %s has changed but was not in the next pull", key.Kind, key.ID)
	}
	if before, ok := first.versions[key]; ok && !at.After(before) {
		t.Errorf("the new version is of %v, not after the old one's %v", at, before)
	}
}

var errRefused = errors.New("refused by the suite")

// testRefused refuses the first, a middle and the last record, once each, and each time goes on from the cursor.
func testRefused(t *testing.T, s Source) {
	for _, at := range []int{0, 1, len(s.Want) / 2, len(s.Want) - 1} {
		got := newPulled()
		n := 0
		next, err := s.Connector.Pull(t.Context(), "", func(r connectors.Record) error {
			if n == at {
				return errRefused
			}
			n++
			return got.add(r)
		})
		if !errors.Is(err, errRefused) {
			t.Fatalf("refusing record %d: Pull = %v, want the error of emit", at, err)
		}
		if len(got.order) != at {
			t.Errorf("refusing record %d: %d more were emitted afterwards", at, len(got.order)-at)
		}
		pull(t, s, next, got)
		complete(t, s, got)
	}
}

func testCancelled(t *testing.T, s Source) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := newPulled()
	next, err := s.Connector.Pull(ctx, "", func(r connectors.Record) error {
		cancel()
		return got.add(r)
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Pull = %v, want context.Canceled", err)
	}
	pull(t, s, next, got)
	complete(t, s, got)
}

func testOver(t *testing.T, s Source) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := newPulled()
	next, err := s.Connector.Pull(ctx, "", got.add)
	if !errors.Is(err, context.Canceled) || len(got.order) > 0 {
		t.Fatalf("Pull = %v after %d records, want context.Canceled and none", err, len(got.order))
	}
	pull(t, s, next, got)
	complete(t, s, got)
}

// testAlong goes on from each cursor that is told in the middle of a pull, with what was emitted before it.
func testAlong(t *testing.T, s Source) {
	along, ok := s.Connector.(connectors.Resumable)
	if !ok {
		t.Skip("this connector tells its cursor at the end only")
	}
	type place struct {
		cursor connectors.Cursor
		before []connectors.Record
	}
	var places []place
	all := newPulled()
	_, err := along.PullAlong(t.Context(), "", all.add, func(c connectors.Cursor) error {
		places = append(places, place{c, slices.Clone(all.order)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	complete(t, s, all)
	for _, p := range places {
		got := newPulled()
		for _, r := range p.before {
			_ = got.add(r)
		}
		pull(t, s, p.cursor, got)
		complete(t, s, got)
	}
	t.Logf("%d records, %d cursors on the way", len(all.order), len(places))
	stopped := errors.New("stopped by the suite")
	if _, err := along.PullAlong(t.Context(), "", newPulled().add, func(connectors.Cursor) error { return stopped }); len(places) > 0 && !errors.Is(err, stopped) {
		t.Errorf("PullAlong = %v, want the error of reached", err)
	}
}

// testStart fails at the first record of a later pull, again and again, and must not lose its place.
func testStart(t *testing.T, s Source) {
	if s.Change == nil {
		t.Skip("this source cannot change")
	}
	got := newPulled()
	next := pull(t, s, "", got)
	key := s.Change(t)
	before := got.versions[key]
	for range 3 {
		var err error
		if next, err = s.Connector.Pull(t.Context(), next, func(connectors.Record) error { return errRefused }); !errors.Is(err, errRefused) {
			t.Fatalf("Pull = %v, want the error of emit", err)
		}
	}
	pull(t, s, next, got)
	if !got.versions[key].After(before) {
		t.Errorf("the change of %s %s is lost after three failed pulls", key.Kind, key.ID)
	}
}
