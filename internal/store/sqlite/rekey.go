package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"lingke/internal/customer"
)

// rekey writes the keys of every customer anew, and the columns that follow from it, some at a time.
func rekey(ctx context.Context, tx *sql.Tx) error {
	const query = `SELECT n, doc FROM customers WHERE n > ? ORDER BY n LIMIT ?`
	for after := int64(0); ; {
		var page []numbered
		rows, err := tx.QueryContext(ctx, query, after, eachPage)
		err = each(rows, err, func(rows *sql.Rows) error {
			var c numbered
			err := rows.Scan(&c.n, &c.text)
			page = append(page, c)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range page {
			if err := rekeyOne(ctx, tx, c); err != nil {
				return fmt.Errorf("row %d: %w", c.n, err)
			}
			after = c.n
		}
		if len(page) < eachPage {
			return nil
		}
	}
}

// numbered is a stored customer and its row.
type numbered struct {
	n int64
	doc
}

func rekeyOne(ctx context.Context, tx *sql.Tx, row numbered) error {
	c, err := decodeAs[customer.Customer](row.doc)
	if err != nil {
		return err
	}
	keys, err := json.Marshal(c.Keys())
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE customers SET keys = ?, places = ?, active = ? WHERE n = ?`, string(keys), placesText(c.Places()), msOrNone(c.Active), row.n); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM customer_keys WHERE customer = ?`, c.ID); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO customer_keys (key, customer) SELECT value, ? FROM json_each(?)`, c.ID, string(keys))
	return err
}
