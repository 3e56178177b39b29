//! Texts of files and of the portal into the embedding queue.
//!
//! [`add`] reads files, folders, feeds and records on a thread of its own and hands windows of documents to the queue, so
//! that memory does not grow with their number. What cannot be read is counted by reason and stops nothing.

mod add;
pub mod crm;
mod error;
mod feed;
mod folder;
mod gone;
pub mod person;
mod records;
mod spelling;
mod window;

use std::collections::BTreeMap;
use std::path::PathBuf;

use embed_queue::split::Sizes;
use embed_queue::{Counts, Ingested, OnFailure, Queue, Store};
use jiff::tz::TimeZone;
use serde::Serialize;

pub use add::add;
pub use error::IndexError;
pub use folder::is_pattern;
pub use spelling::whole;

/// Beginning of the names of collections that come from a portal.
pub const CRM: &str = "crm.";

/// The fact of a document that says in which file its record or entry stood.
const FILE: &str = "_file";

/// The source of a record or entry of a file. Its key is one within the file, unless it is an address, which is the same
/// everywhere.
fn keyed(file: &str, key: &str) -> String {
    let address = key.contains("://") || key.starts_with("urn:") || key.starts_with("tag:");
    if address || file == STDIN { key.to_owned() } else { format!("{file}#{key}") }
}

/// What stands for the name of a file where there is none.
const STDIN: &str = "stdin";

/// Skipped sources that are named one by one; all are counted.
const NAMED: usize = 100;

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Order {
    /// Files, folders and patterns such as `docs/**/*.md`; `-` is standard input with one JSON record a line.
    pub paths: Vec<PathBuf>,
    /// Only files whose name, or path below the folder, fits one of these patterns; all when empty.
    pub globs: Vec<String>,
    /// Leave out what `.gitignore` and `.ignore` name, and hidden files.
    pub ignore_files: bool,
    /// Where the documents go.
    pub collection: String,
    /// Larger files, records and lines are skipped.
    pub max_bytes: u64,
    /// Sizes of pieces.
    pub sizes: Sizes,
    /// Remove documents whose files are gone.
    pub prune: bool,
    /// Where days begin that are written without a time.
    pub zone: TimeZone,
}

/// Where documents go.
#[derive(Debug, Clone)]
pub enum Target {
    /// Stored PENDING.
    Later(Store),
    /// Embedded in the same call.
    AtOnce(Queue, OnFailure),
}

/// What happens while documents are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddEvent {
    /// So many files will be looked at; records on standard input cannot be counted before.
    Expected {
        /// Files.
        files: u64,
    },
    /// So many further files are read, or skipped.
    Read {
        /// Files.
        files: u64,
    },
    /// So many further documents are stored.
    Stored {
        /// Documents.
        documents: u64,
    },
}

/// Something that gave no document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file or record.
    pub source: String,
    /// Why, in kebab case.
    pub reason: &'static str,
    /// Why, in words.
    pub detail: String,
}

/// What became of everything that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Added {
    /// Documents that were given to the queue.
    pub documents: u64,
    /// Those of them that were stored already, the same.
    pub unchanged: u64,
    /// Those that wait for a worker although they were to be embedded at once.
    pub deferred: u64,
    /// Why, the first time.
    pub deferred_because: Option<String>,
    /// Chunks of the documents by state.
    #[serde(serialize_with = "counts")]
    pub chunks: Counts,
    /// Files and records without a document, counted by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// The first of them.
    pub named: Vec<Skipped>,
    /// Files whose letters were not written in UTF-8, counted by encoding.
    pub encodings: BTreeMap<String, u64>,
    /// Files that fit but are hidden or named by `.gitignore`; counted only when no other file fits.
    pub left_out: Option<u64>,
    /// Documents that left the queue because their files are gone.
    pub pruned: u64,
    /// Documents that left the queue because their files have no text any more.
    pub emptied: u64,
}

impl Added {
    /// Counts what the queue said about stored documents.
    fn take(&mut self, stored: Vec<Ingested>) {
        for ingested in stored {
            self.documents += 1;
            self.unchanged += u64::from(ingested.unchanged);
            self.deferred += u64::from(ingested.deferred.is_some());
            self.deferred_because = self.deferred_because.take().or(ingested.deferred);
            self.chunks.pending += ingested.chunks.pending;
            self.chunks.ready += ingested.chunks.ready;
            self.chunks.failed += ingested.chunks.failed;
        }
    }

    fn skip(&mut self, skipped: Skipped) {
        *self.skipped.entry(skipped.reason).or_default() += 1;
        if self.named.len() < NAMED {
            self.named.push(skipped);
        }
    }
}

impl Skipped {
    fn new(source: impl Into<String>, reason: &'static str, detail: impl Into<String>) -> Self {
        Self { source: source.into(), reason, detail: detail.into() }
    }
}

/// Counts as data.
fn counts<S: serde::Serializer>(counts: &Counts, serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeStruct as _;

    let mut shown = serializer.serialize_struct("Counts", 3)?;
    shown.serialize_field("ready", &counts.ready)?;
    shown.serialize_field("pending", &counts.pending)?;
    shown.serialize_field("failed", &counts.failed)?;
    shown.end()
}
