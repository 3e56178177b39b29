//! The rows of the input, ready to be sent or with what is wrong with them.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use b24_client::Params;
use b24_client::params::Param;

use super::mapping::{Mapping, Target, put};
use super::verb::Verb;
use super::{ImportError, Order};
use crate::delimited::{Delimited, Layout, NoHeading};
use crate::fields::close_to;
use crate::lines::Lines;

/// One row.
pub(super) struct Row {
    /// Line where it begins, from 1.
    pub(super) line: u64,
    /// Of its text: tells whether it was changed between two runs.
    pub(super) fingerprint: u64,
    /// Its text, for a row that cannot be sent.
    pub(super) raw: String,
    pub(super) content: Result<Content, Unfit>,
}

/// What a row says.
pub(super) struct Content {
    /// The record to update.
    pub(super) id: Option<u64>,
    pub(super) fields: Params,
    /// Its key in the system it comes from.
    pub(super) key: Option<String>,
}

/// Why a row cannot be sent.
#[derive(Debug, Clone)]
pub(super) struct Unfit {
    pub(super) code: &'static str,
    pub(super) reason: String,
}

enum Source {
    Delimited { file: Delimited, targets: Vec<Target> },
    Objects(Lines),
}

/// Reads rows one by one.
pub(super) struct Rows {
    path: PathBuf,
    source: Source,
    mapping: Mapping,
    verb: Verb,
    key: Option<String>,
    /// The portal's fields, when they are known.
    known: Option<BTreeSet<String>>,
}

impl Rows {
    pub(super) fn open(
        order: &Order,
        verb: Verb,
        known: Option<BTreeSet<String>>,
    ) -> Result<Self, ImportError> {
        let mapping = Mapping::new(&order.map)?;
        let path = || order.input.clone();
        let lines =
            Lines::open(&order.input).map_err(|source| ImportError::Input { path: path(), source })?;
        let source = if is_object_file(&order.input) {
            Source::Objects(lines)
        } else {
            let file = Delimited::of(lines, Layout::default()).map_err(|error| match error {
                NoHeading::NotReadable(source) => ImportError::Input { path: path(), source },
                NoHeading::Wrong(reason) => ImportError::Heading { path: path(), reason },
            })?;
            let targets = mapping.targets(&file.columns, verb)?;
            if verb == Verb::Update && !targets.contains(&Target::Id) {
                let reason = "an update needs a column with the record's ID".to_owned();
                return Err(ImportError::Map { reason });
            }
            Source::Delimited { file, targets }
        };
        let rows = Self { path: order.input.clone(), source, mapping, verb, key: order.key.clone(), known };
        rows.check_columns()?;
        Ok(rows)
    }

    /// The delimiter of a CSV file.
    pub(super) fn delimiter(&self) -> Option<char> {
        match &self.source {
            Source::Delimited { file, .. } => Some(char::from(file.delimiter)),
            Source::Objects(_) => None,
        }
    }

    /// Columns and what they are sent as, where the columns are known.
    pub(super) fn columns(&self) -> Vec<(String, String)> {
        let Source::Delimited { file, targets } = &self.source else { return Vec::new() };
        let named = file.columns.iter().zip(targets).map(|(column, target)| {
            let field = match target {
                Target::Nothing => "-".to_owned(),
                Target::Id => "ID".to_owned(),
                Target::Field(path) => shown(path),
            };
            (column.clone(), field)
        });
        named.collect()
    }

    fn check_columns(&self) -> Result<(), ImportError> {
        let Source::Delimited { file, targets } = &self.source else { return Ok(()) };
        for (column, target) in file.columns.iter().zip(targets) {
            if let Target::Field(path) = target
                && let Some(field) = path.first()
                && let Some(known) = self.known.as_ref().filter(|known| !known.contains(field))
            {
                return Err(ImportError::FieldUnknown {
                    column: column.clone(),
                    field: field.clone(),
                    close: close_to(field, known.iter().map(String::as_str)),
                });
            }
        }
        match &self.key {
            Some(key) if !targets.contains(&Target::Field(vec![key.clone()])) => {
                Err(ImportError::KeyMissing { key: key.clone() })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn next_row(&mut self) -> Result<Option<Row>, ImportError> {
        let not_readable = |source: io::Error| ImportError::Input { path: self.path.clone(), source };
        let (line, raw, content) = match &mut self.source {
            Source::Delimited { file, targets } => {
                let Some(record) = file.next_record().map_err(not_readable)? else { return Ok(None) };
                let content = record
                    .cells
                    .map_err(|reason| Unfit { code: "import.row-malformed", reason })
                    .and_then(|cells| from_cells(cells, targets));
                (record.line, record.raw, content)
            }
            Source::Objects(lines) => {
                let line = loop {
                    match lines.take().map_err(not_readable)? {
                        None => return Ok(None),
                        Some(line) if line.iter().all(u8::is_ascii_whitespace) => {}
                        Some(line) => break line,
                    }
                };
                let number = lines.number();
                let content = from_object(&line, &self.mapping, self.verb, self.known.as_ref());
                (number, line, content)
            }
        };
        let fingerprint = fingerprint(&raw);
        let content = content.and_then(|content| self.finished(content));
        Ok(Some(Row { line, fingerprint, raw: String::from_utf8_lossy(&raw).into_owned(), content }))
    }

    /// Checks what every row needs.
    fn finished(&self, mut content: Content) -> Result<Content, Unfit> {
        if content.fields.is_empty() {
            return Err(Unfit { code: "import.row-empty", reason: "it sets no field".to_owned() });
        }
        if self.verb == Verb::Update && content.id.is_none() {
            let reason = "it has no ID of a record".to_owned();
            return Err(Unfit { code: "import.id-missing", reason });
        }
        if let Err(error) = content.fields.check() {
            return Err(Unfit { code: "import.row-malformed", reason: error.to_string() });
        }
        content.key = match (self.verb, &self.key) {
            (Verb::Update, _) => content.id.map(|id| id.to_string()),
            (Verb::Add, None) => None,
            (Verb::Add, Some(key)) => match content.fields.get(key) {
                Some(Param::Text(text) | Param::Number(text)) if !text.trim().is_empty() => {
                    Some(text.trim().to_owned())
                }
                _ => {
                    let reason = format!("the key {key} is empty");
                    return Err(Unfit { code: "import.key-missing", reason });
                }
            },
        };
        Ok(content)
    }
}

/// By the name of the file.
pub(super) fn is_object_file(path: &Path) -> bool {
    let extension = path.extension().and_then(|text| text.to_str()).unwrap_or_default();
    ["jsonl", "ndjson"].iter().any(|one| one.eq_ignore_ascii_case(extension))
}

fn from_cells(cells: Vec<String>, targets: &[Target]) -> Result<Content, Unfit> {
    let mut content = Content { id: None, fields: Params::new(), key: None };
    for (cell, target) in cells.into_iter().zip(targets) {
        match target {
            Target::Id => content.id = read_id(&cell)?,
            // An empty cell says nothing about its field.
            Target::Field(path) if !cell.is_empty() => put(&mut content.fields, path, Param::Text(cell)),
            Target::Nothing | Target::Field(_) => {}
        }
    }
    Ok(content)
}

fn from_object(
    line: &[u8],
    mapping: &Mapping,
    verb: Verb,
    known: Option<&BTreeSet<String>>,
) -> Result<Content, Unfit> {
    let malformed = |reason: String| Unfit { code: "import.row-malformed", reason };
    let text = std::str::from_utf8(line).map_err(|_| malformed("it is not UTF-8".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}');
    let object = Params::from_json(text).map_err(|error| malformed(error.to_string()))?;
    if object.is_positional() {
        return Err(malformed("it is a list, wanted an object".to_owned()));
    }
    let mut content = Content { id: None, fields: Params::new(), key: None };
    for (name, value) in object.iter() {
        match mapping.target(name, verb).map_err(|error| malformed(error.to_string()))? {
            Target::Nothing => {}
            Target::Id => {
                content.id = match value {
                    Param::Number(text) | Param::Text(text) => read_id(text)?,
                    _ => None,
                }
            }
            Target::Field(path) => {
                let field = path.first().map_or("", String::as_str);
                if known.is_some_and(|known| !known.contains(field)) {
                    let reason = format!("the portal has no field `{field}`");
                    return Err(Unfit { code: "import.field-unknown", reason });
                }
                put(&mut content.fields, &path, value.clone());
            }
        }
    }
    Ok(content)
}

fn read_id(text: &str) -> Result<Option<u64>, Unfit> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(id) if id > 0 => Ok(Some(id)),
        _ => Err(Unfit { code: "import.id-malformed", reason: format!("`{text}` is no ID") }),
    }
}

fn shown(path: &[String]) -> String {
    let mut parts = path.iter();
    let outer = parts.next().cloned().unwrap_or_default();
    parts.fold(outer, |shown, part| format!("{shown}[{part}]"))
}

/// FNV-1a, 64 bits: the same in every version and on every machine.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
