//! The lines of a file, with a look ahead.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

/// Lines as bytes, without their ends.
pub(super) struct Lines {
    reader: BufReader<std::fs::File>,
    ahead: VecDeque<Vec<u8>>,
    /// How many lines were taken.
    taken: u64,
}

impl Lines {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let reader = BufReader::new(std::fs::File::open(path)?);
        Ok(Self { reader, ahead: VecDeque::new(), taken: 0 })
    }

    /// Number of the line that was taken last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.taken
    }

    pub(super) fn take(&mut self) -> io::Result<Option<Vec<u8>>> {
        let line = match self.ahead.pop_front() {
            Some(line) => Some(line),
            None => self.read()?,
        };
        self.taken += u64::from(line.is_some());
        Ok(line)
    }

    /// A line further on, without taking it; 0 is the next one.
    pub(super) fn peek(&mut self, distance: usize) -> io::Result<Option<&[u8]>> {
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
        if self.reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some(line))
    }
}
