//! Rows as CSV: columns from the selected fields or from the first row, nested values as JSON.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::ExportError;

/// A CSV file that grows.
pub(super) struct Table {
    columns: Option<Vec<String>>,
    has_header: bool,
    /// Values whose field has no column, where the first row decided on the columns.
    left_out: Option<u64>,
    cells: Vec<String>,
}

impl Table {
    /// Columns are the selected fields, unless the selection names no single fields.
    pub(super) fn new(selected: &[String]) -> Self {
        let named = !selected.is_empty() && selected.iter().all(|field| !field.contains('*'));
        let columns = named.then(|| selected.to_vec());
        Self { columns, has_header: false, left_out: (!named).then_some(0), cells: Vec::new() }
    }

    /// The header is in the file already.
    pub(super) fn begun(&mut self, columns: &[String]) {
        self.columns = Some(columns.to_vec());
        self.has_header = true;
    }

    pub(super) fn columns(&self) -> Option<Vec<String>> {
        self.columns.clone().filter(|_| self.has_header)
    }

    /// Adds rows given as JSON.
    pub(super) fn add<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a str>,
        out: &mut Vec<u8>,
    ) -> Result<(), ExportError> {
        let mut writer = csv::Writer::from_writer(Appender(out));
        for row in rows {
            self.add_row(row, &mut writer)?;
        }
        writer.flush().map_err(unwritable)
    }

    fn add_row(&mut self, row: &str, writer: &mut csv::Writer<Appender<'_>>) -> Result<(), ExportError> {
        let mut deserializer = serde_json::Deserializer::from_str(row);
        let members = deserializer.deserialize_map(Members).map_err(unwritable)?;
        let named = || members.iter().map(|(name, _)| name.to_string()).collect();
        let columns = self.columns.get_or_insert_with(named);
        if !self.has_header {
            self.has_header = true;
            record(writer, columns)?;
        }
        self.cells.clear();
        let mut used = 0;
        for column in columns.iter() {
            let value = members.iter().find(|(name, _)| name == column);
            used += u64::from(value.is_some());
            self.cells.push(value.map(|(_, value)| text_of(value)).unwrap_or_default());
        }
        self.left_out = self.left_out.map(|count| count + members.len() as u64 - used);
        record(writer, &self.cells)
    }

    /// An export without rows has its header all the same, where columns were named.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ExportError> {
        match &self.columns {
            Some(columns) if !self.has_header => {
                self.has_header = true;
                let mut writer = csv::Writer::from_writer(Appender(out));
                record(&mut writer, columns)
            }
            _ => Ok(()),
        }
    }

    /// Values that the columns could not hold.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out.unwrap_or(0)
    }
}

fn record(writer: &mut csv::Writer<Appender<'_>>, cells: &[String]) -> Result<(), ExportError> {
    let mut cells = cells.iter().map(|cell| harmless(cell));
    cells.try_for_each(|cell| writer.write_field(cell.as_bytes())).map_err(unwritable)?;
    writer.write_record(None::<&[u8]>).map_err(unwritable)
}

/// A vector takes every byte, so what fails is the row.
fn unwritable(error: impl fmt::Display) -> ExportError {
    ExportError::Row { reason: error.to_string() }
}

/// A writer into the rows collected so far.
struct Appender<'a>(&'a mut Vec<u8>);

impl Write for Appender<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The text of a value: what stands in a text, the spelling of a number, nothing for `null`, JSON for the rest.
fn text_of(value: &RawValue) -> String {
    let json = value.get();
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str(json).unwrap_or_default(),
        Some(b'n') => String::new(),
        _ => json.to_owned(),
    }
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay what they are.
fn harmless(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = text.strip_prefix(['-', '+']).is_some_and(|digits| {
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
    });
    if formula && !number { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The members of an object in order.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            members.push((name, map.next_value()?));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(selected: &[&str], rows: &[&str]) -> String {
        let selected: Vec<String> = selected.iter().map(|field| (*field).to_owned()).collect();
        let (mut table, mut out) = (Table::new(&selected), Vec::new());
        table.add(rows.iter().copied(), &mut out).unwrap();
        table.end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_the_first_rows_fields_and_values_are_written_as_they_came() {
        let rows = [
            r#"{"ID":"1","TITLE":"a, \u0022b\u0022","SUM":1234567890123456.7890,"TAGS":["x",{"y":1}],"N":null}"#,
            r#"{"ID":"2","SUM":-5.00,"FLAG":true}"#,
        ];
        insta::assert_snapshot!(table(&[], &rows), @r#"
        ID,TITLE,SUM,TAGS,N
        1,"a, ""b""",1234567890123456.7890,"[""x"",{""y"":1}]",
        2,,-5.00,,
        "#);
    }

    #[test]
    fn columns_are_the_selected_fields_in_their_order() {
        assert_eq!(table(&["TITLE", "ID"], &[r#"{"ID":"1","TITLE":"a"}"#]), "TITLE,ID\na,1\n");
        assert_eq!(table(&["TITLE", "ID"], &[]), "TITLE,ID\n");
        assert_eq!(table(&["*", "UF_*"], &[r#"{"ID":"1"}"#]), "ID\n1\n");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_neutralised() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+7 999", "'+7 999"),
            ("-", "'-"),
            ("-5.00", "-5.00"),
            ("+79991234567", "+79991234567"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(harmless(text), cell);
        }
    }
}
