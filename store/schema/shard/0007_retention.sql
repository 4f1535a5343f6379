-- How many rows of a piece of the run log retention has removed, where it has: whoever misses more is
-- told of damage.
CREATE TABLE removed_rows(piece INTEGER PRIMARY KEY, removed INTEGER NOT NULL);

-- Tasks whose definition has, or had, a retention: where the background looks for runs to remove. A
-- hint; what the definition says counts. gone_ms: of what went of the task, the last due instant.
CREATE TABLE retained(number INTEGER PRIMARY KEY, gone_ms INTEGER);
