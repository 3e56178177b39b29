//! The full-text index of chunks.

use rusqlite::{Transaction, params};

use crate::document::Piece;
use crate::search::words::{Analyser, Columns};

/// Words to write at the end of a transaction. FTS5 writes what it has gathered out at every savepoint, and SQLite makes
/// one for most statements that write to other tables: chunk by chunk that would be a tiny part of an index each, all of
/// which have to be merged.
pub(super) struct Wording<'a> {
    analyser: &'a Analyser,
    /// Chunks that are no more.
    pub(super) gone: Vec<i64>,
    new: Vec<(i64, Columns, String)>,
    size: usize,
}

/// Bytes that are gathered: a document may be larger than what should be in memory at once.
const GATHERED: usize = 8 << 20;

impl<'a> Wording<'a> {
    pub(super) fn new(analyser: &'a Analyser) -> Self {
        Self { analyser, gone: Vec::new(), new: Vec::new(), size: 0 }
    }

    pub(super) fn add(&mut self, chunk: i64, title: &str, piece: &Piece) {
        let text = self.analyser.columns(&piece.content);
        let headings = self.analyser.columns(&format!("{title} {}", piece.headings.join(" ")));
        self.size += text.stemmed.len() + text.exact.len() + headings.stemmed.len();
        self.new.push((chunk, text, headings.stemmed));
    }

    pub(super) fn is_full(&self) -> bool {
        self.size > GATHERED
    }

    pub(super) fn write(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        self.size = 0;
        forget(transaction, self.gone.drain(..))?;
        let mut statement = transaction
            .prepare_cached("INSERT INTO words (rowid, stemmed, exact, headings) VALUES (?1, ?2, ?3, ?4)")?;
        for (chunk, text, headings) in self.new.drain(..) {
            statement.execute(params![chunk, text.stemmed, text.exact, headings])?;
        }
        Ok(())
    }
}

/// Makes the words of all chunks; none are there.
pub(super) fn rebuild(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let analyser = Analyser::new();
    let mut words = Wording::new(&analyser);
    let mut statement = transaction.prepare(
        "SELECT chunks.id, title, content, chunks.metadata
         FROM chunks JOIN documents ON documents.id = document_id ORDER BY chunks.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let facts: String = row.get(3)?;
        let piece = Piece::stored(row.get(2)?, &serde_json::from_str(&facts).unwrap_or_default());
        words.add(row.get(0)?, &row.get::<_, String>(1)?, &piece);
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
