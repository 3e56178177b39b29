-- What is erased after its time: rows that hold nothing any more are not looked at again.
ALTER TABLE runs ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rejects ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_kept ON runs (started_at) WHERE erased = 0;
CREATE INDEX rejects_kept ON rejects (last_at) WHERE erased = 0;
CREATE INDEX changes_kept ON changes (at) WHERE change IS NOT NULL;
CREATE INDEX identities_kept ON identities (at) WHERE substr(identity, 1, 7) <> 'record ';

-- The run that tells about the row, as the first that met it and came to tell.
ALTER TABLE rejects ADD COLUMN told_by INTEGER;
UPDATE rejects SET told_by = first_run;
