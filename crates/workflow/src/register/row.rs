//! One row of the register: what every renderer writes, taken from an invoice, a rejection or a gap in one place.

use data_processor::money;
use data_processor::raw::{PartyKind, RawParty, RawUser};
use data_processor::{
    Line, PaidBy, Party, Problem, ProcessedInvoice, RateLine, RejectedInvoice, Severity, VatRate,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::texts;
use crate::Basis;
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
    /// Processed, dated inside the period as an invoice, but without the date that decides about the period: in no
    /// total and in no list of rows, only among the problems, counted and summed up apart.
    Undated,
}

impl RowStatus {
    /// As it stands in JSON: `paid`, `open`, `cancelled`, `rejected`, `gap`, `undated`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Open => "open",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::Gap => "gap",
            Self::Undated => "undated",
        }
    }
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
    /// The same in Russian (for the workbook).
    #[serde(skip)]
    pub russian: Russian,
}

/// A problem in the words of those who correct it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Russian {
    /// The field.
    pub field: String,
    /// The offending value.
    pub value: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
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
    /// Who says so: `field`, `payment` or `stage` («по стадии»).
    pub paid_by: Option<PaidBy>,
    /// First day of the month the invoice counts in, by the date that decides about the period.
    #[serde(serialize_with = "month")]
    pub month: Option<Date>,
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
    /// The portal's VAT minus ours (`Разница`); none where one of them is unknown.
    pub difference: Option<Amount>,
    /// Amount minus sum of rows; none without rows.
    pub header_minus_rows: Option<Amount>,
    /// Whether the amount was typed by hand and differs from the rows by more than rounding.
    pub manual_differs: bool,
    /// Sum of the payments made; none when the portal has none of this invoice or was not asked.
    pub paid_sum: Option<Amount>,
    /// Amount minus payments made; none where those are unknown.
    pub remainder: Option<Amount>,
    /// Name of the client.
    pub counterparty: Option<String>,
    /// INN of the client.
    pub inn: Option<String>,
    /// KPP of the client.
    pub kpp: Option<String>,
    /// Card of the client.
    pub counterparty_card: Option<Card>,
    /// Whether the client is a contact without requisites («физлицо»).
    pub is_private_person: bool,
    /// Name of our own company.
    pub my_company: Option<String>,
    /// INN of our own company.
    pub my_inn: Option<String>,
    /// KPP of our own company.
    pub my_kpp: Option<String>,
    /// Id of our own company's card.
    pub my_company_id: Option<u64>,
    /// The responsible user.
    pub responsible: Option<String>,
    /// Id of the responsible user.
    pub responsible_id: Option<u64>,
    /// Link to the responsible user's card.
    pub responsible_url: Option<String>,
    /// The deal the invoice belongs to.
    pub deal_id: Option<u64>,
    /// Link to the invoice card.
    pub url: Option<String>,
    /// Everything worth a look.
    pub problems: Vec<RowProblem>,
    /// The product rows of a processed invoice (the workbook's sheet of rows).
    #[serde(skip)]
    pub lines: Vec<Line>,
}

/// A card of the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Card {
    /// Company or contact.
    pub kind: PartyKind,
    /// Its id.
    pub id: u64,
}

impl RegisterRow {
    /// The row of an invoice that counts in the month of `day`.
    pub(super) fn of_processed(invoice: ProcessedInvoice, day: Date) -> Self {
        let amount = |value| Amount { value, minor_digits: invoice.minor_digits() };
        let client = invoice.counterparty();
        let seller = invoice.seller();
        Self {
            id: Some(invoice.id()),
            number: invoice.number().map(str::to_owned),
            date: Some(invoice.date()),
            shipped_on: invoice.shipped_on(),
            paid_on: invoice.paid_on(),
            paid_by: invoice.paid_by(),
            month: Some(day.first_of_month()),
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
            difference: invoice.vat_difference().map(amount),
            header_minus_rows: invoice.header_minus_rows().map(amount),
            manual_differs: invoice.manual_differs(),
            paid_sum: invoice.paid_sum().map(amount),
            remainder: invoice.remainder().map(amount),
            counterparty: owned(client.and_then(Party::name)),
            inn: owned(client.and_then(Party::inn)),
            kpp: owned(client.and_then(Party::kpp)),
            counterparty_card: client.map(|client| Card { kind: client.kind(), id: client.id() }),
            is_private_person: client.is_some_and(Party::is_private_person),
            my_company: owned(seller.and_then(Party::name)),
            my_inn: owned(seller.and_then(Party::inn)),
            my_kpp: owned(seller.and_then(Party::kpp)),
            my_company_id: seller.map(Party::id),
            responsible: invoice.responsible().map(user_name),
            responsible_id: invoice.responsible().map(|user| user.id),
            responsible_url: invoice.responsible().and_then(|user| user_card(user, invoice.url()?)),
            deal_id: invoice.deal_id(),
            url: owned(invoice.url()),
            problems: invoice.problems().iter().map(row_problem).collect(),
            lines: invoice.into_lines(),
        }
    }

    /// The row of an invoice that lacks the date that decides about the period.
    pub(super) fn of_undated(invoice: ProcessedInvoice, basis: Basis) -> Self {
        let day = invoice.date();
        let mut row = Self { status: RowStatus::Undated, month: None, ..Self::of_processed(invoice, day) };
        row.problems.insert(0, texts::undated(basis));
        row
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
        let (client, seller) = (raw.counterparty.as_ref(), raw.seller.as_ref());
        Self {
            id: Some(raw.id),
            number: raw.number.clone(),
            date: day(&raw.date),
            shipped_on: day(&raw.shipped_on),
            paid_on: data_processor::paid_on(raw).map(|(day, _)| day),
            paid_by: data_processor::paid_on(raw).map(|(_, by)| by),
            status,
            stage: Some(raw.stage.name.clone().unwrap_or_else(|| raw.stage.id.clone())),
            currency: raw.currency.clone(),
            counterparty: client.and_then(raw_name),
            inn: client.and_then(raw_inn),
            counterparty_card: client.map(|client| Card { kind: client.kind, id: client.id }),
            my_company: seller.and_then(raw_name),
            my_inn: seller.and_then(raw_inn),
            my_company_id: seller.map(|seller| seller.id),
            responsible: raw.responsible.as_ref().map(user_name),
            responsible_id: raw.responsible.as_ref().map(|user| user.id),
            responsible_url: raw.responsible.as_ref().and_then(|user| user_card(user, raw.url.as_deref()?)),
            deal_id: raw.deal_id,
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
            paid_by: None,
            month: None,
            status: RowStatus::Gap,
            stage: None,
            currency: None,
            gross: None,
            net: None,
            vat: None,
            vat_by_rate: Vec::new(),
            portal_vat: None,
            difference: None,
            header_minus_rows: None,
            manual_differs: false,
            paid_sum: None,
            remainder: None,
            counterparty: None,
            inn: None,
            kpp: None,
            counterparty_card: None,
            is_private_person: false,
            my_company: None,
            my_inn: None,
            my_kpp: None,
            my_company_id: None,
            responsible: None,
            responsible_id: None,
            responsible_url: None,
            deal_id: None,
            url: None,
            problems: Vec::new(),
            lines: Vec::new(),
        }
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn user_name(user: &RawUser) -> String {
    user.name.clone()
}

/// The user's card on the portal that the link to the invoice belongs to.
fn user_card(user: &RawUser, invoice: &str) -> Option<String> {
    let (portal, _) = invoice.split_once("/crm/")?;
    Some(format!("{portal}/company/personal/user/{}/", user.id))
}

fn raw_name(party: &RawParty) -> Option<String> {
    let requisite = party.requisite.as_ref().and_then(|requisite| requisite.company_name.clone());
    requisite.or_else(|| party.title.clone())
}

fn raw_inn(party: &RawParty) -> Option<String> {
    let inn = party.requisite.as_ref()?.inn.as_deref()?;
    Some(inn.chars().filter(|letter| !letter.is_whitespace()).collect())
}

/// `2026-03`.
#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field")]
fn month<S: Serializer>(month: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    month.map(|first| first.strftime("%Y-%m").to_string()).serialize(serializer)
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
        russian: Russian {
            field: problem.russian_field().into_owned(),
            value: owned(problem.russian_value()),
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        },
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
        russian: Russian {
            field: texts::field_name(text.field).into_owned(),
            value: None,
            reason: format!(
                "{}: {}",
                text.russian.0,
                missing.russian.as_deref().unwrap_or(missing.reason.as_str())
            ),
            remedy: text.russian.1.to_owned(),
        },
    }
}
