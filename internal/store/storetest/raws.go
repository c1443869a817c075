package storetest

import (
	"errors"
	"testing"

	"lingke/internal/raw"
	"lingke/internal/store"
)

var rawCases = []testCase{
	{"raw parts come back as they were, by source and id, from where one wants", testRawRoundTrip},
	{"raw parts are forgotten by source and age, or by age alone", testRawPurge},
}

func samplePart(id, source string, minute, count int) raw.Part {
	return raw.Part{ID: id, Source: source, At: after(minute), Count: count, Body: []byte{0, 0xff, byte(count)}}
}

func rawParts(t *testing.T, s store.Store, source, from string) (all []raw.Part) {
	t.Helper()
	must(t, s.EachRaw(t.Context(), source, from, func(p raw.Part) error {
		all = append(all, p)
		return s.AddRaw(t.Context(), p) // fn may write
	}))
	return all
}

func testRawRoundTrip(t *testing.T, s store.Store) {
	b, a, other := samplePart("2", "erp", 5, 3), samplePart("1", "erp", 9, 500), samplePart("3", "shop", 1, 7)
	for _, p := range []raw.Part{b, a, other} {
		must(t, s.AddRaw(t.Context(), p))
	}
	changed := a
	changed.Body = []byte("other")
	must(t, s.AddRaw(t.Context(), changed))
	same(t, rawParts(t, s, "erp", ""), []raw.Part{a, b})
	same(t, rawParts(t, s, "erp", "1"), []raw.Part{b})
	same(t, rawParts(t, s, "nobody", ""), []raw.Part(nil))
	same(t, ok(s.CountRaw(t.Context(), "erp"))(t), 503)
	same(t, ok(s.CountRaw(t.Context(), "nobody"))(t), 0)
	enough := errors.New("enough")
	wantErr(t, s.EachRaw(t.Context(), "erp", "", func(raw.Part) error { return enough }), enough)
}

func testRawPurge(t *testing.T, s store.Store) {
	for _, p := range []raw.Part{samplePart("1", "erp", 0, 1), samplePart("2", "erp", 5, 1), samplePart("3", "shop", 0, 1), samplePart("4", "shop", 9, 1)} {
		must(t, s.AddRaw(t.Context(), p))
	}
	same(t, ok(s.PurgeRaw(t.Context(), "erp", after(5)))(t), 1)
	same(t, rawParts(t, s, "erp", ""), []raw.Part{samplePart("2", "erp", 5, 1)})
	same(t, len(rawParts(t, s, "shop", "")), 2)
	same(t, ok(s.PurgeRaw(t.Context(), "", after(6)))(t), 2)
	same(t, ok(s.PurgeRaw(t.Context(), "", after(6)))(t), 0)
	same(t, rawParts(t, s, "shop", ""), []raw.Part{samplePart("4", "shop", 9, 1)})
}
