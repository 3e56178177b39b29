//! Excel workbooks: a table per sheet, cell by cell, so that a sheet with one cell far away costs one cell.

use std::io::Cursor;
use std::ops::Range;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};

use super::archive::Archive;
use super::{Content, MOST_TEXT, Unreadable};
use crate::document::PieceKind;
use crate::split::Outline;

/// Rows of one table: a longer one is cut here, its head goes on as a heading.
const ROWS: usize = 5_000;

/// Between two cells.
const BETWEEN: &str = " | ";
/// Gaps are kept in so many columns.
const WIDEST: u32 = 256;

pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut archive = Archive::open(bytes)?;
    archive.measure()?;
    let title = super::title(archive.text("docProps/core.xml")?)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut outline = Outline::default();
    for sheet in book.sheet_names() {
        outline.label(1, &sheet);
        let mut cells = match book.worksheet_cells_reader(&sheet) {
            Ok(cells) => cells,
            // A sheet of charts has no cells.
            Err(XlsxError::NotAWorksheet(_) | XlsxError::WorksheetNotFound(_)) => continue,
            Err(error) => return Err(damaged(&error)),
        };
        let (mut lines, mut line, mut row) = (Vec::new(), Line::default(), 0);
        let mut size = 0;
        while let Some(cell) = cells.next_cell().map_err(|error| damaged(&error))? {
            let (at, column) = cell.get_position();
            if at != row {
                size += line.end(&mut lines);
                row = at;
            }
            let text = shown(cell.get_value());
            if !text.is_empty() {
                size += text.len() + BETWEEN.len();
                line.cells.push((column, text));
            }
            if size + outline.len() > MOST_TEXT {
                return Err(Unreadable::TooLarge);
            }
        }
        line.end(&mut lines);
        add(&mut outline, &lines);
    }
    Ok(Content { title, outline })
}

fn add(outline: &mut Outline, lines: &[String]) {
    for (number, part) in lines.chunks(ROWS).enumerate() {
        if number > 0
            && let Some(head) = lines.first()
        {
            outline.label(2, head);
        }
        outline.block(PieceKind::Table, &part.join("\n"));
    }
}

/// A row that is being read. Where a cell is empty there is a gap, so that what follows stays under its heading.
#[derive(Default)]
struct Line {
    cells: Vec<(u32, String)>,
    /// Cells of the row with the most of them so far, which is the head or as wide, and its columns.
    most: usize,
    head: Range<u32>,
}

impl Line {
    /// Adds what was read to the lines; says how many bytes the gaps have.
    fn end(&mut self, lines: &mut Vec<String>) -> usize {
        let (Some((first, _)), Some((last, _))) = (self.cells.first(), self.cells.last()) else { return 0 };
        if self.cells.len() > self.most {
            self.most = self.cells.len();
            self.head = *first..(last + 1).min(first.saturating_add(WIDEST));
        }
        let (mut texts, mut next, mut gaps) = (Vec::new(), self.head.start, 0);
        for (column, text) in self.cells.drain(..) {
            // What stands beside the head is under no heading.
            let gap = if self.head.contains(&column) { column.saturating_sub(next) as usize } else { 0 };
            texts.extend(std::iter::repeat_n(String::new(), gap));
            texts.push(text);
            next = column + 1;
            gaps += gap;
        }
        lines.push(texts.join(BETWEEN));
        gaps * BETWEEN.len()
    }
}

fn shown(value: &DataRef<'_>) -> String {
    let text = match value {
        DataRef::Empty | DataRef::Error(_) => return String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(at) => moment(*at),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As people write it down: the day, and the time where there is one.
fn moment(at: ExcelDateTime) -> String {
    if at.is_duration() {
        return at.as_f64().to_string();
    }
    let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
    match (hour, minute) {
        (0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"),
    }
}

fn damaged(error: &XlsxError) -> Unreadable {
    match error {
        XlsxError::Password => Unreadable::Encrypted,
        error => Unreadable::Damaged(error.to_string()),
    }
}
