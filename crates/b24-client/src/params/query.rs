//! The query form: a command inside a batch, `method?key[sub]=value`, read by the portal as PHP reads a query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Param, Params};
use crate::batch::Reference;

/// RFC 3986 unreserved characters stay, everything else is encoded: `+`, `#`, `&`, `=`, `[`, `$` too.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters that hold contents of records, where the CRM knows `Y` and `N`.
const CONTENTS: [&str; 5] = ["fields", "data", "productRows", "rows", "items"];

fn holds_contents(key: &str) -> bool {
    CONTENTS.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// How to write one command of a batch.
pub(crate) struct Query<'a> {
    /// The text that stands for a reference.
    pub(crate) reference: &'a dyn Fn(&Reference) -> String,
}

impl Query<'_> {
    /// `method?query`, or `method` alone when there are no parameters.
    pub(crate) fn command(&self, method: &str, params: &Params) -> String {
        let mut out = String::with_capacity(method.len() + 32 * params.len());
        out.push_str(method);
        let mut separator = '?';
        for (key, value) in &params.entries {
            let name = encode(key);
            self.write(&name, value, holds_contents(key), &mut separator, &mut out);
        }
        out
    }

    fn write(&self, name: &str, value: &Param, in_fields: bool, separator: &mut char, out: &mut String) {
        let text = match value {
            // The portal reads a missing empty list as "not given", which is what it means outside `fields`.
            Param::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.write(&format!("{name}%5B{index}%5D"), item, in_fields, separator, out);
                }
                return;
            }
            Param::Map(inner) => {
                for (key, item) in &inner.entries {
                    self.write(&format!("{name}%5B{}%5D", encode(key)), item, in_fields, separator, out);
                }
                return;
            }
            Param::Null => String::new(),
            // Fields of the CRM know Y and N; everything else is read by the rules of PHP, where "N" is true.
            Param::Bool(truth) if in_fields => if *truth { "Y" } else { "N" }.to_owned(),
            Param::Bool(truth) => if *truth { "1" } else { "0" }.to_owned(),
            Param::Number(text) | Param::Text(text) => encode(text),
            Param::Reference(reference) => encode(&(self.reference)(reference)),
            Param::Composed(composed) => encode(&composed.written(self.reference)),
        };
        out.push(std::mem::replace(separator, '&'));
        out.push_str(name);
        out.push('=');
        out.push_str(&text);
    }
}

impl Params {
    /// Whether the query form means the same as the JSON form. It does not for `null` (a condition `null` or a
    /// product row without VAT would become an empty text), for empty lists and maps to be written, for texts that the
    /// portal would take for a reference, and for names that PHP would read as something else.
    pub(crate) fn fits_query(&self) -> bool {
        !self.positional
            && self.entries.iter().all(|(key, value)| match value {
                _ if key.is_empty() || key.contains(['.', ' ', '[', ']']) => false,
                Param::Map(fields) if key.eq_ignore_ascii_case("fields") => fields
                    .entries
                    .iter()
                    .all(|(key, field)| is_plain(key) && (*field == Param::Null || field.fits(true))),
                value => value.fits(holds_contents(key)),
            })
    }
}

impl Param {
    fn fits(&self, in_fields: bool) -> bool {
        match self {
            Self::Null => false,
            Self::Text(text) => !looks_like_reference(text),
            Self::List(items) => {
                !(in_fields && items.is_empty()) && items.iter().all(|item| item.fits(in_fields))
            }
            Self::Map(inner) => {
                let fits = |(key, item): &(String, Self)| is_plain(key) && item.fits(in_fields);
                !(in_fields && inner.is_empty()) && inner.entries.iter().all(fits)
            }
            // With values in it, it is a text by the time it is sent, or the portal can read it.
            Self::Composed(composed) => {
                composed.references().next().is_some()
                    || !looks_like_reference(&composed.written(&|_| String::new()))
            }
            Self::Bool(_) | Self::Number(_) | Self::Reference(_) => true,
        }
    }
}

/// Whether PHP reads a name inside brackets as it is; an empty one would be numbered.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains(['[', ']'])
}

/// The portal replaces `$result[…]` in any text of a batch, wherever the text came from.
fn looks_like_reference(text: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        ["result", "next", "total", "time", "error"].iter().any(|word| {
            rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
                && rest.get(word.len()..).is_some_and(|after| after.starts_with('['))
        })
    })
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}
