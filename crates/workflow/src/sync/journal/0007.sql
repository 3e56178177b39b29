-- What a record wanted when its deal was last written or left alone: a closed deal gets a successor when that changed.
CREATE TABLE imprints (
    key TEXT PRIMARY KEY,
    deal INTEGER NOT NULL,
    imprint TEXT NOT NULL
) STRICT, WITHOUT ROWID;
