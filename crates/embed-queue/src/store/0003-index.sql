-- Version 3: what the vector index beside the file needs to follow it, and whose queue it is.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- Copies and backups share it; what they did afterwards is told apart by the newest vector's text.
INSERT INTO meta (name, value) VALUES ('database', randomblob(16));

-- Vectors are never changed, and a new one has the highest id, so removals are all that has to be written down.
CREATE TABLE removals (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    vector_id INTEGER NOT NULL
) STRICT;
CREATE TRIGGER vectors_removed AFTER DELETE ON vectors BEGIN
    INSERT INTO removals (vector_id) VALUES (old.id);
END;

CREATE INDEX embeddings_failed ON embeddings (space_id) WHERE status = 'FAILED';
