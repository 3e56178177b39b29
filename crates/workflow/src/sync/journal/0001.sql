-- Whose journal this is. One row.
CREATE TABLE portal (identity TEXT NOT NULL) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- open, planned, done, stopped, killed
    state TEXT NOT NULL,
    reason TEXT,
    -- What the plan was made from: JSON.
    header TEXT NOT NULL,
    tally TEXT,
    statistics TEXT
) STRICT;

-- The plan of a run. Bodies are personal data and are erased after the retention time.
CREATE TABLE entries (
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    cursor TEXT,
    body TEXT,
    -- NULL as long as the entry has no outcome.
    outcome TEXT,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entries_by_key ON entries (run, key);
CREATE INDEX entries_open ON entries (run, position) WHERE outcome IS NULL;

CREATE TABLE records (
    key TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    deal INTEGER,
    contact INTEGER,
    outcome TEXT NOT NULL,
    code TEXT,
    line INTEGER NOT NULL,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX records_by_deal ON records (deal);
CREATE INDEX records_by_contact ON records (contact);

-- Writes that were perhaps executed. Committed before they are sent, deleted with their outcome.
CREATE TABLE intents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    -- contact-add, deal-add, comment-add, deal-update, contact-update, lead-update
    command TEXT NOT NULL,
    -- What it writes to, when that is known.
    target INTEGER,
    -- Identity of a contact, hash of a comment.
    mark TEXT,
    sent_at INTEGER NOT NULL,
    -- When its answer was lost, or when the next run opened the journal. NULL as long as it is under way.
    since INTEGER,
    UNIQUE (key, command)
) STRICT;

-- What was written: before and after.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- deal, contact, comment
    entity TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    -- NULL for a record that was created.
    change TEXT
) STRICT;
CREATE INDEX changes_by_key ON changes (key);
CREATE INDEX changes_by_run ON changes (run);

CREATE TABLE rejects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    -- The key, or the line for a row without one.
    place TEXT NOT NULL,
    key TEXT,
    line INTEGER NOT NULL,
    cursor TEXT,
    code TEXT NOT NULL,
    body TEXT NOT NULL,
    -- The row as it came, as JSON; erased after the retention time.
    row TEXT,
    first_run INTEGER NOT NULL,
    last_run INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    UNIQUE (source, place, code)
) STRICT;
CREATE INDEX rejects_by_key ON rejects (key);

CREATE TABLE cursors (
    source TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    run INTEGER,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last comment posted to a deal, as MD5 of its trimmed text.
CREATE TABLE comments (
    deal INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    comment INTEGER,
    -- From the earlier system, whose texts were perhaps not trimmed.
    legacy INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE identities (
    identity TEXT PRIMARY KEY,
    contact INTEGER NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_contact ON identities (contact);

CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Records that are read again from the source, by key, or by line when they have none.
CREATE TABLE retries (
    source TEXT NOT NULL,
    place TEXT NOT NULL,
    key TEXT,
    cursor TEXT,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (source, place)
) STRICT, WITHOUT ROWID;
