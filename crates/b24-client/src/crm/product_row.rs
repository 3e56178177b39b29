//! Product rows.

use serde::Deserialize;

use super::row::Row;
use crate::call::Call;
use crate::params::Params;
use crate::wire::{Guarded, Id, Token};

/// A product row as the portal writes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Row")]
#[non_exhaustive]
pub struct ProductRow {
    /// Number of the row.
    pub id: Id,
    /// Number of the document.
    pub owner_id: Id,
    /// Name of the product.
    pub name: String,
    /// Price of one, after discount, tax included.
    pub price: Token,
    /// Quantity.
    pub quantity: Token,
    /// Percent; `null` is "no VAT", which is not 0 %.
    pub tax_rate: Token,
    /// Whether the price was entered with tax.
    pub tax_included: bool,
    /// Discount of one, on the price without tax.
    pub discount_sum: Token,
    /// Unit of measure.
    pub measure: Option<String>,
}

impl TryFrom<Row> for ProductRow {
    type Error = String;

    fn try_from(mut row: Row) -> Result<Self, String> {
        Ok(Self {
            id: row.take_id("id")?,
            owner_id: row.take_id("ownerId")?,
            name: row.take_text("productName").unwrap_or_default(),
            price: row.take("price"),
            quantity: row.take("quantity"),
            tax_rate: row.take("taxRate"),
            tax_included: row.take_flag("taxIncluded"),
            discount_sum: row.take("discountSum"),
            measure: row.take_text("measureName"),
        })
    }
}

/// A page of 50 rows of one invoice, from offset `start`. The portal refuses several owners in one call.
#[must_use]
pub fn product_rows(invoice_id: u64, start: u64) -> Call<Vec<Guarded<ProductRow>>> {
    let filter = Params::new().set("=ownerType", "SI").set("=ownerId", invoice_id);
    let params =
        Params::new().set("filter", filter).set("order", Params::new().set("id", "ASC")).set("start", start);
    Call::read("crm.item.productrow.list", params).within("productRows")
}
