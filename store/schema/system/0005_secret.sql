-- Stored secrets, sealed. body is a checksum and tagged fields (store/row_secret.cc). meta says which
-- version was the last one given out (last_secret).
CREATE TABLE secret(name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
