-- Version 6: a document of many chunks leaves at once, and its chunks follow bit by bit. So a chunk may outlive its document
-- for a while: the reference goes, in the way that SQLite's documentation has for constraints (lang_altertable.html).

PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ' REFERENCES documents (id) ON DELETE CASCADE', '')
WHERE type = 'table' AND name = 'chunks';
PRAGMA writable_schema = RESET;

-- Documents that are no more, while there are chunks of theirs. Numbers of documents are never given again.
CREATE TABLE leaving (document_id INTEGER PRIMARY KEY) STRICT;
