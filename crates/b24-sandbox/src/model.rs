//! The right register: what a correct report over the portal's invoices must say.

mod compute;
mod parties;
mod paying;
mod slices;

use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

pub(crate) use compute::of;

/// Which date of an invoice decides whether it belongs to the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The invoice's own date.
    Invoice,
    /// The date of shipment (a user field).
    Shipped,
    /// The date of payment (a user field).
    Paid,
}

impl FromStr for Basis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "invoice" => Ok(Self::Invoice),
            "shipped" => Ok(Self::Shipped),
            "paid" => Ok(Self::Paid),
            other => Err(format!("unknown basis {other:?}, expected invoice, shipped or paid")),
        }
    }
}

/// Sums of one VAT rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RateSums {
    /// The rate in percent; `None` is «Без НДС».
    pub rate: Option<Decimal>,
    /// With tax.
    pub gross: Decimal,
    /// Without tax.
    pub net: Decimal,
    /// The tax.
    pub vat: Decimal,
}

/// One invoice as the register must show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterRow {
    /// Identifier of the smart invoice.
    pub id: u64,
    /// Document number.
    pub number: Option<String>,
    /// Invoice date.
    pub date: Option<Date>,
    /// Date of shipment.
    pub shipped_on: Option<Date>,
    /// Date of payment.
    pub paid_on: Option<Date>,
    /// Who says so: `field`, `payment` or `stage`.
    pub paid_by: Option<&'static str>,
    /// The month it counts in, `2026-03`.
    pub month: Option<String>,
    /// `paid`, `open` or `cancelled`, by the stage's semantics.
    pub status: &'static str,
    /// The stage's name.
    pub stage: String,
    /// Currency code.
    pub currency: String,
    /// The amount of the header.
    pub gross: Decimal,
    /// Gross without VAT, when rows tell it.
    pub net: Option<Decimal>,
    /// VAT of the rows; `None` without rows.
    pub vat: Option<Decimal>,
    /// Sums of the rows by rate, highest first, «Без НДС» last.
    pub vat_by_rate: Vec<RateSums>,
    /// What the portal itself computed.
    pub portal_vat: Decimal,
    /// The portal's VAT less the rows'.
    pub difference: Option<Decimal>,
    /// The header's amount less the rows'.
    pub header_minus_rows: Option<Decimal>,
    /// Whether an amount typed by hand differs from the rows by more than rounding.
    pub manual_differs: bool,
    /// Payments made, when the portal had to be asked and has any.
    pub paid_sum: Option<Decimal>,
    /// The amount less those payments.
    pub remainder: Option<Decimal>,
    /// The client's name.
    pub counterparty: Option<String>,
    /// The client's INN.
    pub inn: Option<String>,
    /// The client's KPP.
    pub kpp: Option<String>,
    /// The client's card.
    pub counterparty_card: Option<Card>,
    /// Whether the client is a contact without requisites.
    pub is_private_person: bool,
    /// The seller's name.
    pub my_company: Option<String>,
    /// The seller's INN.
    pub my_inn: Option<String>,
    /// The seller's KPP.
    pub my_kpp: Option<String>,
    /// The seller's card.
    pub my_company_id: Option<u64>,
    /// The responsible user.
    pub responsible_id: Option<u64>,
}

/// A card of the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Card {
    /// `company` or `contact`.
    pub kind: &'static str,
    /// Its identifier.
    pub id: u64,
}

impl Ord for Card {
    /// Companies first.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.kind != "company", self.id).cmp(&(other.kind != "company", other.id))
    }
}

impl PartialOrd for Card {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Sums of a part of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SliceSums {
    /// Invoices that are not cancelled.
    pub count: u64,
    /// With tax.
    pub gross: Decimal,
    /// Without tax, where known.
    pub net: Decimal,
    /// VAT, where known.
    pub vat: Decimal,
    /// Invoices without product rows.
    pub without_rows: WithoutRows,
}

/// Sums of one client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CounterpartySums {
    /// Name.
    pub counterparty: Option<String>,
    /// INN.
    pub inn: Option<String>,
    /// The sums.
    #[serde(flatten)]
    pub sums: SliceSums,
}

/// Sums of one month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MonthSums {
    /// `2026-03`.
    pub month: String,
    /// The sums.
    #[serde(flatten)]
    pub sums: SliceSums,
}

/// Invoices whose amount was typed by hand and differs from the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ManualSums {
    /// Invoices.
    pub count: u64,
    /// With tax.
    pub gross: Decimal,
    /// The amounts less the rows.
    pub difference: Decimal,
}

/// Invoices of one currency, dated inside the period, without the date that decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UndatedSums {
    /// Currency code.
    pub currency: String,
    /// Invoices that are not cancelled.
    pub count: u64,
    /// With tax.
    pub gross: Decimal,
    /// Cancelled ones.
    pub cancelled: StatusSums,
}

/// Count and sum of the invoices of one status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StatusSums {
    /// Invoices.
    pub count: u64,
    /// With tax.
    pub gross: Decimal,
}

/// Count and sum of the invoices without product rows.
pub type WithoutRows = StatusSums;

/// Totals of one seller in one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CurrencyTotals {
    /// The seller's name.
    pub my_company: Option<String>,
    /// The seller's INN.
    pub my_inn: Option<String>,
    /// The seller's KPP.
    pub my_kpp: Option<String>,
    /// Currency code.
    pub currency: String,
    /// Invoices that are not cancelled.
    pub count: u64,
    /// With tax.
    pub gross: Decimal,
    /// Without tax, where known.
    pub net: Decimal,
    /// VAT, where known.
    pub vat: Decimal,
    /// Sums of the rows by rate.
    pub by_rate: Vec<RateSums>,
    /// Invoices without product rows.
    pub without_rows: WithoutRows,
    /// Σ over invoices with rows of header gross less row gross.
    pub header_minus_rows: Decimal,
    /// Invoices whose amount was typed by hand and differs.
    pub manual: ManualSums,
    /// Paid invoices.
    pub paid: StatusSums,
    /// Open invoices.
    pub open: StatusSums,
    /// Cancelled invoices; they enter no other sum.
    pub cancelled: StatusSums,
    /// By client, sorted by name.
    pub by_counterparty: Vec<CounterpartySums>,
    /// By month.
    pub by_month: Vec<MonthSums>,
}

/// The register of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterModel {
    /// First day, inclusive.
    pub from: Date,
    /// Last day, inclusive.
    pub to: Date,
    /// The date that decides.
    pub basis: Basis,
    /// Number of rows.
    pub count: u64,
    /// Invoices by ascending id.
    pub rows: Vec<RegisterRow>,
    /// Totals by seller and currency.
    pub totals: Vec<CurrencyTotals>,
    /// Totals over all sellers by currency.
    pub group_totals: Vec<CurrencyTotals>,
    /// What lacks the date that decides.
    pub undated: Vec<UndatedSums>,
}
