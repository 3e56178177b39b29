//! The query of the mapping as the server gets it.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

use crate::sync::source::query::CURSOR;

/// A value that the server reads as its own text, whatever the type.
#[derive(Debug)]
pub(super) struct TextValue(pub(super) String);

impl ToSql for TextValue {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// A query, with `$1` where `:cursor` stood.
#[derive(Debug)]
pub(super) struct Wrapped {
    query: String,
    has_cursor: bool,
}

impl Wrapped {
    pub(super) fn new(text: &str) -> Self {
        let text = text.trim().trim_end_matches(';');
        let (mut query, mut rest, mut has_cursor) = (String::with_capacity(text.len()), text, false);
        while let Some(next) = rest.chars().next() {
            let length = opaque(rest).unwrap_or_else(|| next.len_utf8());
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let is_cursor = rest.strip_prefix(CURSOR).is_some_and(|after| !after.starts_with(is_name))
                && !query.ends_with(':');
            if is_cursor {
                query.push_str("$1");
                (rest, has_cursor) = (rest.get(CURSOR.len()..).unwrap_or_default(), true);
            } else {
                let (taken, left) = rest.split_at(length);
                query.push_str(taken);
                rest = left;
            }
        }
        Self { query, has_cursor }
    }

    pub(super) fn query(&self) -> &str {
        &self.query
    }

    pub(super) fn has_cursor(&self) -> bool {
        self.has_cursor
    }

    /// The same rows, every column as the server's text of it.
    pub(super) fn as_texts(&self, columns: &[String]) -> String {
        let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
        let columns: Vec<String> =
            columns.iter().map(|name| format!("rows.{}::text", quoted(name))).collect();
        // The line end closes a comment that the query may end with.
        format!("SELECT {} FROM ({}\n) AS rows", columns.join(", "), self.query)
    }
}

/// The length of a literal, a quoted name or a comment that begins here: nothing in it is a parameter.
fn opaque(text: &str) -> Option<usize> {
    let until = |open: &str, close: &str| {
        let inner = text.strip_prefix(open)?;
        Some(inner.find(close).map_or(text.len(), |at| open.len() + at + close.len()))
    };
    let dollars = || {
        let tag = text.strip_prefix('$')?.split_once('$')?.0;
        let is_tag = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !tag.starts_with(|c: char| c.is_ascii_digit());
        let tag = is_tag.then(|| format!("${tag}$"))?;
        until(&tag, &tag)
    };
    until("'", "'")
        .or_else(|| until("\"", "\""))
        .or_else(|| until("--", "\n"))
        .or_else(|| until("/*", "*/"))
        .or_else(dollars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_becomes_a_parameter_where_it_is_one() {
        let wrapped =
            Wrapped::new("SELECT ':cursor', x::text -- :cursor\nFROM t WHERE at >= :cursor::timestamp;\n");
        assert_eq!(wrapped.query(), "SELECT ':cursor', x::text -- :cursor\nFROM t WHERE at >= $1::timestamp");
        assert!(wrapped.has_cursor());
        assert!(
            !Wrapped::new("SELECT x::cursor, :cursors, $a$ :cursor $a$, \":cursor\" /* :cursor */")
                .has_cursor()
        );
        assert_eq!(Wrapped::new("a=:cursor OR b>:cursor").query(), "a=$1 OR b>$1");
    }

    #[test]
    fn columns_come_as_texts() {
        let wrapped = Wrapped::new("SELECT 1 AS \"a\"\"b\" -- the end");
        let text = wrapped.as_texts(&["a\"b".to_owned()]);
        assert_eq!(text, "SELECT rows.\"a\"\"b\"::text FROM (SELECT 1 AS \"a\"\"b\" -- the end\n) AS rows");
    }
}
