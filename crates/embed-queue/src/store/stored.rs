//! Documents as they were given, read back.

use rusqlite::Row;
use serde_json::Value;

use super::{Scope, Store};
use crate::document::{Document, Piece};
use crate::error::Error;

impl Store {
    /// Goes through the documents one by one and gives the places of those that fit. The file waits meanwhile for no
    /// other process, and this process for nobody.
    ///
    /// # Errors
    /// The file fails.
    pub fn fitting(&self, fits: &mut dyn FnMut(&Document) -> bool) -> Result<Vec<Scope>, Error> {
        self.read("go through the documents", |transaction| {
            let mut statement = transaction.prepare(
                "SELECT documents.id, collection, source, title, documents.metadata, content, chunks.metadata
                 FROM documents JOIN chunks ON document_id = documents.id ORDER BY documents.id, position",
            )?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            let mut open: Option<(i64, Document)> = None;
            let mut take = |document: Option<(i64, Document)>| {
                let fitting = document.filter(|(_, document)| fits(document));
                found.extend(
                    fitting.map(|(_, document)| Scope::document(&document.collection, &document.source)),
                );
            };
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                if open.as_ref().is_none_or(|(last, _)| *last != id) {
                    take(open.replace((id, document(row)?)));
                }
                if let Some((_, document)) = &mut open {
                    document.pieces.push(piece(row)?);
                }
            }
            take(open);
            Ok(found)
        })
    }
}

fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    let (collection, source): (String, String) = (row.get(1)?, row.get(2)?);
    let mut document = Document::new(&collection, &source);
    document.title = row.get(3)?;
    document.metadata = serde_json::from_str(&row.get::<_, String>(4)?).unwrap_or_default();
    Ok(document)
}

fn piece(row: &Row<'_>) -> rusqlite::Result<Piece> {
    let facts: Value = serde_json::from_str(&row.get::<_, String>(6)?).unwrap_or_default();
    Ok(Piece::stored(row.get(5)?, &facts))
}
