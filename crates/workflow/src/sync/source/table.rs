//! Rows of texts: CSV and JSON lines, of a file or of a program's output.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::sync::Arc;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::outlet::{Outlet, Stop};
use super::{Guess, SourceError};
use crate::delimited::{Delimited, Layout, NoHeading};
use crate::lines::Lines;
use crate::sync::Reject;

/// What a text is called in errors, and how a failure to read it is told.
pub(super) struct Origin {
    pub(super) what: String,
    pub(super) failed: Box<dyn Fn(io::Error) -> SourceError + Send>,
}

/// The rows of a CSV text.
pub(super) fn csv(lines: Lines, layout: Layout, origin: &Origin, outlet: &mut Outlet) -> Result<(), Stop> {
    let is_guess = layout.delimiter.is_none();
    let mut table = Delimited::of(lines, layout).map_err(|error| match error {
        NoHeading::NotReadable(error) => (origin.failed)(error),
        NoHeading::Wrong(reason) => SourceError::Heading { what: origin.what.clone(), reason },
    })?;
    if is_guess && table.columns.len() > 1 {
        let value = char::from(table.delimiter).escape_default().to_string();
        let reason = "it stands most often in the first line".to_owned();
        outlet.guess(Guess { setting: "delimiter", value, reason });
    }
    outlet.columns(&table.columns);
    let columns: Arc<[String]> = table.columns.clone().into();
    while let Some(record) = table.next_record().map_err(|error| (origin.failed)(error))? {
        match record.cells {
            Ok(cells) => outlet.row(record.line, &columns, cells.into_iter().map(Some).collect())?,
            Err(reason) => {
                let hint = if reason == "it is not UTF-8" {
                    "name the encoding in [source], such as `encoding = \"windows-1251\"`"
                } else {
                    "correct the row; a cell with the delimiter, a quote or a line end stands in quotes"
                };
                outlet.reject(malformed(record.line, &record.raw, &reason, hint))?;
            }
        }
    }
    Ok(())
}

/// The rows of JSON lines.
pub(super) fn json(mut lines: Lines, origin: &Origin, outlet: &mut Outlet) -> Result<(), Stop> {
    let mut columns: Arc<[String]> = Arc::from([]);
    while let Some(line) = lines.take().map_err(|error| (origin.failed)(error))? {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let members = std::str::from_utf8(&line)
            .map_err(|_| "it is not UTF-8".to_owned())
            .and_then(|text| members(text, outlet));
        match members {
            Ok((names, values)) => {
                if *columns != *names {
                    columns = names.into();
                }
                outlet.row(lines.number(), &columns, values)?;
            }
            Err(reason) => {
                let hint = "correct the line: it must be one JSON object";
                outlet.reject(malformed(lines.number(), &line, &reason, hint))?;
            }
        }
    }
    Ok(())
}

type Members = (Vec<String>, Vec<Option<String>>);

fn members(text: &str, outlet: &Outlet) -> Result<Members, String> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let object = parser.deserialize_map(Object).map_err(|error| reason_of(&error))?;
    parser.end().map_err(|error| reason_of(&error))?;
    let mut seen = HashSet::new();
    let mut members = (Vec::with_capacity(object.len()), Vec::with_capacity(object.len()));
    for (name, value) in object {
        if !seen.insert(name.clone()) {
            return Err(format!("the member `{name}` stands there twice"));
        }
        let text = match value.get() {
            "null" => None,
            text if text.starts_with('"') => serde_json::from_str(text).ok(),
            text if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                Some(outlet.plan().spell(text.to_owned()))
            }
            text => Some(text.to_owned()),
        };
        members.0.push(name);
        members.1.push(text);
    }
    Ok(members)
}

/// What the parser says, without where: a line is one row. When the line is something else than an object the parser
/// repeats it, and it may be personal data.
fn reason_of(error: &serde_json::Error) -> String {
    if error.is_data() {
        return "it is no JSON object".to_owned();
    }
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) => format!("it is no JSON object: {reason} at column {}", error.column()),
        None => format!("it is no JSON object: {text}"),
    }
}

/// The members of an object in their order, repeated ones too.
struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Vec<(String, Box<RawValue>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

fn malformed(line: u64, raw: &[u8], reason: &str, hint: &str) -> Reject {
    const MOST: usize = 500;
    let text: String = String::from_utf8_lossy(raw).chars().take(MOST).collect();
    Reject {
        code: "sync.row-malformed".to_owned(),
        key: None,
        line,
        field: None,
        value: Some(text),
        message: format!("the row cannot be read: {reason}"),
        hint: hint.to_owned(),
    }
}
