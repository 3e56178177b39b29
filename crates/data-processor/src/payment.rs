//! When an invoice was paid, and who says so.

use crate::date::{civil, local_day};
use crate::invoice::Status;
use crate::money::Currency;
use crate::problem::{Field, ProblemCode, Problems};
use crate::raw::{RawInvoice, RawPayment};
use crate::totals::Sum;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

/// Where a payment date comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// The user field named for it.
    Field,
    /// The last payment the portal has of the invoice.
    Payment,
    /// The moment the invoice came into its success stage: nothing better is known.
    Stage,
}

impl PaidBy {
    /// `field`, `payment` or `stage`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Payment => "payment",
            Self::Stage => "stage",
        }
    }
}

/// What is known about the payment of an invoice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Paying {
    pub(crate) on: Option<(Date, PaidBy)>,
    /// Sum of the payments made.
    pub(crate) sum: Option<Decimal>,
}

/// The payment date by its precedence, without its problems: the field, else of a paid invoice the last payment made,
/// else the day it came into its stage.
#[must_use]
pub fn paid_on(invoice: &RawInvoice) -> Option<(Date, PaidBy)> {
    if let Some(day) = invoice.paid_on.as_deref().and_then(|text| civil(text.trim())) {
        return Some((day, PaidBy::Field));
    }
    if Status::of(&invoice.stage) != Status::Paid {
        return None;
    }
    let made = invoice.payments.iter().flatten().filter(|payment| payment.paid);
    let last = made.filter_map(|payment| payment.paid_at.as_deref().and_then(local_day)).max();
    last.map(|day| (day, PaidBy::Payment))
        .or_else(|| Some((local_day(invoice.moved_at.as_deref()?)?, PaidBy::Stage)))
}

/// Date and sum with the problems found on the way.
pub(crate) fn read(raw: &RawInvoice, currency: Option<Currency>, problems: &mut Problems) -> Paying {
    let field = raw.paid_on.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if let Some(text) = field
        && civil(text).is_none()
    {
        problems.report(ProblemCode::DateIgnored, Field::Named("paid_on"), Some(text));
    }
    let sum = raw.payments.as_deref().filter(|payments| !payments.is_empty());
    Paying { on: paid_on(raw), sum: sum.and_then(|payments| sum_of(payments, currency, problems)) }
}

/// The sum of the payments made; none when one of them cannot be counted.
fn sum_of(payments: &[RawPayment], currency: Option<Currency>, problems: &mut Problems) -> Option<Decimal> {
    let mut sum = Sum::default();
    let mut complete = true;
    for payment in payments.iter().filter(|payment| payment.paid) {
        let own = payment.currency.as_deref() == currency.as_ref().map(Currency::as_str);
        match payment.sum.decimal() {
            Some(amount) if own => sum += amount,
            Some(_) => {
                complete = false;
                let value = payment.currency.as_deref();
                problems.report(ProblemCode::PaymentCurrency, Field::Named("payments"), value);
            }
            None => {
                complete = false;
                let value = Some(payment.sum.as_json());
                problems.report(ProblemCode::PaymentMalformed, Field::Named("payments"), value);
            }
        }
    }
    sum.decimal().filter(|_| complete)
}
