-- What holds for the whole data folder. Written once, when the folder is made.
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
CREATE TABLE partition_map(partition INTEGER PRIMARY KEY, shard INTEGER NOT NULL);
