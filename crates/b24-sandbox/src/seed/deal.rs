//! Deals of the group, in two funnels.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::client::Client;
use super::dates::working_hour;
use super::mix::Topic;
use super::words::{COMMENTS, PRODUCTS, SOURCES};
use super::{Seed, id_of};
use crate::portal::cell::Cell;
use crate::portal::entity::Entity;
use crate::portal::fields::deal::{BRANCHES, EXTERNAL_KEY};

const STAGES: &[&str] = &[
    "NEW",
    "NEW",
    "PREPARATION",
    "PREPARATION",
    "PREPAYMENT_INVOICE",
    "EXECUTING",
    "EXECUTING",
    "FINAL_INVOICE",
    "WON",
    "WON",
    "WON",
    "WON",
    "LOSE",
    "APOLOGY",
];
const SECOND_FUNNEL: &[&str] = &["C1:NEW", "C1:PREPARATION", "C1:EXECUTING", "C1:WON", "C1:WON", "C1:LOSE"];

/// The `n`-th deal.
pub(super) struct DealSeed<'a> {
    seed: &'a Seed,
    n: u64,
}

impl Seed {
    pub(super) fn deal(&self, n: u64) -> DealSeed<'_> {
        DealSeed { seed: self, n }
    }
}

impl DealSeed<'_> {
    fn day(&self) -> u64 {
        self.seed.days.spread(self.seed.dice, self.n, self.seed.count(Entity::Deal))
    }

    fn created(&self) -> DateTime {
        working_hour(self.seed.dice, self.seed.days.at(self.day()), self.n * 4)
    }

    fn edited(&self) -> DateTime {
        let later = self.day() + self.seed.dice.below(Topic::Edited, self.n * 4 + 1, 12);
        working_hour(self.seed.dice, self.seed.days.at(later), self.n * 4).max(self.created())
    }

    fn second_funnel(&self) -> bool {
        self.seed.dice.chance(Topic::Stage, self.n * 4 + 1, 20)
    }

    fn stage(&self) -> &'static str {
        let stages = if self.second_funnel() { SECOND_FUNNEL } else { STAGES };
        self.seed.dice.pick(Topic::Stage, self.n * 4 + 2, stages)
    }

    fn parties(&self) -> (u64, u64) {
        match self.seed.client_of(self.n * 2 + 1) {
            Client::Company(n) => (id_of(n), self.seed.contact_person(n).map_or(0, id_of)),
            Client::Person(n) => (0, id_of(n)),
            Client::Nobody => (0, 0),
        }
    }

    fn title(&self) -> String {
        let goods = self.seed.dice.pick(Topic::Title, self.n * 4, PRODUCTS).0;
        match self.seed.client_of(self.n * 2 + 1) {
            Client::Company(n) => format!("{goods} — {}", self.seed.company(n).title()),
            Client::Person(n) => format!("{goods} — {}", self.seed.contact(n).person().short()),
            Client::Nobody => goods.to_owned(),
        }
    }

    pub(super) fn cell(&self, column: &str) -> Cell {
        let (seed, n) = (self.seed, self.n);
        let dice = seed.dice;
        match column {
            "TITLE" => Cell::text(self.title()),
            "TYPE_ID" => {
                Cell::text(dice.pick(Topic::Title, n * 4 + 1, &["SALE", "SALE", "COMPLEX", "SERVICE"]))
            }
            "CATEGORY_ID" => Cell::Int(i64::from(self.second_funnel())),
            "STAGE_ID" => Cell::text(self.stage()),
            "IS_RECURRING" | "IS_RETURN_CUSTOMER" | "IS_REPEATED_APPROACH" => Cell::Flag(false),
            "CURRENCY_ID" => Cell::text("RUB"),
            "OPPORTUNITY" => Cell::Decimal(Decimal::new(
                i64::try_from(1_000 + dice.below(Topic::Amount, n * 4, 900_000)).unwrap_or(0) * 100,
                2,
            )),
            "IS_MANUAL_OPPORTUNITY" => Cell::Flag(dice.chance(Topic::Manual, n * 4, 10)),
            "TAX_VALUE" => Cell::Decimal(Decimal::ZERO),
            "COMPANY_ID" => Cell::id(self.parties().0),
            "CONTACT_ID" => Cell::id(self.parties().1),
            "CONTACT_IDS" => match self.parties().1 {
                0 => Cell::Ids(Vec::new()),
                id => Cell::Ids(vec![Cell::id(id).as_int()]),
            },
            "OBSERVERS" => Cell::Ids(Vec::new()),
            "BEGINDATE" => Cell::Day(seed.days.at(self.day())),
            "CLOSEDATE" => Cell::Day(seed.days.at(self.day() + 10 + dice.below(Topic::Closing, n * 4, 30))),
            "OPENED" => Cell::Flag(true),
            "COMMENTS" if dice.chance(Topic::Comment, n * 4, 30) => {
                Cell::text(dice.pick(Topic::Comment, n * 4 + 1, COMMENTS))
            }
            "ASSIGNED_BY_ID" => Cell::Int(seed.assigned(Entity::Deal, n)),
            "CREATED_BY_ID" | "MODIFY_BY_ID" | "MOVED_BY_ID" | "LAST_ACTIVITY_BY" => Cell::Int(1),
            "DATE_CREATE" => Cell::Moment(self.created()),
            "DATE_MODIFY" | "MOVED_TIME" | "LAST_ACTIVITY_TIME" => Cell::Moment(self.edited()),
            "SOURCE_ID" => Cell::text(dice.pick(Topic::Source, n * 4, SOURCES)),
            EXTERNAL_KEY if dice.chance(Topic::Key, n, 60) => Cell::text(format!("F1_{}", 20_000 + id_of(n))),
            "UF_CRM_1769008900" if dice.chance(Topic::Key, n + 1, 50) => Cell::Moment(self.created()),
            "UF_CRM_1769008947" if dice.chance(Topic::Key, n + 2, 70) => {
                Cell::Int(i64::from(dice.pick(Topic::Key, n + 3, BRANCHES).0))
            }
            "UF_CRM_FIRST_VISIT" => Cell::Flag(dice.chance(Topic::Key, n + 4, 35)),
            _ => Cell::Null,
        }
    }
}
