//! CSV: for machines, and two kinds for people and programs that expect a Russian Excel's.

mod machine;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use encoding_rs::WINDOWS_1251;

use super::columns::{Cell, Columns};
use super::presentation::{CsvProfile, Language, Presentation};
use crate::Error;
use crate::output::OutputFile;
use crate::register::texts::encoding_problem;
use crate::register::{RegisterRow, RowStatus};

/// Writes the rows as CSV.
#[derive(Debug)]
pub(super) struct CsvRenderer {
    writer: csv::Writer<BufWriter<File>>,
    output: OutputFile,
    profile: CsvProfile,
    columns: Columns,
    language: Language,
    line: u64,
}

/// Excel takes a file for UTF-8 only with this in front.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl CsvRenderer {
    pub(super) fn new(mut output: OutputFile, shown: &Presentation) -> Result<Self, Error> {
        let path = output.path().to_owned();
        let started = output.file().try_clone().map(BufWriter::new).and_then(|mut file| {
            if shown.csv == CsvProfile::RuExcel {
                file.write_all(BYTE_ORDER_MARK)?;
            }
            Ok(file)
        });
        let file = started.map_err(|source| not_writable(&path, source))?;
        let mut format = csv::WriterBuilder::new();
        if shown.csv != CsvProfile::Machine {
            format.delimiter(b';').terminator(csv::Terminator::CRLF);
        }
        let mut renderer = Self {
            writer: format.from_writer(file),
            output,
            profile: shown.csv,
            columns: shown.columns.clone(),
            language: shown.language,
            line: 0,
        };
        renderer.titles()?;
        Ok(renderer)
    }

    pub(super) fn row(&mut self, row: &mut RegisterRow) -> Result<(), Error> {
        if row.status == RowStatus::Undated {
            return Ok(());
        }
        if self.profile == CsvProfile::Machine {
            return self.record(&machine::record(row));
        }
        self.line += 1;
        let cells: Vec<(&str, String)> = self
            .columns
            .asked()
            .map(|column| (column.id, for_people((column.cell)(row, self.line, self.language))))
            .collect();
        let mut lost = Vec::new();
        let fields: Vec<Vec<u8>> = cells
            .into_iter()
            .map(|(id, text)| {
                let (bytes, complete) = self.encoded(text);
                if !complete {
                    lost.push(encoding_problem(id));
                }
                bytes
            })
            .collect();
        row.problems.extend(lost);
        self.record(&fields)
    }

    pub(super) fn finish(mut self) -> Result<OutputFile, Error> {
        self.writer.flush().map_err(|source| not_writable(self.output.path(), source))?;
        Ok(self.output)
    }

    fn titles(&mut self) -> Result<(), Error> {
        if self.profile == CsvProfile::Machine {
            return self.record(&machine::COLUMNS);
        }
        let titles: Vec<Vec<u8>> = self
            .columns
            .asked()
            .map(|column| self.encoded(column.title.of(self.language).to_owned()).0)
            .collect();
        self.record(&titles)
    }

    /// The bytes of a text, and whether the encoding has all its characters.
    fn encoded(&self, text: String) -> (Vec<u8>, bool) {
        if self.profile != CsvProfile::Cp1251 {
            return (text.into_bytes(), true);
        }
        let (bytes, _, lossy) = WINDOWS_1251.encode(&text);
        if !lossy {
            return (bytes.into_owned(), true);
        }
        // The minus of a column title is typographic; a character without a likeness becomes a question mark.
        let mut complete = true;
        let mut kept = Vec::with_capacity(text.len());
        for character in text.chars() {
            let letter = character.to_string();
            match WINDOWS_1251.encode(&letter) {
                (bytes, _, false) => kept.extend_from_slice(&bytes),
                _ if character == '−' => kept.push(b'-'),
                _ => {
                    complete = false;
                    kept.push(b'?');
                }
            }
        }
        (kept, complete)
    }

    fn record<T: AsRef<[u8]>>(&mut self, fields: &[T]) -> Result<(), Error> {
        self.writer
            .write_record(fields)
            .map_err(|error| not_writable(self.output.path(), io::Error::from(error)))
    }
}

fn not_writable(path: &Path, source: io::Error) -> Error {
    Error::OutputNotWritable { path: path.to_owned(), source }
}

/// A cell as a Russian spreadsheet shows it.
fn for_people(cell: Cell<'_>) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Amount(amount) => amount.text().replace('.', ","),
        Cell::Whole(number) => number.to_string(),
        Cell::Day(day) => day.strftime("%d.%m.%Y").to_string(),
        Cell::Text(text) | Cell::Link(_, text) => harmless(&text),
    }
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises for CSV.
fn harmless(text: &str) -> String {
    // Spaces in front do not keep every program from reading a formula.
    if text
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
    {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
