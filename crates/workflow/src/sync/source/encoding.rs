//! From any encoding to UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, UTF_8, WINDOWS_1251};

use super::Guess;
use super::SourceError;
use super::settings::wrong;

/// So much of a text decides about its encoding.
const SAMPLE: usize = 1 << 20;

/// The encoding that the mapping names.
pub(super) fn named(label: Option<&str>) -> Result<Option<&'static Encoding>, SourceError> {
    let Some(label) = label else { return Ok(None) };
    Encoding::for_label(label.trim().as_bytes()).map(Some).ok_or_else(|| {
        wrong("encoding", &format!("`{label}` is no encoding; `utf-8` and `windows-1251` are"))
    })
}

/// A text in UTF-8, whatever it was; without a byte order mark. Text that was UTF-8 stays as it is, broken or not, so
/// that a broken row is one row.
pub(super) fn utf8(
    mut source: impl Read + Send + 'static,
    wanted: Option<&'static Encoding>,
) -> io::Result<(Box<dyn Read + Send>, Option<Guess>)> {
    let mut head = Vec::new();
    (&mut source).take(SAMPLE as u64).read_to_end(&mut head)?;
    let marked = Encoding::for_bom(&head);
    let (encoding, guess) = match marked.map(|(encoding, _)| encoding).or(wanted) {
        Some(encoding) => (encoding, None),
        None => guess(&head),
    };
    head.drain(..marked.map_or(0, |(_, length)| length));
    let whole = io::Cursor::new(head).chain(source);
    let reader: Box<dyn Read + Send> = if encoding == UTF_8 {
        Box::new(whole)
    } else {
        Box::new(Decoding {
            source: whole,
            decoder: encoding.new_decoder_without_bom_handling(),
            ready: Vec::new(),
            given: 0,
            ended: false,
        })
    };
    Ok((reader, guess))
}

fn guess(head: &[u8]) -> (&'static Encoding, Option<Guess>) {
    if head.is_ascii() {
        return (UTF_8, None);
    }
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The sample ends within a character.
        Err(error) => error.error_len().is_none() && error.valid_up_to() + 4 > head.len(),
    };
    let (encoding, reason) = if is_utf8 {
        (UTF_8, "its first part is valid UTF-8")
    } else {
        (WINDOWS_1251, "it is not UTF-8 and has no byte order mark")
    };
    let guess =
        Guess { setting: "encoding", value: encoding.name().to_lowercase(), reason: reason.to_owned() };
    (encoding, Some(guess))
}

/// Decodes piece by piece.
struct Decoding<R> {
    source: R,
    decoder: Decoder,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.ended {
            let mut piece = [0_u8; 16 << 10];
            let length = self.source.read(&mut piece)?;
            self.ended = length == 0;
            let bytes = piece.get(..length).unwrap_or_default();
            let room = self.decoder.max_utf8_buffer_length(length).unwrap_or(length * 4 + 16);
            let mut text = String::with_capacity(room);
            // There is room for everything, so nothing is left over.
            let _all = self.decoder.decode_to_string(bytes, &mut text, self.ended);
            (self.ready, self.given) = (text.into_bytes(), 0);
        }
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.given += length;
        Ok(length)
    }
}
