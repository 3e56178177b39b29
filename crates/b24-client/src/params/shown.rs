//! Parameters for messages: which there are, and no personal data.

use std::fmt::Write as _;

use super::{Param, Params};

/// A longer list of parameters explains nothing.
const LONGEST: usize = 300;
/// Longer numbers may be somebody's telephone or taxpayer number.
const LONGEST_NUMBER: usize = 9;

impl Params {
    /// The names of the parameters as the portal writes them, with values that cannot be personal: short numbers,
    /// truth values and references. Everything else is `…`.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut out = String::new();
        self.show("", &mut out);
        if let Some((cut, _)) = out.char_indices().nth(LONGEST) {
            out.truncate(cut);
            out.push('…');
        }
        out
    }

    fn show(&self, prefix: &str, out: &mut String) {
        for (key, value) in self.iter() {
            let name = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}[{key}]") };
            value.show(&name, out);
        }
    }
}

impl Param {
    fn show(&self, name: &str, out: &mut String) {
        // Nobody reads further.
        if out.len() > LONGEST * 4 {
            return;
        }
        let text = match self {
            Self::Map(inner) => return inner.show(name, out),
            Self::Null => "null",
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Number(number) if number.len() <= LONGEST_NUMBER => number,
            Self::Reference(reference) => &reference.text(),
            Self::List(items) => &format!("({} values)", items.len()),
            Self::Number(_) | Self::Text(_) | Self::Composed(_) => "…",
        };
        let separator = if out.is_empty() { "" } else { ", " };
        // Writing into a text cannot fail.
        let _written = write!(out, "{separator}{name}={text}");
    }
}
