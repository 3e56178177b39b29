//! Reads the facts out of a raw invoice, every problem on the way collected. The raw invoice stays untouched, because
//! a rejected one is handed back as it came.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::rows::{self, RowSums};
use crate::date::civil;
use crate::invoice::Status;
use crate::money::{Currency, exact};
use crate::payment::{self, Paying};
use crate::problem::{Field, ProblemCode, Problems};
use crate::raw::{RawInvoice, RawStage, Token};
use crate::rules::Rules;

/// Digits taken for a currency the portal does not know.
const ASSUMED_DIGITS: u32 = 2;

/// What was read; the texts are still in the raw invoice.
pub(super) struct Facts {
    pub(super) date: Date,
    pub(super) due: Option<Date>,
    pub(super) shipped_on: Option<Date>,
    pub(super) paying: Paying,
    pub(super) remainder: Option<Decimal>,
    pub(super) status: Status,
    pub(super) currency: Currency,
    pub(super) minor_digits: u32,
    pub(super) gross: Decimal,
    pub(super) portal_vat: Option<Decimal>,
    pub(super) rows: Option<RowSums>,
    /// Gross minus VAT and gross minus rows; none without rows.
    pub(super) differences: Option<(Decimal, Decimal)>,
}

/// None when a problem is a rejection.
pub(super) fn read(raw: &RawInvoice, rules: &Rules, problems: &mut Problems) -> Option<Facts> {
    let date = invoice_date(raw.date.as_deref(), problems);
    let due = other_date("due", raw.due.as_deref(), problems);
    let shipped_on = other_date("shipped_on", raw.shipped_on.as_deref(), problems);
    let status = status(&raw.stage, problems);
    let currency = currency(raw.currency.as_deref(), problems);
    let paying = payment::read(raw, currency, problems);
    let minor_digits = currency.map_or(ASSUMED_DIGITS, |currency| minor_digits(currency, rules, problems));
    let gross = raw.opportunity.decimal();
    if gross.is_none() {
        problems.report(
            ProblemCode::AmountMalformed,
            Field::Named("opportunity"),
            Some(raw.opportunity.as_json()),
        );
    }
    let portal_vat =
        optional(&raw.tax_value, ProblemCode::PortalVatMalformed, Field::Named("tax_value"), problems);
    let rows = rows::read(&raw.rows, minor_digits, problems);
    let differences = gross.zip(rows.as_ref()).and_then(|(gross, rows)| {
        let found = exact::subtract(gross, rows.vat).zip(exact::subtract(gross, rows.gross));
        if found.is_none() {
            let text = raw.opportunity.as_json();
            problems.report(ProblemCode::AmountOverflow, Field::Named("opportunity"), Some(text));
        }
        found
    });
    let remainder = gross.zip(paying.sum).and_then(|(gross, paid)| exact::subtract(gross, paid));
    if problems.has_rejection() {
        return None;
    }
    let (date, currency, gross) = (date?, currency?, gross?);
    Some(Facts {
        date,
        due,
        shipped_on,
        paying,
        remainder,
        status,
        currency,
        minor_digits,
        gross,
        portal_vat,
        rows,
        differences,
    })
}

/// The number of a token that may be absent (null or an empty string).
pub(super) fn optional(
    token: &Token,
    code: ProblemCode,
    field: Field,
    problems: &mut Problems,
) -> Option<Decimal> {
    if token.is_null() || token.as_json() == "\"\"" {
        return None;
    }
    let number = token.decimal();
    if number.is_none() {
        problems.report(code, field, Some(token.as_json()));
    }
    number
}

fn present(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn invoice_date(text: Option<&str>, problems: &mut Problems) -> Option<Date> {
    let Some(text) = present(text) else {
        problems.report(ProblemCode::DateMissing, Field::Named("date"), None);
        return None;
    };
    let date = civil(text);
    if date.is_none() {
        problems.report(ProblemCode::DateMalformed, Field::Named("date"), Some(text));
    }
    date
}

fn other_date(field: &'static str, text: Option<&str>, problems: &mut Problems) -> Option<Date> {
    let text = present(text)?;
    let date = civil(text);
    if date.is_none() {
        problems.report(ProblemCode::DateIgnored, Field::Named(field), Some(text));
    }
    date
}

fn status(stage: &RawStage, problems: &mut Problems) -> Status {
    if present(stage.name.as_deref()).is_none() {
        problems.report(ProblemCode::StageUnknown, Field::Named("stage"), Some(&stage.id));
    }
    Status::of(stage)
}

fn currency(code: Option<&str>, problems: &mut Problems) -> Option<Currency> {
    let Some(code) = present(code) else {
        problems.report(ProblemCode::CurrencyMissing, Field::Named("currency"), None);
        return None;
    };
    let currency = Currency::parse(code);
    if currency.is_none() {
        problems.report(ProblemCode::CurrencyMalformed, Field::Named("currency"), Some(code));
    }
    currency
}

fn minor_digits(currency: Currency, rules: &Rules, problems: &mut Problems) -> u32 {
    if let Some(&digits) = rules.currencies.get(currency.as_str()) {
        return digits.min(Decimal::MAX_SCALE);
    }
    problems.report(ProblemCode::CurrencyUnknown, Field::Named("currency"), Some(currency.as_str()));
    ASSUMED_DIGITS
}
