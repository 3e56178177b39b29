//! CSV: heading, delimiter, and records of which a broken one spoils no other.

use std::io;

use crate::lines::Lines;

/// A record may span so many lines; a quote that closes later is a broken one.
const MOST_LINES: usize = 200;

/// A CSV file below its heading.
pub(crate) struct Delimited {
    lines: Lines,
    pub(crate) delimiter: u8,
    /// The columns as the heading names them.
    pub(crate) columns: Vec<String>,
}

/// One record: where it begins, its text, its cells or what is wrong with it.
pub(crate) struct Record {
    pub(crate) line: u64,
    pub(crate) raw: Vec<u8>,
    pub(crate) cells: Result<Vec<String>, String>,
}

/// What is known about a file before it is read; the heading says what is not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    pub(crate) delimiter: Option<u8>,
    /// The columns of a file without heading.
    pub(crate) columns: Option<Vec<String>>,
}

/// Why the columns are not known.
#[derive(Debug)]
pub(crate) enum NoHeading {
    NotReadable(io::Error),
    /// In words.
    Wrong(String),
}

impl Delimited {
    pub(crate) fn of(mut lines: Lines, layout: Layout) -> Result<Self, NoHeading> {
        let refuse = |reason: &str| NoHeading::Wrong(reason.to_owned());
        if let Some(columns) = layout.columns {
            let first = lines.peek(0).map_err(NoHeading::NotReadable)?.unwrap_or_default();
            let delimiter = layout.delimiter.unwrap_or_else(|| delimiter(&String::from_utf8_lossy(first)));
            return Self::with(lines, delimiter, columns);
        }
        let mut first =
            lines.take().map_err(NoHeading::NotReadable)?.ok_or_else(|| refuse("the file is empty"))?;
        if first.starts_with(&[0xEF, 0xBB, 0xBF]) {
            first.drain(..3);
        }
        let heading = String::from_utf8(first).map_err(|_| refuse("it is not UTF-8"))?;
        let delimiter = layout.delimiter.unwrap_or_else(|| delimiter(&heading));
        let columns = cells(heading.as_bytes(), delimiter).map_err(NoHeading::Wrong)?;
        let columns = columns.iter().map(|name| name.trim().to_owned()).collect();
        Self::with(lines, delimiter, columns)
    }

    fn with(lines: Lines, delimiter: u8, columns: Vec<String>) -> Result<Self, NoHeading> {
        if columns.iter().all(String::is_empty) {
            return Err(NoHeading::Wrong("it names no column".to_owned()));
        }
        let repeated = columns
            .iter()
            .enumerate()
            .find(|(index, name)| !name.is_empty() && columns.iter().take(*index).any(|one| one == *name));
        if let Some((_, name)) = repeated {
            return Err(NoHeading::Wrong(format!("the column `{name}` stands there twice")));
        }
        Ok(Self { lines, delimiter, columns })
    }

    pub(crate) fn next_record(&mut self) -> io::Result<Option<Record>> {
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

/// Whichever stands in the heading most often, outside of quotes.
fn delimiter(heading: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    for c in heading.bytes() {
        quoted ^= c == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| !quoted && *delimiter == c) {
            *count += 1;
        }
    }
    // Of equals the first wins, so a comma when there is none of them.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
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
        let lines = Lines::of(io::Cursor::new(text.to_owned()));
        let mut file = Delimited::of(lines, Layout::default()).unwrap();
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
        assert_eq!(records("A\tB\n").0.delimiter, b'\t');
        assert_eq!(records("only\n").0.delimiter, b',');
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
