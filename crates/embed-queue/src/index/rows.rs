//! Codes of a byte a component: new ones in memory, written ones in the side file, read where they are needed.

use std::fs::File;
use std::io;

use super::encoder::Question;
use super::scan;

/// Before the components: what a one is worth. After them: a checksum of both.
const SCALE: usize = 4;
const CHECK: usize = 4;

#[derive(Debug)]
pub(super) struct Rows {
    components: usize,
    written: Option<Written>,
    new: Vec<u8>,
    read: Vec<u8>,
}

/// Rows in a file, from a place on.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) file: File,
    pub(super) at: u64,
    pub(super) count: usize,
}

#[derive(Debug)]
pub(super) struct Row<'a> {
    scale: f32,
    bytes: &'a [u8],
}

impl Row<'_> {
    pub(super) fn dot(&self, question: &Question) -> f32 {
        self.scale * question.scale * scan::dot(&question.bytes, self.bytes)
    }
}

impl Rows {
    pub(super) fn new(components: usize, count: usize) -> Self {
        let mut new = Vec::new();
        new.reserve_exact(count * (components + SCALE + CHECK));
        Self { components, written: None, new, read: Vec::new() }
    }

    pub(super) fn written(components: usize, written: Written) -> Self {
        Self { components, written: Some(written), new: Vec::new(), read: Vec::new() }
    }

    /// Bytes of a row.
    pub(super) fn size(&self) -> usize {
        size(self.components)
    }

    pub(super) fn push(&mut self, scale: f32, bytes: &[u8]) {
        let start = self.new.len();
        self.new.extend(scale.to_le_bytes());
        self.new.extend(bytes);
        let check = crc32fast::hash(&self.new[start..]);
        self.new.extend(check.to_le_bytes());
    }

    /// None if the file does not have it as it was written.
    pub(super) fn get(&mut self, slot: usize) -> Option<Row<'_>> {
        self.raw(slot)?;
        let (scale, rest) = self.read.split_first_chunk::<SCALE>()?;
        let (bytes, _) = rest.split_last_chunk::<CHECK>()?;
        Some(Row { scale: f32::from_le_bytes(*scale), bytes })
    }

    /// A row with its checksum, which is right.
    pub(super) fn raw(&mut self, slot: usize) -> Option<&[u8]> {
        let size = self.size();
        self.read.resize(size, 0);
        let written = self.written.as_ref().filter(|written| slot < written.count);
        if let Some(Written { file, at, .. }) = written {
            read_at(file, &mut self.read, at + (slot * size) as u64).ok()?;
        } else {
            let place = (slot - self.written.as_ref().map_or(0, |written| written.count)) * size;
            self.read.copy_from_slice(self.new.get(place..place + size)?);
        }
        let (row, check) = self.read.split_last_chunk::<CHECK>()?;
        (crc32fast::hash(row) == u32::from_le_bytes(*check)).then_some(&self.read)
    }
}

pub(super) fn size(components: usize) -> usize {
    SCALE + components + CHECK
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut into: &mut [u8], mut at: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt as _;

    while !into.is_empty() {
        let read = file.seek_read(into, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        into = &mut into[read..];
        at += read as u64;
    }
    Ok(())
}
