//! Product rows and the amounts that follow from them (wire reference, sections 6.2 and 7.2).

use std::borrow::Cow;

use rust_decimal::{Decimal, RoundingStrategy};

/// Precision of current builds (`sale/value_precision_v2`).
const PRECISION: u32 = 8;

/// How the discount of a row was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Discount {
    /// Per unit, on the price without tax.
    Absolute(Decimal),
    /// Percent.
    Percent(Decimal),
}

/// One row of goods or services.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProductRow {
    pub(crate) id: u64,
    pub(crate) product_id: u64,
    pub(crate) name: Cow<'static, str>,
    /// Per unit: after discount, with tax.
    pub(crate) price: Decimal,
    pub(crate) quantity: Decimal,
    /// `None` is «Без НДС».
    pub(crate) tax_rate: Option<Decimal>,
    pub(crate) tax_included: bool,
    pub(crate) discount: Discount,
    pub(crate) measure_code: u32,
    pub(crate) measure_name: Cow<'static, str>,
    pub(crate) sort: u32,
    /// 1 product, 7 service.
    pub(crate) kind: u32,
}

/// Prices derived from a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prices {
    pub(crate) exclusive: Decimal,
    pub(crate) netto: Decimal,
    pub(crate) brutto: Decimal,
    pub(crate) discount_sum: Decimal,
    pub(crate) discount_rate: Decimal,
}

/// Rounds half away from zero.
pub(crate) fn rounded(number: Decimal, digits: u32) -> Decimal {
    number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

impl ProductRow {
    fn factor(&self) -> Decimal {
        Decimal::ONE + self.tax_rate.unwrap_or_default() / Decimal::ONE_HUNDRED
    }

    /// The derivation of section 6.2.
    pub(crate) fn prices(&self) -> Prices {
        let factor = self.factor();
        let exclusive = rounded(self.price / factor, PRECISION);
        let (discount_sum, discount_rate) = match self.discount {
            Discount::Absolute(sum) => {
                let before = exclusive + sum;
                let rate = if before.is_zero() { Decimal::ZERO } else { sum / before * Decimal::ONE_HUNDRED };
                (sum, rounded(rate, 4))
            }
            Discount::Percent(rate) if rate < Decimal::ONE_HUNDRED => {
                let sum = exclusive * Decimal::ONE_HUNDRED / (Decimal::ONE_HUNDRED - rate) - exclusive;
                (rounded(sum, PRECISION), rate)
            }
            Discount::Percent(rate) => (Decimal::ZERO, rate),
        };
        let netto = exclusive + discount_sum;
        Prices { exclusive, netto, brutto: rounded(netto * factor, PRECISION), discount_sum, discount_rate }
    }
}

/// `opportunity` and `taxValue` of an owner with these rows, by the algorithm of section 7.2 (VAT mode).
pub(crate) fn amounts(rows: &[ProductRow]) -> (Decimal, Decimal) {
    let (mut total, mut tax) = (Decimal::ZERO, Decimal::ZERO);
    for row in rows.iter().filter(|row| row.quantity > Decimal::ZERO) {
        let rate = row.tax_rate.unwrap_or_default();
        let factor = row.factor();
        let base = if row.tax_included { row.price } else { rounded(row.price / factor, PRECISION) };
        let unit_tax = match (rate > Decimal::ZERO, row.tax_included) {
            (false, _) => Decimal::ZERO,
            (true, true) => base - base / factor,
            (true, false) => base * rate / Decimal::ONE_HUNDRED,
        };
        let unit = if row.tax_included { base } else { rounded(base * factor, PRECISION) };
        tax += rounded(rounded(unit_tax, PRECISION) * row.quantity, PRECISION);
        total += rounded(unit * row.quantity, PRECISION);
    }
    (rounded(total, 2), rounded(tax, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(price: &str, quantity: &str, rate: Option<i64>, included: bool) -> ProductRow {
        ProductRow {
            id: 1,
            product_id: 0,
            name: "Насос".into(),
            price: price.parse().unwrap(),
            quantity: quantity.parse().unwrap(),
            tax_rate: rate.map(Decimal::from),
            tax_included: included,
            discount: Discount::Percent(Decimal::ZERO),
            measure_code: 796,
            measure_name: "шт".into(),
            sort: 10,
            kind: 1,
        }
    }

    fn of(rows: &[ProductRow]) -> (String, String) {
        let (total, tax) = amounts(rows);
        (total.normalize().to_string(), tax.normalize().to_string())
    }

    #[test]
    fn tax_is_rounded_to_eight_digits_a_unit_and_to_kopecks_in_the_sum() {
        assert_eq!(of(&[row("33.33", "3", Some(20), true)]), ("99.99".into(), "16.67".into()));
        assert_eq!(of(&[row("122", "10", Some(22), true)]).1, "220");
        assert_eq!(of(&[row("122", "10", Some(22), false)]).1, "220");
    }

    #[test]
    fn rows_without_vat_and_with_zero_percent_carry_no_tax() {
        assert_eq!(of(&[row("50", "2", None, true), row("10", "1", Some(0), true)]).1, "0");
    }

    #[test]
    fn a_percent_discount_is_derived_from_the_price_without_tax() {
        let mut discounted = row("90000", "1", Some(10), true);
        discounted.discount = Discount::Percent(Decimal::TEN);
        let prices = discounted.prices();
        assert_eq!(rounded(prices.exclusive, 2).to_string(), "81818.18");
        assert_eq!(rounded(prices.discount_sum, 2).to_string(), "9090.91");
        assert_eq!(rounded(prices.netto, 2).to_string(), "90909.09");
        assert_eq!(rounded(prices.brutto, 2).to_string(), "100000.00");
    }
}
