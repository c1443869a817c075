package storetest

import (
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/raw"
	"lingke/internal/store"
)

var refusedCases = []testCase{
	{"what was refused comes back by source, page by page", testRefusedPages},
	{"a note gives way to a later version's, and goes once that version is taken in", testRefusedVersions},
	{"what was refused is forgotten by source and age, or by age alone", testRefusedPurge},
}

func sampleRefused(source, thing string, version, at int) raw.Refused {
	r := raw.Refused{Source: source, Kind: connectors.Order, Thing: thing, At: after(at), Why: "金额不是数字"}
	if version > 0 {
		r.ModifiedAt = after(version)
	}
	r.ID = raw.RefusedID(source, connectors.Record{Kind: r.Kind, ID: thing})
	return r
}

func refusedOf(t *testing.T, s store.Store, source string) (all []raw.Refused) {
	t.Helper()
	for from := ""; ; {
		page, next, err := s.Refused(t.Context(), source, from, 2)
		must(t, err)
		all = append(all, page...)
		if from = next; from == "" {
			return all
		}
	}
}

func testRefusedPages(t *testing.T, s store.Store) {
	a, b, c, other := sampleRefused("erp", "1", 5, 9), sampleRefused("erp", "2", 0, 8), sampleRefused("erp", "3", 7, 7), sampleRefused("shop", "1", 5, 9)
	must(t, s.PutRefused(t.Context(), []raw.Refused{c, other, a, b}))
	must(t, s.PutRefused(t.Context(), nil))
	same(t, refusedOf(t, s, "erp"), []raw.Refused{a, b, c})
	same(t, refusedOf(t, s, "nobody"), []raw.Refused(nil))
	same(t, ok(s.CountRefused(t.Context(), "erp"))(t), 3)
	same(t, ok(s.CountRefused(t.Context(), "nobody"))(t), 0)
}

func testRefusedVersions(t *testing.T, s store.Store) {
	early, late := sampleRefused("erp", "1", 5, 1), sampleRefused("erp", "1", 9, 2)
	late.Why = "没有客户"
	must(t, s.PutRefused(t.Context(), []raw.Refused{late}))
	must(t, s.PutRefused(t.Context(), []raw.Refused{early}))
	same(t, refusedOf(t, s, "erp"), []raw.Refused{late})
	again := late
	again.At = after(20)
	must(t, s.PutRefused(t.Context(), []raw.Refused{again}))
	same(t, refusedOf(t, s, "erp"), []raw.Refused{again})
	must(t, s.SettleRefused(t.Context(), []raw.Refused{early, sampleRefused("erp", "2", 9, 1)}))
	same(t, refusedOf(t, s, "erp"), []raw.Refused{again})
	must(t, s.SettleRefused(t.Context(), []raw.Refused{late}))
	same(t, refusedOf(t, s, "erp"), []raw.Refused(nil))
	timeless := sampleRefused("erp", "1", 0, 1)
	must(t, s.PutRefused(t.Context(), []raw.Refused{timeless}))
	must(t, s.SettleRefused(t.Context(), []raw.Refused{early}))
	same(t, ok(s.CountRefused(t.Context(), "erp"))(t), 0)
}

func testRefusedPurge(t *testing.T, s store.Store) {
	must(t, s.PutRefused(t.Context(), []raw.Refused{sampleRefused("erp", "1", 0, 1), sampleRefused("erp", "2", 0, 5), sampleRefused("shop", "1", 0, 1)}))
	same(t, ok(s.PurgeRefused(t.Context(), "erp", after(5)))(t), 1)
	same(t, ok(s.CountRefused(t.Context(), "erp"))(t), 1)
	same(t, ok(s.PurgeRefused(t.Context(), "", after(5).Add(time.Second)))(t), 2)
}
