package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/internal/delivery"
	"lingke/internal/store"
)

// Show is as in store.Deliveries. It is one conditional statement.
func (s *Store) Show(ctx context.Context, d delivery.Delivery) (changed bool, err error) {
	row, err := newDeliveryRow(d)
	if err != nil {
		return false, err
	}
	err = s.do(ctx, func(t *tx) (err error) {
		changed, err = show(t, row)
		return err
	})
	return changed && err == nil, err
}

// show leaves the lease and the added codes of a delivery that is there as they are.
func show(t *tx, r deliveryRow) (bool, error) {
	const query = `INSERT INTO deliveries (` + deliveryColumns + `, token, until, added)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, '[]')
		ON CONFLICT (id) DO UPDATE SET wish = excluded.wish, rev = excluded.rev,
			due = CASE state WHEN 'merged' THEN due ELSE excluded.due END, attempts = 0,
			why = CASE state WHEN 'merged' THEN why ELSE '' END, ended = CASE state WHEN 'merged' THEN ended ELSE ? END,
			state = CASE state WHEN 'merged' THEN state ELSE 'due' END
		WHERE excluded.rev > deliveries.rev`
	n, err := t.exec(query, r.ID, string(r.Platform), r.Customer, ms(r.Created), r.Rev, r.Shown, string(r.State), r.Attempts, ms(r.Due), r.Why, ms(r.Ended),
		r.Handle.Message, r.codes, r.Replaced, r.refused, r.Rank, r.Reader, r.Merges, r.Into, r.report, ms(r.Ask), r.about, r.wish, never)
	if err != nil {
		return false, fmt.Errorf("writing delivery %q: %w", r.ID, err)
	}
	return n > 0, nil
}

// Delivery is as in store.Deliveries.
func (s *Store) Delivery(ctx context.Context, id string) (delivery.Delivery, error) {
	const query = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE id = ?`
	var found []deliveryRow
	if err := s.rows(ctx, scanDeliveries(&found), query, id); err != nil {
		return delivery.Delivery{}, fmt.Errorf("delivery %q: %w", id, err)
	}
	if len(found) == 0 {
		return delivery.Delivery{}, fmt.Errorf("delivery %q: %w", id, store.ErrNotFound)
	}
	return decodeDelivery(found[0])
}

// LeaseDeliveries is as in store.Deliveries. Each rank has its part of the index.
func (s *Store) LeaseDeliveries(ctx context.Context, platform string, now, until time.Time, token string, limit int) ([]delivery.Delivery, error) {
	const query = `UPDATE deliveries SET token = ?, until = ?, added = '[]' WHERE rowid IN (
		SELECT rowid FROM deliveries INDEXED BY deliveries_lane WHERE platform = ? AND rank = ? AND state = 'due' AND due <= ? AND until <= ? ORDER BY due, id LIMIT ?
		) RETURNING ` + deliveryColumns
	var leased []deliveryRow
	err := s.do(ctx, func(t *tx) error {
		leased = nil
		for rank := delivery.Urgent; rank <= delivery.Bulk && len(leased) < limit; rank++ {
			err := t.change(scanDeliveries(&leased), query, token, ms(until), platform, rank, ms(now), ms(now), limit-len(leased))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("leasing deliveries: %w", err)
	}
	all, err := decodeAll(leased, decodeDelivery)
	slices.SortFunc(all, func(a, b delivery.Delivery) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), compareDue(a.Due, a.ID, b.Due, b.ID))
	})
	return all, err
}

// FinishDelivery is as in store.Deliveries.
func (s *Store) FinishDelivery(ctx context.Context, d delivery.Delivery, token string) error {
	row, err := newOutcomeRow(d)
	if err != nil {
		return err
	}
	return s.do(ctx, func(t *tx) error { return finishDelivery(t, row, token) })
}

// finishDelivery is one statement, unless codes were added while the delivery was leased.
func finishDelivery(t *tx, r deliveryRow, token string) error {
	ended, err := endLease(t, r, token, "[]")
	if ended || err != nil {
		return err
	}
	var added string
	err = t.row([]any{&added}, `SELECT added FROM deliveries WHERE id = ? AND token = ? AND token <> ''`, r.ID, token)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("delivery %q: %w", r.ID, err)
	}
	if r.codes, err = joinCodes(r.Handle.Codes, added); err != nil {
		return fmt.Errorf("codes of delivery %q: %w", r.ID, err)
	}
	_, err = endLease(t, r, token, added)
	return err
}

// endLease writes the outcome where the lease still is token's and exactly these codes were added. A wish that changed meanwhile stays due.
func endLease(t *tx, r deliveryRow, token, added string) (bool, error) {
	const query = `UPDATE deliveries SET shown = ?1, message = ?2, codes = ?3, replaced = ?4, refused = ?5,
		state = CASE WHEN rev > ?6 THEN 'due' ELSE ?7 END, attempts = CASE WHEN rev > ?6 THEN 0 ELSE ?8 END,
		due = CASE WHEN rev > ?6 THEN max(due, ?9) ELSE ?9 END, why = CASE WHEN rev > ?6 THEN '' ELSE ?10 END,
		ended = CASE WHEN rev > ?6 THEN ?11 ELSE ?12 END, token = '', until = 0, added = '[]', rank = ?16, into_id = ?17, ask = ?18,
		wish = CASE WHEN ?19 IS NULL OR rev > ?6 THEN wish ELSE ?19 END
		WHERE id = ?13 AND token = ?14 AND token <> '' AND added = ?15`
	n, err := t.exec(query, r.Shown, r.Handle.Message, r.codes, r.Replaced, r.refused, r.Rev, string(r.State), r.Attempts, ms(r.Due), r.Why,
		never, ms(r.Ended), r.ID, token, added, r.Rank, r.Into, ms(r.Ask), rewritten(r))
	if err != nil {
		return false, fmt.Errorf("writing delivery %q: %w", r.ID, err)
	}
	return n > 0, nil
}

// rewritten is the wish where the worker wrote it anew, else NULL.
func rewritten(r deliveryRow) any {
	if !r.Rewritten {
		return nil
	}
	return r.wish
}

// joinCodes appends to a worker's codes those that were added meanwhile.
func joinCodes(codes []string, added string) (string, error) {
	came, err := decodeList[string](added)
	if err != nil {
		return "", err
	}
	return encodeList(append(slices.Clone(codes), without(came, codes)...))
}

// AddCode is as in store.Deliveries.
func (s *Store) AddCode(ctx context.Context, id, code string) error {
	return s.do(ctx, func(t *tx) error { return addCode(t, id, code) })
}

func addCode(t *tx, id, code string) error {
	const query = `UPDATE deliveries SET codes = json_insert(codes, '$[#]', ?1), added = json_insert(added, '$[#]', ?1)
		WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM json_each(codes) WHERE value = ?1)`
	n, err := t.exec(query, code, id)
	if err != nil {
		return fmt.Errorf("adding a code to delivery %q: %w", id, err)
	}
	if n > 0 {
		return nil
	}
	var known int // it has the code, or there is none
	return found(t.row([]any{&known}, `SELECT 1 FROM deliveries WHERE id = ?`, id), "delivery", id)
}

// Replay is as in store.Deliveries.
func (s *Store) Replay(ctx context.Context, id string, now time.Time) error {
	const query = `UPDATE deliveries SET state = 'due', attempts = 0, due = ?, ended = ? WHERE id = ? AND state = 'dead'`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, ms(now), never, id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("dead delivery %q: %w", id, err)
		}
		return nil
	})
}
