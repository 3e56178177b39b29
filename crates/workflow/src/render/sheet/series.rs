//! A sheet that goes on in further sheets when it is full.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use zip::ZipArchive;

use super::part::Part;
use super::row_xml::{RowXml, letters};

/// A zip entry without the large-file extension, which some readers do not know, holds 4 GiB.
const LARGEST_PART: u64 = 3_900_000_000;

/// Height of a line of text, in points.
const LINE: u32 = 15;

/// The sheets of one kind, in their order.
#[derive(Debug)]
pub(in crate::render) struct Series {
    /// XML up to the data.
    head: String,
    /// XML of the rows that every sheet begins with.
    titles: Vec<u8>,
    /// Index of the first row after them.
    first: u32,
    /// Rows that a sheet holds.
    capacity: u32,
    folder: PathBuf,
    full: Vec<(Part, SheetRows)>,
    part: Part,
    rows: SheetRows,
    xml: RowXml,
}

/// Which rows of a sheet hold data, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) struct SheetRows {
    pub(in crate::render) first: u32,
    /// The row after the last.
    pub(in crate::render) end: u32,
}

impl Series {
    /// Begins the first sheet: `head` is its XML up to the data, `titles` writes the rows above the data and says how
    /// many there are.
    pub(in crate::render) fn start(
        head: String,
        capacity: u32,
        folder: PathBuf,
        titles: impl FnOnce(&mut RowXml) -> u32,
    ) -> io::Result<Self> {
        let mut xml = RowXml::default();
        let first = titles(&mut xml);
        let titles = std::mem::take(xml.bytes());
        let mut part = Part::start(tempfile::tempfile_in(&folder)?);
        xml.bytes().extend_from_slice(head.as_bytes());
        xml.bytes().extend_from_slice(&titles);
        part.take(xml.bytes())?;
        let rows = SheetRows { first, end: first };
        Ok(Self { head, titles, first, capacity, folder, full: Vec::new(), part, rows, xml })
    }

    /// Begins a row of data, in the next sheet when this one is full, as high as that many lines of text; end it with
    /// [`Series::close`].
    pub(in crate::render) fn open(&mut self, lines: u32) -> io::Result<&mut RowXml> {
        let large = self.part.bytes > LARGEST_PART;
        if self.rows.end >= self.capacity || large {
            self.next_sheet()?;
        }
        // Not every program makes room for wrapped text by itself.
        self.xml.open(self.rows.end, (lines > 1).then_some(lines * LINE));
        self.rows.end += 1;
        Ok(&mut self.xml)
    }

    /// Ends a row.
    pub(in crate::render) fn close(&mut self) -> io::Result<()> {
        self.xml.close();
        self.part.take(self.xml.bytes())
    }

    /// Begins a row below the data, `below` rows further down, in a sheet of its own when it does not fit.
    pub(in crate::render) fn open_below(&mut self, below: u32, height: Option<u32>) -> &mut RowXml {
        self.xml.open(self.rows.end + below, height);
        &mut self.xml
    }

    /// The row `below` rows further down than the data.
    pub(in crate::render) fn row_below(&self, below: u32) -> RowAt {
        RowAt(self.rows.end + below)
    }

    /// Begins a new sheet unless `rows` more fit below the data.
    pub(in crate::render) fn make_room(&mut self, rows: u32) -> io::Result<()> {
        if self.rows.end + rows > self.capacity { self.next_sheet() } else { Ok(()) }
    }

    /// Whether the next row is the first of its sheet.
    pub(in crate::render) fn is_empty(&self) -> bool {
        self.rows.end == self.rows.first || self.rows.end >= self.capacity
    }

    /// The rows of data, sheet by sheet.
    pub(in crate::render) fn sheets(&self) -> Vec<SheetRows> {
        self.full.iter().map(|(_, rows)| *rows).chain([self.rows]).collect()
    }

    /// Ends the sheets with their `tails`; an archive each.
    pub(super) fn finish(mut self, tails: &[String]) -> io::Result<Vec<ZipArchive<File>>> {
        let written = std::mem::take(self.xml.bytes());
        self.full.push((self.part, self.rows));
        let last = self.full.len() - 1;
        let mut archives = Vec::with_capacity(self.full.len());
        let mut rest = Some(written);
        for (index, ((mut part, _), tail)) in self.full.into_iter().zip(tails).enumerate() {
            let mut bytes = if index == last { rest.take().unwrap_or_default() } else { Vec::new() };
            bytes.extend_from_slice(tail.as_bytes());
            part.take_all(&mut bytes)?;
            archives.push(part.finish()?);
        }
        Ok(archives)
    }

    fn next_sheet(&mut self) -> io::Result<()> {
        self.part.take_all(self.xml.bytes())?;
        let next = Part::start(tempfile::tempfile_in(&self.folder)?);
        let full = std::mem::replace(&mut self.part, next);
        self.full.push((full, self.rows));
        self.rows = SheetRows { first: self.first, end: self.first };
        // Two selected sheets would both be edited at once.
        let head = self.head.replace(" tabSelected=\"1\"", "");
        self.xml.bytes().extend_from_slice(head.as_bytes());
        self.xml.bytes().extend_from_slice(&self.titles);
        Ok(())
    }
}

/// A row, to be named in formulas.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct RowAt(u32);

impl RowAt {
    /// The cell of a column.
    pub(in crate::render) fn cell(self, column: usize) -> String {
        format!("${}${}", column_name(column), self.0 + 1)
    }
}

/// The name of the sheet with this number (from 0) of a kind.
pub(in crate::render) fn sheet_name(kind: &str, number: usize) -> String {
    if number == 0 { kind.to_owned() } else { format!("{kind} {}", number + 1) }
}

pub(super) fn column_name(column: usize) -> String {
    let mut name = Vec::new();
    letters(column, &mut name);
    String::from_utf8_lossy(&name).into_owned()
}

/// The cells of a column that hold data, in a sheet: `'Реестр 2'!$I$2:$I$1001`; at least one cell.
pub(in crate::render) fn range(sheet: Option<&str>, column: usize, rows: SheetRows) -> String {
    let letters = column_name(column);
    let sheet = sheet.map(|sheet| format!("'{sheet}'!")).unwrap_or_default();
    format!("{sheet}${letters}${}:${letters}${}", rows.first + 1, rows.end.max(rows.first + 1))
}
