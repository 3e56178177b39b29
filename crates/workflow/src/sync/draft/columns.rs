//! What the columns of a source seem to be.

use std::collections::BTreeSet;

use crate::person::phone::parse_cell;
use crate::sync::source::Opened;
use crate::sync::value::{RowFormat, ValueKind};
use crate::sync::{FieldValue, Record};

/// So many different values of a column are statuses at most.
const MOST_STATUSES: usize = 20;

/// The columns with what the first rows hold.
pub(super) struct Columns {
    all: Vec<Column>,
    format: RowFormat,
    rows: usize,
}

/// A column.
pub(super) struct Column {
    pub(super) name: String,
    /// Its name without case, signs and `ё`.
    plain: String,
    values: Vec<String>,
}

/// What a column may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Phone,
    FullName,
    LastName,
    FirstName,
    SecondName,
    Status,
    Comment,
    Changed,
}

impl Role {
    /// Parts of names that tell the role.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Phone => &["phone", "телефон", "mobile", "мобильн"],
            Self::FullName => &["fullname", "фио", "patient", "пациент", "client", "клиент"],
            Self::LastName => &["surname", "lastname", "фамилия"],
            Self::FirstName => &["firstname", "имя", "name"],
            Self::SecondName => &["patronymic", "secondname", "middlename", "отчество"],
            Self::Status => &["status", "статус", "состояние"],
            Self::Comment => &["comment", "комментар", "примечан"],
            Self::Changed => &["changed", "modified", "updated", "изменен"],
        }
    }
}

/// A name without case, signs and `ё`.
pub(super) fn plain(name: &str) -> String {
    let lower = name.to_lowercase().replace('ё', "е");
    lower.chars().filter(|c| c.is_alphanumeric()).collect()
}

impl Columns {
    pub(super) fn of(opened: &Opened, rows: &[Record]) -> Self {
        let names = rows.first().map_or(opened.columns.as_slice(), Record::columns);
        let column = |name: &String| Column {
            name: name.clone(),
            plain: plain(name),
            values: rows.iter().filter_map(|row| row.get(name)).map(str::to_owned).collect(),
        };
        let all = names.iter().filter(|name| !name.is_empty()).map(column).collect();
        Self { all, format: opened.format.clone(), rows: rows.len() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Column> {
        self.all.iter()
    }

    /// The column with the key: one that is called so, else the first whose values are all there and all different.
    pub(super) fn key(&self) -> &Column {
        let named = |column: &&Column| {
            matches!(column.plain.as_str(), "id" | "key" | "uid" | "guid" | "ключ" | "код" | "внешнийключ")
        };
        let by_name = self.all.iter().find(named);
        let ending = || self.all.iter().find(|column| column.plain.ends_with("id") && self.is_key(column));
        let fitting = || self.all.iter().find(|column| self.is_key(column));
        by_name.or_else(ending).or_else(fitting).unwrap_or(&self.all[0])
    }

    /// Whether each of the first rows has a value of its own there.
    pub(super) fn is_key(&self, column: &Column) -> bool {
        let different: BTreeSet<&String> = column.values.iter().collect();
        different.len() == self.rows
    }

    pub(super) fn of_role(&self, role: Role) -> Option<&Column> {
        let fits = |column: &&Column| match role {
            // A status has few values, a name's part is no longer word.
            Role::Status => column.distinct().len() <= MOST_STATUSES,
            Role::FirstName => column.plain == "имя" || column.plain == "name" || column.plain == "firstname",
            Role::Phone => column.values.iter().any(|value| parse_cell(value).iter().any(Result::is_ok)),
            Role::Changed => column.values.iter().all(|value| self.format.moment(value.trim()).is_ok()),
            _ => true,
        };
        let told = |column: &&Column| role.words().iter().any(|word| column.plain.contains(word));
        self.all.iter().filter(told).find(fits)
    }

    /// Whether the values could be values of a field.
    pub(super) fn fits(&self, column: &Column, kind: ValueKind) -> bool {
        let readable = |value: &&String| {
            self.format.value(kind, value).is_ok_and(|value: FieldValue| !value.texts.is_empty())
        };
        let is_text = kind == ValueKind::Text;
        is_text || column.values.iter().filter(|value| !value.trim().is_empty()).all(|value| readable(&value))
    }
}

impl Column {
    /// The different values, in their order.
    pub(super) fn distinct(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        self.values.iter().map(|value| value.trim()).filter(|value| seen.insert(*value)).collect()
    }

    /// The name without case, signs and `ё`.
    pub(super) fn plain(&self) -> &str {
        &self.plain
    }
}
