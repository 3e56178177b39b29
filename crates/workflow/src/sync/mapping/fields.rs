//! `[deal.fields]` and `[contact.fields]`: field by title or code → where its value comes from.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::sync::wanted::Policy;

/// The fields in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct FieldTable(Vec<FieldEntry>);

/// One line of the table.
#[derive(Debug, Clone)]
pub struct FieldEntry {
    /// The field as it was written: title, `camelCase` or `UPPER_SNAKE` code.
    pub field: String,
    /// Where its value comes from.
    pub settings: FieldSettings,
}

/// Where a field's value comes from and when it is written.
///
/// `"Сумма" = "Amount"` is the column `Amount`, `"Название" = "{Surname} {Name}"` a template. Everything else is said in
/// a table: `{ column = "Services", max_length = 3000, cut_at = "," }`.
#[derive(Debug, Clone)]
pub struct FieldSettings {
    /// Column, template or constant.
    pub source: FieldSource,
    /// When it is written; `always` when it is not said, `create-only` where robots are skipped.
    pub policy: Option<Policy>,
    /// Whether a record without a value is refused.
    pub required: bool,
    /// What stands for an empty value.
    pub empty: Option<String>,
    /// Longer texts are cut.
    pub max_length: Option<usize>,
    /// Where a text may be cut: at the last of these before `max_length`.
    pub cut_at: Option<String>,
    /// What parts the values of a multiple field.
    pub split: Option<String>,
    /// Currency of amounts that name none, for fields of the type "money".
    pub currency: Option<String>,
    /// Text of the source → text, code or number of the portal.
    pub values: BTreeMap<String, String>,
}

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldSource {
    /// A column.
    Column(String),
    /// A text with columns in it.
    Template(String),
    /// The same for all.
    Constant(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    column: Option<String>,
    template: Option<String>,
    value: Option<Scalar>,
    policy: Option<Policy>,
    #[serde(default)]
    required: bool,
    empty: Option<String>,
    max_length: Option<usize>,
    cut_at: Option<String>,
    split: Option<String>,
    currency: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, Scalar>,
}

/// A constant as TOML has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Truth(bool),
    Number(i64),
    Text(String),
    Moment(toml::value::Datetime),
}

impl From<Scalar> for String {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Truth(true) => "Y".to_owned(),
            Scalar::Truth(false) => "N".to_owned(),
            Scalar::Number(number) => number.to_string(),
            Scalar::Text(text) => text,
            Scalar::Moment(moment) => moment.to_string(),
        }
    }
}

impl FieldSettings {
    fn plain(source: FieldSource) -> Self {
        Self {
            source,
            policy: None,
            required: false,
            empty: None,
            max_length: None,
            cut_at: None,
            split: None,
            currency: None,
            values: BTreeMap::new(),
        }
    }

    fn of_table(table: Table) -> Result<Self, &'static str> {
        let source = match (table.column, table.template, table.value) {
            (Some(column), None, None) => FieldSource::Column(column),
            (None, Some(template), None) => FieldSource::Template(template),
            (None, None, Some(value)) => FieldSource::Constant(value.into()),
            (None, None, None) => return Err("one of column, template, value is needed"),
            _ => return Err("only one of column, template, value can be given"),
        };
        if table.cut_at.is_some() && table.max_length.is_none() {
            return Err("cut_at needs max_length");
        }
        Ok(Self {
            policy: table.policy,
            required: table.required,
            empty: table.empty,
            max_length: table.max_length,
            cut_at: table.cut_at,
            split: table.split,
            currency: table.currency,
            values: table.values.into_iter().map(|(text, value)| (text, value.into())).collect(),
            ..Self::plain(source)
        })
    }
}

impl<'de> Deserialize<'de> for FieldSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // No untagged enumeration: its errors would name neither the key nor the place.
        struct TextOrTable;
        impl<'de> Visitor<'de> for TextOrTable {
            type Value = FieldSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column, a template with {columns}, or a table such as { column = \"Amount\" }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<FieldSettings, E> {
                let template = text.contains(['{', '[']);
                let source = if template { FieldSource::Template } else { FieldSource::Column };
                Ok(FieldSettings::plain(source(text.to_owned())))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldSettings, A::Error> {
                let table = Table::deserialize(MapAccessDeserializer::new(map))?;
                FieldSettings::of_table(table).map_err(de::Error::custom)
            }
        }
        deserializer.deserialize_any(TextOrTable)
    }
}

impl FieldTable {
    /// The fields in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &FieldEntry> {
        self.0.iter()
    }

    /// Puts the fields in the order of the file.
    pub(super) fn sort(&mut self, line: impl Fn(&str) -> Option<usize>) {
        self.0.sort_by_key(|entry| line(&entry.field));
    }
}

impl<'de> Deserialize<'de> for FieldTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map: BTreeMap<String, FieldSettings> = BTreeMap::deserialize(deserializer)?;
        let entry = |(field, settings)| FieldEntry { field, settings };
        Ok(Self(map.into_iter().map(entry).collect()))
    }
}
