package sqlite

// schemaLists serves the lists that people ask for in chat. What they filter by stands in the indexes that give the order, so that only the customers of the page are
// read, however few of all fulfil the filter.
const schemaLists = `
ALTER TABLE customers ADD COLUMN region TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN active INTEGER NOT NULL DEFAULT 0; -- 0 for never
DROP INDEX customers_tier;
DROP INDEX customers_score;
CREATE INDEX customers_tier ON customers (tier, rank, id, owner, pool, stage, region, active);
CREATE INDEX customers_score ON customers (rank, id, stage, owner, pool, region, active);
`
