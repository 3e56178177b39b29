//! `[report]`: what reports do unless the command line says otherwise.

use serde::{Deserialize, Serialize};

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
}
