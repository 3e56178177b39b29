//! CSV: heading, delimiter, and records of which a broken one spoils no other.

use std::io;
use std::path::Path;

use super::ImportError;
use super::lines::Lines;

/// A record may span so many lines; a quote that closes later is a broken one.
const MOST_LINES: usize = 200;

/// A CSV file below its heading.
pub(super) struct Delimited {
    lines: Lines,
    pub(super) delimiter: u8,
    /// The columns as the heading names them.
    pub(super) columns: Vec<String>,
}

/// One record: where it begins, its text, its cells or what is wrong with it.
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) raw: Vec<u8>,
    pub(super) cells: Result<Vec<String>, String>,
}

impl Delimited {
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let not_readable = |source| ImportError::Input { path: path.to_owned(), source };
        let refuse = |reason: &str| ImportError::Heading { path: path.to_owned(), reason: reason.to_owned() };
        let mut lines = Lines::open(path).map_err(not_readable)?;
        let mut first = lines.take().map_err(not_readable)?.ok_or_else(|| refuse("the file is empty"))?;
        if first.starts_with(&[0xEF, 0xBB, 0xBF]) {
            first.drain(..3);
        }
        let heading = String::from_utf8(first).map_err(|_| refuse("it is not UTF-8"))?;
        let delimiter = delimiter(&heading);
        let columns = cells(heading.as_bytes(), delimiter).map_err(|reason| refuse(&reason))?;
        let columns: Vec<String> = columns.iter().map(|name| name.trim().to_owned()).collect();
        if columns.iter().all(String::is_empty) {
            return Err(refuse("it names no column"));
        }
        let repeated = columns
            .iter()
            .enumerate()
            .find(|(index, name)| !name.is_empty() && columns.iter().take(*index).any(|one| one == *name));
        if let Some((_, name)) = repeated {
            return Err(refuse(&format!("the column `{name}` stands there twice")));
        }
        Ok(Self { lines, delimiter, columns })
    }

    pub(super) fn next_record(&mut self) -> io::Result<Option<Record>> {
        let mut raw = loop {
            match self.lines.take()? {
                None => return Ok(None),
                Some(line) if line.iter().all(u8::is_ascii_whitespace) => {}
                Some(line) => break line,
            }
        };
        let line = self.lines.number();
        let mut quotes = Quotes::default();
        quotes.read(&raw, self.delimiter);
        if quotes.open {
            raw = self.further_lines(raw, quotes)?;
        }
        let cells = cells(&raw, self.delimiter).and_then(|cells| self.complete(cells));
        Ok(Some(Record { line, raw, cells }))
    }

    /// The record with the lines that its open quote spans, when they make it whole; otherwise its first line alone is
    /// broken, and the lines after it stand for themselves.
    fn further_lines(&mut self, first: Vec<u8>, mut quotes: Quotes) -> io::Result<Vec<u8>> {
        let mut whole = first.clone();
        for distance in 0..MOST_LINES {
            let Some(next) = self.lines.peek(distance)? else { break };
            whole.push(b'\n');
            whole.extend_from_slice(next);
            quotes.read(next, self.delimiter);
            if quotes.open {
                continue;
            }
            if cells(&whole, self.delimiter).is_ok_and(|cells| cells.len() == self.columns.len()) {
                for _ in 0..=distance {
                    self.lines.take()?;
                }
                return Ok(whole);
            }
            break;
        }
        Ok(first)
    }

    fn complete(&self, cells: Vec<String>) -> Result<Vec<String>, String> {
        if cells.len() == self.columns.len() {
            return Ok(cells);
        }
        Err(format!("it has {} columns, the heading has {}", cells.len(), self.columns.len()))
    }
}

/// Whichever of the two stands in the heading more often, outside of quotes.
fn delimiter(heading: &str) -> u8 {
    let mut quoted = false;
    let (mut commas, mut semicolons) = (0_usize, 0_usize);
    for c in heading.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => commas += 1,
            ';' if !quoted => semicolons += 1,
            _ => {}
        }
    }
    if semicolons > commas { b';' } else { b',' }
}

fn cells(record: &[u8], delimiter: u8) -> Result<Vec<String>, String> {
    let mut quotes = Quotes::default();
    quotes.read(record, delimiter);
    if quotes.open {
        return Err("a quote is not closed".to_owned());
    }
    if quotes.broken {
        return Err("there is text after a closing quote".to_owned());
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(record);
    match reader.records().next() {
        Some(Ok(cells)) => Ok(cells.iter().map(str::to_owned).collect()),
        Some(Err(error)) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
            Err("it is not UTF-8".to_owned())
        }
        Some(Err(error)) => Err(error.to_string()),
        None => Err("it is empty".to_owned()),
    }
}

/// Whether a quoted cell is open at the end of what was read. A quote opens at the beginning of a cell only.
#[derive(Default)]
struct Quotes {
    open: bool,
    /// A quoted cell went on after its end.
    broken: bool,
}

impl Quotes {
    fn read(&mut self, line: &[u8], delimiter: u8) {
        let mut at_start = !self.open;
        let mut bytes = line.iter().peekable();
        while let Some(&byte) = bytes.next() {
            if self.open {
                if byte == b'"' && bytes.peek() == Some(&&b'"') {
                    bytes.next();
                } else if byte == b'"' {
                    self.open = false;
                    self.broken |= bytes.peek().is_some_and(|next| **next != delimiter);
                }
            } else if byte == b'"' && at_start {
                self.open = true;
            }
            at_start = byte == delimiter && !self.open;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (u64, Result<Vec<String>, String>);

    fn records(text: &str) -> (Delimited, Vec<Read>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, text).unwrap();
        let mut file = Delimited::open(&path).unwrap();
        let mut records = Vec::new();
        while let Some(record) = file.next_record().unwrap() {
            records.push((record.line, record.cells));
        }
        (file, records)
    }

    #[test]
    fn the_heading_tells_the_delimiter() {
        let (file, rows) = records("\u{feff}TITLE;\"A,B,C\"\nx;y\n");
        assert_eq!((file.delimiter, file.columns.as_slice()), (b';', &["TITLE".into(), "A,B,C".into()][..]));
        assert_eq!(rows[0].1.as_ref().unwrap(), &["x", "y"]);
        assert_eq!(records("A,B\n").0.delimiter, b',');
    }

    #[test]
    fn a_record_may_span_lines() {
        let (_, rows) = records("A,B\n\"one\ntwo\",\"say \"\"hi\"\"\"\nООО \"Ромашка\",2\n");
        assert_eq!(rows[0], (2, Ok(vec!["one\ntwo".to_owned(), "say \"hi\"".to_owned()])));
        assert_eq!(rows[1], (4, Ok(vec!["ООО \"Ромашка\"".to_owned(), "2".to_owned()])));
    }

    #[test]
    fn a_broken_record_spoils_no_other() {
        let (_, rows) = records("A,B\n\"open,1\n3,4\n5\n\"x\",6\n\n7,8,9\n");
        let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 7]);
        let reason = |index: usize| rows[index].1.clone().unwrap_err();
        assert_eq!(reason(0), "a quote is not closed");
        assert_eq!(reason(2), "it has 1 columns, the heading has 2");
        assert_eq!(reason(4), "it has 3 columns, the heading has 2");
        assert!(rows[1].1.is_ok() && rows[3].1.is_ok());
    }
}
