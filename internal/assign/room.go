package assign

import (
	"cmp"
	"context"
	"slices"

	"lingke/internal/access"
)

// byRoom sorts people by how many customers they own for their capacity, fewest first: somebody with a capacity of 60 a month gets twice as many as
// somebody with 30. Who has none set counts as one.
func (s *Service) byRoom(ctx context.Context, people []access.Person) ([]access.Person, error) {
	type load struct {
		person  access.Person
		holding int
	}
	loads := make([]load, 0, len(people))
	for _, p := range people {
		_, holding, err := s.customers.Spent(ctx, p.ID, s.allowance(p).Day)
		if err != nil {
			return nil, err
		}
		loads = append(loads, load{p, holding})
	}
	slices.SortStableFunc(loads, func(a, b load) int {
		return cmp.Or(cmp.Compare(a.holding*capacity(b.person), b.holding*capacity(a.person)), cmp.Compare(a.person.ID, b.person.ID))
	})
	out := make([]access.Person, len(loads))
	for i, l := range loads {
		out[i] = l.person
	}
	return out, nil
}

func capacity(p access.Person) int { return max(1, p.Monthly) }
