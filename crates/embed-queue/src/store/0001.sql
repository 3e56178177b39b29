-- The queue, version 1. Instants are milliseconds since 1970, hashes are BLAKE3.

CREATE TABLE spaces (
    id         INTEGER PRIMARY KEY,
    identity   TEXT    NOT NULL UNIQUE,
    provider   TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    dimensions INTEGER NOT NULL CHECK (dimensions > 0),
    role       TEXT    NOT NULL CHECK (role IN ('ACTIVE', 'NEXT')),
    created_at INTEGER NOT NULL
) STRICT;
-- One space answers, at most one is being filled to follow it.
CREATE UNIQUE INDEX spaces_by_role ON spaces (role);

CREATE TABLE documents (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    collection   TEXT    NOT NULL,
    source       TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    metadata     TEXT    NOT NULL CHECK (json_type(metadata) = 'object'),
    content_hash BLOB    NOT NULL CHECK (length(content_hash) = 32),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (collection, source)
) STRICT;

CREATE TABLE chunks (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL CHECK (position >= 0),
    content     TEXT    NOT NULL CHECK (content <> ''),
    -- Kind, headings and place; `_vector_source`, the enriched text, as long as a vector is missing.
    metadata    TEXT    NOT NULL CHECK (json_type(metadata) = 'object'),
    source_hash BLOB    NOT NULL CHECK (length(source_hash) = 32),
    UNIQUE (document_id, position)
) STRICT;
CREATE INDEX chunks_by_source ON chunks (source_hash);

CREATE TABLE vectors (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    vector BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 4 = 0)
) STRICT;

-- The state of a text in a space; every chunk with that text shares it.
CREATE TABLE embeddings (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    space_id        INTEGER NOT NULL REFERENCES spaces (id),
    source_hash     BLOB    NOT NULL CHECK (length(source_hash) = 32),
    status          TEXT    NOT NULL CHECK (status IN ('PENDING', 'READY', 'FAILED')),
    tokens          INTEGER NOT NULL CHECK (tokens > 0),
    -- Failures of the text itself; those of the provider are not charged.
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- Leases that ended without a result: their workers died.
    lost            INTEGER NOT NULL DEFAULT 0 CHECK (lost >= 0),
    next_attempt_at INTEGER,
    lease_id        TEXT,
    lease_until     INTEGER,
    error_class     TEXT CHECK (error_class IN ('item', 'provider', 'configuration')),
    error           TEXT,
    reason          TEXT CHECK (reason <> ''),
    vector_id       INTEGER UNIQUE REFERENCES vectors (id),
    UNIQUE (space_id, source_hash),
    CHECK ((status = 'READY') = (vector_id IS NOT NULL)),
    CHECK ((status = 'FAILED') = (reason IS NOT NULL)),
    -- Nothing waits without a due time; a lease is due when it ends.
    CHECK ((status = 'PENDING') = (next_attempt_at IS NOT NULL)),
    CHECK ((lease_id IS NULL) = (lease_until IS NULL)),
    CHECK (lease_id IS NULL OR (status = 'PENDING' AND next_attempt_at = lease_until)),
    CHECK ((error_class IS NULL) = (error IS NULL))
) STRICT;
CREATE INDEX embeddings_due ON embeddings (space_id, next_attempt_at, id) WHERE status = 'PENDING';

-- One provider's limits and failures never slow another one down.
CREATE TABLE lanes (
    name         TEXT PRIMARY KEY,
    failures     INTEGER NOT NULL CHECK (failures >= 0),
    paused_until INTEGER,
    probe_until  INTEGER,
    error        TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
    name    TEXT PRIMARY KEY,
    lane    TEXT    NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Words of chunks, by chunk id; made in Rust, so that Russian and English are stemmed. Contentless: nothing can go out of
-- step but rows, and those are written and deleted with their chunks.
CREATE VIRTUAL TABLE words USING fts5 (
    stemmed, exact, headings,
    content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '_-:/.#@+'"
);
