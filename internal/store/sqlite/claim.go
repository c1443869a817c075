package sqlite

import (
	"context"
	"fmt"
	"slices"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// Claim is as in store.Customers. What a person holds is not counted but looked up (index customers_owner), so that it cannot drift.
func (s *Store) Claim(ctx context.Context, c customer.Customer, a store.Allowance) error {
	row, err := newCustomerRow(c)
	if err != nil {
		return err
	}
	return s.do(ctx, func(t *tx) error { return claim(t, row, a) })
}

// claim asks first whether somebody else was faster: that answer is of more use to a person than a spent allowance.
func claim(t *tx, row customerRow, a store.Allowance) error {
	old, err := checkCustomer(t, row.ID, row.Rev)
	if err != nil {
		return err
	}
	if err := checkAllowance(t, row.ID, a); err != nil {
		return err
	}
	if err := writeCustomer(t, row, old); err != nil {
		return err
	}
	if a.Given {
		return nil
	}
	_, err = t.exec(`INSERT INTO allowances (person, day, claims) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET claims = claims + 1`, a.Person, a.Day)
	if err != nil {
		return fmt.Errorf("spending an allowance of %q: %w", a.Person, err)
	}
	return nil
}

const (
	queryDaily   = `SELECT coalesce(sum(claims), 0) FROM allowances WHERE person = ? AND day = ?`
	queryHolding = `SELECT count(*) FROM customers INDEXED BY customers_owner WHERE owner = ? AND id <> ?`
)

func checkAllowance(t *tx, id string, a store.Allowance) error {
	var daily, holding int
	if err := t.row([]any{&daily}, queryDaily, a.Person, a.Day); err != nil {
		return fmt.Errorf("allowance of %q: %w", a.Person, err)
	}
	if daily >= a.Daily && !a.Given {
		return fmt.Errorf("%q has claimed %d of %d on %s: %w", a.Person, daily, a.Daily, a.Day, store.ErrDailySpent)
	}
	if err := t.row([]any{&holding}, queryHolding, a.Person, id); err != nil {
		return fmt.Errorf("holding of %q: %w", a.Person, err)
	}
	if holding >= a.Holding {
		return fmt.Errorf("%q owns %d of %d: %w", a.Person, holding, a.Holding, store.ErrHoldingFull)
	}
	return nil
}

// Release is as in store.Customers. The write itself gives the holding back: what a person holds is looked up.
func (s *Store) Release(ctx context.Context, c customer.Customer, _ string) error {
	return s.PutCustomer(ctx, c)
}

// Spent is as in store.Customers.
func (s *Store) Spent(ctx context.Context, person, day string) (daily, holding int, err error) {
	if err = s.row(ctx, []any{&daily}, queryDaily, person, day); err != nil {
		return 0, 0, fmt.Errorf("allowance of %q: %w", person, err)
	}
	if person == "" { // unowned customers are nobody's
		return daily, 0, nil
	}
	if err = s.row(ctx, []any{&holding}, queryHolding, person, ""); err != nil {
		return 0, 0, fmt.Errorf("holding of %q: %w", person, err)
	}
	return daily, holding, nil
}

// PendingCustomers is as in store.Customers.
func (s *Store) PendingCustomers(ctx context.Context, limit int) ([]customer.Customer, error) {
	const query = `SELECT rev, effects, doc FROM customers INDEXED BY customers_pending WHERE effects <> '[]' ORDER BY n LIMIT ?`
	return readCustomers(ctx, s.reader, query, limit)
}

// ClearEffects is as in store.Customers.
func (s *Store) ClearEffects(ctx context.Context, id string, effects []string) error {
	return s.do(ctx, func(t *tx) error { return clearEffects(t, id, effects) })
}

// clearEffects touches the small column of effects only.
func clearEffects(t *tx, id string, effects []string) error {
	var text string
	if err := t.row([]any{&text}, `SELECT effects FROM customers WHERE id = ?`, id); err != nil {
		return found(err, "customer", id)
	}
	had, err := decodeList[customer.Effect](text)
	if err != nil {
		return fmt.Errorf("effects of customer %q: %w", id, err)
	}
	left := slices.DeleteFunc(slices.Clone(had), func(e customer.Effect) bool { return slices.Contains(effects, e.ID) })
	if len(left) == len(had) {
		return nil
	}
	if text, err = encodeList(left); err != nil {
		return fmt.Errorf("encoding the effects of customer %q: %w", id, err)
	}
	if _, err = t.exec(`UPDATE customers SET rev = rev + 1, effects = ? WHERE id = ?`, text, id); err != nil {
		return fmt.Errorf("customer %q: %w", id, err)
	}
	return nil
}
