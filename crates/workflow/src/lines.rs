//! The lines of a file, with a look ahead.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

/// A longer line is no row of anything; it is not read into memory.
const MOST_BYTES: u64 = 16 << 20;

/// Lines as bytes, without their ends.
pub(crate) struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    ahead: VecDeque<Vec<u8>>,
    /// How many lines were taken.
    taken: u64,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::of(std::fs::File::open(path)?))
    }

    pub(crate) fn of(reader: impl Read + Send + 'static) -> Self {
        Self { reader: BufReader::new(Box::new(reader)), ahead: VecDeque::new(), taken: 0 }
    }

    /// Number of the line that was taken last, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.taken
    }

    pub(crate) fn take(&mut self) -> io::Result<Option<Vec<u8>>> {
        let line = match self.ahead.pop_front() {
            Some(line) => Some(line),
            None => self.read()?,
        };
        self.taken += u64::from(line.is_some());
        Ok(line)
    }

    /// A line further on, without taking it; 0 is the next one.
    pub(crate) fn peek(&mut self, distance: usize) -> io::Result<Option<&[u8]>> {
        while self.ahead.len() <= distance {
            match self.read()? {
                Some(line) => self.ahead.push_back(line),
                None => return Ok(None),
            }
        }
        Ok(self.ahead.get(distance).map(Vec::as_slice))
    }

    fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if (&mut self.reader).take(MOST_BYTES).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() as u64 == MOST_BYTES {
            let reason = format!("a line is longer than {} MiB", MOST_BYTES >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some(line))
    }
}
