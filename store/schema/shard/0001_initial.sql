-- One shard. Blobs named seed, spec and state are sealed rows (store/rows.h): codec, checksum, fields.

CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;

-- Fat rows, written on create and replace only. Numbers ascend, keys of generated ids too, so both
-- trees append. seed is the state at creation; wake_ms its place in the due index. spec is last, so
-- that reading the thin columns never follows the overflow pages of a long payload.
CREATE TABLE definition(
  number INTEGER PRIMARY KEY,
  key BLOB NOT NULL,
  wake_ms INTEGER,
  seed BLOB NOT NULL,
  spec BLOB NOT NULL
);
CREATE UNIQUE INDEX definition_by_key ON definition(key);

-- Thin rows; none for a task whose state is still the seed. The definition may be gone (a deleted
-- task with open runs), so the key is here too. Written by the fold, in the order of the numbers.
CREATE TABLE state(
  number INTEGER PRIMARY KEY,
  key BLOB NOT NULL,
  wake_ms INTEGER,
  state BLOB NOT NULL
);

-- The due index: slice = wake_ms >> 20. A task that waits for nothing has no row.
CREATE TABLE due(
  slice INTEGER NOT NULL,
  number INTEGER NOT NULL,
  wake_ms INTEGER NOT NULL,
  PRIMARY KEY(slice, number)
) WITHOUT ROWID;

-- The run log is in pieces, each with two tables of its own, run_<id> and run_<id>_task. The figures
-- of the piece that is being written are as of the last fold.
CREATE TABLE piece(
  id INTEGER PRIMARY KEY,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  bytes INTEGER NOT NULL
);
