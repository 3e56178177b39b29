//! Product rows of an invoice.

use rust_decimal::Decimal;

use super::invoice::InvoiceSeed;
use super::mix::{Dice, Topic};
use super::words::PRODUCTS;
use super::{Seed, id_of};

use crate::portal::product_row::{Discount, ProductRow, rounded};

/// Room for the rows of one owner in the numbering of rows.
pub(crate) const ROWS_PER_OWNER: u64 = 128;

/// Quantities that do not survive rounding to two digits, beside plain halves.
const FRACTIONS: &[(i64, u32)] =
    &[(125, 3), (5, 1), (15, 1), (2375, 3), (105_555, 4), (3333, 4), (1225, 2), (71, 1), (625, 3)];

/// The rates of one invoice's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rates {
    Only(Option<i64>),
    /// The two take turns.
    Mixed(Option<i64>, Option<i64>),
}

impl Rates {
    fn of_row(self, i: u64) -> Option<Decimal> {
        match self {
            Self::Only(rate) => rate,
            Self::Mixed(a, b) => [a, b][usize::from(i % 2 == 1)],
        }
        .map(Decimal::from)
    }
}

/// The general rate is 22 % from 2026 on (law 425-ФЗ of 2025-11-28).
fn rates(dice: Dice, n: u64, in_2026: bool) -> Rates {
    let general = Some(if in_2026 { 22 } else { 20 });
    match dice.below(Topic::RateMode, n, 100) {
        0..=54 => Rates::Only(general),
        55..=63 => Rates::Only(Some(10)),
        64..=70 => Rates::Mixed(general, Some(10)),
        71..=75 => Rates::Only(Some(5)),
        76..=80 => Rates::Only(Some(7)),
        81..=83 => Rates::Only(Some(0)),
        84..=85 => Rates::Mixed(Some(0), general),
        86..=93 => Rates::Only(None),
        94..=96 => Rates::Mixed(None, general),
        _ => Rates::Mixed(Some(20), general),
    }
}

impl Seed {
    /// The rows of a base invoice.
    pub(crate) fn product_rows(&self, invoice: u64) -> Vec<ProductRow> {
        let entity = crate::portal::entity::Entity::Invoice;
        self.ordinal(entity, invoice).map_or_else(Vec::new, |n| self.invoice(n).rows())
    }
}

impl InvoiceSeed<'_> {
    fn row_count(&self) -> u64 {
        let (dice, n) = (self.seed.dice, self.n);
        if self.has_many_rows() {
            return 51 + dice.below(Topic::RowCount, n, 70);
        }
        if self.has_no_rows() {
            return 0;
        }
        match dice.below(Topic::RowCount, n, 100) {
            0..=41 => 1,
            42..=64 => 2,
            65..=81 => 3,
            82..=91 => 4,
            more => more - 87,
        }
    }

    pub(super) fn rows(&self) -> Vec<ProductRow> {
        let count = self.row_count();
        let rates = rates(self.seed.dice, self.n, self.in_2026());
        let mut rows: Vec<_> = (0..count).map(|i| self.row(i, rates)).collect();
        if count > 1 && self.seed.dice.chance(Topic::Negative, self.n, 8) {
            let share = rounded(rows[0].price * rows[0].quantity / Decimal::from(20), 2);
            if let Some(last) = rows.last_mut().filter(|_| share > Decimal::ZERO) {
                last.name = "Скидка по договору".into();
                last.price = -share;
                last.quantity = Decimal::ONE;
                last.discount = Discount::Percent(Decimal::ZERO);
                last.tax_included = true;
            }
        }
        rows
    }

    fn row(&self, i: u64, rates: Rates) -> ProductRow {
        let dice = self.seed.dice;
        let key = self.n * ROWS_PER_OWNER + i;
        let product = dice.below(Topic::Product, key, PRODUCTS.len() as u64);
        let (name, measure_code, measure_name, low, high, kind) =
            PRODUCTS[usize::try_from(product).unwrap_or(0)];
        let tax_rate = rates.of_row(i);
        let entered = self.entered_price(key, low, high);
        let tax_included = !dice.chance(Topic::Included, key, 15);
        let factor = Decimal::ONE + tax_rate.unwrap_or_default() / Decimal::ONE_HUNDRED;
        ProductRow {
            id: id_of(self.n) * ROWS_PER_OWNER + i,
            product_id: if dice.chance(Topic::Product, key + 1, 20) { 0 } else { 100 + product },
            name: name.into(),
            price: if tax_included { entered } else { rounded(entered * factor, 8) },
            quantity: quantity(dice, key),
            tax_rate,
            tax_included,
            discount: discount(dice, key, low),
            measure_code,
            measure_name: measure_name.into(),
            sort: u32::try_from((i + 1) * 10).unwrap_or(0),
            kind,
        }
    }

    fn entered_price(&self, key: u64, low: u64, high: u64) -> Decimal {
        let dice = self.seed.dice;
        let kopecks = low + dice.below(Topic::Price, key, high - low);
        let kopecks = if dice.chance(Topic::Price, key + 3, 55) { kopecks / 1000 * 1000 } else { kopecks };
        let amount = |units: u64, digits| Decimal::new(i64::try_from(units).unwrap_or(0), digits);
        match (self.in_roubles(), dice.below(Topic::Price, key + 5, 100)) {
            (false, _) => amount(kopecks / 12, 2),
            (true, 0..=2) => amount(kopecks * 100 + dice.below(Topic::Price, key + 7, 100), 4),
            (true, _) => amount(kopecks, 2),
        }
    }
}

fn quantity(dice: Dice, key: u64) -> Decimal {
    let whole = i64::try_from(1 + dice.below(Topic::Quantity, key + 1, 24)).unwrap_or(1);
    match dice.below(Topic::Quantity, key, 100) {
        0..=54 => Decimal::from(whole),
        55..=81 => Decimal::ONE,
        _ => {
            let (mantissa, scale) = dice.pick(Topic::Quantity, key + 2, FRACTIONS);
            Decimal::new(mantissa, scale)
        }
    }
}

fn discount(dice: Dice, key: u64, low: u64) -> Discount {
    match dice.below(Topic::Discount, key, 100) {
        0..=2 => Discount::Percent(Decimal::from(5)),
        3..=5 => Discount::Percent(Decimal::TEN),
        6 => Discount::Percent(Decimal::new(125, 1)),
        7..=9 => Discount::Absolute(Decimal::new(i64::try_from(low / 20).unwrap_or(0), 2)),
        _ => Discount::Percent(Decimal::ZERO),
    }
}
