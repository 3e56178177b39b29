-- Version 8: what documents are called, titles and names of files, in their exact form; the words are made anew.

DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5 (
    stemmed, exact, headings, names,
    content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '_-:/.#@+'"
);

-- Keys of records and entries of files are keys within their file, unless they are addresses.
UPDATE OR IGNORE documents SET source = (metadata ->> '$._file') || '#' || source
WHERE metadata ->> '$._file' <> 'stdin' AND source NOT LIKE '%://%' AND source NOT LIKE 'urn:%'
    AND source NOT LIKE 'tag:%' AND instr(source, '/') = 0 AND instr(source, '\') = 0;
