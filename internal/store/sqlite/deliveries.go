package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// storedDelivery is the document of a delivery, with what is no part of its JSON outside.
type storedDelivery struct {
	delivery.Delivery
	URL     string      `json:"reply_url,omitempty"`
	URLEnds time.Time   `json:"reply_until,omitzero"`
	Shows   bots.Handle `json:"handle"`
}

func encodeDelivery(d delivery.Delivery) ([]byte, error) {
	text, err := json.Marshal(storedDelivery{d, d.ReplyURL, d.ReplyUntil, d.Handle})
	if err != nil {
		return nil, fmt.Errorf("encoding delivery %q: %w", d.ID, err)
	}
	return text, nil
}

func decodeDelivery(text doc) (delivery.Delivery, error) {
	s, err := decodeAs[storedDelivery](text)
	d := s.Delivery
	d.ReplyURL, d.ReplyUntil, d.Handle = s.URL, s.URLEnds, s.Shows
	return d, err
}

// Show is as in store.Deliveries.
func (s *Store) Show(ctx context.Context, d delivery.Delivery) (changed bool, err error) {
	text, err := encodeDelivery(d)
	if err != nil {
		return false, err
	}
	err = s.do(ctx, func(t *tx) (err error) {
		changed, err = show(t, d, text)
		return err
	})
	return changed && err == nil, err
}

func show(t *tx, d delivery.Delivery, text []byte) (bool, error) {
	old, err := loadDelivery(t, d.ID)
	if errors.Is(err, store.ErrNotFound) {
		return true, insertDelivery(t, d, text)
	}
	if err != nil || d.Rev <= old.Rev {
		return false, err
	}
	old.Text, old.Card, old.Rev, old.Due = d.Text, d.Card, d.Rev, d.Due
	old.State, old.Attempts, old.Why, old.Ended = delivery.Due, 0, "", time.Time{}
	return true, updateDelivery(t, old)
}

func insertDelivery(t *tx, d delivery.Delivery, text []byte) error {
	const query = `INSERT INTO deliveries (id, platform, customer, state, due, created, token, until, added, doc) VALUES (?, ?, ?, ?, ?, ?, '', 0, '[]', ?)`
	_, err := t.exec(query, d.ID, string(d.Platform), d.Customer, string(d.State), ms(d.Due), ms(d.Created), text)
	if err != nil {
		return fmt.Errorf("writing delivery %q: %w", d.ID, err)
	}
	return nil
}

// updateDelivery leaves the lease and the added codes as they are.
func updateDelivery(t *tx, d delivery.Delivery) error {
	text, err := encodeDelivery(d)
	if err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE deliveries SET state = ?, due = ?, doc = ? WHERE id = ?`, string(d.State), ms(d.Due), text, d.ID); err != nil {
		return fmt.Errorf("writing delivery %q: %w", d.ID, err)
	}
	return nil
}

func loadDelivery(t *tx, id string) (delivery.Delivery, error) {
	var text doc
	if err := t.row([]any{&text.text}, `SELECT doc FROM deliveries WHERE id = ?`, id); err != nil {
		return delivery.Delivery{}, found(err, "delivery", id)
	}
	return decodeDelivery(text)
}

// Delivery is as in store.Deliveries.
func (s *Store) Delivery(ctx context.Context, id string) (delivery.Delivery, error) {
	var text doc
	if err := s.row(ctx, []any{&text.text}, `SELECT doc FROM deliveries WHERE id = ?`, id); err != nil {
		return delivery.Delivery{}, found(err, "delivery", id)
	}
	return decodeDelivery(text)
}

// LeaseDeliveries is as in store.Deliveries.
func (s *Store) LeaseDeliveries(ctx context.Context, platform string, now, until time.Time, token string, limit int) ([]delivery.Delivery, error) {
	const query = `UPDATE deliveries SET token = ?, until = ?, added = '[]' WHERE id IN (
		SELECT id FROM deliveries INDEXED BY deliveries_due WHERE platform = ? AND state = 'due' AND due <= ? AND until <= ? ORDER BY due, id LIMIT ?
		) RETURNING doc`
	var docs []doc
	err := s.do(ctx, func(t *tx) error {
		docs = nil
		return t.change(func(rows *sql.Rows) error {
			var d doc
			err := rows.Scan(&d.text)
			docs = append(docs, d)
			return err
		}, query, token, ms(until), platform, ms(now), ms(now), limit)
	})
	if err != nil {
		return nil, fmt.Errorf("leasing deliveries: %w", err)
	}
	all, err := decodeAll(docs, decodeDelivery)
	slices.SortFunc(all, func(a, b delivery.Delivery) int { return compareDue(a.Due, a.ID, b.Due, b.ID) })
	return all, err
}

// FinishDelivery is as in store.Deliveries.
func (s *Store) FinishDelivery(ctx context.Context, d delivery.Delivery, token string) error {
	return s.do(ctx, func(t *tx) error { return finishDelivery(t, d, token) })
}

func finishDelivery(t *tx, d delivery.Delivery, token string) error {
	var text doc
	var added string
	err := t.row([]any{&text.text, &added}, `SELECT doc, added FROM deliveries WHERE id = ? AND token = ? AND token <> ''`, d.ID, token)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("delivery %q: %w", d.ID, store.ErrLeaseLost)
	}
	if err != nil {
		return fmt.Errorf("delivery %q: %w", d.ID, err)
	}
	old, err := decodeDelivery(text)
	if err != nil {
		return err
	}
	var codes []string
	if err := json.Unmarshal([]byte(added), &codes); err != nil {
		return fmt.Errorf("codes of delivery %q: %w", d.ID, err)
	}
	if err := updateDelivery(t, finished(old, d, codes)); err != nil {
		return err
	}
	if _, err = t.exec(`UPDATE deliveries SET token = '', until = 0, added = '[]' WHERE id = ?`, d.ID); err != nil {
		return fmt.Errorf("ending the lease of delivery %q: %w", d.ID, err)
	}
	return nil
}

// finished is the stored delivery after a worker that began with d's wish has reported d.
func finished(old, d delivery.Delivery, added []string) delivery.Delivery {
	wish, due := old.Rev, old.Due
	old.Shown, old.Replaced, old.Refused = d.Shown, d.Replaced, d.Refused
	old.Handle.Message = d.Handle.Message
	old.Handle.Codes = append(slices.Clone(d.Handle.Codes), without(added, d.Handle.Codes)...)
	old.State, old.Attempts, old.Due, old.Why, old.Ended = d.State, d.Attempts, d.Due, d.Why, d.Ended
	if wish > d.Rev {
		old.State, old.Attempts, old.Why, old.Ended = delivery.Due, 0, "", time.Time{}
		if due.After(old.Due) {
			old.Due = due
		}
	}
	return old
}

// AddCode is as in store.Deliveries.
func (s *Store) AddCode(ctx context.Context, id, code string) error {
	return s.do(ctx, func(t *tx) error {
		d, err := loadDelivery(t, id)
		if err != nil || slices.Contains(d.Handle.Codes, code) {
			return err
		}
		d.Handle.Codes = append(d.Handle.Codes, code)
		if err := updateDelivery(t, d); err != nil {
			return err
		}
		if _, err = t.exec(`UPDATE deliveries SET added = json_insert(added, '$[#]', ?) WHERE id = ?`, code, id); err != nil {
			return fmt.Errorf("adding a code to delivery %q: %w", id, err)
		}
		return nil
	})
}

// Replay is as in store.Deliveries.
func (s *Store) Replay(ctx context.Context, id string, now time.Time) error {
	return s.do(ctx, func(t *tx) error {
		d, err := loadDelivery(t, id)
		if err != nil {
			return err
		}
		if d.State != delivery.Dead {
			return fmt.Errorf("delivery %q is not dead: %w", id, store.ErrNotFound)
		}
		d.State, d.Attempts, d.Due, d.Ended = delivery.Due, 0, now, time.Time{}
		return updateDelivery(t, d)
	})
}
