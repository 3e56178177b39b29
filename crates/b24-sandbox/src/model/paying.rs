//! When an invoice was paid, who says so, and how much of it.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::portal::cell::Cell;
use crate::portal::entity::Entity;
use crate::portal::fields::invoice::PAID;
use crate::portal::store::Store;

/// What is known about the payment.
#[derive(Debug, Default)]
pub(super) struct Paying {
    pub(super) on: Option<Date>,
    pub(super) by: Option<&'static str>,
    pub(super) sum: Option<Decimal>,
}

/// The field comes first, then the last payment of an invoice in a success stage, then the day of that stage.
pub(super) fn of(store: &Store, id: u64) -> Paying {
    if let Some(day) = store.cell(Entity::Invoice, id, PAID).as_day() {
        return Paying { on: Some(day), by: Some("field"), sum: None };
    }
    if store.semantics(Entity::Invoice, id) != Some("S") {
        return Paying::default();
    }
    let payments = store.payments(Entity::Invoice, id);
    let made: Vec<_> = payments.iter().filter_map(|payment| Some((payment.paid?, payment.sum))).collect();
    let sum = (!payments.is_empty()).then(|| made.iter().map(|(_, sum)| *sum).sum());
    if let Some(last) = made.iter().map(|(moment, _)| moment.date()).max() {
        return Paying { on: Some(last), by: Some("payment"), sum };
    }
    let Cell::Moment(moved) = store.cell(Entity::Invoice, id, "MOVED_TIME") else {
        return Paying { sum, ..Paying::default() };
    };
    Paying { on: Some(moved.date()), by: Some("stage"), sum }
}
