//! Reads the product rows: VAT per line, sums per rate.

use rust_decimal::Decimal;

use super::reading::optional;
use crate::money::exact::in_units;
use crate::problem::{Field, ProblemCode, Problems};
use crate::raw::{RawRow, Token};
use crate::vat::{self, RateLine, VatRate};

/// The numbers of one row.
pub(super) struct RowFigures {
    pub(super) price: Decimal,
    pub(super) quantity: Decimal,
    pub(super) rate: VatRate,
    pub(super) discount: Option<Decimal>,
    pub(super) gross: Decimal,
    pub(super) net: Decimal,
    pub(super) vat: Decimal,
}

/// The rows of an invoice and their sums.
#[derive(Default)]
pub(super) struct RowSums {
    pub(super) rows: Vec<RowFigures>,
    pub(super) by_rate: Vec<RateLine>,
    pub(super) gross: Decimal,
    pub(super) vat: Decimal,
}

/// None without rows, and when a row was rejected.
pub(super) fn read(raw: &[RawRow], minor_digits: u32, problems: &mut Problems) -> Option<RowSums> {
    if raw.is_empty() {
        problems.report(ProblemCode::RowsMissing, Field::Named("rows"), None);
        return None;
    }
    let mut rows = Vec::with_capacity(raw.len());
    let mut sums = MinorSums::default();
    for (index, row) in raw.iter().enumerate() {
        let Some((price, quantity, rate, discount)) = numbers(index, row, problems) else { continue };
        let figures = vat::line(price, quantity, rate, minor_digits).and_then(|(gross, vat)| {
            sums.add(rate, gross, vat)?;
            let amount = |units| in_units(units, minor_digits);
            let (gross, net, vat) = (amount(gross)?, amount(gross.checked_sub(vat)?)?, amount(vat)?);
            Some(RowFigures { price, quantity, rate, discount, gross, net, vat })
        });
        match figures {
            Some(figures) => rows.push(figures),
            None => overflow(Field::Row(index, "price"), Some(row.price.as_json()), problems),
        }
    }
    if rows.len() < raw.len() {
        return None;
    }
    let sums = sums.close(rows, minor_digits);
    if sums.is_none() {
        overflow(Field::Named("rows"), None, problems);
    }
    sums
}

fn overflow(field: Field, value: Option<&str>, problems: &mut Problems) {
    problems.report(ProblemCode::AmountOverflow, field, value);
}

type Numbers = (Decimal, Decimal, VatRate, Option<Decimal>);

fn numbers(index: usize, row: &RawRow, problems: &mut Problems) -> Option<Numbers> {
    let price = amount(&row.price, Field::Row(index, "price"), problems);
    let quantity = amount(&row.quantity, Field::Row(index, "quantity"), problems);
    let rate = rate(&row.tax_rate);
    if rate.is_none() {
        let text = row.tax_rate.as_json();
        problems.report(ProblemCode::RateMalformed, Field::Row(index, "tax_rate"), Some(text));
    }
    let field = Field::Row(index, "discount_sum");
    let discount = optional(&row.discount_sum, ProblemCode::DiscountMalformed, field, problems);
    Some((price?, quantity?, rate?, discount))
}

fn amount(token: &Token, field: Field, problems: &mut Problems) -> Option<Decimal> {
    let number = token.decimal();
    if number.is_none() {
        problems.report(ProblemCode::AmountMalformed, field, Some(token.as_json()));
    }
    number
}

fn rate(token: &Token) -> Option<VatRate> {
    if token.is_null() {
        return Some(VatRate::None);
    }
    token
        .decimal()
        .filter(|percent| !percent.is_sign_negative())
        .map(|percent| VatRate::Rate(percent.normalize()))
}

/// Sums in minor units: rate, gross, VAT.
#[derive(Default)]
struct MinorSums(Vec<(VatRate, i128, i128)>);

impl MinorSums {
    fn add(&mut self, rate: VatRate, gross: i128, vat: i128) -> Option<()> {
        let Some(sum) = self.0.iter_mut().find(|sum| sum.0 == rate) else {
            self.0.push((rate, gross, vat));
            return Some(());
        };
        (sum.1, sum.2) = (sum.1.checked_add(gross)?, sum.2.checked_add(vat)?);
        Some(())
    }

    fn close(mut self, rows: Vec<RowFigures>, minor_digits: u32) -> Option<RowSums> {
        self.0.sort_unstable_by_key(|sum| std::cmp::Reverse(sum.0));
        let amount = |units| in_units(units, minor_digits);
        let (mut gross_units, mut vat_units) = (0_i128, 0_i128);
        let mut by_rate = Vec::with_capacity(self.0.len());
        for (rate, gross, vat) in self.0 {
            gross_units = gross_units.checked_add(gross)?;
            vat_units = vat_units.checked_add(vat)?;
            by_rate.push(RateLine {
                rate,
                gross: amount(gross)?,
                net: amount(gross.checked_sub(vat)?)?,
                vat: amount(vat)?,
            });
        }
        Some(RowSums { rows, by_rate, gross: amount(gross_units)?, vat: amount(vat_units)? })
    }
}
