//! What a finished register says about itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use data_processor::Group;
use data_processor::totals::{ClientKey, RateTotal, Slice, Tally};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::{RegisterRow, RowProblem, RowStatus, Selection};
use crate::source::{Origin, Outside};

/// A finished register: everything but its rows, which stand in the output.
#[derive(Debug, Clone)]
pub struct Register {
    /// Where the invoices came from.
    pub origin: Origin,
    /// What was asked for.
    pub selection: Selection,
    /// How many invoices of which kind.
    pub counts: Counts,
    /// Totals per own company and currency.
    pub totals: Vec<GroupTotals>,
    /// Totals over all own companies per currency («по группе»).
    pub group_totals: Vec<GroupTotals>,
    /// Invoices of the period without the date that decides about it, per currency: in no other sum.
    pub undated: Vec<UndatedTotals>,
    /// Problems by code.
    pub problems: BTreeMap<&'static str, u64>,
    /// The first problems with the id of their invoice, rejections and gaps preferred.
    pub shown: Vec<(Option<u64>, RowProblem)>,
    /// What is to be said of the whole register.
    pub remarks: Vec<RowProblem>,
    /// What there is outside the period, when nothing was in it.
    pub outside: Option<Outside>,
    /// The outputs that are files: one, or one per own company.
    pub outputs: Vec<PathBuf>,
    /// The saved raw invoices.
    pub raw: Option<PathBuf>,
}

impl Register {
    /// Whether every invoice was fetched and processed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.counts.rejected == 0 && self.counts.gaps == 0
    }

    /// Invoices whose number an earlier invoice of the same seller has.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.problems.get("invoice.number-repeated").copied().unwrap_or(0)
    }

    /// How many more (or fewer) invoices were delivered than the portal counted at the start. Portals live, so a
    /// difference is reported and is no error.
    #[must_use]
    pub fn difference_to_count(&self) -> Option<i128> {
        let Counts { invoices, undated, kept_out, .. } = self.counts;
        let delivered = [invoices, undated, kept_out].map(i128::from).iter().sum::<i128>();
        self.origin.counted.map(|counted| delivered - i128::from(counted))
    }
}

/// Numbers of invoices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them; the other numbers but `warned` add up to it.
    pub invoices: u64,
    /// Processed, in a success stage.
    pub paid: u64,
    /// Processed, in progress.
    pub open: u64,
    /// Processed, in a failure stage.
    pub cancelled: u64,
    /// With something that cannot be read.
    pub rejected: u64,
    /// Not fetched completely.
    pub gaps: u64,
    /// Processed with warnings.
    pub warned: u64,
    /// Without the date that decides about the period, though dated inside it as invoices; not in `invoices`.
    pub undated: u64,
    /// Delivered by the source and kept out by the filters or the deciding date; not in `invoices`.
    pub kept_out: u64,
}

impl Counts {
    pub(super) fn merge(&mut self, other: &Self) {
        self.invoices += other.invoices;
        self.paid += other.paid;
        self.open += other.open;
        self.cancelled += other.cancelled;
        self.rejected += other.rejected;
        self.gaps += other.gaps;
        self.warned += other.warned;
        self.undated += other.undated;
        self.kept_out += other.kept_out;
    }

    pub(super) fn add(&mut self, row: &RegisterRow) {
        if row.status == RowStatus::Undated {
            self.undated += 1;
            return;
        }
        self.invoices += 1;
        let processed = match row.status {
            RowStatus::Paid => Some(&mut self.paid),
            RowStatus::Open => Some(&mut self.open),
            RowStatus::Cancelled => Some(&mut self.cancelled),
            RowStatus::Rejected => {
                self.rejected += 1;
                None
            }
            RowStatus::Gap => {
                self.gaps += 1;
                None
            }
            RowStatus::Undated => None,
        };
        if let Some(count) = processed {
            *count += 1;
            self.warned += u64::from(!row.problems.is_empty());
        }
    }
}

/// Totals of one own company in one currency; amounts are canonical decimal texts. Cancelled invoices are only in
/// `cancelled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupTotals {
    /// Name of our own company.
    pub my_company: Option<String>,
    /// Its INN.
    pub my_inn: Option<String>,
    /// Its KPP.
    pub my_kpp: Option<String>,
    /// Currency code.
    pub currency: String,
    /// Paid and open invoices.
    pub count: u64,
    /// Their amount, VAT included.
    pub gross: String,
    /// Their amount without VAT, where known.
    pub net: String,
    /// Their VAT, where known.
    pub vat: String,
    /// Their rows per VAT rate.
    pub by_rate: Vec<RateTotals>,
    /// Those without rows, whose VAT is unknown.
    pub without_rows: TallyTotals,
    /// Amount minus sum of rows, over those with rows.
    pub header_minus_rows: String,
    /// Those whose amount was typed by hand and differs from the rows.
    pub manual: ManualTotals,
    /// The paid ones.
    pub paid: TallyTotals,
    /// The open ones.
    pub open: TallyTotals,
    /// The cancelled ones.
    pub cancelled: TallyTotals,
    /// The paid and open ones by client, sorted by name.
    pub by_counterparty: Vec<CounterpartyTotals>,
    /// The paid and open ones by month, in order.
    pub by_month: Vec<MonthTotals>,
}

/// Invoices whose amount was typed by hand and differs from the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManualTotals {
    /// How many invoices.
    pub count: u64,
    /// Their amount, VAT included.
    pub gross: String,
    /// Their amount minus their rows; a part of `header_minus_rows`.
    pub difference: String,
}

/// Totals of one client within a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CounterpartyTotals {
    /// Name.
    pub counterparty: Option<String>,
    /// INN.
    pub inn: Option<String>,
    /// Its sums.
    #[serde(flatten)]
    pub sums: SliceTotals,
}

/// Totals of one month within a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthTotals {
    /// The month, `2026-03`.
    pub month: String,
    /// Its first day.
    #[serde(skip)]
    pub first_day: Date,
    /// Its sums.
    #[serde(flatten)]
    pub sums: SliceTotals,
}

/// Sums of a part of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SliceTotals {
    /// Paid and open invoices.
    pub count: u64,
    /// Their amount, VAT included.
    pub gross: String,
    /// Their amount without VAT, where known.
    pub net: String,
    /// Their VAT, where known.
    pub vat: String,
    /// Those without rows, whose VAT is unknown.
    pub without_rows: TallyTotals,
}

/// Invoices of one currency without the date that decides about the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UndatedTotals {
    /// Currency code.
    pub currency: String,
    /// Paid and open invoices.
    pub count: u64,
    /// Their amount, VAT included.
    pub gross: String,
    /// The cancelled ones.
    pub cancelled: TallyTotals,
}

/// Number and amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TallyTotals {
    /// How many invoices.
    pub count: u64,
    /// Their amount, VAT included.
    pub gross: String,
}

/// Sums of rows under one VAT rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RateTotals {
    /// The rate in per cent; none is «Без НДС».
    pub rate: Option<Decimal>,
    /// Sum of the rows, VAT included.
    pub gross: String,
    /// Gross minus VAT.
    pub net: String,
    /// VAT.
    pub vat: String,
}

impl GroupTotals {
    pub(super) fn of(group: &Group) -> Self {
        let digits = group.minor_digits;
        let tally = |tally: &Tally| TallyTotals { count: tally.count, gross: tally.gross.text(digits) };
        Self {
            my_company: group.my_company.clone(),
            my_inn: group.my_inn.clone(),
            my_kpp: group.my_kpp.clone(),
            currency: group.currency.to_string(),
            count: group.count,
            gross: group.gross.text(digits),
            net: group.net.text(digits),
            vat: group.vat.text(digits),
            by_rate: group.by_rate.iter().map(|rate| RateTotals::of(rate, digits)).collect(),
            without_rows: tally(&group.without_rows),
            header_minus_rows: group.header_minus_rows.text(digits),
            manual: ManualTotals {
                count: group.manual.count,
                gross: group.manual.gross.text(digits),
                difference: group.manual_minus_rows.text(digits),
            },
            paid: tally(&group.paid),
            open: tally(&group.open),
            cancelled: tally(&group.cancelled),
            by_counterparty: group
                .by_client
                .iter()
                .map(|part| CounterpartyTotals::of(part, digits))
                .collect(),
            by_month: group.by_month.iter().map(|part| MonthTotals::of(part, digits)).collect(),
        }
    }
}

impl UndatedTotals {
    pub(super) fn of(group: &Group) -> Self {
        let digits = group.minor_digits;
        Self {
            currency: group.currency.to_string(),
            count: group.count,
            gross: group.gross.text(digits),
            cancelled: TallyTotals {
                count: group.cancelled.count,
                gross: group.cancelled.gross.text(digits),
            },
        }
    }
}

impl CounterpartyTotals {
    fn of((key, slice): (&ClientKey, &Slice), digits: u32) -> Self {
        Self { counterparty: key.name.clone(), inn: key.inn.clone(), sums: SliceTotals::of(slice, digits) }
    }
}

impl MonthTotals {
    fn of((first_day, slice): (&Date, &Slice), digits: u32) -> Self {
        Self {
            month: first_day.strftime("%Y-%m").to_string(),
            first_day: *first_day,
            sums: SliceTotals::of(slice, digits),
        }
    }
}

impl SliceTotals {
    fn of(slice: &Slice, digits: u32) -> Self {
        Self {
            count: slice.count,
            gross: slice.gross.text(digits),
            net: slice.net.text(digits),
            vat: slice.vat.text(digits),
            without_rows: TallyTotals {
                count: slice.without_rows.count,
                gross: slice.without_rows.gross.text(digits),
            },
        }
    }
}

impl RateTotals {
    fn of(total: &RateTotal, digits: u32) -> Self {
        Self {
            rate: total.rate.percent(),
            gross: total.gross.text(digits),
            net: total.net.text(digits),
            vat: total.vat.text(digits),
        }
    }
}
