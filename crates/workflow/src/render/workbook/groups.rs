//! Which invoices a total of the register sheet sums up: those of one of our companies in one currency.

use std::collections::HashMap;

use crate::register::{GroupTotals, RegisterRow, RowStatus};

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    my_company: Option<String>,
    my_inn: Option<String>,
    my_kpp: Option<String>,
    currency: String,
}

/// Totals by number, counted from 1 in the order of their first invoices; 0 is in no total.
#[derive(Debug, Default)]
pub(super) struct Groups {
    numbers: HashMap<Key, Group>,
    /// The last row's, because neighbours are often alike.
    last: Option<(Key, u32)>,
}

/// A total of the register sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) number: u32,
    /// Whether every amount is a number; a sum of cells would miss those that are text.
    pub(super) exact: bool,
}

impl Groups {
    /// The number of the total that the row enters.
    pub(super) fn number(&mut self, row: &RegisterRow) -> u32 {
        if !matches!(row.status, RowStatus::Paid | RowStatus::Open) {
            return 0;
        }
        let Some(currency) = row.currency.as_deref() else { return 0 };
        if let Some((key, number)) = &self.last
            && key.currency == currency
            && key.my_company == row.my_company
            && key.my_inn == row.my_inn
            && key.my_kpp == row.my_kpp
        {
            return *number;
        }
        let next = u32::try_from(self.numbers.len() + 1).unwrap_or(u32::MAX);
        let number =
            self.numbers.entry(key(row, currency)).or_insert(Group { number: next, exact: true }).number;
        self.last = Some((key(row, currency), number));
        number
    }

    /// Notes that an amount of this row is no number.
    pub(super) fn not_exact(&mut self, row: &RegisterRow) {
        if let Some(currency) = row.currency.as_deref()
            && let Some(group) = self.numbers.get_mut(&key(row, currency))
        {
            group.exact = false;
        }
    }

    /// The total with these sums.
    pub(super) fn of(&self, totals: &GroupTotals) -> Option<Group> {
        let key = Key {
            my_company: totals.my_company.clone(),
            my_inn: totals.my_inn.clone(),
            my_kpp: totals.my_kpp.clone(),
            currency: totals.currency.clone(),
        };
        self.numbers.get(&key).copied()
    }
}

fn key(row: &RegisterRow, currency: &str) -> Key {
    Key {
        my_company: row.my_company.clone(),
        my_inn: row.my_inn.clone(),
        my_kpp: row.my_kpp.clone(),
        currency: currency.to_owned(),
    }
}
