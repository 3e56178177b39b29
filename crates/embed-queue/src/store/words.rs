//! The full-text index of chunks.

use rusqlite::{Transaction, params};
use serde_json::{Map, Value};

use crate::document::{Piece, file_name};
use crate::search::words::{Analyser, Columns};

/// Words to write at the end of a transaction. FTS5 writes what it has gathered out at every savepoint, and SQLite makes
/// one for most statements that write to other tables: chunk by chunk that would be a tiny part of an index each, all of
/// which have to be merged.
pub(super) struct Wording<'a> {
    analyser: &'a Analyser,
    /// Chunks that are no more.
    pub(super) gone: Vec<i64>,
    new: Vec<(i64, Columns, Columns)>,
    size: usize,
}

/// What a document is called: its title, and the name of its file where that is another.
pub(super) struct Called {
    columns: Columns,
}

/// Bytes that are gathered: a document may be larger than what should be in memory at once.
const GATHERED: usize = 8 << 20;

impl<'a> Wording<'a> {
    pub(super) fn new(analyser: &'a Analyser) -> Self {
        Self { analyser, gone: Vec::new(), new: Vec::new(), size: 0 }
    }

    pub(super) fn called(&self, source: &str, title: &str, metadata: &Map<String, Value>) -> Called {
        let name = file_name(source, metadata).unwrap_or_default();
        let beside = if name == title { "" } else { name };
        let mut columns = self.analyser.columns(&format!("{title} {beside}"));
        // Files are asked for without their endings too.
        if let Some((start, _)) = name.rsplit_once('.') {
            columns.exact.push_str(&self.analyser.columns(start).exact);
        }
        Called { columns }
    }

    pub(super) fn add(&mut self, chunk: i64, called: &Called, piece: &Piece) {
        let text = self.analyser.columns(&piece.content);
        let mut names = called.columns.clone();
        names.stemmed.push_str(&self.analyser.columns(&piece.headings.join(" ")).stemmed);
        self.size += text.stemmed.len() + text.exact.len() + names.stemmed.len() + names.exact.len();
        self.new.push((chunk, text, names));
    }

    pub(super) fn is_full(&self) -> bool {
        self.size > GATHERED
    }

    pub(super) fn write(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        self.size = 0;
        forget(transaction, self.gone.drain(..))?;
        let mut statement = transaction.prepare_cached(
            "INSERT INTO words (rowid, stemmed, exact, headings, names) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (chunk, text, names) in self.new.drain(..) {
            statement.execute(params![chunk, text.stemmed, text.exact, names.stemmed, names.exact])?;
        }
        Ok(())
    }
}

/// Makes the words of all chunks; none are there.
pub(super) fn rebuild(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let analyser = Analyser::new();
    let mut words = Wording::new(&analyser);
    let mut statement = transaction.prepare(
        "SELECT chunks.id, content, chunks.metadata, source, title, documents.metadata
         FROM chunks JOIN documents ON documents.id = document_id ORDER BY chunks.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let json =
            |place| row.get::<_, String>(place).map(|text| serde_json::from_str(&text).unwrap_or_default());
        let piece = Piece::stored(row.get(1)?, &json(2)?);
        let (source, title): (String, String) = (row.get(3)?, row.get(4)?);
        let called = match json(5)? {
            Value::Object(facts) => words.called(&source, &title, &facts),
            _ => words.called(&source, &title, &Map::new()),
        };
        words.add(row.get(0)?, &called, &piece);
        if words.is_full() {
            words.write(transaction)?;
        }
    }
    words.write(transaction)
}

pub(super) fn forget(
    transaction: &Transaction<'_>,
    chunks: impl Iterator<Item = i64>,
) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached("DELETE FROM words WHERE rowid = ?1")?;
    for chunk in chunks {
        statement.execute([chunk])?;
    }
    Ok(())
}
