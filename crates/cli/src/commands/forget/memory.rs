//! The queue's half of `b24 forget`.

use embed_queue::{Scope, Store};
use serde::Serialize;
use workflow::index::person;
use workflow::person::Person;
use workflow::sync::journal::Trace;

use crate::context::Context;
use crate::failure::Failure;
use crate::memory;

/// Sources that are named one by one; all are counted.
const NAMED: usize = 20;

/// What the queue holds of a person.
pub(super) struct Memories {
    store: Option<Store>,
    documents: Vec<Scope>,
    pieces: u64,
}

/// The same as data.
#[derive(Serialize)]
pub(super) struct Shown {
    documents: Vec<ShownDocument>,
    pieces: u64,
}

#[derive(Serialize)]
struct ShownDocument {
    collection: Option<String>,
    source: Option<String>,
}

impl Memories {
    /// Looks for it; the journal told what it knows of the person.
    ///
    /// # Errors
    /// The queue cannot be read.
    pub(super) fn find(context: &Context, person: &Person, known: &Trace) -> Result<Self, Failure> {
        let Some(store) = memory::existing(context)? else {
            return Ok(Self { store: None, documents: Vec::new(), pieces: 0 });
        };
        let documents = person::remembered(&store, person, &known.contacts, &known.deals)?;
        let mut pieces = 0;
        for document in &documents {
            pieces += store.chunks(document)?.total();
        }
        Ok(Self { store: Some(store), documents, pieces })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// What is kept, for a table of two columns.
    pub(super) fn rows(&self) -> Vec<[String; 2]> {
        let mut names: Vec<String> = self.documents.iter().take(NAMED).map(named).collect();
        if self.documents.len() > NAMED {
            names.push(format!("and {} more", self.documents.len() - NAMED));
        }
        let mut rows = vec![
            ["indexed documents".to_owned(), self.documents.len().to_string()],
            ["their pieces".to_owned(), self.pieces.to_string()],
        ];
        if !names.is_empty() {
            rows.push(["these are".to_owned(), names.join(", ")]);
        }
        rows
    }

    /// Erases it, and what was left behind by earlier deletions: it may be this person's.
    ///
    /// # Errors
    /// The queue cannot be written.
    pub(super) fn erase(&self, context: &Context, person: &Person) -> Result<(), Failure> {
        let Some(store) = &self.store else { return Ok(()) };
        let purged = person::erase(store, person, &self.documents)?;
        if !purged.scrubbed {
            context.out.warning(memory::STILL_READ);
        }
        Ok(())
    }

    /// What was erased, in words.
    pub(super) fn words(&self) -> String {
        format!("{} indexed documents with {} pieces", self.documents.len(), self.pieces)
    }

    pub(super) fn shown(&self) -> Shown {
        let shown = |scope: &Scope| ShownDocument {
            collection: scope.collection.clone(),
            source: scope.source.clone(),
        };
        Shown { documents: self.documents.iter().map(shown).collect(), pieces: self.pieces }
    }
}

fn named(scope: &Scope) -> String {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    format!("{} {}", text(&scope.collection), text(&scope.source))
}
