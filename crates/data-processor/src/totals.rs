//! Totals per seller, currency and rate.

use std::cmp::Ordering;

use crate::invoice::{ProcessedInvoice, Status};
use crate::money::Currency;
use crate::vat::VatRate;

mod sum;

pub use sum::Sum;

/// How many, and how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of invoices.
    pub count: u64,
    /// Sum of their gross.
    pub gross: Sum,
}

impl Tally {
    fn add(&mut self, invoice: &ProcessedInvoice) {
        self.count += 1;
        self.gross += invoice.gross();
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.gross += &other.gross;
    }
}

/// Sums of the lines under one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateTotal {
    /// The rate.
    pub rate: VatRate,
    /// Sum of the lines, VAT included.
    pub gross: Sum,
    /// Gross minus VAT.
    pub net: Sum,
    /// VAT.
    pub vat: Sum,
}

/// Totals of one seller in one currency. Cancelled invoices are in `cancelled` and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name of the seller.
    pub my_company: Option<String>,
    /// INN of the seller.
    pub my_inn: Option<String>,
    /// Currency.
    pub currency: Currency,
    /// Digits of its minor unit.
    pub minor_digits: u32,
    /// Number of paid and open invoices.
    pub count: u64,
    /// Their gross.
    pub gross: Sum,
    /// Their net, where known.
    pub net: Sum,
    /// Their VAT, where known.
    pub vat: Sum,
    /// Their rows per rate, highest rate first, "without VAT" last.
    pub by_rate: Vec<RateTotal>,
    /// Those without rows.
    pub without_rows: Tally,
    /// Gross minus sum of rows, over those with rows.
    pub header_minus_rows: Sum,
    /// The paid ones.
    pub paid: Tally,
    /// The open ones.
    pub open: Tally,
    /// The cancelled ones, in no other sum.
    pub cancelled: Tally,
}

impl Group {
    fn new(my_company: Option<&str>, my_inn: Option<&str>, currency: Currency, minor_digits: u32) -> Self {
        Self {
            my_company: my_company.map(str::to_owned),
            my_inn: my_inn.map(str::to_owned),
            currency,
            minor_digits,
            count: 0,
            gross: Sum::default(),
            net: Sum::default(),
            vat: Sum::default(),
            by_rate: Vec::new(),
            without_rows: Tally::default(),
            header_minus_rows: Sum::default(),
            paid: Tally::default(),
            open: Tally::default(),
            cancelled: Tally::default(),
        }
    }

    fn order(&self, my_company: Option<&str>, currency: Currency, my_inn: Option<&str>) -> Ordering {
        (self.my_company.as_deref(), self.currency, self.my_inn.as_deref())
            .cmp(&(my_company, currency, my_inn))
    }

    fn add(&mut self, invoice: &ProcessedInvoice) {
        match invoice.status() {
            Status::Cancelled => return self.cancelled.add(invoice),
            Status::Paid => self.paid.add(invoice),
            Status::Open => self.open.add(invoice),
        }
        self.count += 1;
        self.gross += invoice.gross();
        let (Some(net), Some(vat), Some(difference)) =
            (invoice.net(), invoice.vat(), invoice.header_minus_rows())
        else {
            return self.without_rows.add(invoice);
        };
        self.net += net;
        self.vat += vat;
        self.header_minus_rows += difference;
        for line in invoice.vat_by_rate() {
            let total = self.rate(line.rate);
            total.gross += line.gross;
            total.net += line.net;
            total.vat += line.vat;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.gross += &other.gross;
        self.net += &other.net;
        self.vat += &other.vat;
        self.header_minus_rows += &other.header_minus_rows;
        self.without_rows.merge(&other.without_rows);
        self.paid.merge(&other.paid);
        self.open.merge(&other.open);
        self.cancelled.merge(&other.cancelled);
        for line in &other.by_rate {
            let total = self.rate(line.rate);
            total.gross += &line.gross;
            total.net += &line.net;
            total.vat += &line.vat;
        }
    }

    fn rate(&mut self, rate: VatRate) -> &mut RateTotal {
        let place = self.by_rate.binary_search_by(|total| rate.cmp(&total.rate)).unwrap_or_else(|place| {
            let (gross, net, vat) = (Sum::default(), Sum::default(), Sum::default());
            self.by_rate.insert(place, RateTotal { rate, gross, net, vat });
            place
        });
        &mut self.by_rate[place]
    }
}

/// Totals of any number of invoices, per seller and currency. The order of adding never matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    groups: Vec<Group>,
}

impl Totals {
    /// Adds one invoice.
    pub fn add(&mut self, invoice: &ProcessedInvoice) {
        let seller = invoice.seller();
        let (name, inn) = (seller.and_then(|it| it.name()), seller.and_then(|it| it.inn()));
        self.group(name, inn, invoice.currency(), invoice.minor_digits()).add(invoice);
    }

    /// Adds what another window summed up.
    pub fn merge(&mut self, other: &Self) {
        for group in &other.groups {
            let (name, inn) = (group.my_company.as_deref(), group.my_inn.as_deref());
            self.group(name, inn, group.currency, group.minor_digits).merge(group);
        }
    }

    /// The groups, sorted by seller's name, then currency, then INN; invoices without a seller come first.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    fn group(
        &mut self,
        name: Option<&str>,
        inn: Option<&str>,
        currency: Currency,
        digits: u32,
    ) -> &mut Group {
        let place =
            self.groups.binary_search_by(|group| group.order(name, currency, inn)).unwrap_or_else(|place| {
                self.groups.insert(place, Group::new(name, inn, currency, digits));
                place
            });
        &mut self.groups[place]
    }
}
