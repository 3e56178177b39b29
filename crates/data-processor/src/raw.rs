//! What a source hands over: one complete invoice, every amount as the JSON token it arrived in.
//!
//! The types serialise to one JSON object per invoice (the lines of a saved raw file) and refuse unknown keys when
//! read back. Read them from text or bytes, never through `serde_json::Value`, which would turn amounts into doubles.

use serde::{Deserialize, Serialize};

mod token;

pub use token::{NotJson, Token};

/// One invoice as the portal told it, with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawInvoice {
    /// The portal's id of the invoice.
    pub id: u64,
    /// The document number (`accountNumber`).
    pub number: Option<String>,
    /// The title shown in the portal.
    pub title: Option<String>,
    /// The invoice date as it stands on the wire (`begindate`).
    pub date: Option<String>,
    /// Pay-before date as it stands on the wire (`closedate`).
    pub due: Option<String>,
    /// Shipment date as it stands on the wire.
    pub shipped_on: Option<String>,
    /// Payment date as it stands on the wire.
    pub paid_on: Option<String>,
    /// When the invoice came into its stage, as it stands on the wire (`movedTime`).
    pub moved_at: Option<String>,
    /// The portal's payments of the invoice; none when they were not asked for.
    pub payments: Option<Vec<RawPayment>>,
    /// The stage the invoice is in.
    #[serde(default)]
    pub stage: RawStage,
    /// Currency code.
    pub currency: Option<String>,
    /// Amount payable, VAT included.
    #[serde(default)]
    pub opportunity: Token,
    /// VAT as the portal computed it.
    #[serde(default)]
    pub tax_value: Token,
    /// Whether the amount was typed by hand and so does not follow the rows.
    #[serde(default)]
    pub manual: bool,
    /// Our own company that issues the invoice.
    pub seller: Option<RawParty>,
    /// The client.
    pub counterparty: Option<RawParty>,
    /// Product rows, all of them.
    #[serde(default)]
    pub rows: Vec<RawRow>,
    /// The responsible user.
    pub responsible: Option<RawUser>,
    /// Link to the invoice card.
    pub url: Option<String>,
    /// The deal the invoice belongs to.
    pub deal_id: Option<u64>,
    /// Facts the source noticed while it collected the parts.
    #[serde(default)]
    pub notes: Vec<RawNote>,
}

/// A stage with the meaning the portal gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawStage {
    /// Stage id, for example `DT31_3:P`.
    pub id: String,
    /// Stage name; none when the portal's list of stages does not have it.
    pub name: Option<String>,
    /// `S` success, `F` failure, anything else is in progress.
    pub semantics: Option<String>,
}

/// Whether a party is a company or a contact of the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// A company card.
    Company,
    /// A contact card.
    Contact,
}

/// A seller or client: its card and the requisite chosen for this invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawParty {
    /// Kind of card.
    pub kind: PartyKind,
    /// Id of the card.
    pub id: u64,
    /// Company title, or the contact's "last name, first name, second name".
    pub title: Option<String>,
    /// The requisite of this invoice.
    pub requisite: Option<RawRequisite>,
}

/// Legal details as they were typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRequisite {
    /// Id of the requisite.
    pub id: u64,
    /// `RQ_NAME`.
    pub name: Option<String>,
    /// `RQ_COMPANY_NAME`.
    pub company_name: Option<String>,
    /// `RQ_COMPANY_FULL_NAME`.
    pub company_full_name: Option<String>,
    /// `RQ_LAST_NAME`.
    pub last_name: Option<String>,
    /// `RQ_FIRST_NAME`.
    pub first_name: Option<String>,
    /// `RQ_SECOND_NAME`.
    pub second_name: Option<String>,
    /// `RQ_INN`.
    pub inn: Option<String>,
    /// `RQ_KPP`.
    pub kpp: Option<String>,
    /// `RQ_OGRN`.
    pub ogrn: Option<String>,
    /// `RQ_OGRNIP`.
    pub ogrnip: Option<String>,
}

/// One product row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRow {
    /// Id of the row.
    pub id: u64,
    /// Name of the product.
    pub name: String,
    /// Unit price paid: after discount, VAT included whatever `tax_included` says.
    #[serde(default)]
    pub price: Token,
    /// Quantity.
    #[serde(default)]
    pub quantity: Token,
    /// VAT rate in per cent; null is "without VAT".
    #[serde(default)]
    pub tax_rate: Token,
    /// Whether the price was entered with VAT (changes nothing in the meaning of `price`).
    #[serde(default)]
    pub tax_included: bool,
    /// Discount per unit.
    #[serde(default)]
    pub discount_sum: Token,
    /// Name of the unit of measure.
    pub measure: Option<String>,
}

/// One payment of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawPayment {
    /// Id of the payment.
    pub id: u64,
    /// Whether it was made; otherwise it is only expected.
    pub paid: bool,
    /// When it was made, as it stands on the wire (`datePaid`).
    pub paid_at: Option<String>,
    /// Amount.
    #[serde(default)]
    pub sum: Token,
    /// Currency code.
    pub currency: Option<String>,
}

/// A user of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawUser {
    /// Id of the user.
    pub id: u64,
    /// Name as people read it.
    pub name: String,
}

/// A fact noticed by the source. A code of [`ProblemCode`](crate::ProblemCode) becomes that problem, any other
/// becomes [`ProblemCode::SourceNote`](crate::ProblemCode::SourceNote).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNote {
    /// Kebab code with its area, for example `invoice.requisite-link-broken`.
    pub code: String,
    /// What was found.
    pub message: String,
    /// The same in Russian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub russian: Option<String>,
}
