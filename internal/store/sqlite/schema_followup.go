package sqlite

// schemaFollowUp: only the tasks of which somebody is to be told, and the few customers at risk, are in the indexes. Tasks from before are told of a quarter of an hour before they
// are due, as they were.
const schemaFollowUp = `
ALTER TABLE tasks ADD COLUMN wake INTEGER NOT NULL DEFAULT 0; -- 0 for never
UPDATE tasks SET wake = due - 900000,
	doc = CAST(json_set(CAST(doc AS TEXT), '$.wake', strftime('%Y-%m-%dT%H:%M:%fZ', (due - 900000) / 1000.0, 'unixepoch')) AS BLOB)
	WHERE state = 'open' AND due > 900000;
CREATE INDEX tasks_wake ON tasks (wake, id) WHERE wake > 0;
ALTER TABLE customers ADD COLUMN at_risk INTEGER NOT NULL DEFAULT 0; -- since when; 0 for not
CREATE INDEX customers_risk ON customers (rank, id) WHERE at_risk > 0;
`
