//! Totals per seller, currency and rate.

use rust_decimal::Decimal;

use crate::invoice::ProcessedInvoice;
use crate::money::Currency;
use crate::vat::VatRate;

/// An exact sum of any number of amounts. It holds more digits than a [`Decimal`], so it never rounds.
#[derive(Debug, Clone, Default)]
pub struct Sum {
    by_scale: Vec<i128>,
}

impl Sum {
    /// The canonical text: at least `minor_digits` digits, longer fractions kept.
    #[must_use]
    pub fn text(&self, minor_digits: u32) -> String {
        let _ = (&self.by_scale, minor_digits);
        String::new()
    }

    /// The sum as a decimal; none when it has more digits than a decimal holds (28).
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        None
    }
}

/// How many, and how much.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Number of invoices.
    pub count: u64,
    /// Sum of their gross.
    pub gross: Sum,
}

/// Sums of the lines under one rate.
#[derive(Debug, Clone)]
pub struct RateTotal {
    /// The rate.
    pub rate: VatRate,
    /// Sum of the lines, VAT included.
    pub gross: Sum,
    /// Gross minus VAT.
    pub net: Sum,
    /// VAT.
    pub vat: Sum,
}

/// Totals of one seller in one currency. Cancelled invoices are in `cancelled` and nowhere else.
#[derive(Debug, Clone)]
pub struct Group {
    /// Name of the seller.
    pub my_company: Option<String>,
    /// INN of the seller.
    pub my_inn: Option<String>,
    /// Currency.
    pub currency: Currency,
    /// Digits of its minor unit.
    pub minor_digits: u32,
    /// Number of paid and open invoices.
    pub count: u64,
    /// Their gross.
    pub gross: Sum,
    /// Their net, where known.
    pub net: Sum,
    /// Their VAT, where known.
    pub vat: Sum,
    /// Their rows per rate, highest rate first, "without VAT" last.
    pub by_rate: Vec<RateTotal>,
    /// Those without rows.
    pub without_rows: Tally,
    /// Gross minus sum of rows, over those with rows.
    pub header_minus_rows: Sum,
    /// The paid ones.
    pub paid: Tally,
    /// The open ones.
    pub open: Tally,
    /// The cancelled ones, in no other sum.
    pub cancelled: Tally,
}

/// Totals of any number of invoices, per seller and currency. The order of adding never matters.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    groups: Vec<Group>,
}

impl Totals {
    /// Adds one invoice.
    pub fn add(&mut self, invoice: &ProcessedInvoice) {
        let _ = (&mut self.groups, invoice);
    }

    /// Adds what another window summed up.
    pub fn merge(&mut self, other: Self) {
        self.groups.extend(other.groups);
    }

    /// The groups, sorted by seller's name, then currency, then INN; invoices without a seller first.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
}
