package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
)

// deliveryRow is a delivery ready to be written, encoded by the caller's goroutine. What changes on a delivery's way has columns, so that
// the writer neither decodes nor encodes; the rest is in two documents, of which about never changes and wish with the wish only.
type deliveryRow struct {
	delivery.Delivery
	about, wish    []byte
	codes, refused string
	report         string
}

// about says to whom a delivery goes. It holds also what is no part of a delivery's JSON outside.
type about struct {
	Kind         string    `json:"kind"`
	Task         string    `json:"task,omitempty"`
	To           []string  `json:"to,omitempty"`
	Conversation string    `json:"conversation,omitempty"`
	ReplyURL     string    `json:"reply_url,omitempty"`
	ReplyUntil   time.Time `json:"reply_until,omitzero"`
	Question     string    `json:"question,omitempty"`
	Topic        string    `json:"topic,omitempty"`
	Moved        bool      `json:"moved,omitempty"`
}

// wish is what people should see.
type wish struct {
	Text string           `json:"text,omitempty"`
	Card *bots.Card       `json:"card,omitempty"`
	File *bots.Attachment `json:"file,omitempty"`
}

func newDeliveryRow(d delivery.Delivery) (deliveryRow, error) {
	row, err := newOutcomeRow(d)
	if err != nil {
		return deliveryRow{}, err
	}
	row.about, err = json.Marshal(about{d.Kind, d.Task, d.To, d.Conversation, d.ReplyURL, d.ReplyUntil, d.Question, d.Topic, d.Moved})
	if err == nil {
		row.wish, err = json.Marshal(wish{d.Text, d.Card, d.File})
	}
	if err == nil {
		row.report, err = encodeReport(d.Report)
	}
	if err != nil {
		return deliveryRow{}, fmt.Errorf("encoding delivery %q: %w", d.ID, err)
	}
	return row, nil
}

// encodeReport is "" where there is none.
func encodeReport(r *delivery.Report) (string, error) {
	if r == nil {
		return "", nil
	}
	text, err := json.Marshal(r)
	return string(text), err
}

// newOutcomeRow is a row without its documents, but for what was written anew: all that the end of a lease writes.
func newOutcomeRow(d delivery.Delivery) (deliveryRow, error) {
	codes, err := encodeList(d.Handle.Codes)
	if err != nil {
		return deliveryRow{}, fmt.Errorf("encoding the codes of delivery %q: %w", d.ID, err)
	}
	refused, err := encodeList(d.Refused)
	if err != nil {
		return deliveryRow{}, fmt.Errorf("encoding the refusals of delivery %q: %w", d.ID, err)
	}
	row := deliveryRow{Delivery: d, codes: codes, refused: refused}
	if d.Rewritten {
		if row.wish, err = json.Marshal(wish{d.Text, d.Card, d.File}); err != nil {
			return deliveryRow{}, fmt.Errorf("encoding what delivery %q shows: %w", d.ID, err)
		}
	}
	return row, nil
}

// deliveryColumns are what scanDelivery reads.
const deliveryColumns = `id, platform, customer, created, rev, shown, state, attempts, due, why, ended, message, codes, replaced, refused, rank, reader, merges, into_id, report, ask, about, wish`

func scanDelivery(rows *sql.Rows) (deliveryRow, error) {
	var r deliveryRow
	var created, due, ended, ask int64
	err := rows.Scan(&r.ID, &r.Platform, &r.Customer, &created, &r.Rev, &r.Shown, &r.State, &r.Attempts, &due, &r.Why, &ended,
		&r.Handle.Message, &r.codes, &r.Replaced, &r.refused, &r.Rank, &r.Reader, &r.Merges, &r.Into, &r.report, &ask, &r.about, &r.wish)
	r.Created, r.Due, r.Ended, r.Ask = instant(created), instant(due), instant(ended), instant(ask)
	return r, err
}

// scanDeliveries returns a function that collects rows, to be decoded when the connection is free again.
func scanDeliveries(all *[]deliveryRow) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		r, err := scanDelivery(rows)
		*all = append(*all, r)
		return err
	}
}

func decodeDelivery(r deliveryRow) (delivery.Delivery, error) {
	d := r.Delivery
	var to about
	var content wish
	var err error
	if err = unmarshal(r.about, &to); err == nil {
		err = unmarshal(r.wish, &content)
	}
	if err == nil {
		d.Handle.Codes, err = decodeList[string](r.codes)
	}
	if err == nil {
		d.Refused, err = decodeList[bots.Refusal](r.refused)
	}
	if err == nil && r.report != "" {
		err = unmarshal([]byte(r.report), &d.Report)
	}
	if err != nil {
		return delivery.Delivery{}, fmt.Errorf("decoding delivery %q: %w", d.ID, err)
	}
	d.Kind, d.Task, d.To, d.Conversation, d.ReplyURL, d.ReplyUntil = to.Kind, to.Task, to.To, to.Conversation, to.ReplyURL, to.ReplyUntil
	d.Question, d.Topic, d.Moved = to.Question, to.Topic, to.Moved
	d.Text, d.Card, d.File = content.Text, content.Card, content.File
	return d, nil
}
