//! The block of totals below the brief sheet: by the portal's VAT, one block per currency.

use std::collections::BTreeMap;

use data_processor::totals::Sum;
use rust_decimal::Decimal;

use crate::register::{RegisterRow, RowStatus};
use crate::render::cell::fits;
use crate::render::labels;
use crate::render::presentation::{Label, Language};

/// Sums of one currency.
#[derive(Debug, Default)]
struct Currency {
    digits: u32,
    all: Sum,
    without_vat: Sum,
    with_vat: Sum,
    vat: Sum,
    cancelled: Option<Sum>,
}

/// Sums by currency; cancelled invoices are apart.
#[derive(Debug, Default)]
pub(super) struct BriefSums(BTreeMap<String, Currency>);

/// One line of a block.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) title: String,
    /// None where a cell cannot hold it.
    pub(super) value: Option<Decimal>,
    pub(super) text: String,
    /// Whether it is the sum of the VAT, which is red.
    pub(super) vat: bool,
}

impl BriefSums {
    pub(super) fn add(&mut self, row: &RegisterRow) {
        let (Some(gross), Some(currency)) = (row.gross, &row.currency) else { return };
        let sums = self.0.entry(currency.clone()).or_default();
        sums.digits = gross.minor_digits;
        if row.status == RowStatus::Cancelled {
            *sums.cancelled.get_or_insert_default() += gross.value;
            return;
        }
        sums.all += gross.value;
        match row.portal_vat.filter(|vat| !vat.value.is_zero()) {
            Some(vat) => {
                sums.with_vat += gross.value;
                sums.vat += vat.value;
            }
            None => sums.without_vat += gross.value,
        }
    }

    pub(super) fn blocks(&self, language: Language) -> Vec<Vec<Line>> {
        let several = self.0.len() > 1;
        self.0
            .iter()
            .map(|(currency, sums)| {
                let line = |title: Label, sum: &Sum, vat| {
                    let title = title.of(language);
                    let title = if several { format!("{currency}. {title}") } else { title.to_owned() };
                    Line {
                        title,
                        value: sum.decimal().filter(|value| fits(*value)),
                        text: sum.text(sums.digits),
                        vat,
                    }
                };
                let mut lines = vec![
                    line(labels::BRIEF_ALL, &sums.all, false),
                    line(labels::BRIEF_WITHOUT_VAT, &sums.without_vat, false),
                    line(labels::BRIEF_WITH_VAT, &sums.with_vat, false),
                    line(labels::BRIEF_VAT, &sums.vat, true),
                ];
                lines.extend(sums.cancelled.iter().map(|sum| line(labels::BRIEF_CANCELLED, sum, false)));
                lines
            })
            .collect()
    }
}
