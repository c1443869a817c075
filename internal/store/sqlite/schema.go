package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// ErrNewer says that a newer version of the program wrote the file; an older one must not touch it.
var ErrNewer = errors.New("the file was written by a newer version of lingke")

// migrations bring a file forward, one version each; PRAGMA user_version counts how many it has had. Never change one that was
// released: add another.
var migrations = []string{
	schema1,
	schemaModels,
	schemaImports,
	schemaDocuments,
	schemaPosts,
	schemaIdentity,
	schemaLapses,
	schemaRaws,
	schemaReads,
	schemaFollowUp,
	schemaBudgets,
	schemaDigest,
	schemaLists,
	schemaClock,
	schemaRefused,
	schemaHistoryMark,
	schemaPlaces,
}

const schemaDocuments = `CREATE TABLE documents (name TEXT PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID`

// schema1 in short: customers_walk answers queries in id order, and customers_score, _owner, _pool and _tier in the order of scores (rank is
// the negative total, so that ascending order is best first), the former two also with a condition on stage or owner from the
// index alone. Indexes "due" hold only what waits; leases change no index.
const schema1 = `
CREATE TABLE customers (
	n       INTEGER PRIMARY KEY,
	id      TEXT NOT NULL UNIQUE,
	rev     INTEGER NOT NULL,
	name    TEXT NOT NULL, -- normalised, see normalise
	keys    TEXT NOT NULL, -- JSON array of what customer_keys holds for it
	owner   TEXT NOT NULL,
	pool    TEXT NOT NULL,
	tier    TEXT NOT NULL,
	stage   TEXT NOT NULL,
	rank    REAL NOT NULL,
	effects TEXT NOT NULL, -- JSON array, '[]' where there is none
	doc     BLOB NOT NULL
);
CREATE INDEX customers_walk ON customers (id, owner, pool, tier, stage, name);
CREATE INDEX customers_score ON customers (rank, id, stage);
CREATE INDEX customers_owner ON customers (owner, rank, id);
CREATE INDEX customers_pool ON customers (pool, rank, id);
CREATE INDEX customers_tier ON customers (tier, rank, id);
CREATE INDEX customers_name ON customers (name, id);
CREATE INDEX customers_pending ON customers (n) WHERE effects <> '[]';
CREATE TABLE customer_keys (key TEXT NOT NULL, customer TEXT NOT NULL, PRIMARY KEY (key, customer)) WITHOUT ROWID;
CREATE TABLE customer_grams (gram INTEGER NOT NULL, customer TEXT NOT NULL, PRIMARY KEY (gram, customer)) WITHOUT ROWID;
CREATE TABLE aliases (id TEXT PRIMARY KEY, customer TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX aliases_customer ON aliases (customer);
CREATE TABLE allowances (
	person TEXT NOT NULL, day TEXT NOT NULL, claims INTEGER NOT NULL, PRIMARY KEY (person, day)
) WITHOUT ROWID;

CREATE TABLE orders (
	id TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, version TEXT NOT NULL, deleted INTEGER NOT NULL, at INTEGER NOT NULL, doc BLOB NOT NULL
);
CREATE INDEX orders_customer ON orders (customer, at, id) WHERE deleted = 0;
CREATE TABLE activities (
	id TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, version TEXT NOT NULL, deleted INTEGER NOT NULL, at INTEGER NOT NULL, doc BLOB NOT NULL
);
CREATE INDEX activities_customer ON activities (customer, at, id) WHERE deleted = 0;

CREATE TABLE tasks (
	id TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL, customer TEXT NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL, due INTEGER NOT NULL,
	doc BLOB NOT NULL
);
CREATE INDEX tasks_customer ON tasks (customer, id);
CREATE INDEX tasks_state ON tasks (state, id);
CREATE INDEX tasks_due ON tasks (due, id);
CREATE INDEX tasks_state_due ON tasks (state, due, id);
CREATE INDEX tasks_owner ON tasks (owner, due, id);
CREATE INDEX tasks_owner_state ON tasks (owner, state, due, id);

CREATE TABLE deliveries (
	id TEXT NOT NULL UNIQUE, platform TEXT NOT NULL, customer TEXT NOT NULL, created INTEGER NOT NULL,
	rev INTEGER NOT NULL, shown INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, due INTEGER NOT NULL, why TEXT NOT NULL,
	ended INTEGER NOT NULL, message TEXT NOT NULL, codes TEXT NOT NULL, replaced INTEGER NOT NULL, refused TEXT NOT NULL,
	token TEXT NOT NULL, until INTEGER NOT NULL,
	added TEXT NOT NULL, -- JSON array of the codes that AddCode brought since the lease began
	about BLOB NOT NULL, wish BLOB NOT NULL -- documents, see deliveryRow
);
CREATE INDEX deliveries_due ON deliveries (platform, due, id) WHERE state = 'due';
CREATE INDEX deliveries_created ON deliveries (created, id);
CREATE INDEX deliveries_state ON deliveries (state, created, id);
CREATE INDEX deliveries_customer ON deliveries (customer, created, id);

CREATE TABLE events (
	id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, body BLOB, received INTEGER NOT NULL, state TEXT NOT NULL,
	attempts INTEGER NOT NULL, due INTEGER NOT NULL, why TEXT NOT NULL, token TEXT NOT NULL, until INTEGER NOT NULL
);
CREATE INDEX events_due ON events (due, id) WHERE state = 'due';
CREATE INDEX events_state ON events (state, received, id);

CREATE TABLE runs (
	job TEXT NOT NULL, due INTEGER NOT NULL, holder TEXT NOT NULL, until INTEGER NOT NULL, ended INTEGER, outcome TEXT NOT NULL,
	PRIMARY KEY (job, due)
) WITHOUT ROWID;
CREATE TABLE cursors (name TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
`

// schemaModels: versions are looked at without their texts, which may be large; few of either table are ever written.
const schemaModels = `
CREATE TABLE models (id TEXT PRIMARY KEY, at INTEGER NOT NULL, doc BLOB NOT NULL, text TEXT NOT NULL);
CREATE TABLE publications (n INTEGER PRIMARY KEY, doc BLOB NOT NULL);
`

// schemaImports keeps imported batches and what each told.
const schemaImports = `
CREATE TABLE batches (id TEXT PRIMARY KEY, rev INTEGER NOT NULL, doc BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE told (
	batch TEXT NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL, live INTEGER NOT NULL, record BLOB NOT NULL,
	PRIMARY KEY (batch, kind, ref)
) WITHOUT ROWID;
CREATE INDEX told_ref ON told (kind, ref, batch) WHERE live = 1;
CREATE TABLE attachments (batch TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (batch, name));
`

// schemaPosts: the log is read by target and by state; a purge goes by age.
const schemaPosts = `
CREATE TABLE posts (
	id TEXT NOT NULL UNIQUE, target TEXT NOT NULL, customer TEXT NOT NULL, event TEXT NOT NULL, body BLOB, created INTEGER NOT NULL, state TEXT NOT NULL,
	attempts INTEGER NOT NULL, due INTEGER NOT NULL, ended INTEGER NOT NULL, why TEXT NOT NULL, token TEXT NOT NULL, until INTEGER NOT NULL
);
CREATE INDEX posts_due ON posts (target, due, id) WHERE state = 'due';
CREATE INDEX posts_created ON posts (created, id);
CREATE INDEX posts_state ON posts (state, created, id);
CREATE INDEX posts_target ON posts (target, created, id);
`

// schemaIdentity brings what people decided about who is the same customer. An id that became another name keeps the rev that it had.
const schemaIdentity = `
ALTER TABLE aliases ADD COLUMN rev INTEGER NOT NULL DEFAULT 0;
CREATE TABLE decisions (id TEXT PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL, doc BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX decisions_a ON decisions (a);
CREATE INDEX decisions_b ON decisions (b);
CREATE TABLE questions (id TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL, state TEXT NOT NULL, due INTEGER NOT NULL, doc BLOB NOT NULL);
CREATE INDEX questions_state ON questions (state, due, id);
`

// schemaLapses: only the few customers with an adjustment in force are in the index.
const schemaLapses = `
ALTER TABLE customers ADD COLUMN lapses INTEGER NOT NULL DEFAULT 0; -- 0 for never
CREATE INDEX customers_lapses ON customers (lapses) WHERE lapses > 0;
`

// migrate brings the file to the newest version, all steps or none.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	switch {
	case version > len(migrations):
		return fmt.Errorf("schema version %d, this program knows %d: %w", version, len(migrations), ErrNewer)
	case version == len(migrations):
		return nil
	}
	return migrateFrom(ctx, tx, version)
}

func migrateFrom(ctx context.Context, tx *sql.Tx, version int) error {
	for i, step := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("migrating to version %d: %w", version+i+1, err)
		}
	}
	if version > 0 && version <= slices.Index(migrations, schemaPlaces) { // customers are found by more keys, and listed by more columns, since then
		if err := rekey(ctx, tx); err != nil {
			return fmt.Errorf("migrating the keys of customers: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
		return fmt.Errorf("noting the schema's version: %w", err)
	}
	return tx.Commit()
}
