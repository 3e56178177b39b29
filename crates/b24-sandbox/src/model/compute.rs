//! The arithmetic of the right register.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::parties::{counterparty, seller};
use super::slices::Slices;
use super::{Basis, CurrencyTotals, RateSums, RegisterModel, RegisterRow, StatusSums, UndatedSums, paying};
use crate::portal::entity::Entity;
use crate::portal::fields::invoice::SHIPPED;
use crate::portal::product_row::ProductRow;
use crate::portal::store::Store;

/// Digits after the point of every currency the portal knows.
const MINOR: u32 = 2;

/// Half away from zero, to the currency's minor unit.
fn round(number: Decimal) -> Decimal {
    padded(number.round_dp_with_strategy(MINOR, RoundingStrategy::MidpointAwayFromZero))
}

/// At least the minor digits; a longer fraction stays.
pub(super) fn padded(number: Decimal) -> Decimal {
    let mut number = number.normalize();
    if number.scale() < MINOR {
        number.rescale(MINOR);
    }
    number
}

/// Gross and VAT of one line: one rounding each.
fn line(row: &ProductRow) -> (Decimal, Decimal) {
    let exact = row.price * row.quantity;
    let vat = row.tax_rate.map_or(Decimal::ZERO, |rate| exact * rate / (Decimal::ONE_HUNDRED + rate));
    (round(exact), round(vat))
}

/// Sums by rate, highest first, «Без НДС» last.
#[derive(Debug, Default)]
struct ByRate(BTreeMap<RateKey, (Decimal, Decimal)>);

/// Sorts rates from the highest down; the flag puts «Без НДС» last.
type RateKey = (bool, Reverse<Option<Decimal>>);

impl ByRate {
    fn add(&mut self, rate: Option<Decimal>, gross: Decimal, vat: Decimal) {
        let key = (rate.is_none(), Reverse(rate.map(|rate| rate.normalize())));
        let sums = self.0.entry(key).or_default();
        sums.0 += gross;
        sums.1 += vat;
    }

    fn into_sums(self) -> Vec<RateSums> {
        let sums = |((_, Reverse(rate)), (gross, vat)): (_, (Decimal, Decimal))| RateSums {
            rate,
            gross: padded(gross),
            net: padded(gross - vat),
            vat: padded(vat),
        };
        self.0.into_iter().map(sums).collect()
    }
}

fn rates_of(rows: &[ProductRow]) -> Vec<RateSums> {
    let mut by_rate = ByRate::default();
    for row in rows {
        let (gross, vat) = line(row);
        by_rate.add(row.tax_rate, gross, vat);
    }
    by_rate.into_sums()
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn day_of(store: &Store, id: u64, column: &str) -> Option<Date> {
    store.cell(Entity::Invoice, id, column).as_day()
}

/// The day that decides.
fn deciding(store: &Store, id: u64, basis: Basis) -> Option<Date> {
    match basis {
        Basis::Invoice => day_of(store, id, "BEGINDATE"),
        Basis::Shipped => day_of(store, id, SHIPPED),
        Basis::Paid => paying::of(store, id).on,
    }
}

/// Whether rounding cannot explain a difference: more than half a minor unit per line.
fn exceeds_rounding(difference: Decimal, lines: usize) -> bool {
    difference.abs() * Decimal::TWO * Decimal::ONE_HUNDRED > Decimal::from(lines)
}

fn register_row(store: &Store, id: u64, basis: Basis) -> RegisterRow {
    let cell = |column| store.cell(Entity::Invoice, id, column);
    let rows = store.product_rows(Entity::Invoice, id);
    let link = store.link(Entity::Invoice, id);
    let (client, own) = (counterparty(store, id, link), seller(store, id, link));
    let stage = cell("STAGE_ID");
    let known = store.schema.stage_of(Entity::Invoice, stage.as_text());
    let gross = cell("OPPORTUNITY").as_decimal();
    let vat_by_rate = rates_of(&rows);
    let paying = paying::of(store, id);
    let portal_vat = cell("TAX_VALUE").as_decimal();
    let header_minus_rows =
        (!rows.is_empty()).then(|| gross - vat_by_rate.iter().map(|sums| sums.gross).sum::<Decimal>());
    let differs = header_minus_rows.is_some_and(|difference| exceeds_rounding(difference, rows.len()));
    let vat = (!rows.is_empty()).then(|| vat_by_rate.iter().map(|sums| sums.vat).sum::<Decimal>());
    RegisterRow {
        id,
        number: filled(cell("ACCOUNT_NUMBER").as_text()),
        date: day_of(store, id, "BEGINDATE"),
        shipped_on: day_of(store, id, SHIPPED),
        paid_on: paying.on,
        paid_by: paying.by,
        month: deciding(store, id, basis).map(|day| format!("{:04}-{:02}", day.year(), day.month())),
        status: match known.and_then(|stage| stage.semantics) {
            Some("S") => "paid",
            Some("F") => "cancelled",
            _ => "open",
        },
        stage: known.map_or_else(|| stage.as_text().to_owned(), |stage| stage.name.to_owned()),
        currency: cell("CURRENCY_ID").as_text().to_owned(),
        gross: padded(gross),
        net: vat.map(|vat| padded(gross - vat)),
        vat: vat.map(padded),
        vat_by_rate,
        portal_vat: padded(portal_vat),
        difference: vat.map(|vat| padded(portal_vat - vat)),
        header_minus_rows: header_minus_rows.map(padded),
        manual_differs: differs && cell("IS_MANUAL_OPPORTUNITY").as_flag(),
        paid_sum: paying.sum.map(padded),
        remainder: paying.sum.map(|sum| padded(gross - sum)),
        counterparty: client.name,
        inn: client.inn,
        kpp: client.kpp,
        counterparty_card: client.card,
        is_private_person: client.is_private_person,
        my_company: own.name,
        my_inn: own.inn,
        my_kpp: own.kpp,
        my_company_id: own.card.map(|card| card.id),
        responsible_id: u64::try_from(cell("ASSIGNED_BY_ID").as_int()).ok().filter(|id| *id > 0),
    }
}

/// Running totals of one seller in one currency.
#[derive(Debug, Default)]
struct Group {
    totals: CurrencyTotals,
    by_rate: ByRate,
    slices: Slices,
}

pub(super) fn count(sums: &mut StatusSums, gross: Decimal) {
    sums.count += 1;
    sums.gross += gross;
}

impl Group {
    fn add(&mut self, row: &RegisterRow) {
        let totals = &mut self.totals;
        if row.status == "cancelled" {
            count(&mut totals.cancelled, row.gross);
            return;
        }
        count(if row.status == "paid" { &mut totals.paid } else { &mut totals.open }, row.gross);
        totals.count += 1;
        totals.gross += row.gross;
        self.slices.add(row);
        totals.net += row.net.unwrap_or_default();
        totals.vat += row.vat.unwrap_or_default();
        if row.vat.is_none() {
            count(&mut totals.without_rows, row.gross);
            return;
        }
        let difference = row.gross - row.vat_by_rate.iter().map(|sums| sums.gross).sum::<Decimal>();
        totals.header_minus_rows += difference;
        if row.manual_differs {
            totals.manual.count += 1;
            totals.manual.gross += row.gross;
            totals.manual.difference += difference;
        }
        for sums in &row.vat_by_rate {
            self.by_rate.add(sums.rate, sums.gross, sums.vat);
        }
    }

    fn finished(self) -> CurrencyTotals {
        let mut totals = self.totals;
        totals.by_rate = self.by_rate.into_sums();
        (totals.by_counterparty, totals.by_month) = self.slices.finished();
        let manual = &mut totals.manual;
        for sum in [
            &mut totals.gross,
            &mut totals.net,
            &mut totals.vat,
            &mut totals.header_minus_rows,
            &mut manual.gross,
            &mut manual.difference,
        ] {
            *sum = padded(*sum);
        }
        for sums in [&mut totals.without_rows, &mut totals.paid, &mut totals.open, &mut totals.cancelled] {
            sums.gross = padded(sums.gross);
        }
        totals
    }
}

/// Name, currency, INN and KPP.
type GroupKey = (Option<String>, String, Option<String>, Option<String>);

fn totals_by(rows: &[RegisterRow], key: impl Fn(&RegisterRow) -> GroupKey) -> Vec<CurrencyTotals> {
    let mut groups: BTreeMap<GroupKey, Group> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().add(row);
    }
    let named = |((my_company, currency, my_inn, my_kpp), group): (GroupKey, Group)| CurrencyTotals {
        my_company,
        my_inn,
        my_kpp,
        currency,
        ..group.finished()
    };
    groups.into_iter().map(named).collect()
}

fn totals_of(rows: &[RegisterRow]) -> Vec<CurrencyTotals> {
    totals_by(rows, |row| {
        (row.my_company.clone(), row.currency.clone(), row.my_inn.clone(), row.my_kpp.clone())
    })
}

fn over_sellers(rows: &[RegisterRow]) -> Vec<CurrencyTotals> {
    totals_by(rows, |row| (None, row.currency.clone(), None, None))
}

fn undated(rows: &[RegisterRow]) -> Vec<UndatedSums> {
    let sums = |totals: CurrencyTotals| UndatedSums {
        currency: totals.currency,
        count: totals.count,
        gross: totals.gross,
        cancelled: totals.cancelled,
    };
    over_sellers(rows).into_iter().map(sums).collect()
}

/// The right register of a period.
pub(crate) fn of(store: &Store, from: Date, to: Date, basis: Basis) -> RegisterModel {
    let inside = |day: Option<Date>| day.is_some_and(|day| (from..=to).contains(&day));
    let rows = |chosen: &dyn Fn(u64) -> bool| -> Vec<RegisterRow> {
        let ids = store.ids(Entity::Invoice, (0, u64::MAX), false).filter(|id| chosen(*id));
        ids.map(|id| register_row(store, id, basis)).collect()
    };
    let lacking = rows(&|id| deciding(store, id, basis).is_none() && inside(day_of(store, id, "BEGINDATE")));
    let rows = rows(&|id| inside(deciding(store, id, basis)));
    RegisterModel {
        from,
        to,
        basis,
        count: rows.len() as u64,
        totals: totals_of(&rows),
        group_totals: over_sellers(&rows),
        undated: undated(&lacking),
        rows,
    }
}

#[cfg(test)]
mod tests;
