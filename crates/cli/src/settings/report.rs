//! `[report]`: what reports do unless the command line says otherwise.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use workflow::render::Presentation;

use crate::args::{CsvArg, LanguageArg, LayoutArg};

/// The `[report]` table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Report {
    /// The invoices' field with the date of shipment, by code or title; «Дата отгрузки» unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shipped_field: Option<String>,
    /// The invoices' field with the date of payment, by code or title; «Дата оплаты» unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) paid_field: Option<String>,
    /// The sheets of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) layout: Option<LayoutArg>,
    /// The language of labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lang: Option<LanguageArg>,
    /// The kind of CSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) csv: Option<CsvArg>,
    /// The register's columns in their order; all of them unless given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) columns: Vec<ColumnId>,
}

/// The id of a column that there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ColumnId(String);

impl AsRef<str> for ColumnId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ColumnId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        if Presentation::column_ids().any(|known| known == id) {
            return Ok(Self(id));
        }
        let known: Vec<String> = Presentation::column_ids().map(|known| format!("`{known}`")).collect();
        Err(D::Error::custom(format!("unknown column `{id}`, expected one of {}", known.join(", "))))
    }
}
