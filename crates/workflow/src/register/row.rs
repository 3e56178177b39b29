//! One row of the register: what every renderer writes, taken from an invoice, a rejection or a gap in one place.

use data_processor::money;
use data_processor::raw::RawUser;
use data_processor::{Party, Problem, ProcessedInvoice, RateLine, RejectedInvoice, Severity, VatRate};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::texts;
use crate::source::{Gap, Missing};

/// What became of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// Processed, in a success stage.
    Paid,
    /// Processed, in progress.
    Open,
    /// Processed, in a failure stage.
    Cancelled,
    /// Fetched, but something in it cannot be read.
    Rejected,
    /// Not fetched completely.
    Gap,
}

/// An amount with the digits it is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// The exact value.
    pub value: Decimal,
    /// Digits of the currency's minor unit; longer fractions are kept.
    pub minor_digits: u32,
}

impl Amount {
    /// The canonical text, a point as the decimal mark.
    #[must_use]
    pub fn text(&self) -> String {
        money::text(self.value, self.minor_digits)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

/// Sums of an invoice's rows under one VAT rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RateRow {
    /// The rate in per cent (`22`); none is «Без НДС».
    pub rate: Option<Decimal>,
    /// Sum of the rows, VAT included.
    pub gross: Amount,
    /// Gross minus VAT.
    pub net: Amount,
    /// VAT.
    pub vat: Amount,
}

/// A problem as it is shown and saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowProblem {
    /// Kebab code with its area.
    pub code: &'static str,
    /// `warning`, `rejection` or `gap`.
    pub severity: &'static str,
    /// The field, for example `rows[3].price`.
    pub field: String,
    /// The offending value.
    pub value: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// What is wrong and what to do, in Russian (for the workbook).
    #[serde(skip)]
    pub russian: (String, String),
}

/// One row of the register. Field names are the stable column ids of JSONL and CSV.
#[derive(Debug, Clone, Serialize)]
pub struct RegisterRow {
    /// The portal's id; none when even that could not be read.
    pub id: Option<u64>,
    /// Document number.
    pub number: Option<String>,
    /// Invoice date.
    pub date: Option<Date>,
    /// Shipment date.
    pub shipped_on: Option<Date>,
    /// Payment date.
    pub paid_on: Option<Date>,
    /// What became of the invoice.
    pub status: RowStatus,
    /// Name of the stage, else its id.
    pub stage: Option<String>,
    /// Currency code.
    pub currency: Option<String>,
    /// Amount payable, VAT included.
    pub gross: Option<Amount>,
    /// Amount without VAT; none where no row tells.
    pub net: Option<Amount>,
    /// VAT computed from the rows; none where no row tells.
    pub vat: Option<Amount>,
    /// Per VAT rate, highest first, «Без НДС» last.
    pub vat_by_rate: Vec<RateRow>,
    /// VAT as the portal computed it.
    pub portal_vat: Option<Amount>,
    /// Name of the client.
    pub counterparty: Option<String>,
    /// INN of the client.
    pub inn: Option<String>,
    /// KPP of the client.
    pub kpp: Option<String>,
    /// Name of our own company.
    pub my_company: Option<String>,
    /// INN of our own company.
    pub my_inn: Option<String>,
    /// The responsible user.
    pub responsible: Option<String>,
    /// Link to the invoice card.
    pub url: Option<String>,
    /// Everything worth a look.
    pub problems: Vec<RowProblem>,
}

impl RegisterRow {
    pub(super) fn of_processed(invoice: &ProcessedInvoice) -> Self {
        let amount = |value| Amount { value, minor_digits: invoice.minor_digits() };
        let client = invoice.counterparty();
        let seller = invoice.seller();
        Self {
            id: Some(invoice.id()),
            number: invoice.number().map(str::to_owned),
            date: Some(invoice.date()),
            shipped_on: invoice.shipped_on(),
            paid_on: invoice.paid_on(),
            status: match invoice.status() {
                data_processor::Status::Paid => RowStatus::Paid,
                data_processor::Status::Open => RowStatus::Open,
                data_processor::Status::Cancelled => RowStatus::Cancelled,
            },
            stage: Some(invoice.stage().to_owned()),
            currency: Some(invoice.currency().to_string()),
            gross: Some(amount(invoice.gross())),
            net: invoice.net().map(amount),
            vat: invoice.vat().map(amount),
            vat_by_rate: invoice
                .vat_by_rate()
                .iter()
                .map(|line| rate_row(line, invoice.minor_digits()))
                .collect(),
            portal_vat: invoice.portal_vat().map(amount),
            counterparty: owned(client.and_then(Party::name)),
            inn: owned(client.and_then(Party::inn)),
            kpp: owned(client.and_then(Party::kpp)),
            my_company: owned(seller.and_then(Party::name)),
            my_inn: owned(seller.and_then(Party::inn)),
            responsible: invoice.responsible().map(user_name),
            url: owned(invoice.url()),
            problems: invoice.problems().iter().map(row_problem).collect(),
        }
    }

    pub(super) fn of_rejected(invoice: &RejectedInvoice) -> Self {
        Self {
            problems: invoice.problems.iter().map(row_problem).collect(),
            ..Self::of_raw(&invoice.raw, RowStatus::Rejected)
        }
    }

    pub(super) fn of_gap(gap: &Gap) -> Self {
        let row = gap.known.as_ref().map_or_else(Self::unknown, |known| Self::of_raw(known, RowStatus::Gap));
        Self { id: row.id.or(gap.id), problems: gap.missing.iter().map(gap_problem).collect(), ..row }
    }

    /// What can be told of an invoice without processing it: texts, no amounts.
    fn of_raw(raw: &data_processor::RawInvoice, status: RowStatus) -> Self {
        let day = |text: &Option<String>| text.as_deref().and_then(data_processor::date::civil);
        let title =
            |party: &Option<data_processor::raw::RawParty>| party.as_ref().and_then(|p| p.title.clone());
        Self {
            id: Some(raw.id),
            number: raw.number.clone(),
            date: day(&raw.date),
            shipped_on: day(&raw.shipped_on),
            paid_on: day(&raw.paid_on),
            status,
            stage: Some(raw.stage.name.clone().unwrap_or_else(|| raw.stage.id.clone())),
            currency: raw.currency.clone(),
            counterparty: title(&raw.counterparty),
            my_company: title(&raw.seller),
            responsible: raw.responsible.as_ref().map(user_name),
            url: raw.url.clone(),
            ..Self::unknown()
        }
    }

    fn unknown() -> Self {
        Self {
            id: None,
            number: None,
            date: None,
            shipped_on: None,
            paid_on: None,
            status: RowStatus::Gap,
            stage: None,
            currency: None,
            gross: None,
            net: None,
            vat: None,
            vat_by_rate: Vec::new(),
            portal_vat: None,
            counterparty: None,
            inn: None,
            kpp: None,
            my_company: None,
            my_inn: None,
            responsible: None,
            url: None,
            problems: Vec::new(),
        }
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn user_name(user: &RawUser) -> String {
    user.name.clone()
}

fn rate_row(line: &RateLine, minor_digits: u32) -> RateRow {
    let amount = |value| Amount { value, minor_digits };
    RateRow {
        rate: match line.rate {
            VatRate::None => None,
            VatRate::Rate(rate) => Some(rate),
        },
        gross: amount(line.gross),
        net: amount(line.net),
        vat: amount(line.vat),
    }
}

fn row_problem(problem: &Problem) -> RowProblem {
    let (reason, remedy) = problem.russian();
    RowProblem {
        code: problem.code(),
        severity: match problem.severity() {
            Severity::Warning => "warning",
            Severity::Rejection => "rejection",
        },
        field: problem.field().into_owned(),
        value: owned(problem.value()),
        message: problem.message().to_owned(),
        hint: problem.hint().to_owned(),
        russian: (reason.to_owned(), remedy.to_owned()),
    }
}

fn gap_problem(missing: &Missing) -> RowProblem {
    let text = texts::missing(missing.part);
    RowProblem {
        code: text.code,
        severity: "gap",
        field: text.field.to_owned(),
        value: None,
        message: format!("{}: {}", text.message, missing.reason),
        hint: text.hint.to_owned(),
        russian: (format!("{}: {}", text.russian.0, missing.reason), text.russian.1.to_owned()),
    }
}
