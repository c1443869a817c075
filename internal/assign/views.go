package assign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// ErrViewsSpent: the person has looked at as many customers of pools today as allowed.
var ErrViewsSpent = errors.New("the person has looked at as many unowned customers today as allowed")

// seenToday is the document of the customers of pools that a person looked at on a day.
type seenToday struct {
	Day  string   `json:"day"`
	Seen []string `json:"seen"` // ids, sorted
}

// View spends one of a person's looks of the day at a customer that waits in a pool: its reasons, its data and its past. Each customer counts once a day, however often it is
// looked at and whoever owned it in between, so that claiming and releasing gives no look back. Customers of somebody's, and managers' looks, are not counted.
// Errors: ErrViewsSpent, ErrBusy.
func (s *Service) View(ctx context.Context, c customer.Customer, who access.Person) error {
	if who.Views == 0 || c.Owner != "" || c.Pool == "" || who.May(access.Manage) {
		return nil
	}
	name, today := "views/"+who.ID, s.now().In(s.zone).Format(time.DateOnly)
	for range attempts {
		old, err := s.customers.Document(ctx, name)
		if err != nil {
			return err
		}
		var d seenToday
		if len(old) > 0 {
			if err := json.Unmarshal(old, &d); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if d.Day != today {
			d = seenToday{Day: today}
		}
		at, seen := slices.BinarySearch(d.Seen, c.ID)
		switch {
		case seen:
			return nil
		case len(d.Seen) >= who.Views:
			return fmt.Errorf("view %s: %w", c.ID, ErrViewsSpent)
		}
		d.Seen = slices.Insert(d.Seen, at, c.ID)
		text, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err = s.customers.SwapDocument(ctx, name, old, text); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("view %s: %w", c.ID, ErrBusy)
}
