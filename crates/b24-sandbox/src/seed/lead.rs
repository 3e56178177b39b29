//! Leads: people who asked, not yet clients.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::dates::working_hour;
use super::mix::Topic;
use super::phones::Slot;
use super::words::SOURCES;
use super::{Person, Seed, id_of};
use crate::portal::cell::{Cell, Multifield};
use crate::portal::entity::Entity;

/// The `n`-th lead.
pub(super) struct LeadSeed<'a> {
    seed: &'a Seed,
    n: u64,
}

impl Seed {
    pub(super) fn lead(&self, n: u64) -> LeadSeed<'_> {
        LeadSeed { seed: self, n }
    }
}

impl LeadSeed<'_> {
    fn person(&self) -> Person {
        Person::draw(self.seed.dice, self.n, 2)
    }

    fn created(&self) -> DateTime {
        let seed = self.seed;
        let day = seed.days.spread(seed.dice, self.n, seed.count(Entity::Lead));
        working_hour(seed.dice, seed.days.at(day), self.n * 4 + 3)
    }

    fn status(&self) -> &'static str {
        let weighted =
            ["NEW", "NEW", "IN_PROCESS", "IN_PROCESS", "PROCESSED", "CONVERTED", "CONVERTED", "JUNK"];
        self.seed.dice.pick(Topic::Stage, self.n * 4 + 3, &weighted)
    }

    fn multifields(&self) -> Vec<Multifield> {
        let (id, phones) = (id_of(self.n), self.seed.phones);
        let value = phones.spelled(&phones.national(Slot::Mobile(self.n * 4 + 2)), self.n * 4);
        vec![Multifield { id: id * 16 + 8, kind: "PHONE", value_type: "MOBILE".into(), value }]
    }

    pub(super) fn cell(&self, column: &str) -> Cell {
        let (seed, n) = (self.seed, self.n);
        match column {
            "TITLE" => Cell::text(format!("Заявка с сайта №{}", id_of(n))),
            "NAME" => Cell::text(self.person().first),
            "LAST_NAME" => Cell::text(self.person().last),
            "SOURCE_ID" => Cell::text(seed.dice.pick(Topic::Source, n * 4 + 3, SOURCES)),
            "STATUS_ID" => Cell::text(self.status()),
            "CURRENCY_ID" => Cell::text("RUB"),
            "OPPORTUNITY" => {
                Cell::Decimal(Decimal::from(seed.dice.below(Topic::Amount, n * 4 + 3, 300) * 500))
            }
            "TAX_VALUE" => Cell::Decimal(Decimal::ZERO),
            "IS_MANUAL_OPPORTUNITY" | "HAS_IMOL" | "IS_RETURN_CUSTOMER" => Cell::Flag(false),
            "OPENED" => Cell::Flag(true),
            "COMPANY_ID" | "CONTACT_ID" => Cell::Int(0),
            "ASSIGNED_BY_ID" | "LAST_ACTIVITY_BY" => Cell::Int(seed.assigned(Entity::Lead, n)),
            "CREATED_BY_ID" | "MODIFY_BY_ID" | "MOVED_BY_ID" => Cell::Int(1),
            "DATE_CREATE" | "DATE_MODIFY" | "MOVED_TIME" | "LAST_ACTIVITY_TIME" => {
                Cell::Moment(self.created())
            }
            "DATE_CLOSED" if matches!(self.status(), "CONVERTED" | "JUNK") => Cell::Moment(self.created()),
            "FM" => Cell::Multi(self.multifields()),
            _ => Cell::Null,
        }
    }
}
