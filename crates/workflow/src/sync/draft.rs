//! A first mapping: what the columns of a source and the fields of a portal suggest, and what a person has to decide.

mod columns;
mod origin;
mod text;

use std::path::Path;

use jiff::Timestamp;

use super::facts::PortalFacts;
use super::source::{self, Environment, Opening, SourceError};
use columns::Columns;
use origin::Origin;

/// What to draft a mapping from.
pub struct DraftOrder<'a> {
    /// A CSV, JSONL, XLSX or SQLite file, or a TOML file with a `[source]` table for everything else.
    pub source: &'a Path,
    /// The folder the mapping will lie in.
    pub folder: &'a Path,
    /// What the source shall be called.
    pub name: &'a str,
    /// IANA time zone of times without offset.
    pub zone: &'a str,
    /// The present.
    pub now: Timestamp,
    /// Passwords come from here.
    pub environment: Environment<'a>,
}

/// A mapping that can be read, and used when its decisions are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The mapping, with comments.
    pub text: String,
    /// What is left to decide, most important first; the same words stand in the text.
    pub decisions: Vec<String>,
}

/// Drafts a mapping. Nothing is written anywhere.
///
/// # Errors
/// A source that cannot be read.
pub async fn draft(order: &DraftOrder<'_>, facts: &PortalFacts) -> Result<Draft, SourceError> {
    let origin = Origin::of(order)?;
    let opening =
        Opening { folder: order.folder, cursor: None, now: order.now, environment: order.environment };
    let mut opened = source::open(origin.settings(), &opening).await?;
    let page = opened.source.next_page().await?;
    let columns = Columns::of(&opened, &page.records);
    if columns.is_empty() {
        let (what, reason) = (format!("`{}`", order.source.display()), "it has no columns".to_owned());
        return Err(SourceError::Heading { what, reason });
    }
    Ok(text::write(order.name, &origin.table(&opened.guesses), origin.notes(), &columns, facts))
}

impl std::fmt::Debug for DraftOrder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DraftOrder")
            .field("source", &self.source)
            .field("folder", &self.folder)
            .field("name", &self.name)
            .field("zone", &self.zone)
            .finish_non_exhaustive()
    }
}
