//! Texts as XML, escaped the way spreadsheets expect.

use std::borrow::Cow;

/// Characters that a cell holds, counted in UTF-16 units.
const CELL_CHARACTERS: usize = 32_767;
/// Characters that a text inside a formula holds.
const FORMULA_TEXT: usize = 255;

/// A row is not made higher than this many lines.
const MOST_LINES: u32 = 12;

/// Whether a cell could hold what it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Held {
    Exactly,
    /// A number with too many digits, written as text.
    AsText,
    /// A text that was too long.
    Cut,
}

/// The text, or as much of it as a cell holds.
pub(in crate::render) fn fitting(text: &str) -> (Cow<'_, str>, Held) {
    // A UTF-16 unit takes at least one byte.
    if text.len() <= CELL_CHARACTERS || text.encode_utf16().count() <= CELL_CHARACTERS {
        return (Cow::Borrowed(text), Held::Exactly);
    }
    let mut units = 0;
    let kept = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units >= CELL_CHARACTERS
    });
    let end = kept.map_or(text.len(), |(index, _)| index);
    (Cow::Owned(format!("{}…", &text[..end])), Held::Cut)
}

/// How many lines a text takes in a column of this width, roughly: words are not taken apart.
pub(in crate::render) fn lines(text: &str, width: f64) -> u32 {
    // A width counts digits of the normal font; letters are about as wide on average. Widths are small and positive.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "widths of columns are small"
    )]
    let width = (width as usize).saturating_sub(2).max(1);
    if text.len() <= width {
        return 1;
    }
    let lines: usize = text.lines().map(|line| line.chars().count().div_ceil(width).max(1)).sum();
    u32::try_from(lines).unwrap_or(MOST_LINES).clamp(1, MOST_LINES)
}

/// A text as a literal of a formula; none when it is longer than one may be.
pub(super) fn quoted(text: &str) -> Option<String> {
    let fits = text.encode_utf16().count() <= FORMULA_TEXT && !text.contains(char::is_control);
    fits.then(|| format!("\"{}\"", text.replace('"', "\"\"")))
}

/// Whether a byte may begin something that has to be escaped.
const SUSPICIOUS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'&' as usize] = true;
    table[b'<' as usize] = true;
    table[b'>' as usize] = true;
    table[b'_' as usize] = true;
    // U+FFFE and U+FFFF, which XML does not allow, begin with it.
    table[0xEF] = true;
    table
};

/// Appends the text as the content of an element.
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    if text.bytes().any(|byte| SUSPICIOUS[usize::from(byte)]) {
        escape_slowly(text, out);
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

fn escape_slowly(text: &str, out: &mut Vec<u8>) {
    for (index, character) in text.char_indices() {
        match character {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            // What looks like an escape is text.
            '_' if is_escape(&text.as_bytes()[index..]) => out.extend_from_slice(b"_x005F_"),
            '\t' | '\n' => out.extend_from_slice(&[character as u8]),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.extend_from_slice(format!("_x{:04X}_", u32::from(character)).as_bytes());
            }
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// `_x000D_` and the like.
fn is_escape(bytes: &[u8]) -> bool {
    let [b'_', b'x', digits @ .., b'_'] = bytes.get(..7).unwrap_or_default() else { return false };
    digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        escape(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn markup_and_control_characters_become_text_of_the_cell() {
        assert_eq!(escaped("ООО «Ромашка»"), "ООО «Ромашка»");
        assert_eq!(escaped("a<b>&c"), "a&lt;b&gt;&amp;c");
        assert_eq!(escaped("a\u{0}b\r\n\tc"), "a_x0000_b_x000D_\n\tc");
        assert_eq!(escaped("_x000D_ и _x00 и я_"), "_x005F_x000D_ и _x00 и я_");
        assert_eq!(escaped("\u{ffff}\u{feff}"), "_xFFFF_\u{feff}");
    }

    #[test]
    fn a_text_longer_than_a_cell_is_cut_by_utf_16_units() {
        let (kept, held) = fitting("короткий");
        assert_eq!((kept.as_ref(), held), ("короткий", Held::Exactly));
        let long = "😀".repeat(20_000);
        let (kept, held) = fitting(&long);
        assert_eq!(held, Held::Cut);
        assert!(kept.encode_utf16().count() <= CELL_CHARACTERS && kept.ends_with('…'));
    }

    #[test]
    fn a_text_takes_the_lines_it_needs_up_to_a_bound() {
        assert_eq!(lines("", 10.0), 1);
        assert_eq!(lines("ООО", 10.0), 1);
        assert_eq!(lines(&"я".repeat(21), 10.0), 3);
        assert_eq!(lines("а\nб", 3.0), 2);
        assert_eq!(lines(&"я".repeat(9_000), 10.0), 12);
    }

    #[test]
    fn a_literal_of_a_formula_doubles_its_quotes_and_is_never_too_long() {
        assert_eq!(quoted("a\"b").as_deref(), Some("\"a\"\"b\""));
        assert_eq!(quoted(&"я".repeat(255)).map(|text| text.chars().count()), Some(257));
        assert_eq!(quoted(&"я".repeat(256)), None);
    }
}
