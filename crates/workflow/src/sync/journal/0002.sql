-- Where a run began to read its source; NULL: at the beginning.
ALTER TABLE runs ADD COLUMN read_from TEXT;

-- Whether the row was put aside because of what the source gave, not by a plan or by the portal.
ALTER TABLE rejects ADD COLUMN of_reading INTEGER NOT NULL DEFAULT 0;
UPDATE rejects SET of_reading = 1 WHERE key IS NULL OR code = 'sync.key-duplicate';

-- With what the keys of each source begin.
CREATE TABLE sources (
    source TEXT PRIMARY KEY,
    prefix TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Taking a run back wrote 0 for records without a deal.
UPDATE records SET deal = NULL WHERE deal = 0;

-- What is on the portal decides whether a record is written; nobody asked for this.
ALTER TABLE records DROP COLUMN fingerprint;

-- A run asks for each record, and there may be a hundred thousand.
CREATE INDEX retries_by_key ON retries (key);
CREATE INDEX identities_by_key ON identities (key);
DROP INDEX changes_by_run;
CREATE INDEX changes_by_run ON changes (run, key);
