//! A query of an SQLite file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Statement};

use super::outlet::{self, Outlet, Plan, Stop};
use super::query::Bound;
use super::{Opened, Opening, SourceError, SourceSettings, file, query};

/// So long the program that writes the file is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// So many rows are looked at when a query gives none.
const BEHIND: usize = 50;

pub(super) async fn open(
    settings: &SourceSettings,
    opening: &Opening<'_>,
    plan: Plan,
) -> Result<Opened, SourceError> {
    let path = file::path_of(settings, opening);
    let text = settings.query.clone().unwrap_or_default();
    outlet::open(plan, move |outlet| read(&path, &text, outlet)).await
}

/// The tables and views of a file.
pub(in crate::sync) fn tables(path: &Path) -> Result<Vec<String>, SourceError> {
    let failed = |error| SourceError::Sqlite { path: path.to_owned(), source: error };
    let connection = connect(path)?;
    let list = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite~_%' ESCAPE '~' \
                ORDER BY name";
    let mut statement = connection.prepare(list).map_err(failed)?;
    let names = statement.query_map([], |row| row.get(0)).map_err(failed)?;
    names.collect::<Result<_, _>>().map_err(failed)
}

fn connect(path: &Path) -> Result<Connection, SourceError> {
    let failed = |error| SourceError::Sqlite { path: path.to_owned(), source: error };
    if !path.is_file() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such file");
        return Err(SourceError::NotReadable { path: path.to_owned(), source });
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    Ok(connection)
}

fn read(path: &Path, text: &str, outlet: &mut Outlet) -> Result<(), Stop> {
    let failed = |error| SourceError::Sqlite { path: path.to_owned(), source: error };
    // Within one statement SQLite shows one state of the file, whoever writes meanwhile.
    let connection = connect(path)?;
    let mut statement = connection.prepare(text).map_err(failed)?;
    if !statement.readonly() {
        return Err(Stop::Failed(SourceError::Setting {
            key: "query",
            reason: "it changes the database".to_owned(),
        }));
    }
    let has_cursor = bind(&mut statement, outlet, path)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    query::check_columns(&names)?;
    outlet.columns(&names);
    let columns: Arc<[String]> = names.into();
    let mut rows = statement.raw_query();
    let mut number = 0;
    while let Some(row) = rows.next().map_err(failed)? {
        number += 1;
        let mut values = Vec::with_capacity(columns.len());
        let mut bad = None;
        for (index, column) in columns.iter().enumerate() {
            let value = row.get_ref(index).map_err(failed)?;
            match text_of(value, outlet.plan()) {
                Ok(text) => values.push(text),
                Err(reason) => bad = Some((column, reason)),
            }
        }
        if let Some((column, reason)) = bad {
            let hint = "correct the row, or convert the column in the query";
            outlet.reject(query::malformed(number, column, reason, hint))?;
            continue;
        }
        if has_cursor && let Some(rule) = &outlet.plan().rule {
            let place = columns.iter().position(|column| column == rule.column());
            if let Some(Some(value)) = place.and_then(|place| values.get(place)) {
                rule.check_spelling(value)?;
            }
        }
        outlet.row(number, &columns, values)?;
    }
    drop(rows);
    if has_cursor && number == 0 {
        look_behind(&mut statement, &columns, outlet.plan(), path)?;
    }
    Ok(())
}

/// Where `:cursor` left out everything, some rows from before it tell whether it can be compared with the column at all.
fn look_behind(
    statement: &mut Statement<'_>,
    columns: &[String],
    plan: &Plan,
    path: &Path,
) -> Result<(), SourceError> {
    let failed = |error| SourceError::Sqlite { path: path.to_owned(), source: error };
    let place = |column: &str| columns.iter().position(|name| name == column);
    let Some((rule, place)) = plan.rule.as_ref().and_then(|rule| Some((rule, place(rule.column())?))) else {
        return Ok(());
    };
    let Some(index) = statement.parameter_index(query::CURSOR).map_err(failed)? else { return Ok(()) };
    statement.raw_bind_parameter(index, i64::MIN).map_err(failed)?;
    let mut rows = statement.raw_query();
    for _ in 0..BEHIND {
        let Some(row) = rows.next().map_err(failed)? else { break };
        if let Ok(Some(value)) = text_of(row.get_ref(place).map_err(failed)?, plan) {
            rule.check_passed_over(&value)?;
        }
    }
    Ok(())
}

/// Binds `:cursor`; false when the query has none.
fn bind(statement: &mut Statement<'_>, outlet: &Outlet, path: &Path) -> Result<bool, SourceError> {
    let failed = |error| SourceError::Sqlite { path: PathBuf::from(path), source: error };
    let count = statement.parameter_count();
    if count == 0 {
        return Ok(false);
    }
    let Some(index) = statement.parameter_index(query::CURSOR).map_err(failed)?.filter(|_| count == 1) else {
        return Err(query::foreign_parameter());
    };
    match query::bound(outlet.plan())? {
        // SQLite finds every number smaller than every text.
        Bound::Number(number) => match number.parse::<i64>() {
            Ok(number) => statement.raw_bind_parameter(index, number),
            Err(_) => statement.raw_bind_parameter(index, number.parse::<f64>().unwrap_or_default()),
        },
        Bound::Time { spelled, .. } => statement.raw_bind_parameter(index, spelled),
    }
    .map_err(failed)?;
    Ok(true)
}

fn text_of(value: ValueRef<'_>, plan: &Plan) -> Result<Option<String>, &'static str> {
    match value {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number.to_string())),
        ValueRef::Real(number) => Ok(Some(plan.spell(number.to_string()))),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err("it is not UTF-8"),
        },
        ValueRef::Blob(_) => Err("it holds bytes, not a text"),
    }
}
