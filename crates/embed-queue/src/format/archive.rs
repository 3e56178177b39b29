//! Files that are archives, unpacked no further than a bound.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{MOST_UNPACKED, Unreadable};

/// An office document.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes that may still be unpacked, all parts together.
    left: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        // An office document with a password is no ZIP but an OLE container.
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(Unreadable::Encrypted);
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
        Ok(Self { zip, left: MOST_UNPACKED })
    }

    /// The text of a part; none if there is no such part.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Unreadable> {
        let part = match self.zip.by_name(name) {
            Ok(part) => part,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(damaged(&error)),
        };
        let mut bytes = Vec::new();
        let read = part.take(self.left.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| Unreadable::Damaged(error.to_string()))?;
        let size = bytes.len() as u64;
        self.left = self.left.checked_sub(size).ok_or(Unreadable::TooLarge)?;
        String::from_utf8(bytes)
            .map(|text| Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
            .map_err(|_| Unreadable::Damaged(format!("{name} is no UTF-8")))
    }

    /// Unpacks every part into nothing: what is said about their sizes need not be true.
    pub(super) fn measure(&mut self) -> Result<(), Unreadable> {
        for index in 0..self.zip.len() {
            let part = self.zip.by_index(index).map_err(|error| damaged(&error))?;
            let mut part = part.take(self.left.saturating_add(1));
            let size = std::io::copy(&mut part, &mut std::io::sink());
            let size = size.map_err(|error| Unreadable::Damaged(error.to_string()))?;
            self.left = self.left.checked_sub(size).ok_or(Unreadable::TooLarge)?;
        }
        Ok(())
    }
}

fn damaged(error: &ZipError) -> Unreadable {
    match error {
        ZipError::UnsupportedArchive(reason) if *reason == ZipError::PASSWORD_REQUIRED => {
            Unreadable::Encrypted
        }
        error => Unreadable::Damaged(error.to_string()),
    }
}
