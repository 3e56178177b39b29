//! Texts with columns in them.
//!
//! `{Column}` is a column's value. A part in `[ ]`, and every line, is left out when all the columns in it are empty.
//! `{{`, `}}`, `[[` and, outside such a part, `]]` are the characters themselves.

use std::iter::Peekable;
use std::str::Chars;

/// A text with columns in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    lines: Vec<Vec<Part>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Column(String),
    Optional(Vec<Part>),
}

/// A template that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("`{{` is not closed with `}}` on the same line")]
    ColumnOpen,
    #[error("`{{}}` names no column")]
    ColumnEmpty,
    #[error("`[` is not closed with `]` on the same line")]
    PartOpen,
    #[error("`{0}` closes nothing; write it twice for the character itself")]
    Stray(char),
    #[error("the part `[{0}]` names no column, so that it could never be left out; write `[[` for a bracket")]
    PartConstant(String),
}

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let lines = text.trim().lines().map(|line| parts(&mut line.chars().peekable(), false));
        Ok(Self { lines: lines.collect::<Result<_, _>>()? })
    }

    /// The columns, each once for every place.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        self.lines.iter().for_each(|line| collect(line, &mut columns));
        columns
    }

    /// The text for a record.
    pub(crate) fn render<'r>(&self, value: &dyn Fn(&str) -> Option<&'r str>) -> String {
        let mut out = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let mut text = String::new();
            let filled = write(line, value, &mut text);
            if filled != Filled::Nothing {
                out.push(text.trim_end().to_owned());
            }
        }
        out.join("\n").trim().to_owned()
    }
}

/// What became of the columns of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    /// There are none.
    NoColumns,
    /// All are empty.
    Nothing,
    /// One at least is not.
    Something,
}

impl Filled {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Something, _) | (_, Self::Something) => Self::Something,
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::NoColumns, Self::NoColumns) => Self::NoColumns,
        }
    }
}

fn write<'r>(parts: &[Part], value: &dyn Fn(&str) -> Option<&'r str>, out: &mut String) -> Filled {
    let mut filled = Filled::NoColumns;
    // The space after an empty column goes with it: no double spaces in names.
    let mut swallow = false;
    for part in parts {
        match part {
            Part::Text(text) => {
                let lonely = swallow && (out.is_empty() || out.ends_with([' ', '\u{a0}']));
                out.push_str(if lonely { text.strip_prefix(' ').unwrap_or(text) } else { text });
                swallow = false;
            }
            Part::Column(name) => {
                let text = value(name).map(str::trim).filter(|text| !text.is_empty());
                filled = filled.and(if text.is_some() { Filled::Something } else { Filled::Nothing });
                swallow = text.is_none();
                out.push_str(text.unwrap_or_default());
            }
            Part::Optional(inner) => {
                let mut text = String::new();
                let part = write(inner, value, &mut text);
                filled = filled.and(part);
                swallow = part != Filled::Something;
                if !swallow {
                    out.push_str(&text);
                }
            }
        }
    }
    filled
}

fn collect<'t>(parts: &'t [Part], columns: &mut Vec<&'t str>) {
    for part in parts {
        match part {
            Part::Text(_) => {}
            Part::Column(name) => columns.push(name),
            Part::Optional(inner) => collect(inner, columns),
        }
    }
}

/// The parts up to the closing bracket of an optional part, which stays, or to the end.
fn parts(letters: &mut Peekable<Chars<'_>>, optional: bool) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut text = String::new();
    while let Some(letter) = letters.next_if(|letter| !(optional && *letter == ']')) {
        match letter {
            '{' | '[' | '}' | ']' if letters.next_if_eq(&letter).is_some() => text.push(letter),
            '{' => {
                flush(&mut text, &mut parts);
                parts.push(Part::Column(column(letters)?));
            }
            '[' => {
                flush(&mut text, &mut parts);
                parts.push(self::optional(letters)?);
            }
            '}' | ']' => return Err(TemplateError::Stray(letter)),
            other => text.push(other),
        }
    }
    flush(&mut text, &mut parts);
    Ok(parts)
}

fn flush(text: &mut String, parts: &mut Vec<Part>) {
    if !text.is_empty() {
        parts.push(Part::Text(std::mem::take(text)));
    }
}

fn column(letters: &mut Peekable<Chars<'_>>) -> Result<String, TemplateError> {
    let mut name = String::new();
    loop {
        match letters.next() {
            Some('}') if name.trim().is_empty() => return Err(TemplateError::ColumnEmpty),
            Some('}') => return Ok(name.trim().to_owned()),
            Some('{') | None => return Err(TemplateError::ColumnOpen),
            Some(letter) => name.push(letter),
        }
    }
}

fn optional(letters: &mut Peekable<Chars<'_>>) -> Result<Part, TemplateError> {
    let inner = parts(letters, true)?;
    if letters.next() != Some(']') {
        return Err(TemplateError::PartOpen);
    }
    let mut columns = Vec::new();
    collect(&inner, &mut columns);
    if columns.is_empty() {
        let text = inner.iter().map(|part| if let Part::Text(text) = part { text } else { "" });
        return Err(TemplateError::PartConstant(text.collect()));
    }
    Ok(Part::Optional(inner))
}

#[cfg(test)]
mod tests;
