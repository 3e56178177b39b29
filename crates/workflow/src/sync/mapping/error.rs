//! Why a mapping cannot be read.

use super::lines::line_at;

/// A mapping that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// The text is no TOML.
    #[error("line {line}: {message}")]
    Syntax {
        /// The line.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A key that means nothing.
    #[error("line {line}: unknown key `{key}`{}", in_table(table))]
    UnknownKey {
        /// The line.
        line: usize,
        /// The key.
        key: String,
        /// The table it stands in; empty at the top.
        table: String,
        /// Keys that mean something there.
        known: Vec<String>,
    },
    /// A key that must be there.
    #[error("the key `{key}` is missing{}", in_table(table))]
    MissingKey {
        /// The line of the table.
        line: usize,
        /// The key.
        key: String,
        /// The table it belongs to; empty at the top.
        table: String,
    },
    /// A value that its key cannot have.
    #[error("line {line}: `{key}`: {message}")]
    Value {
        /// The line.
        line: usize,
        /// The key.
        key: String,
        /// What is wrong.
        message: String,
    },
}

fn in_table(table: &str) -> String {
    if table.is_empty() { String::new() } else { format!(" in [{table}]") }
}

impl MappingError {
    /// Reads the parser's message.
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = line_at(text, at);
        let message = error.message().trim();
        let mut names = message.split('`').skip(1).step_by(2).map(str::to_owned);
        if message.starts_with("unknown field") {
            let key = names.next().unwrap_or_default();
            return Self::UnknownKey { line, key, table: table_at(text, line), known: names.collect() };
        }
        if message.starts_with("missing field") {
            let key = names.next().unwrap_or_default();
            let table = if at == 0 { String::new() } else { table_at(text, line) };
            return Self::MissingKey { line, key, table };
        }
        let key = key_at(text, line);
        if key.is_empty() {
            return Self::Syntax { line, message: message.to_owned() };
        }
        Self::Value { line, key, message: message.to_owned() }
    }

    /// Stable code in kebab case, with the area in front.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "sync.mapping-syntax",
            Self::UnknownKey { .. } => "sync.mapping-key-unknown",
            Self::MissingKey { .. } => "sync.mapping-key-missing",
            Self::Value { .. } => "sync.mapping-value",
        }
    }

    /// The line of the mapping.
    #[must_use]
    pub fn line(&self) -> usize {
        match self {
            Self::Syntax { line, .. }
            | Self::UnknownKey { line, .. }
            | Self::MissingKey { line, .. }
            | Self::Value { line, .. } => *line,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Syntax { .. } => {
                "correct the line; titles with spaces or Russian letters stand in quotes".to_owned()
            }
            Self::UnknownKey { key, known, .. } => suggestion(key, known),
            Self::MissingKey { key, .. } if key == "automation" => "write automation = \"run\" (every \
                 creation and change starts the portal's robots) or \"skip\" (deals are created without them, \
                 and never changed)"
                .to_owned(),
            Self::MissingKey { key, table, .. } if table.is_empty() => {
                format!("add `{key}` above the first table")
            }
            Self::MissingKey { key, table, .. } => format!("add `{key}` to [{table}]"),
            Self::Value { .. } => "correct the value; docs/sync.md lists the keys".to_owned(),
        }
    }
}

/// The name that was perhaps meant, or all there are.
pub(super) fn suggestion(name: &str, known: &[String]) -> String {
    match closest(name, known) {
        Some(close) => format!("did you mean `{close}`?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The name that differs least, when it differs little.
pub(super) fn closest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let name = name.to_lowercase();
    let distance = |known: &&String| strsim::damerau_levenshtein(&name, &known.to_lowercase());
    let close = known.iter().min_by_key(distance)?;
    (distance(&close) <= close.chars().count().div_ceil(3)).then_some(close.as_str())
}

/// The table that a line belongs to.
fn table_at(text: &str, line: usize) -> String {
    let header = text.lines().take(line).filter(|line| line.trim_start().starts_with('[')).last();
    let header = header.and_then(|header| header.split('#').next()).unwrap_or_default();
    header.trim().trim_matches(['[', ']']).to_owned()
}

/// The key of a line.
fn key_at(text: &str, line: usize) -> String {
    let line = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
    if line.starts_with(['[', '#']) {
        return String::new();
    }
    line.split_once('=').map_or("", |(key, _)| key.trim().trim_matches('"')).to_owned()
}
