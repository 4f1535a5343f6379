-- The audit log of what is in this file, a row for each change. Ids ascend without a gap. digest is the
-- SHA-256 of id, instant, the digest of the row before, and the entries: they hang together. meta says
-- which row is the last (audit_last) and up to which row they were deleted for their age (audit_gone).
CREATE TABLE audit(
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  previous BLOB NOT NULL,
  digest BLOB NOT NULL,
  entries BLOB NOT NULL
);
