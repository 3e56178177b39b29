-- Version 5: a space that is no longer wanted is removed bit by bit, one that is begun is filled bit by bit.

CREATE TABLE spaces_5 (
    id         INTEGER PRIMARY KEY,
    identity   TEXT    NOT NULL,
    provider   TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    dimensions INTEGER NOT NULL CHECK (dimensions > 0),
    role       TEXT    NOT NULL CHECK (role IN ('ACTIVE', 'NEXT', 'DROPPED')),
    created_at INTEGER NOT NULL,
    -- The texts of chunks up to this one are in it; NULL when those of all are.
    filled_to  INTEGER CHECK (filled_to IS NULL OR role <> 'ACTIVE'),
    -- It got a vector at some time, so its provider is not one that cannot give any.
    delivered  INTEGER NOT NULL DEFAULT 0 CHECK (delivered IN (0, 1))
) STRICT;
INSERT INTO spaces_5 (id, identity, provider, model, dimensions, role, created_at, delivered)
    SELECT id, identity, provider, model, dimensions, role, created_at,
        EXISTS (SELECT 1 FROM embeddings WHERE space_id = spaces.id AND status = 'READY')
    FROM spaces;
DROP TABLE spaces;
ALTER TABLE spaces_5 RENAME TO spaces;
-- One space answers, at most one is being filled to follow it.
CREATE UNIQUE INDEX spaces_by_role ON spaces (role) WHERE role <> 'DROPPED';
CREATE UNIQUE INDEX spaces_by_identity ON spaces (identity) WHERE role <> 'DROPPED';
