//! Payments of an invoice.

use serde::Deserialize;

use super::EntityType;
use super::row::Row;
use crate::call::Call;
use crate::params::Params;
use crate::wire::{Id, Token};

/// A payment as the portal writes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Row")]
#[non_exhaustive]
pub struct Payment {
    /// Number of the payment.
    pub id: Id,
    /// Whether it was made.
    pub paid: bool,
    /// When it was made, wire text.
    pub date_paid: Option<String>,
    /// Amount.
    pub sum: Token,
    /// Currency.
    pub currency: Option<String>,
}

impl TryFrom<Row> for Payment {
    type Error = String;

    fn try_from(mut row: Row) -> Result<Self, String> {
        Ok(Self {
            id: row.take_id("id")?,
            paid: row.take_flag("paid"),
            date_paid: row.take_text("datePaid"),
            sum: row.take("sum"),
            currency: row.take_text("currency"),
        })
    }
}

/// All payments of one invoice; the method has no pages.
#[must_use]
pub fn payments(invoice_id: u64) -> Call<Vec<Payment>> {
    let params = Params::new().set("entityId", invoice_id).set("entityTypeId", EntityType::SmartInvoice);
    Call::read("crm.item.payment.list", params)
}
