//! Payments of invoices: most paid ones have one, some are paid in parts, some only by moving the stage.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::Seed;
use super::dates::working_hour;
use super::mix::Topic;
use crate::portal::entity::Entity;

/// A payment of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) id: u64,
    pub(crate) number: String,
    /// When it was made; `None` while it is expected.
    pub(crate) paid: Option<DateTime>,
    pub(crate) sum: Decimal,
    pub(crate) currency: &'static str,
}

/// Payments of one invoice at most.
const PER_INVOICE: u64 = 4;

/// What happened to the money.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    InOne,
    InTwo,
    /// Half is paid, half is expected.
    Half,
    Expected,
    Nothing,
}

impl Seed {
    /// The payments of a base invoice.
    pub(crate) fn payments(&self, id: u64) -> Vec<Payment> {
        let Some(n) = self.ordinal(Entity::Invoice, id) else { return Vec::new() };
        let invoice = self.invoice(n);
        let draw = self.dice.below(Topic::Payment, n * 4, 100);
        let way = match (invoice.stage(), invoice.paid()) {
            ("DT31_3:P", Some(_)) if draw < 70 => Way::InOne,
            ("DT31_3:P", None) => match draw {
                0..=49 => Way::InOne,
                50..=64 => Way::InTwo,
                65..=74 => Way::Half,
                75..=84 => Way::Expected,
                _ => Way::Nothing,
            },
            ("DT31_3:S", _) if draw < 20 => Way::Expected,
            _ => Way::Nothing,
        };
        let total = invoice.money().0;
        let half = (total / Decimal::TWO).round_dp(2);
        let day = self.days.at(invoice.begin() + self.dice.below(Topic::Payment, n * 4 + 1, 30));
        let first = working_hour(self.dice, invoice.paid().unwrap_or(day), n * 4 + 3);
        let later = self.days.at(invoice.begin() + 30 + self.dice.below(Topic::Payment, n * 4 + 2, 20));
        let later = working_hour(self.dice, later, n * 4 + 3);
        let parts = match way {
            Way::InOne => vec![(Some(first), total)],
            Way::InTwo => vec![(Some(first), half), (Some(later), total - half)],
            Way::Half => vec![(Some(first), half), (None, total - half)],
            Way::Expected => vec![(None, total)],
            Way::Nothing => Vec::new(),
        };
        let payment = |(at, (paid, sum)): (u64, (Option<DateTime>, Decimal))| Payment {
            id: id * PER_INVOICE + at,
            number: format!("{}/{}", n + 1, at + 1),
            paid,
            sum,
            currency: if invoice.in_roubles() { "RUB" } else { "CNY" },
        };
        (0..).zip(parts).map(payment).collect()
    }
}
