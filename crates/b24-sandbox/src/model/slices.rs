//! Parts of a group's totals: by client and by month.

use std::collections::BTreeMap;

use super::compute::{count, padded};
use super::{Card, CounterpartySums, MonthSums, RegisterRow, SliceSums};

/// Name, INN, and the card where there is no INN.
type Client = (Option<String>, Option<String>, Option<Card>);

/// Running sums by client and month.
#[derive(Debug, Default)]
pub(super) struct Slices {
    clients: BTreeMap<Client, SliceSums>,
    months: BTreeMap<String, SliceSums>,
}

fn add(sums: &mut SliceSums, row: &RegisterRow) {
    sums.count += 1;
    sums.gross += row.gross;
    sums.net += row.net.unwrap_or_default();
    sums.vat += row.vat.unwrap_or_default();
    if row.vat.is_none() {
        count(&mut sums.without_rows, row.gross);
    }
}

fn finished(mut sums: SliceSums) -> SliceSums {
    for sum in [&mut sums.gross, &mut sums.net, &mut sums.vat, &mut sums.without_rows.gross] {
        *sum = padded(*sum);
    }
    sums
}

impl Slices {
    pub(super) fn add(&mut self, row: &RegisterRow) {
        let card = if row.inn.is_none() { row.counterparty_card } else { None };
        let client = (row.counterparty.clone(), row.inn.clone(), card);
        add(self.clients.entry(client).or_default(), row);
        add(self.months.entry(row.month.clone().unwrap_or_default()).or_default(), row);
    }

    pub(super) fn finished(self) -> (Vec<CounterpartySums>, Vec<MonthSums>) {
        let client = |((counterparty, inn, _), sums): (Client, SliceSums)| CounterpartySums {
            counterparty,
            inn,
            sums: finished(sums),
        };
        let month = |(month, sums): (String, SliceSums)| MonthSums { month, sums: finished(sums) };
        (self.clients.into_iter().map(client).collect(), self.months.into_iter().map(month).collect())
    }
}
