//! Files into texts and pieces, by what they are.
//!
//! What a file unpacks to is bounded, whatever it says about itself. Headings, sheets and pages become the headings above
//! a piece.

mod archive;
mod docx;
mod feed;
mod html;
mod odt;
mod pdf;
mod table;
mod xlsx;
mod xml;

use std::fmt;

use crate::document::Piece;
use crate::split::{self, Encoding, Outline, Sizes, Undecodable};
pub use feed::{FeedEntry, feed};

/// Bytes that one file may unpack to.
const MOST_UNPACKED: u64 = 256 * 1024 * 1024;
/// Bytes of text that one file may have.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// What a file was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Markdown.
    Markdown,
    /// Text without structure, source code too.
    Plain,
    /// A web page.
    Html,
    /// A Word document.
    Docx,
    /// An `OpenDocument` text.
    Odt,
    /// An Excel workbook.
    Xlsx,
    /// The text layer of a PDF file.
    Pdf,
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
    /// It has a password.
    Encrypted,
    /// Its pages are pictures.
    NoTextLayer {
        /// How many.
        pages: u32,
    },
    /// It is rich text, which is not read.
    Rtf,
    /// It unpacks to more than is read.
    TooLarge,
    /// It is not what its name says, or broken.
    Damaged(String),
}

/// What a structured file says.
struct Content {
    title: Option<String>,
    outline: Outline,
}

impl Unreadable {
    /// The reason in kebab case, for counting.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Text(Undecodable::Binary) => "binary",
            Self::Text(Undecodable::UnknownEncoding) => "unknown-encoding",
            Self::Encrypted => "encrypted",
            Self::NoTextLayer { .. } => "no-text-layer",
            Self::Rtf => "rtf",
            Self::TooLarge => "too-large",
            Self::Damaged(_) => "damaged",
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(reason) => reason.fmt(f),
            Self::Encrypted => f.write_str("it has a password"),
            Self::NoTextLayer { pages } => {
                write!(f, "its {pages} pages have no text layer: it is a scan, or its letters are drawings")
            }
            Self::Rtf => f.write_str("it is rich text (RTF), which is not read; save it as DOCX or ODT"),
            Self::TooLarge => write!(
                f,
                "it unpacks to more than {} MB, or has more than {} MB of text",
                MOST_UNPACKED >> 20,
                MOST_TEXT >> 20
            ),
            Self::Damaged(reason) => write!(f, "it is damaged: {reason}"),
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
            Some("html" | "htm" | "xhtml") => Self::Html,
            Some("docx" | "docm" | "dotx") => Self::Docx,
            Some("odt" | "ott") => Self::Odt,
            Some("xlsx" | "xlsm" | "xltx") => Self::Xlsx,
            Some("pdf") => Self::Pdf,
            _ => Self::Plain,
        }
    }

    /// A format of texts by the name that records use.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "markdown" => Some(Self::Markdown),
            "plain" => Some(Self::Plain),
            "html" => Some(Self::Html),
            _ => None,
        }
    }
}

/// Reads a file's bytes.
///
/// # Errors
/// The bytes give no text.
pub fn read(format: Format, bytes: &[u8], sizes: Sizes) -> Result<Parsed, Unreadable> {
    let (content, encoding) = match format {
        Format::Markdown | Format::Plain if bytes.starts_with(b"{\\rtf") => return Err(Unreadable::Rtf),
        Format::Markdown | Format::Plain => {
            let decoded = split::decode(bytes).map_err(Unreadable::Text)?;
            let parsed = text(format, &decoded.text, sizes);
            return Ok(Parsed { encoding: Some(decoded.encoding), ..parsed });
        }
        Format::Html => {
            let (text, encoding) = html::decode(bytes)?;
            (html::read(&text), encoding)
        }
        Format::Docx => (docx::read(bytes)?, None),
        Format::Odt => (odt::read(bytes)?, None),
        Format::Xlsx => (xlsx::read(bytes)?, None),
        Format::Pdf => (pdf::read(bytes)?, None),
    };
    Ok(Parsed { encoding, ..content.cut(format, sizes) })
}

/// Reads a text that needs no decoding; what is no format of texts is read as plain text.
#[must_use]
pub fn text(format: Format, text: &str, sizes: Sizes) -> Parsed {
    let pieces = match format {
        Format::Markdown => split::markdown(text, sizes),
        Format::Html => return html::read(text).cut(format, sizes),
        _ => split::plain(text, sizes),
    };
    Parsed { format, title: None, encoding: None, pieces }
}

impl Content {
    fn cut(self, format: Format, sizes: Sizes) -> Parsed {
        Parsed { format, title: self.title, encoding: None, pieces: self.outline.pieces(sizes) }
    }
}

/// The title among an office document's properties.
fn title(properties: Option<String>) -> Result<Option<String>, Unreadable> {
    let (mut title, mut inside) = (String::new(), false);
    let Some(properties) = properties else { return Ok(None) };
    xml::walk(&properties, |step| match step {
        xml::Step::Open(tag) => inside = tag.name == "title",
        xml::Step::Close(_) => inside = false,
        xml::Step::Text(text) if inside => title.push_str(&text),
        xml::Step::Text(_) => {}
    })?;
    let title = title.trim();
    Ok((!title.is_empty()).then(|| title.to_owned()))
}
