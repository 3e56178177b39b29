-- What a caller remembers beside its documents: whose portal they are of, how far it was read.
CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What each provider's lane did and cost, minute by minute.
CREATE TABLE spending (
    lane   TEXT    NOT NULL,
    minute INTEGER NOT NULL,
    ready  INTEGER NOT NULL CHECK (ready >= 0),
    calls  INTEGER NOT NULL CHECK (calls >= 0),
    tokens INTEGER NOT NULL CHECK (tokens >= 0),
    -- Tokens of texts that were known already.
    saved  INTEGER NOT NULL CHECK (saved >= 0),
    PRIMARY KEY (lane, minute)
) STRICT, WITHOUT ROWID;
