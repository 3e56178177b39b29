-- Version 8: what documents are called, titles and names of files, in their exact form; the words are made anew.

DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5 (
    stemmed, exact, headings, names,
    content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '_-:/.#@+'"
);
