//! Totals per seller, currency, rate, client and month.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::invoice::{ProcessedInvoice, Status};
use crate::money::Currency;
use crate::vat::VatRate;

mod slice;
mod sum;

pub use slice::{ClientKey, Slice};
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

/// Who a group belongs to.
#[derive(Debug, Clone, Copy)]
struct Seller<'a> {
    name: Option<&'a str>,
    inn: Option<&'a str>,
    kpp: Option<&'a str>,
}

impl<'a> Seller<'a> {
    fn of(invoice: &'a ProcessedInvoice) -> Self {
        let seller = invoice.seller();
        Self {
            name: seller.and_then(|it| it.name()),
            inn: seller.and_then(|it| it.inn()),
            kpp: seller.and_then(|it| it.kpp()),
        }
    }
}

/// Totals of one seller in one currency. Cancelled invoices are in `cancelled` and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name of the seller.
    pub my_company: Option<String>,
    /// INN of the seller.
    pub my_inn: Option<String>,
    /// KPP of the seller.
    pub my_kpp: Option<String>,
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
    /// Those whose amount was typed by hand and differs from the rows.
    pub manual: Tally,
    /// Their gross minus sum of rows; a part of `header_minus_rows`.
    pub manual_minus_rows: Sum,
    /// The paid ones.
    pub paid: Tally,
    /// The open ones.
    pub open: Tally,
    /// The cancelled ones, in no other sum.
    pub cancelled: Tally,
    /// The paid and open ones by client.
    pub by_client: BTreeMap<ClientKey, Slice>,
    /// The paid and open ones by month, named by its first day.
    pub by_month: BTreeMap<Date, Slice>,
}

impl Group {
    fn new(seller: Seller<'_>, currency: Currency, minor_digits: u32) -> Self {
        Self {
            my_company: seller.name.map(str::to_owned),
            my_inn: seller.inn.map(str::to_owned),
            my_kpp: seller.kpp.map(str::to_owned),
            currency,
            minor_digits,
            count: 0,
            gross: Sum::default(),
            net: Sum::default(),
            vat: Sum::default(),
            by_rate: Vec::new(),
            without_rows: Tally::default(),
            header_minus_rows: Sum::default(),
            manual: Tally::default(),
            manual_minus_rows: Sum::default(),
            paid: Tally::default(),
            open: Tally::default(),
            cancelled: Tally::default(),
            by_client: BTreeMap::new(),
            by_month: BTreeMap::new(),
        }
    }

    fn order(&self, seller: Seller<'_>, currency: Currency) -> Ordering {
        (self.my_company.as_deref(), self.currency, self.my_inn.as_deref(), self.my_kpp.as_deref()).cmp(&(
            seller.name,
            currency,
            seller.inn,
            seller.kpp,
        ))
    }

    fn add(&mut self, invoice: &ProcessedInvoice, day: Date) {
        match invoice.status() {
            Status::Cancelled => return self.cancelled.add(invoice),
            Status::Paid => self.paid.add(invoice),
            Status::Open => self.open.add(invoice),
        }
        self.count += 1;
        self.gross += invoice.gross();
        self.by_client.entry(ClientKey::of(invoice.counterparty())).or_default().add(invoice);
        self.by_month.entry(day.first_of_month()).or_default().add(invoice);
        let (Some(net), Some(vat), Some(difference)) =
            (invoice.net(), invoice.vat(), invoice.header_minus_rows())
        else {
            return self.without_rows.add(invoice);
        };
        self.net += net;
        self.vat += vat;
        self.header_minus_rows += difference;
        if invoice.manual_differs() {
            self.manual.add(invoice);
            self.manual_minus_rows += difference;
        }
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
        self.manual.merge(&other.manual);
        self.manual_minus_rows += &other.manual_minus_rows;
        for (key, slice) in &other.by_client {
            self.by_client.entry(key.clone()).or_default().merge(slice);
        }
        for (month, slice) in &other.by_month {
            self.by_month.entry(*month).or_default().merge(slice);
        }
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
    /// Adds one invoice; its month is that of its own date.
    pub fn add(&mut self, invoice: &ProcessedInvoice) {
        self.add_on(invoice, invoice.date());
    }

    /// Adds one invoice to the month of this day (its shipment or payment).
    pub fn add_on(&mut self, invoice: &ProcessedInvoice, day: Date) {
        self.group(Seller::of(invoice), invoice.currency(), invoice.minor_digits()).add(invoice, day);
    }

    /// Adds what another window summed up.
    pub fn merge(&mut self, other: &Self) {
        for group in &other.groups {
            let seller = Seller {
                name: group.my_company.as_deref(),
                inn: group.my_inn.as_deref(),
                kpp: group.my_kpp.as_deref(),
            };
            self.group(seller, group.currency, group.minor_digits).merge(group);
        }
    }

    /// The sums over all sellers, one per currency, sorted by currency.
    #[must_use]
    pub fn over_sellers(&self) -> Vec<Group> {
        let mut sums: Vec<Group> = Vec::new();
        for group in &self.groups {
            let nobody = Seller { name: None, inn: None, kpp: None };
            let place = sums.binary_search_by_key(&group.currency, |sum| sum.currency);
            let place = place.unwrap_or_else(|place| {
                sums.insert(place, Group::new(nobody, group.currency, group.minor_digits));
                place
            });
            sums[place].merge(group);
        }
        sums
    }

    /// The groups, sorted by seller's name, then currency, then INN and KPP; invoices without a seller come first.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    fn group(&mut self, seller: Seller<'_>, currency: Currency, digits: u32) -> &mut Group {
        let place =
            self.groups.binary_search_by(|group| group.order(seller, currency)).unwrap_or_else(|place| {
                self.groups.insert(place, Group::new(seller, currency, digits));
                place
            });
        &mut self.groups[place]
    }
}
