package dispatch

import (
	"context"

	"lingke/internal/customer"
)

// HandOutWaiting tries again to find owners for what waits in pools that hand out, and returns how many got one.
func (d *Dispatcher) HandOutWaiting(ctx context.Context) (int, error) {
	return d.Assign.Retry(ctx, func(c customer.Customer) error { return d.Carry(ctx, c.ID) })
}

// fill hands out what waits for the room that somebody has who gave a customer back. What becomes of that customer itself is its own effects' to say.
func (d *Dispatcher) fill(ctx context.Context, released customer.Customer, by string) error {
	who, ok := d.People.ByID(by)
	if !ok {
		return nil
	}
	_, err := d.Assign.RetryTeam(ctx, who.Team, func(c customer.Customer) error {
		if c.ID == released.ID {
			return nil
		}
		return d.Carry(ctx, c.ID)
	})
	return err
}
