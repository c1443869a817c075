package ingest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Given are the customers for whom a day's work was asked for already, or is about to be, by owner.
type Given map[string][]string

// spread chooses whom a day's work is asked for, so that no owner gets more than the limit. Customers are added in any order; of those whom it cannot keep it remembers only
// how many there were.
type spread struct {
	limit int
	given Given
	again []Asked            // of given: what a crash cut short is kept again, and nothing in place of what was done
	best  map[string][]Asked // by owner, some more than there is room for
	added int                // to best, whether or not they are still there
}

func newSpread(limit int, given Given) *spread {
	return &spread{limit: limit, given: given, best: make(map[string][]Asked)}
}

// cutFrom is from how many on the lists of owners are cut to what there is room for: so seldom that the sorting does not count.
const cutFrom = 16

func (s *spread) add(a Asked) {
	if slices.Contains(s.given[a.Owner], a.Customer) {
		s.again = append(s.again, a)
		return
	}
	s.added++
	all, room := append(s.best[a.Owner], a), s.room(a.Owner)
	if len(all) >= max(2*room, cutFrom) {
		all = cut(all, room)
	}
	s.best[a.Owner] = all
}

// room is how much more may be asked of an owner on the day.
func (s *spread) room(owner string) int { return max(s.limit-len(s.given[owner]), 0) }

func cut(all []Asked, n int) []Asked {
	slices.SortFunc(all, Asked.Before)
	if n < len(all) {
		clear(all[n:]) // what they hold is not kept
		all = all[:n]
	}
	return all
}

// end returns whom work is asked for, the highest score first, and how many wait for another day, and adds the former to given.
func (s *spread) end() (kept []Asked, left int) {
	kept, left = s.again, s.added
	for _, owner := range slices.Sorted(maps.Keys(s.best)) {
		best := cut(s.best[owner], s.room(owner))
		for _, a := range best {
			s.given[owner] = append(s.given[owner], a.Customer)
		}
		kept, left = append(kept, best...), left-len(best)
	}
	slices.SortFunc(kept, Asked.Before)
	return kept, left
}

// Before orders by the score, the highest first, and then by the customer's id.
func (a Asked) Before(b Asked) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Customer, b.Customer))
}
