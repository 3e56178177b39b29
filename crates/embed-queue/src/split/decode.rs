//! Bytes of a file into text, or the reason why they are none.

use std::fmt;

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1251};

/// Text, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text; places of pieces count in it.
    pub text: String,
    /// Said to the user when it is not UTF-8.
    pub encoding: Encoding,
}

/// How a text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// With or without a mark at its beginning.
    Utf8,
    /// With a mark at its beginning, in either order of bytes.
    Utf16,
    /// Recognised by its letters.
    Windows1251,
}

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecodable {
    /// NUL bytes: a program, a picture, an archive.
    Binary,
    /// No encoding that is recognised.
    UnknownEncoding,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Windows1251 => "Windows-1251",
        })
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "binary",
            Self::UnknownEncoding => "unknown encoding",
        })
    }
}

impl std::error::Error for Undecodable {}

/// Reads UTF-8, UTF-16 with its mark, and Windows-1251.
///
/// # Errors
/// The bytes are binary, or in an encoding that is not recognised.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Undecodable> {
    let utf16 = match bytes {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = utf16 {
        let (text, broken) = encoding.decode_with_bom_removal(bytes);
        let text = (!broken).then(|| text.into_owned()).ok_or(Undecodable::UnknownEncoding)?;
        return Ok(Decoded { text, encoding: Encoding::Utf16 });
    }
    if bytes.contains(&0) {
        return Err(Undecodable::Binary);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        return Ok(Decoded { text, encoding: Encoding::Utf8 });
    }
    let (text, broken) = WINDOWS_1251.decode_without_bom_handling(bytes);
    if broken || !looks_russian(&text) {
        return Err(Undecodable::UnknownEncoding);
    }
    Ok(Decoded { text: text.into_owned(), encoding: Encoding::Windows1251 })
}

/// Nine in ten characters beyond ASCII are Russian letters, most of them small, or plausible capitals. KOI8-R read as
/// Windows-1251 has its letters' cases exchanged, CP866 has signs for its small letters.
fn looks_russian(text: &str) -> bool {
    let (mut beyond, mut small, mut large) = (0_usize, 0_usize, 0_usize);
    for letter in text.chars().filter(|letter| !letter.is_ascii()) {
        beyond += 1;
        match letter {
            'а'..='я' | 'ё' => small += 1,
            'А'..='Я' | 'Ё' => large += 1,
            '«' | '»' | '—' | '–' | '№' | '…' | '„' | '“' | '\u{a0}' => beyond -= 1,
            _ => {}
        }
    }
    let russian = small + large > 0 && (small + large) * 10 >= beyond * 9;
    russian && (small >= large || plausible_capitals(text, large))
}

/// А, И, О and Т are a third of the letters of Russian, and would be Б, Й, П and Ф if this were KOI8-R, which are few.
fn plausible_capitals(text: &str, large: usize) -> bool {
    let count = |letters: &str| text.chars().filter(|letter| letters.contains(*letter)).count();
    let latin = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let usual = count("АИОТ");
    large > latin && usual >= 3 && usual * 5 >= large && usual > count("БЙПФ") * 2
}
