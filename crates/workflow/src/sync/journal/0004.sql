-- What a run left out of its reading: rows before this place; NULL: none. Where it began to read, less the overlap.
ALTER TABLE runs ADD COLUMN bound TEXT;
UPDATE runs SET bound = read_from;

-- A row with the key of others was known by its line, which is another one as soon as a row is added before it: now by its
-- turn among them.
UPDATE rejects SET place = key || ' row ' || (
    SELECT count(*) FROM rejects AS earlier
    WHERE earlier.source = rejects.source AND earlier.key = rejects.key AND earlier.code = rejects.code
        AND earlier.id <= rejects.id
) WHERE code = 'sync.key-duplicate' AND key IS NOT NULL;

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
