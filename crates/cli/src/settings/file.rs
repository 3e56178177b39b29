//! The config file: tables, unknown keys refused with a suggestion, errors that name file, line and key.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::embedder::EmbedderTable;
use super::index::Index;
use super::limits::Limits;
use super::profile::Profile;
use super::report::Report;
use crate::code::Code;
use crate::failure::Failure;

/// Everything the config file may say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConfigFile {
    /// `[profile.X]`.
    #[serde(rename = "profile")]
    pub(crate) profiles: BTreeMap<String, Profile>,
    /// `[limits]`.
    pub(crate) limits: Limits,
    /// `[report]`.
    pub(crate) report: Report,
    /// `[index]`.
    pub(crate) index: Index,
    /// `[embedder.X]`.
    #[serde(rename = "embedder")]
    pub(crate) embedders: BTreeMap<String, EmbedderTable>,
}

impl ConfigFile {
    /// Reads the file; a missing one says nothing.
    ///
    /// # Errors
    /// Unreadable, not TOML, an unknown key, a wrong value.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Failure::file(format!("reading the config file {}", path.display()), &error)),
        }
    }

    /// Reads the text of a file that lies at `path`.
    ///
    /// # Errors
    /// Not TOML, an unknown key, a wrong value.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, Failure> {
        toml::from_str(text).map_err(|error| wrong(text, path, &error))
    }
}

fn attempted(path: &Path) -> String {
    format!("reading the config file {}", path.display())
}

/// Never shows the line itself: it may hold a webhook.
fn wrong(text: &str, path: &Path, error: &toml::de::Error) -> Failure {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line_number = text[..start].matches('\n').count() + 1;
    let line = text.lines().nth(line_number - 1).unwrap_or_default();
    let mut names = error.message().split('`').skip(1).step_by(2);
    if error.message().starts_with("unknown field") {
        let key = names.next().unwrap_or_default();
        return Failure::new(Code::UnknownKey, attempted(path))
            .because(format!("line {line_number}: unknown key `{key}`{}", place(text, line_number)))
            .advise(suggestion(key, &names.collect::<Vec<_>>()));
    }
    if error.message().starts_with("unknown column") {
        let id = names.next().unwrap_or_default();
        return Failure::new(Code::Value, attempted(path))
            .because(format!("line {line_number}: the register has no column `{id}`"))
            .advise(suggestion(id, &names.collect::<Vec<_>>()));
    }
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    let key = if key.is_empty() || line.trim_start().starts_with('[') {
        String::new()
    } else {
        format!(" key `{key}`:")
    };
    Failure::new(Code::Value, attempted(path))
        .because(format!("line {line_number}:{key} {}", error.message()))
        .advise("correct the line; docs/cli.md lists the keys")
}

/// The table that a line belongs to.
fn place(text: &str, line_number: usize) -> String {
    text.lines()
        .take(line_number)
        .filter(|line| line.trim_start().starts_with('['))
        .last()
        .map(|header| format!(" in {}", header.split('#').next().unwrap_or_default().trim()))
        .unwrap_or_default()
}

fn suggestion(key: &str, known: &[&str]) -> String {
    let close = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&key.to_lowercase(), name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(3));
    match close {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => format!("known keys here: {}", known.join(", ")),
    }
}
