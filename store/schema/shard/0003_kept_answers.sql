-- Answers kept for requests that are sent again under their Idempotency-Key. Ids ascend in the order
-- of the decisions. scope is 16 bytes, answer a sealed row.
CREATE TABLE kept_answer(
  id INTEGER PRIMARY KEY,
  scope BLOB NOT NULL,
  decided_ms INTEGER NOT NULL,
  answer BLOB NOT NULL
);
CREATE UNIQUE INDEX kept_answer_by_scope ON kept_answer(scope);
