//! The text layer of PDF files, page by page.

mod font;
mod lines;

use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Document, LoadOptions};

use super::{Content, MOST_TEXT, MOST_UNPACKED, Unreadable};
use crate::document::PieceKind;
use crate::split::Outline;

/// The reader of a format this old meets files that it does not expect; a panic of it is a damaged file.
pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    catch_unwind(AssertUnwindSafe(|| pages(bytes)))
        .unwrap_or_else(|_| Err(Unreadable::Damaged("its structure cannot be followed".to_owned())))
}

fn pages(bytes: &[u8]) -> Result<Content, Unreadable> {
    let bound = usize::try_from(MOST_UNPACKED).unwrap_or(usize::MAX);
    let options = LoadOptions { max_decompressed_size: Some(bound), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        lopdf::Error::Decryption(_) | lopdf::Error::InvalidPassword => Unreadable::Encrypted,
        error => Unreadable::Damaged(error.to_string()),
    })?;
    let mut outline = Outline::default();
    let mut pages = 0_u32;
    for (number, page) in document.get_pages() {
        pages += 1;
        let Ok(text) = lines::text(&document, page, bound) else { continue };
        if outline.len() + text.len() > MOST_TEXT {
            return Err(Unreadable::TooLarge);
        }
        outline.label(1, &format!("стр. {number}"));
        outline.block(PieceKind::Text, text.trim());
    }
    match () {
        () if pages == 0 => Err(Unreadable::Damaged("it has no pages".to_owned())),
        () if outline.is_empty() => Err(Unreadable::NoTextLayer { pages }),
        () => Ok(Content { title: None, outline }),
    }
}
