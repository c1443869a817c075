package assign

import (
	"testing"

	"lingke/internal/customer"
)

// TestAClaimOfAnEarlierRoundLeavesALaterDecisionAlone: this process notes late that its claim was carried out; the customer was given back meanwhile, and another gateway has
// decided anew.
func TestAClaimOfAnEarlierRoundLeavesALaterDecisionAlone(t *testing.T) {
	t.Parallel()
	l, err := parseLedger(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := []candidate{{id: "li", weight: one()}, {id: "wu", weight: one()}}
	next := l.decide("c", Decision{Pool: "rotate", Round: 1}, Rotate, all)
	if l.close(customer.Customer{ID: "c", Owner: "zhang", Round: 0}) || l.Open["c"].Person != next.Person || l.Got[next.Person] != 1 {
		t.Errorf("the decision for %s was taken back: %+v", next.Person, l)
	}
	if !l.close(customer.Customer{ID: "c", Owner: next.Person, Round: 1}) || len(l.Open) != 0 || l.Got[next.Person] != 1 {
		t.Errorf("carried out: %+v", l)
	}
}
