//! The part of the queue that is searched.

use rusqlite::types::Value as Sql;
use serde_json::Value;

use crate::search::Request;

/// Conditions with numbers for every value, and the values. `?1` is the space. Names of collections and facts are values
/// like any other: nothing of the user's becomes part of the statement.
pub(super) struct Filter {
    pub(super) sql: String,
    pub(super) values: Vec<Sql>,
    pub(super) everything: bool,
}

impl Filter {
    /// `hides` says that the file has chunks that nobody may see.
    pub(super) fn new(request: &Request, space: i64, hides: bool) -> Self {
        let (sql, values) = ("TRUE".to_owned(), vec![Sql::Integer(space)]);
        let mut filter = Self { sql, values, everything: !hides };
        if !request.collections.is_empty() {
            let number = filter.bind(Sql::Text(Value::from(request.collections.as_slice()).to_string()));
            filter.and(&format!("collection IN (SELECT value FROM json_each(?{number}))"));
        }
        if let Some(source) = &request.source {
            let number = filter.bind(Sql::Text(source.clone()));
            filter.and(&format!("source = ?{number}"));
        }
        if let Some(since) = request.since {
            // A document's own date is written by its reader, in UTC, so that texts compare as moments do.
            let own = filter.bind(Sql::Text(since.to_string()));
            let stored = filter.bind(Sql::Integer(since.as_millisecond()));
            filter.and(&format!(
                "coalesce(json_extract(documents.metadata, '$.date') >= ?{own}, updated_at >= ?{stored})"
            ));
        }
        for (key, value) in &request.facts {
            let (key, value) = (filter.bind(Sql::Text(key.clone())), filter.bind(bound(value)));
            let fact = format!("key = ?{key} AND value = ?{value}");
            filter.and(&format!("EXISTS (SELECT 1 FROM json_each(documents.metadata) WHERE {fact})"));
        }
        filter
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.everything = false;
    }

    fn bind(&mut self, value: Sql) -> usize {
        self.values.push(value);
        self.values.len()
    }

    /// The values, and one more.
    pub(super) fn with(&self, value: Sql) -> impl Iterator<Item = Sql> {
        self.values.clone().into_iter().chain([value])
    }

    /// Number of that one.
    pub(super) fn next(&self) -> usize {
        self.values.len() + 1
    }
}

fn bound(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(truth) => Sql::Integer((*truth).into()),
        Value::Number(number) => {
            number.as_i64().map(Sql::Integer).or_else(|| number.as_f64().map(Sql::Real)).unwrap_or(Sql::Null)
        }
        Value::String(text) => Sql::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => Sql::Text(value.to_string()),
    }
}
