//! The `[source]` table of a draft.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::DraftOrder;
use super::text::quoted;
use crate::sync::source::{Guess, SourceError, SourceSettings, tables_of_sqlite};

/// Where the records come from, as settings and as text.
pub(super) struct Origin {
    settings: SourceSettings,
    text: String,
    notes: Vec<String>,
}

/// A file with nothing but a source.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceFile {
    source: SourceSettings,
}

/// The file as the mapping names it: from the mapping's folder on when it lies there.
fn seen_from(folder: &Path, path: &Path) -> Result<PathBuf, SourceError> {
    if let Ok(inside) = path.strip_prefix(folder) {
        return Ok(inside.to_owned());
    }
    if path.is_relative() && folder == Path::new(".") {
        return Ok(path.to_owned());
    }
    let failed = |source| SourceError::NotReadable { path: path.to_owned(), source };
    let (whole, folder) =
        (std::path::absolute(path).map_err(failed)?, std::path::absolute(folder).map_err(failed)?);
    Ok(whole.strip_prefix(folder).map(Path::to_owned).unwrap_or(whole))
}

impl Origin {
    pub(super) fn of(order: &DraftOrder<'_>) -> Result<Self, SourceError> {
        let path = order.source;
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_lowercase();
        let kind = match end.as_str() {
            "toml" => return Self::of_table(path),
            "csv" | "tsv" | "txt" => "csv",
            "jsonl" | "ndjson" => "jsonl",
            "xlsx" | "xlsm" => "xlsx",
            "db" | "sqlite" | "sqlite3" => "sqlite",
            _ => {
                let reason = format!(
                    "`{}` is none of .csv, .tsv, .txt, .jsonl, .xlsx, .db, .sqlite; for a server or a program give a \
                     .toml file with a [source] table",
                    path.display()
                );
                return Err(SourceError::Setting { key: "path", reason });
            }
        };
        let shown = seen_from(order.folder, path)?.display().to_string();
        let mut text = format!("[source]\nkind = \"{kind}\"\npath = {}\n", quoted(&shown));
        text.push_str("# Часы источника: к этой зоне относятся даты и время без смещения.\n");
        let _always_fits = writeln!(text, "zone = {}", quoted(order.zone));
        let mut notes = Vec::new();
        if kind == "sqlite" {
            let tables = tables_of_sqlite(path)?;
            let table = tables.first().cloned().unwrap_or_default();
            let query = format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""));
            let _always_fits = writeln!(text, "query = {}", quoted(&query));
            notes.push(format!("запрос: взята таблица «{table}», всего таблиц {}", tables.len()));
        }
        let settings = Self::parse(path, &text)?;
        Ok(Self { settings, text, notes })
    }

    fn of_table(path: &Path) -> Result<Self, SourceError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SourceError::NotReadable { path: path.to_owned(), source })?;
        let settings = Self::parse(path, &text)?;
        Ok(Self { settings, text: format!("{}\n", text.trim()), notes: Vec::new() })
    }

    fn parse(path: &Path, text: &str) -> Result<SourceSettings, SourceError> {
        let file: SourceFile = toml::from_str(text).map_err(|error| {
            let reason = format!("{}: {}", path.display(), error.message());
            SourceError::Setting { key: "source", reason }
        })?;
        Ok(file.source)
    }

    pub(super) fn settings(&self) -> &SourceSettings {
        &self.settings
    }

    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The table with what was guessed written down.
    pub(super) fn table(&self, guesses: &[Guess]) -> String {
        let mut lines = String::new();
        for guess in guesses {
            // What was shown with an escape is written with the same one.
            let value = if guess.setting == "delimiter" {
                format!("\"{}\"", guess.value)
            } else {
                quoted(&guess.value)
            };
            let _always_fits = writeln!(lines, "{} = {value}   # угадано по первым строкам", guess.setting);
        }
        // Keys of a table stand before its subtables.
        match self.text.find("\n[source.") {
            Some(at) => {
                let (head, tail) = self.text.split_at(at + 1);
                format!("{head}{lines}{tail}")
            }
            None => format!("{}{lines}", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_mappings_folder_on() {
        let seen = |folder: &str, path: &str| seen_from(Path::new(folder), Path::new(path)).unwrap();
        assert_eq!(seen(".", "data.csv"), Path::new("data.csv"));
        assert_eq!(seen("maps", "maps/data.csv"), Path::new("data.csv"));
        assert_eq!(seen(".", "./data.csv"), Path::new("data.csv"));
        let outside = seen("maps", "data.csv");
        assert!(outside.is_absolute() && outside.ends_with("data.csv"));
        let whole = std::path::absolute("maps/data.csv").unwrap();
        assert_eq!(seen("maps", &whole.to_string_lossy()), Path::new("data.csv"));
    }
}
