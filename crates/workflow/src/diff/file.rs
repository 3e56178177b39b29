//! A register read back from its file.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::{Invoice, delimited, lines, workbook};
use crate::Error;
use crate::render::reading;

/// Numbers in their order, then texts.
pub(super) type Key = (Option<u64>, String);

/// The rows of a register by the ids of their columns.
#[derive(Debug)]
pub(super) struct RegisterFile {
    columns: BTreeSet<&'static str>,
    pub(super) records: Vec<Record>,
}

/// One row; empty cells are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record(BTreeMap<&'static str, String>);

impl Record {
    /// The values behind written texts.
    pub(super) fn of(cells: impl Iterator<Item = (&'static str, String)>) -> Self {
        Self(cells.filter_map(|(id, text)| Some((id, reading::value(id, &text)?))).collect())
    }

    pub(super) fn get(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    pub(super) fn key(&self, by_id: bool) -> Key {
        let text = self.get(if by_id { "id" } else { "number" }).unwrap_or_default();
        (text.parse().ok(), text.to_owned())
    }

    pub(super) fn told(&self) -> Invoice {
        let text = |id| self.get(id).map(str::to_owned);
        Invoice {
            id: text("id"),
            number: text("number"),
            date: text("date"),
            counterparty: text("counterparty"),
            gross: text("gross"),
            currency: text("currency"),
        }
    }
}

/// Why a file is no register.
pub(super) enum Unreadable {
    Io(io::Error),
    NoRegister(String),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl RegisterFile {
    pub(super) fn new(columns: BTreeSet<&'static str>, records: Vec<Record>) -> Self {
        Self { columns, records }
    }

    /// Reads a file by its ending.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        let read = match ending.as_deref() {
            Some("xlsx") => workbook::read(path),
            Some("csv") => delimited::read(path),
            Some("jsonl") => lines::read(path),
            _ => return Err(Error::OutputFormat { path: path.to_owned() }),
        };
        read.map_err(|unreadable| match unreadable {
            Unreadable::Io(source) => Error::RegisterFile { path: path.to_owned(), source },
            Unreadable::NoRegister(reason) => Error::NoRegister { path: path.to_owned(), reason },
        })
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.columns.contains(id)
    }
}
