//! What is stored: a document and its pieces.

use std::ops::Range;

use serde_json::{Map, Value, json};

use crate::crumbs::{enriched, is_cut};
use crate::hash::Hash;

/// Part of every content hash, so that another way of enriching texts re-embeds them.
const TEMPLATE: &str = "breadcrumbs/1";

/// The fact of a document that says in which file it stands, where that is not its source.
const FILE: &str = "_file";

/// Facts that may be others while the document is the same: when its file was touched, and in which file it stands.
const LOOSE: [&str; 2] = ["date", FILE];

/// A document under its natural key: the collection and the source within it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Collection, for example `files` or `crm.deal`.
    pub collection: String,
    /// Source within the collection: a path, an address, an id.
    pub source: String,
    /// Title; the first breadcrumb of every piece. May be empty.
    pub title: String,
    /// Facts for filters and links.
    pub metadata: Map<String, Value>,
    /// The texts to embed, in reading order.
    pub pieces: Vec<Piece>,
}

/// A part of a document that gets a vector of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The original text.
    pub content: String,
    /// Headings above the piece, outermost first.
    pub headings: Vec<String>,
    /// What it is.
    pub kind: PieceKind,
    /// Where it stands in the document, in bytes.
    pub bytes: Range<usize>,
    /// The same in lines, the first line of the document is 1, both ends inclusive.
    pub lines: (usize, usize),
    /// Tokens that title and headings may have above the text when it is embedded; what does not fit is left out there.
    pub crumbs: usize,
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// Prose, lists, quotations.
    Text,
    /// A code block.
    Code,
    /// A table.
    Table,
}

impl PieceKind {
    /// The stored spelling.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::Table => "table",
        }
    }
}

impl Document {
    /// A document without title, metadata and pieces.
    #[must_use]
    pub fn new(collection: &str, source: &str) -> Self {
        Self {
            collection: collection.to_owned(),
            source: source.to_owned(),
            title: String::new(),
            metadata: Map::new(),
            pieces: Vec::new(),
        }
    }

    /// With a title.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// With a fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// With these pieces; those without any text are left out, because nothing can be embedded of them.
    #[must_use]
    pub fn pieces(mut self, pieces: impl IntoIterator<Item = Piece>) -> Self {
        self.pieces = pieces.into_iter().filter(|piece| !piece.content.trim().is_empty()).collect();
        self
    }

    pub(crate) fn hash(&self) -> Hash {
        let mut facts = self.metadata.clone();
        facts.retain(|name, _| !LOOSE.contains(&name.as_str()));
        let facts = Value::Object(facts).to_string();
        let places: Vec<String> =
            self.pieces.iter().map(|piece| piece.facts(&self.title).to_string()).collect();
        let pieces =
            self.pieces.iter().zip(&places).flat_map(|(piece, place)| [piece.content.as_str(), place]);
        Hash::of_all([TEMPLATE, self.title.as_str(), facts.as_str()].into_iter().chain(pieces))
    }
}

/// The name of the file that a document is, or stands in; none where no file is known.
pub(crate) fn file_name<'a>(source: &'a str, metadata: &'a Map<String, Value>) -> Option<&'a str> {
    let path = metadata.get(FILE).and_then(Value::as_str).unwrap_or(source);
    let (_, name) = path.rsplit_once(['/', '\\'])?;
    // A number behind a sign is a number.
    name.contains(char::is_alphabetic).then_some(name)
}

impl Piece {
    /// A piece of text whose place is the whole of it.
    #[must_use]
    pub fn text(content: &str) -> Self {
        Self {
            content: content.to_owned(),
            headings: Vec::new(),
            kind: PieceKind::Text,
            bytes: 0..content.len(),
            lines: (1, content.lines().count().max(1)),
            crumbs: usize::MAX,
        }
    }

    /// Under these headings.
    #[must_use]
    pub fn under(mut self, headings: &[&str]) -> Self {
        self.headings = headings.iter().map(|&heading| heading.to_owned()).collect();
        self
    }

    /// The piece of a stored chunk.
    pub(crate) fn stored(content: String, facts: &Value) -> Self {
        let number = |name: &str, index: usize| {
            facts[name][index].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
        };
        let kinds = [PieceKind::Text, PieceKind::Code, PieceKind::Table];
        let kind = kinds.into_iter().find(|kind| facts["kind"] == kind.name());
        let headings = facts["headings"].as_array().into_iter().flatten();
        Self {
            content,
            headings: headings.filter_map(|heading| heading.as_str().map(str::to_owned)).collect(),
            kind: kind.unwrap_or(PieceKind::Text),
            bytes: number("bytes", 0)..number("bytes", 1),
            lines: (number("lines", 0), number("lines", 1)),
            crumbs: crumbs(facts),
        }
    }

    /// What stands in the chunk's metadata beside `_vector_source`.
    pub(crate) fn facts(&self, title: &str) -> Value {
        let mut facts = json!({
            "kind": self.kind.name(),
            "headings": self.headings,
            "bytes": [self.bytes.start, self.bytes.end],
            "lines": [self.lines.0, self.lines.1],
        });
        if is_cut(title, &self.headings, self.crumbs) {
            facts["crumbs"] = self.crumbs.into();
        }
        facts
    }

    /// The text that is embedded.
    pub(crate) fn enriched(&self, title: &str) -> String {
        enriched(title, &self.headings, &self.content, self.crumbs)
    }
}

/// What a stored chunk says of it: only where not everything fits.
pub(crate) fn crumbs(facts: &Value) -> usize {
    facts["crumbs"].as_u64().and_then(|tokens| usize::try_from(tokens).ok()).unwrap_or(usize::MAX)
}
