//! Files into texts and pieces, by what they are.

use std::fmt;

use crate::document::Piece;
use crate::split::{self, Encoding, Sizes, Undecodable};

/// What a file was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Markdown.
    Markdown,
    /// Text without structure, source code too.
    Plain,
}

/// A file's text in pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What it was read as.
    pub format: Format,
    /// The title that stands in the file itself.
    pub title: Option<String>,
    /// How its letters were written, where that was to be found out.
    pub encoding: Option<Encoding>,
    /// Its pieces; none if there is no text.
    pub pieces: Vec<Piece>,
}

/// Why a file gives no text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// Its bytes are no text.
    Text(Undecodable),
}

impl Unreadable {
    /// The reason in kebab case, for counting.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Text(Undecodable::Binary) => "binary",
            Self::Text(Undecodable::UnknownEncoding) => "unknown-encoding",
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(reason) => reason.fmt(f),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Format {
    /// By the ending of a file's name; plain text when it says nothing.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
        match ending.as_deref() {
            Some("md" | "markdown" | "mdown" | "mkd") => Self::Markdown,
            _ => Self::Plain,
        }
    }

    /// By the name that is used in records and settings.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "markdown" => Some(Self::Markdown),
            "plain" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// Reads a file's bytes.
///
/// # Errors
/// The bytes give no text.
pub fn read(format: Format, bytes: &[u8], sizes: Sizes) -> Result<Parsed, Unreadable> {
    let decoded = split::decode(bytes).map_err(Unreadable::Text)?;
    let parsed = text(format, &decoded.text, sizes);
    Ok(Parsed { encoding: Some(decoded.encoding), ..parsed })
}

/// Reads a text that needs no decoding.
#[must_use]
pub fn text(format: Format, text: &str, sizes: Sizes) -> Parsed {
    let pieces = match format {
        Format::Markdown => split::markdown(text, sizes),
        Format::Plain => split::plain(text, sizes),
    };
    Parsed { format, title: None, encoding: None, pieces }
}
