package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"lingke/internal/access"
	"lingke/internal/store"
)

// schemaReads: reads_last remembers the newest line apart from the lines, so that lines missing at the end are noticed. reads_of finds the lines about a customer.
const schemaReads = `
CREATE TABLE reads (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, person TEXT NOT NULL, doc BLOB NOT NULL);
CREATE INDEX reads_person ON reads (person, n);
CREATE TABLE reads_of (customer TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (customer, n)) WITHOUT ROWID;
CREATE INDEX reads_of_line ON reads_of (n);
CREATE TABLE reads_last (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL, doc BLOB NOT NULL);
`

// AppendReads is as in store.Reads.
func (s *Store) AppendReads(ctx context.Context, lines []access.Read) (done bool, err error) {
	if len(lines) == 0 {
		return true, nil
	}
	texts := make([][]byte, len(lines))
	for i, r := range lines {
		if texts[i], err = json.Marshal(r); err != nil {
			return false, fmt.Errorf("encoding line %d of the read log: %w", r.N, err)
		}
	}
	const follow = `INSERT INTO reads_last (one, n, doc) SELECT 1, ?1, ?2 WHERE (SELECT coalesce(max(n), 0) FROM reads_last) = ?3
		ON CONFLICT (one) DO UPDATE SET n = excluded.n, doc = excluded.doc`
	end := len(lines) - 1
	err = s.do(ctx, func(t *tx) error {
		n, err := t.exec(follow, lines[end].N, texts[end], lines[0].N-1)
		done = n > 0
		if err != nil || !done {
			return err
		}
		for i, r := range lines {
			if err := insertRead(t, r, texts[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("line %d of the read log: %w", lines[0].N, err)
	}
	return done, nil
}

func insertRead(t *tx, r access.Read, text []byte) error {
	if _, err := t.exec(`INSERT INTO reads (n, id, person, doc) VALUES (?, ?, ?, ?)`, r.N, r.ID, r.Person, text); err != nil {
		return err
	}
	for _, c := range r.Customers {
		if _, err := t.exec(`INSERT OR IGNORE INTO reads_of (customer, n) VALUES (?, ?)`, c, r.N); err != nil {
			return err
		}
	}
	return nil
}

// LastRead is as in store.Reads.
func (s *Store) LastRead(ctx context.Context) (access.Read, error) {
	var r access.Read
	var text []byte
	err := s.row(ctx, []any{&text}, `SELECT doc FROM reads_last`)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	if err == nil {
		err = unmarshal(text, &r)
	}
	if err != nil {
		return r, fmt.Errorf("last line of the read log: %w", err)
	}
	return r, nil
}

// ReadsAfter is as in store.Reads.
func (s *Store) ReadsAfter(ctx context.Context, n int64, limit int) ([]access.Read, error) {
	return readLines(ctx, s, `SELECT n, doc FROM reads WHERE n > ? ORDER BY n LIMIT ?`, n, limit)
}

// readLines reads lines whose number and text a query gives. A text that is none counts as a line of which only the number is left: looking for damage must not end at it.
func readLines(ctx context.Context, s *Store, query string, args ...any) ([]access.Read, error) {
	var all []access.Read
	err := s.rows(ctx, func(rows *sql.Rows) error {
		var n int64
		var text []byte
		if err := rows.Scan(&n, &text); err != nil {
			return err
		}
		var r access.Read
		if unmarshal(text, &r) != nil || r.N != n {
			r = access.Read{N: n}
		}
		all = append(all, r)
		return nil
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return all, nil
}

// KnownReads is as in store.Reads.
func (s *Store) KnownReads(ctx context.Context, ids []string) (known []string, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	err = s.rows(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		known = append(known, id)
		return err
	}, `SELECT id FROM reads WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`, string(list))
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return known, nil
}

// FindReads is as in store.Reads.
func (s *Store) FindReads(ctx context.Context, q access.ReadQuery) ([]access.Read, string, error) {
	w := &where{}
	from, by := `reads AS r`, "r.n"
	if q.Customer != "" {
		from, by = `reads_of AS o JOIN reads AS r ON r.n = o.n`, "o.n"
	}
	w.equal("o.customer", q.Customer)
	w.equal("r.person", q.Person)
	if q.After != "" {
		n, err := parseInt(q.After)
		if err != nil {
			return nil, "", fmt.Errorf("%w: %q", store.ErrCursor, q.After)
		}
		w.add(by+" < ?", n)
	}
	limit := pageSize(q.Limit)
	all, err := readLines(ctx, s, "SELECT r.n, r.doc FROM "+from+w.String()+" ORDER BY "+by+" DESC LIMIT ?", append(w.args, limit+1)...)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, limit, func(r access.Read) string { return strconv.FormatInt(r.N, 10) })
	return page, next, nil
}

// PurgeReads is as in store.Reads.
func (s *Store) PurgeReads(ctx context.Context, through int64) (int, error) {
	n, err := s.purge(ctx, `DELETE FROM reads WHERE n IN (SELECT n FROM reads WHERE n <= ? ORDER BY n LIMIT ?)`, through)
	if err == nil {
		_, err = s.purge(ctx, `DELETE FROM reads_of WHERE (customer, n) IN (SELECT customer, n FROM reads_of INDEXED BY reads_of_line WHERE n <= ? LIMIT ?)`, through)
	}
	if err != nil {
		return n, fmt.Errorf("purging the read log: %w", err)
	}
	return n, nil
}
