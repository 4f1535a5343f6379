-- API keys, of whose secrets only the digest is kept. body is a checksum and tagged fields
-- (store/system_file.cc).
CREATE TABLE api_key(id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
