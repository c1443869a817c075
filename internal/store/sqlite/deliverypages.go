package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"lingke/internal/delivery"
)

// Deliveries is as in store.Deliveries.
func (s *Store) Deliveries(ctx context.Context, q delivery.Query) ([]delivery.Delivery, string, error) {
	w := &where{}
	if q.Reader != "" { // words of the index, which a parameter would not prove
		q.State = ""
		w.add("state = 'due' AND reader <> ''")
	}
	if q.Into != "" {
		w.add("into_id <> ''")
	}
	w.equal("customer", q.Customer)
	w.equal("state", string(q.State))
	w.equal("into_id", q.Into)
	w.equal("platform", string(q.Platform))
	w.equal("reader", q.Reader)
	if q.After != "" {
		created, id, err := splitCursor(q.After, parseInt)
		if err != nil {
			return nil, "", err
		}
		w.add("(created, id) < (?, ?)", created, id)
	}
	limit := pageSize(q.Limit)
	query := "SELECT " + deliveryColumns + " FROM deliveries INDEXED BY " + deliveryIndex(q) + w.String() + " ORDER BY created DESC, id DESC LIMIT ?"
	var rows []deliveryRow
	if err := s.rows(ctx, scanDeliveries(&rows), query, append(w.args, limit+1)...); err != nil {
		return nil, "", fmt.Errorf("reading deliveries: %w", err)
	}
	all, err := decodeAll(rows, decodeDelivery)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, limit, func(d delivery.Delivery) string {
		return joinCursor(strconv.FormatInt(ms(d.Created), 10), d.ID)
	})
	return page, next, nil
}

func deliveryIndex(q delivery.Query) string {
	switch {
	case q.Customer != "":
		return "deliveries_customer"
	case q.Into != "":
		return "deliveries_into"
	case q.Reader != "":
		return "deliveries_reader"
	case q.State != "":
		return "deliveries_state"
	}
	return "deliveries_created"
}

// compareDue orders what is leased together: RETURNING promises no order.
func compareDue(aDue time.Time, aID string, bDue time.Time, bID string) int {
	return cmp.Or(aDue.Compare(bDue), cmp.Compare(aID, bID))
}
