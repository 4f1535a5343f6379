-- How many tasks each API key has made, of those that are there; no row for none. Changed in the
-- transactions that make and remove them, so that a start need not count.
CREATE TABLE made_by(key TEXT PRIMARY KEY, tasks INTEGER NOT NULL) WITHOUT ROWID;
