//! Contacts: private persons first, then people who speak for companies.

use jiff::civil::{DateTime, date};

use super::dates::working_hour;
use super::mix::Topic;
use super::phones::Slot;
use super::words::{CITIES, COMMENTS, POSTS, SOURCES};
use super::{Person, Seed, id_of};
use crate::portal::cell::{Cell, Multifield};
use crate::portal::entity::Entity;

const LATIN: &[&str] = &["anna", "ivan", "olga", "petr", "marina", "sergey", "buh", "zakaz", "office"];
const DOMAINS: &[&str] = &["post.example", "mail.example", "pochta.example"];

/// The `n`-th contact.
pub(super) struct ContactSeed<'a> {
    seed: &'a Seed,
    n: u64,
}

impl Seed {
    pub(super) fn contact(&self, n: u64) -> ContactSeed<'_> {
        ContactSeed { seed: self, n }
    }

    /// Base elements that may own a phone or an e-mail; the caller compares the stored values.
    pub(crate) fn owners_of(&self, normalised: &str) -> Vec<(Entity, u64)> {
        let mut found = Vec::new();
        if normalised.contains('@') {
            for number in normalised.split(|c: char| !c.is_ascii_digit()).filter_map(|run| run.parse().ok()) {
                for entity in [Entity::Lead, Entity::Contact, Entity::Company] {
                    found.push((entity, number));
                }
            }
            return found;
        }
        let tail = if normalised.starts_with(['7', '8']) { normalised.get(1..11) } else { None };
        for national in tail.into_iter().chain(normalised.get(..10)) {
            match self.phones.slot_of(national) {
                Some(Slot::City(n)) => found.push((Entity::Company, id_of(n))),
                Some(Slot::Mobile(slot)) if slot % 4 == 2 => found.push((Entity::Lead, id_of(slot / 4))),
                // The next contact may be a relative who gave the same number.
                Some(Slot::Mobile(slot)) => {
                    found
                        .extend([(Entity::Contact, id_of(slot / 4)), (Entity::Contact, id_of(slot / 4 + 1))]);
                }
                None => {}
            }
        }
        found
    }
}

impl ContactSeed<'_> {
    pub(super) fn person(&self) -> Person {
        Person::draw(self.seed.dice, self.n, 3)
    }

    fn created(&self) -> DateTime {
        let seed = self.seed;
        let day = seed.days.spread(seed.dice, self.n, seed.count(Entity::Contact));
        working_hour(seed.dice, seed.days.at(day), self.n * 4 + 2)
    }

    fn multifields(&self) -> Vec<Multifield> {
        let (seed, n, id) = (self.seed, self.n, id_of(self.n));
        let mut out = Vec::new();
        let mut add = |kind, value_type: &'static str, value: String| {
            out.push(Multifield {
                id: id * 16 + out.len() as u64,
                kind,
                value_type: value_type.into(),
                value,
            });
        };
        let shared = n > 0 && seed.dice.chance(Topic::Phone, n, 4);
        let slot = Slot::Mobile(if shared { (n - 1) * 4 } else { n * 4 });
        if seed.dice.chance(Topic::Phone, n + 0x1_0000_0000, 94) {
            add("PHONE", "MOBILE", seed.phones.spelled(&seed.phones.national(slot), n * 4 + 2));
        }
        if seed.dice.chance(Topic::Phone, n + 0x2_0000_0000, 12) {
            add(
                "PHONE",
                "WORK",
                seed.phones.spelled(&seed.phones.national(Slot::Mobile(n * 4 + 1)), n * 4 + 3),
            );
        }
        if seed.dice.chance(Topic::Email, n * 4 + 2, 60) {
            let name = seed.dice.pick(Topic::Email, n * 4 + 3, LATIN);
            let mail = format!("{name}.{id}@{}", seed.dice.pick(Topic::Email, n * 4 + 6, DOMAINS));
            let shouted = seed.dice.chance(Topic::Email, n * 4 + 7, 5);
            add("EMAIL", "WORK", if shouted { mail.to_uppercase() } else { mail });
        }
        out
    }

    pub(super) fn cell(&self, column: &str) -> Cell {
        let (seed, n) = (self.seed, self.n);
        let dice = seed.dice;
        match column {
            "NAME" => Cell::text(self.person().first),
            "LAST_NAME" => Cell::text(self.person().last),
            "SECOND_NAME" if dice.chance(Topic::Patronymic, n * 8 + 7, 12) => Cell::Null,
            "SECOND_NAME" => Cell::text(self.person().second),
            "HONORIFIC" => Cell::text(if self.person().female { "HNR_RU_2" } else { "HNR_RU_1" }),
            "COMPANY_ID" => Cell::id(seed.company_of_contact(n).map_or(0, id_of)),
            "POST" if seed.company_of_contact(n).is_some() => {
                Cell::text(dice.pick(Topic::Title, n * 4 + 2, POSTS))
            }
            "TYPE_ID" => Cell::text("CLIENT"),
            "SOURCE_ID" => Cell::text(dice.pick(Topic::Source, n * 4 + 2, SOURCES)),
            "BIRTHDATE" if dice.chance(Topic::Birth, n, 40) => {
                let part = |of: u64| i16::try_from(of).unwrap_or(1);
                let draw = dice.roll(Topic::Birth, n + 1);
                let month = i8::try_from(1 + draw / 60 % 12).unwrap_or(1);
                let day = i8::try_from(1 + draw / 720 % 28).unwrap_or(1);
                Cell::Day(date(1945 + part(draw % 60), month, day))
            }
            "ASSIGNED_BY_ID" | "LAST_ACTIVITY_BY" => Cell::Int(seed.assigned(Entity::Contact, n)),
            "CREATED_BY_ID" | "MODIFY_BY_ID" => Cell::Int(1),
            "DATE_CREATE" | "DATE_MODIFY" | "LAST_ACTIVITY_TIME" => Cell::Moment(self.created()),
            "OPENED" | "EXPORT" => Cell::Flag(true),
            "HAS_IMOL" => Cell::Flag(false),
            "COMMENTS" if dice.chance(Topic::Comment, n * 4 + 3, 12) => {
                Cell::text(dice.pick(Topic::Comment, n * 4 + 5, COMMENTS))
            }
            "ADDRESS_CITY" => Cell::text(dice.pick(Topic::City, n * 4 + 2, CITIES)),
            "UF_CRM_CARD_NUMBER" if n % 3 == 0 => Cell::text(format!("К-{:06}", id_of(n))),
            "FM" => Cell::Multi(self.multifields()),
            _ => Cell::Null,
        }
    }
}
