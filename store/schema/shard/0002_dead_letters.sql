-- Dead letters: the runs whose attempts are used up and that nobody has redriven yet. Ids ascend in
-- the order of the ends. run is a sealed row; the columns before it are what it says, for finding it.
CREATE TABLE dead(
  id INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  instant INTEGER NOT NULL,
  run_trigger INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  run BLOB NOT NULL
);
CREATE UNIQUE INDEX dead_by_run ON dead(number, instant, run_trigger, generation);
CREATE INDEX dead_by_task ON dead(number);

-- Removed tasks some of whose dead letters are still to be deleted, a few at a time.
CREATE TABLE dead_of_removed(number INTEGER PRIMARY KEY);
