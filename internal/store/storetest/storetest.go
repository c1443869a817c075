// Package storetest is the one suite that every storage backend passes: Run checks the contract of package store, RunRaces that it
// holds under simultaneous writers, RunLarge that paging and streaming stay correct and small with many customers.
//
// Each case opens a store of its own, so the cases run in parallel and a backend may give them one server with a fresh database
// each.
package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lingke/internal/store"
)

// Open returns an empty store and closes it, and removes what it kept, when the test ends. A case that closes the store itself
// must not make that fail.
type Open = func(t *testing.T) store.Store

// testCase is one promise of the contract.
type testCase struct {
	name string
	run  func(t *testing.T, s store.Store)
}

// Run checks everything that needs no simultaneous writers.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	groups := []struct {
		name  string
		cases []testCase
	}{
		{"customers", customerCases},
		{"regroup", regroupCases},
		{"identity", identityCases},
		{"pages", pageCases},
		{"search", searchCases},
		{"claims", claimCases},
		{"clock", clockCases},
		{"effects", effectCases},
		{"history", historyCases},
		{"tasks", taskCases},
		{"deliveries", deliveryCases},
		{"wishes", wishCases},
		{"digests", digestCases},
		{"events", eventCases},
		{"posts", postCases},
		{"jobs", jobCases},
		{"documents", documentCases},
		{"reads", readCases},
		{"budgets", budgetCases},
		{"models", modelCases},
		{"imports", importCases},
		{"raws", rawCases},
		{"refused", refusedCases},
		{"life", lifeCases},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) { runCases(t, open, g.cases) })
	}
}

func runCases(t *testing.T, open Open, cases []testCase) {
	t.Parallel()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

// must ends the test at an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantErr ends the test unless err is of the kind.
func wantErr(t *testing.T, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got error %v, want %v", err, kind)
	}
}

// ok(call())(t) is the call's value; an error ends the test.
func ok[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// same compares; a nil and an empty list or map are one, since databases do not tell them apart.
func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("differs (-want +got):\n%s", diff)
	}
}
