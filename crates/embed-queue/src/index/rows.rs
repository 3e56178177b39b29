//! Codes of a byte a component: new ones in memory, written ones in the side file, read where they are needed.

use std::fs::File;
use std::io;

use super::encoder::Question;
use super::scan;

/// Before the components: what a one is worth. After them: a checksum of both.
const SCALE: usize = 4;
const CHECK: usize = 4;
/// Bytes of rows that a process keeps: those of a million vectors of 768 components.
const RESIDENT: usize = 800_000_000;

#[derive(Debug)]
pub(super) struct Rows {
    components: usize,
    written: Option<Written>,
    /// Those after the written ones.
    memory: Vec<u8>,
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
        let mut memory = Vec::new();
        memory.reserve_exact(count * size(components));
        Self { components, written: None, memory, read: Vec::new() }
    }

    pub(super) fn written(components: usize, written: Written) -> Self {
        Self { components, written: Some(written), memory: Vec::new(), read: Vec::new() }
    }

    pub(super) fn push(&mut self, scale: f32, bytes: &[u8]) {
        let start = self.memory.len();
        self.memory.extend(scale.to_le_bytes());
        self.memory.extend(bytes);
        let check = crc32fast::hash(&self.memory[start..]);
        self.memory.extend(check.to_le_bytes());
    }

    /// None if the file does not have it as it was written.
    pub(super) fn get(&mut self, slot: usize) -> Option<Row<'_>> {
        let (scale, rest) = self.raw(slot)?.split_first_chunk::<SCALE>()?;
        let (bytes, _) = rest.split_last_chunk::<CHECK>()?;
        Some(Row { scale: f32::from_le_bytes(*scale), bytes })
    }

    /// A row with its checksum, which is right.
    pub(super) fn raw(&mut self, slot: usize) -> Option<&[u8]> {
        let size = size(self.components);
        let before = self.written.as_ref().map_or(0, |written| written.count);
        if let Some(place) = slot.checked_sub(before) {
            return self.memory.get(place * size..(place + 1) * size);
        }
        let Written { file, at, .. } = self.written.as_ref()?;
        self.read.resize(size, 0);
        read_at(file, &mut self.read, at + (slot * size) as u64).ok()?;
        is_right(&self.read).then_some(&self.read)
    }

    /// Reads all of the file's rows, for a process that goes on searching, unless they are too many to have in memory.
    pub(super) fn settle_in(&mut self) -> Option<()> {
        let size = size(self.components);
        let Some(Written { file, at, count }) = &self.written else { return Some(()) };
        if count * size > RESIDENT {
            return Some(());
        }
        let mut all = Vec::new();
        all.reserve_exact(count * size + self.memory.len());
        all.resize(count * size, 0);
        read_at(file, &mut all, *at).ok()?;
        if !all.chunks_exact(size).all(is_right) {
            return None;
        }
        all.append(&mut self.memory);
        (self.memory, self.written) = (all, None);
        Some(())
    }
}

/// Bytes of a row.
pub(super) fn size(components: usize) -> usize {
    SCALE + components + CHECK
}

fn is_right(row: &[u8]) -> bool {
    row.split_last_chunk::<CHECK>()
        .is_some_and(|(row, check)| crc32fast::hash(row) == u32::from_le_bytes(*check))
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
