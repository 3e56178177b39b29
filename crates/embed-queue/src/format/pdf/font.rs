//! What the strings of a page say, and how wide they are.

use std::collections::HashMap;

use lopdf::Encoding;
use lopdf::{Dictionary, Document, Object};

/// A font of a page.
pub(super) struct Font<'a> {
    encoding: Encoding<'a>,
    widths: Option<Widths>,
}

/// Of the glyphs by their codes, in thousandths of the size.
struct Widths {
    /// Bytes of a code.
    bytes: usize,
    known: HashMap<usize, f32>,
    default: f32,
}

impl<'a> Font<'a> {
    pub(super) fn new(font: &'a Dictionary, document: &'a Document, bound: usize) -> Option<Self> {
        let encoding = font.get_font_encoding_with_limit(document, bound).ok()?;
        let composite = array(font, b"DescendantFonts", document).and_then(|fonts| fonts.first());
        let widths = match composite {
            Some(part) => {
                document.dereference(part).ok().and_then(|(_, part)| composed(part.as_dict().ok()?, document))
            }
            None => simple(font, document),
        };
        Some(Self { encoding, widths })
    }

    pub(super) fn text(&self, string: &[u8]) -> String {
        self.encoding.bytes_to_string(string).unwrap_or_default()
    }

    /// In units of the size; none when the file does not say it. `between` stands after every glyph, `words` after every
    /// space of one byte.
    pub(super) fn width(&self, string: &[u8], (between, words): (f32, f32)) -> Option<f32> {
        let Widths { bytes, known, default } = self.widths.as_ref()?;
        let code = |code: &[u8]| code.iter().fold(0, |code, byte| code << 8 | usize::from(*byte));
        let width = |glyph: &[u8]| {
            let after = if glyph == b" " { between + words } else { between };
            known.get(&code(glyph)).unwrap_or(default) / 1_000.0 + after
        };
        Some(string.chunks(*bytes).map(width).sum())
    }
}

fn array<'a>(of: &'a Dictionary, key: &[u8], document: &'a Document) -> Option<&'a Vec<Object>> {
    of.get_deref(key, document).ok()?.as_array().ok()
}

fn number(object: &Object) -> Option<usize> {
    object.as_i64().ok().and_then(|number| u16::try_from(number).ok()).map(usize::from)
}

fn simple(font: &Dictionary, document: &Document) -> Option<Widths> {
    let first = font.get_deref(b"FirstChar", document).ok().and_then(number)?;
    let widths = array(font, b"Widths", document)?.iter().enumerate();
    let known = widths.filter_map(|(place, width)| Some((first + place, width.as_float().ok()?)));
    Some(Widths { bytes: 1, known: known.collect(), default: 0.0 })
}

/// `W` has runs of `first [width …]` and `first last width`.
fn composed(font: &Dictionary, document: &Document) -> Option<Widths> {
    let default =
        font.get_deref(b"DW", document).ok().and_then(|width| width.as_float().ok()).unwrap_or(1_000.0);
    let (mut known, mut repeated) = (HashMap::new(), 0);
    let mut runs = array(font, b"W", document)?.iter();
    while let (Some(first), Some(next)) = (runs.next(), runs.next()) {
        let first = number(first)?;
        let (_, next) = document.dereference(next).ok()?;
        if let Ok(widths) = next.as_array() {
            known.extend(
                widths
                    .iter()
                    .enumerate()
                    .map(|(place, width)| (first + place, width.as_float().unwrap_or(default))),
            );
        } else {
            let (last, width) = (number(next)?, runs.next()?.as_float().ok()?);
            // Runs that repeat each other cost time and say nothing.
            repeated += last.saturating_sub(first);
            if repeated > usize::from(u16::MAX) {
                break;
            }
            known.extend((first..=last).map(|code| (code, width)));
        }
    }
    Some(Widths { bytes: 2, known, default })
}
