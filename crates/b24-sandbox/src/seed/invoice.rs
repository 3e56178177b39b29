//! Smart invoices of the group.

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use super::client::Client;
use super::dates::working_hour;
use super::mix::Topic;
use super::words::{COMMENTS, SOURCES};
use super::{OWN_COMPANIES, Seed, id_of};
use crate::portal::cell::Cell;
use crate::portal::entity::Entity;
use crate::portal::fields::invoice::{PAID, SHIPPED};
use crate::portal::product_row::amounts;

/// One in so many invoices has more than fifty rows.
const MANY_ROWS_EVERY: u64 = 100;
const NO_ROWS_EVERY: u64 = 20;
const MANUAL_EVERY: u64 = 17;
const BROKEN_LINK_EVERY: u64 = 40;
/// The first day of 2026 among the days of the seed.
const YEAR_2026: u64 = 365;

/// What is wrong with an invoice's requisite link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkFault {
    NoRow,
    NothingChosen,
    RequisiteGone,
    NoSeller,
}

/// The `n`-th invoice.
pub(super) struct InvoiceSeed<'a> {
    pub(super) seed: &'a Seed,
    pub(super) n: u64,
}

impl Seed {
    pub(super) fn invoice(&self, n: u64) -> InvoiceSeed<'_> {
        InvoiceSeed { seed: self, n }
    }
}

impl InvoiceSeed<'_> {
    /// Exactly one invoice of every complete block of `every`; the place in the block is drawn.
    fn falls_on(&self, salt: u64, every: u64) -> bool {
        let (block, place) = (self.n / every, self.n % every);
        let complete = (block + 1) * every <= self.seed.count(Entity::Invoice);
        complete && self.seed.dice.below(Topic::ManyRowsSpot, block * 8 + salt, every) == place
    }

    pub(super) fn has_many_rows(&self) -> bool {
        self.falls_on(0, MANY_ROWS_EVERY)
    }

    pub(super) fn has_no_rows(&self) -> bool {
        !self.has_many_rows() && self.falls_on(1, NO_ROWS_EVERY)
    }

    fn is_manual(&self) -> bool {
        self.falls_on(2, MANUAL_EVERY)
    }

    pub(super) fn link_fault(&self) -> Option<LinkFault> {
        let faults = [
            LinkFault::NoRow,
            LinkFault::NoRow,
            LinkFault::NothingChosen,
            LinkFault::RequisiteGone,
            LinkFault::NoSeller,
        ];
        self.falls_on(3, BROKEN_LINK_EVERY).then(|| self.seed.dice.pick(Topic::Broken, self.n, &faults))
    }

    pub(super) fn begin(&self) -> u64 {
        self.seed.days.spread(self.seed.dice, self.n, self.seed.count(Entity::Invoice))
    }

    fn shipped(&self) -> Option<Date> {
        let dice = self.seed.dice;
        let missing = match self.stage() {
            "DT31_3:N" => 70,
            "DT31_3:D" => 85,
            _ => 12,
        };
        let day = self.begin() + dice.below(Topic::Shipped, self.n, 25);
        let happened =
            !dice.chance(Topic::Shipped, self.n + 0x1_0000_0000, missing) && day < self.seed.days.len();
        happened.then(|| self.seed.days.at(day))
    }

    pub(super) fn paid(&self) -> Option<Date> {
        let dice = self.seed.dice;
        let known = if self.stage() == "DT31_3:P" { 96 } else { 3 };
        let day = self.begin() + dice.below(Topic::Paid, self.n, 40);
        dice.chance(Topic::Paid, self.n + 0x1_0000_0000, known).then(|| self.seed.days.at(day))
    }

    /// Whether the general rate of 2026 applies: by shipment, else by the invoice's date.
    pub(super) fn in_2026(&self) -> bool {
        self.shipped().map_or(self.begin() >= YEAR_2026, |day| day.year() >= 2026)
    }

    pub(super) fn in_roubles(&self) -> bool {
        !self.seed.dice.chance(Topic::Currency, self.n, 4)
    }

    pub(super) fn stage(&self) -> &'static str {
        match self.seed.dice.below(Topic::Stage, self.n * 4, 100) {
            0..=11 => "DT31_3:N",
            12..=31 => "DT31_3:S",
            32..=39 => "DT31_3:UC_K7Q2ZD",
            40..=91 => "DT31_3:P",
            _ => "DT31_3:D",
        }
    }

    pub(super) fn client(&self) -> Client {
        self.seed.client_of(self.n * 2)
    }

    /// The ordinal of the group's company that sells.
    pub(super) fn seller(&self) -> u64 {
        self.seed.dice.below(Topic::Seller, self.n, OWN_COMPANIES)
    }

    /// Identifiers of company and contact, 0 when there is none.
    pub(super) fn parties(&self) -> (u64, u64) {
        match self.client() {
            Client::Company(n) => {
                let person = self
                    .seed
                    .contact_person(n)
                    .filter(|_| self.seed.dice.chance(Topic::Client, self.n * 2 + 1, 50));
                (id_of(n), person.map_or(0, id_of))
            }
            Client::Person(n) => (0, id_of(n)),
            Client::Nobody => (0, 0),
        }
    }

    /// Every document has its own number; people like to add year and prefix.
    fn number(&self) -> String {
        let (n, year) = (self.n + 1, if self.begin() >= YEAR_2026 { 26 } else { 25 });
        match self.seed.dice.below(Topic::Number, self.n, 20) {
            0..=12 => format!("{n:05}-{year}"),
            13..=15 => format!("{n}/{year}"),
            16..=17 => format!("ТД-{n:05}"),
            _ => n.to_string(),
        }
    }

    pub(super) fn money(&self) -> (Decimal, Decimal) {
        let rows = self.rows();
        let (total, tax) = amounts(&rows);
        if rows.is_empty() {
            let typed = 10_000 + self.seed.dice.below(Topic::Amount, self.n * 4 + 1, 90_000_000);
            return (Decimal::new(i64::try_from(typed).unwrap_or(0), 2), Decimal::ZERO);
        }
        if !self.is_manual() {
            return (total, tax);
        }
        let thousand = Decimal::from(1000);
        let typed = (total / thousand).ceil() * thousand;
        (if typed == total { typed + Decimal::from(500) } else { typed }, tax)
    }

    fn created(&self) -> DateTime {
        working_hour(self.seed.dice, self.seed.days.at(self.begin()), self.n * 4 + 2)
    }

    fn edited(&self) -> DateTime {
        let day = self.begin() + self.seed.dice.below(Topic::Edited, self.n * 4, 20);
        working_hour(self.seed.dice, self.seed.days.at(day), self.n * 4 + 2)
    }

    fn parent_deal(&self) -> Option<u64> {
        let deals = self.seed.count(Entity::Deal);
        let bound = deals > 0 && self.seed.dice.chance(Topic::Parent, self.n, 40);
        bound.then(|| id_of(self.seed.dice.below(Topic::Parent, self.n + 0x1_0000_0000, deals)))
    }

    pub(super) fn cell(&self, column: &str) -> Cell {
        let (seed, n) = (self.seed, self.n);
        let dice = seed.dice;
        match column {
            // A few have no title of their own; the portal then makes one from number and date.
            "TITLE" if !dice.chance(Topic::Title, n * 4 + 3, 3) => {
                Cell::text(format!("Счёт №{}", self.number()))
            }
            "BEGINDATE" => Cell::Day(seed.days.at(self.begin())),
            "CLOSEDATE" if dice.chance(Topic::Closing, n * 4 + 1, 95) => {
                Cell::Day(seed.days.at(self.begin() + 7 + dice.below(Topic::Closing, n * 4 + 2, 14)))
            }
            "STAGE_ID" => Cell::text(self.stage()),
            "PREVIOUS_STAGE_ID" => Cell::text(if self.stage() == "DT31_3:N" { "" } else { "DT31_3:N" }),
            SHIPPED => Cell::maybe(self.shipped(), Cell::Day),
            PAID => Cell::maybe(self.paid(), Cell::Day),
            "OPPORTUNITY" | "OPPORTUNITY_ACCOUNT" => Cell::Decimal(self.money().0),
            "TAX_VALUE" | "TAX_VALUE_ACCOUNT" => Cell::Decimal(self.money().1),
            "IS_MANUAL_OPPORTUNITY" => Cell::Flag(self.is_manual() || self.has_no_rows()),
            "CURRENCY_ID" => Cell::text(if self.in_roubles() { "RUB" } else { "CNY" }),
            "ACCOUNT_CURRENCY_ID" => Cell::text("RUB"),
            "MYCOMPANY_ID" if self.link_fault() == Some(LinkFault::NoSeller) => Cell::Int(0),
            "MYCOMPANY_ID" => Cell::id(id_of(self.seller())),
            "COMPANY_ID" => Cell::id(self.parties().0),
            "CONTACT_ID" => Cell::id(self.parties().1),
            "CONTACT_IDS" => match self.parties().1 {
                0 => Cell::Ids(Vec::new()),
                id => Cell::Ids(vec![Cell::id(id).as_int()]),
            },
            "OBSERVERS" => Cell::Ids(Vec::new()),
            "ACCOUNT_NUMBER" => Cell::text(self.number()),
            "CATEGORY_ID" => Cell::Int(3),
            "OPENED" => Cell::Flag(true),
            "IS_RECURRING" => Cell::Flag(false),
            "SOURCE_ID" if dice.chance(Topic::Source, n * 4 + 1, 30) => {
                Cell::text(dice.pick(Topic::Source, n * 4 + 2, SOURCES))
            }
            "SOURCE_DESCRIPTION" => Cell::text(""),
            "COMMENTS" if dice.chance(Topic::Comment, n * 4 + 6, 20) => {
                Cell::text(dice.pick(Topic::Comment, n * 4 + 7, COMMENTS))
            }
            "ASSIGNED_BY_ID" | "LAST_ACTIVITY_BY" => Cell::Int(seed.assigned(Entity::Invoice, n)),
            "CREATED_BY" | "UPDATED_BY" | "MOVED_BY" => Cell::Int(1),
            "CREATED_TIME" => Cell::Moment(self.created()),
            "UPDATED_TIME" | "MOVED_TIME" | "LAST_ACTIVITY_TIME" => Cell::Moment(self.edited()),
            "PARENT_ID_2" => Cell::maybe(self.parent_deal(), Cell::id),
            _ => Cell::Null,
        }
    }
}
