package ingest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"lingke/internal/customer"
)

// spreadAll is what the limit of a day means, said over a list of everybody: in the order of scores each owner keeps work until the limit, and always what was given before.
func spreadAll(all []Asked, limit int, given Given) (kept []Asked, left int) {
	all = slices.SortedFunc(slices.Values(all), Asked.Before)
	for _, a := range all {
		if !slices.Contains(given[a.Owner], a.Customer) {
			if len(given[a.Owner]) >= limit {
				left++
				continue
			}
			given[a.Owner] = append(given[a.Owner], a.Customer)
		}
		kept = append(kept, a)
	}
	return kept, left
}

func (g Given) clone() Given {
	out := make(Given)
	for owner, ids := range g {
		out[owner] = slices.Clone(ids)
	}
	return out
}

// TestSpreadKeepsWhatAListOfEverybodyWould compares with random customers, many of equal scores, with limits, and with days of which a part was given before, also more than the limit
// of now and to people who do not have the customer any more.
func TestSpreadKeepsWhatAListOfEverybodyWould(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(6, 6)) //nolint:gosec // a test's draw
	owners := []string{"", "lina", "wangwei", "zhangwei"}
	keptAgain, waited := 0, 0
	for round := range 3000 {
		limit, given := 1+rnd.IntN(20), make(Given)
		var all []Asked
		for i := range rnd.IntN(120) {
			owner := owners[rnd.IntN(1+rnd.IntN(len(owners)))]
			all = append(all, Asked{Customer: fmt.Sprintf("c%03d", i), Owner: owner, Score: float64(rnd.IntN(6)), Work: []customer.Work{{Task: fmt.Sprint(i)}}})
			if rnd.IntN(12) == 0 {
				had := owners[rnd.IntN(len(owners))]
				given[had] = append(given[had], all[i].Customer)
			}
		}
		wantGiven := given.clone()
		want, wantLeft := spreadAll(all, limit, wantGiven)
		before := len(slices.Concat(slices.Collect(maps.Values(given))...))
		day := newSpread(limit, given)
		for _, i := range rnd.Perm(len(all)) {
			day.add(all[i])
		}
		for owner, best := range day.best {
			if len(best) >= max(2*limit, cutFrom) {
				t.Fatalf("round %d: %d are remembered for %q, the limit is %d", round, len(best), owner, limit)
			}
		}
		got, left := day.end()
		if left != wantLeft || !slices.EqualFunc(got, want, func(a, b Asked) bool { return a.Customer == b.Customer }) || !reflect.DeepEqual(given, wantGiven) {
			t.Fatalf("round %d, limit %d: kept %v, %d left, given %v; want %v, %d, %v", round, limit, got, left, given, want, wantLeft, wantGiven)
		}
		keptAgain, waited = keptAgain+min(before, 1), waited+left
	}
	if keptAgain < 100 || waited < 10_000 {
		t.Errorf("%d days were begun before, %d customers waited: too little to compare", keptAgain, waited)
	}
}
