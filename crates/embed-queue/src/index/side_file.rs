//! The index beside the queue's file: written aside and renamed, read, and only believed when everything fits.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::encoder::Encoder;
use super::rows::{self, Rows, Written};
use super::{Followed, GONE, Index, Stamp, Word};
use crate::hash::Hash;

/// With the version of everything that makes codes: rotation, bits, bytes.
const MAGIC: [u8; 8] = *b"b24vec01";
/// Magic, database, space, six numbers, the newest text.
const HEAD: usize = 8 + 16 + 32 + 6 * 8 + 32;
const CHECK: usize = 4;

/// Where the index of a queue's file is.
pub(crate) fn beside(queue: &Path) -> PathBuf {
    let mut name = queue.as_os_str().to_owned();
    name.push(".vectors");
    PathBuf::from(name)
}

/// The index that was written last, if it is of this file and space and unharmed. Rows are left in the file; each is
/// checked when it is read.
pub(crate) fn load(path: &Path, stamp: Stamp) -> Option<Index> {
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let mut input =
        Input { reader: BufReader::with_capacity(1 << 18, file), check: crc32fast::Hasher::new() };
    if input.array::<8>()? != MAGIC || input.array::<16>()? != stamp.database {
        return None;
    }
    if input.array::<32>()? != *stamp.space.as_bytes() || input.size()? != stamp.dimensions {
        return None;
    }
    let (count, centred_on) = (input.size()?, input.size()?);
    let (vectors, removals, newest) = (input.number()?, input.number()?, input.number()?);
    let followed = Followed { vectors, removals, newest: (newest, Hash::from_bytes(input.array::<32>()?)) };
    let centre = stamp.dimensions.checked_mul(4)?;
    let words = stamp.dimensions.div_ceil(256).max(1);
    let at =
        HEAD.checked_add(centre)?.checked_add(count.checked_mul(16 + words * 32)?)?.checked_add(CHECK)?;
    let all = count.checked_mul(rows::size(words * 256))?.checked_add(at)?;
    // Nothing is allocated for numbers that the file's length contradicts.
    if u64::try_from(all).ok()? != length {
        return None;
    }
    let encoder = Encoder::new(input.many(stamp.dimensions, f32::from_le_bytes)?);
    let ids = input.many(count, i64::from_le_bytes)?;
    let factors = input.many(count, f32::from_le_bytes)?;
    let offsets = input.many(count, f32::from_le_bytes)?;
    let bits = input.many(count * words, word)?;
    let expected = input.check.clone().finalize();
    if input.array::<CHECK>()? != expected.to_le_bytes() {
        return None;
    }
    let written = Written { file: input.reader.into_inner(), at: at as u64, count };
    let rows = Rows::written(encoder.components(), written);
    Some(Index {
        stamp,
        followed,
        encoder,
        ids,
        bits,
        factors,
        offsets,
        rows,
        gone: 0,
        centred_on,
        unsaved: 0,
        asked: 0,
    })
}

impl Index {
    /// Writes the index without what is gone from it, puts it in the place of the old one, and goes on with it.
    ///
    /// # Errors
    /// The file cannot be written, or the old one not be read any more; then the old one stays.
    pub(crate) fn save(&mut self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        // Owner-only from the first byte.
        let mut aside = NamedTempFile::new_in(folder)?;
        self.write(aside.as_file_mut())?;
        aside.persist(path).map_err(|failed| failed.error)?;
        match load(path, self.stamp) {
            Some(index) => *self = index,
            // Another process has put its own in the place.
            None => self.unsaved = 0,
        }
        Ok(())
    }

    fn write(&mut self, file: &mut File) -> io::Result<()> {
        let slots: Vec<usize> = (0..self.ids.len()).filter(|&slot| self.offsets[slot] > GONE).collect();
        let mut output =
            Output { writer: BufWriter::with_capacity(1 << 18, file), check: crc32fast::Hasher::new() };
        output.put(&MAGIC)?;
        output.put(&self.stamp.database)?;
        output.put(self.stamp.space.as_bytes())?;
        for number in [self.stamp.dimensions, slots.len(), self.centred_on] {
            output.put(&(number as u64).to_le_bytes())?;
        }
        let (newest, text) = self.followed.newest;
        for number in [self.followed.vectors, self.followed.removals, newest] {
            output.put(&number.to_le_bytes())?;
        }
        output.put(text.as_bytes())?;
        self.encoder.centre().iter().try_for_each(|mean| output.put(&mean.to_le_bytes()))?;
        slots.iter().try_for_each(|&slot| output.put(&self.ids[slot].to_le_bytes()))?;
        slots.iter().try_for_each(|&slot| output.put(&self.factors[slot].to_le_bytes()))?;
        slots.iter().try_for_each(|&slot| output.put(&self.offsets[slot].to_le_bytes()))?;
        let words = self.encoder.words();
        for &slot in &slots {
            let code = self.bits[slot * words..(slot + 1) * words].as_flattened();
            code.iter().try_for_each(|part| output.put(&part.to_le_bytes()))?;
        }
        let check = output.check.clone().finalize();
        output.put(&check.to_le_bytes())?;
        for slot in slots {
            let row = self.rows.raw(slot).ok_or(io::ErrorKind::InvalidData)?;
            output.writer.write_all(row)?;
        }
        output.writer.flush()
    }
}

fn word(bytes: [u8; 32]) -> Word {
    let (parts, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|part| u64::from_le_bytes(parts[part]))
}

struct Output<'a> {
    writer: BufWriter<&'a mut File>,
    check: crc32fast::Hasher,
}

impl Output<'_> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.check.update(bytes);
        self.writer.write_all(bytes)
    }
}

struct Input {
    reader: BufReader<File>,
    check: crc32fast::Hasher,
}

impl Input {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).ok()?;
        self.check.update(&bytes);
        Some(bytes)
    }

    fn number(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn many<const N: usize, T>(&mut self, count: usize, from: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let mut many = Vec::with_capacity(count);
        let mut buffer = vec![0; N * 8_192];
        let mut left = count;
        while left > 0 {
            let part = &mut buffer[..left.min(8_192) * N];
            self.reader.read_exact(part).ok()?;
            self.check.update(part);
            let (items, _) = part.as_chunks::<N>();
            many.extend(items.iter().map(|bytes| from(*bytes)));
            left -= items.len();
        }
        Some(many)
    }
}
