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
