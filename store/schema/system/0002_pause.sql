-- Global pauses, those in force and those that ended lately. Numbers are never used again: the last one
-- given out is in meta. body is a checksum and tagged fields (store/system_file.cc).
CREATE TABLE pause(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
