package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// reader is the pool of connections that only read. Each read sees the last commit; snapshot joins several reads to one.
type reader struct {
	db       *sql.DB
	prepared sync.Map // text → *sql.Stmt
}

// querier is what a read needs of the pool or of a snapshot.
type querier interface {
	rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error
}

func openReader(abs string, readers int) (*reader, error) {
	db, err := openPool(dsn(abs, "deferred", 16, "query_only(1)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return &reader{db: db}, nil
}

func (r *reader) close() error { return r.db.Close() }

// rows runs a query and calls scan for each row.
func (r *reader) rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	stmt, err := r.prepare(ctx, query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	return each(rows, err, scan)
}

// row reads one row; sql.ErrNoRows.
func (r *reader) row(ctx context.Context, dest []any, query string, args ...any) error {
	stmt, err := r.prepare(ctx, query)
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(ctx, args...).Scan(dest...)
}

func (r *reader) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt, ok := r.prepared.Load(query); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := r.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	if other, loaded := r.prepared.LoadOrStore(query, stmt); loaded {
		return other.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}

// snapshot runs fn with reads that all see one state of the file.
func (r *reader) snapshot(ctx context.Context, fn func(querier) error) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return fn(snapshot{tx})
}

type snapshot struct{ tx *sql.Tx }

func (s snapshot) rows(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := s.tx.QueryContext(ctx, query, args...)
	return each(rows, err, scan)
}

// each calls scan for every row and closes rows.
func each(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
