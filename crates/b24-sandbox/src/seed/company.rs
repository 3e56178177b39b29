//! Companies: the three of the group, firms and entrepreneurs.

use jiff::civil::DateTime;

use super::dates::working_hour;
use super::mix::Topic;
use super::phones::Slot;
use super::words::{ADJECTIVES, CITIES, COMMENTS, NOUNS, SHORT_FORMS, STREETS};
use super::{OWN_COMPANIES, Person, Seed, id_of};
use crate::portal::cell::{Cell, Multifield};
use crate::portal::entity::Entity;

const OWN_NAMES: [(&str, &str); 3] =
    [("ООО", "Торговый дом Вектор"), ("АО", "Вектор Логистика"), ("ООО", "Вектор Сервис")];

/// The `n`-th company.
pub(super) struct CompanySeed<'a> {
    seed: &'a Seed,
    pub(super) n: u64,
}

impl Seed {
    pub(super) fn company(&self, n: u64) -> CompanySeed<'_> {
        CompanySeed { seed: self, n }
    }
}

impl CompanySeed<'_> {
    pub(super) fn is_own(&self) -> bool {
        self.n < OWN_COMPANIES
    }

    /// Legal form and name.
    pub(super) fn name(&self) -> (&'static str, String) {
        if let Some((form, name)) = usize::try_from(self.n).ok().and_then(|n| OWN_NAMES.get(n)) {
            return (form, (*name).to_owned());
        }
        let dice = self.seed.dice;
        let words = (ADJECTIVES.len() * NOUNS.len()) as u64;
        let word = dice.roll(Topic::Company, self.n);
        let adjective = ADJECTIVES[usize::try_from(word % ADJECTIVES.len() as u64).unwrap_or(0)];
        let noun = NOUNS[usize::try_from(word / 64 % NOUNS.len() as u64).unwrap_or(0)];
        let name = if self.n < words / 2 {
            format!("{adjective} {noun}")
        } else {
            format!("{adjective} {noun} {}", self.n)
        };
        (dice.pick(Topic::CompanyForm, self.n, SHORT_FORMS), name)
    }

    /// The entrepreneur behind the company, or its director.
    pub(super) fn person(&self) -> Person {
        Person::draw(self.seed.dice, self.n, 4)
    }

    pub(super) fn title(&self) -> String {
        if Seed::is_entrepreneur(self.n) {
            return format!("ИП {}", self.person().short());
        }
        let (form, name) = self.name();
        format!("{form} «{name}»")
    }

    pub(super) fn created(&self) -> DateTime {
        let day = self.seed.days.at(self.seed.dice.below(Topic::Day, self.n * 4 + 1, 60));
        working_hour(self.seed.dice, day, self.n * 4 + 1)
    }

    pub(super) fn address(&self) -> String {
        let dice = self.seed.dice;
        let city = dice.pick(Topic::Street, self.n, CITIES);
        let street = dice.pick(Topic::Street, self.n + 7, STREETS);
        format!("г. {city}, {street}, д. {}", 1 + dice.below(Topic::Street, self.n + 13, 120))
    }

    fn multifields(&self) -> Vec<Multifield> {
        let (id, phones) = (id_of(self.n), self.seed.phones);
        let spelled = phones.spelled(&phones.national(Slot::City(self.n)), self.n * 4 + 1);
        let phone = Multifield { id: id * 16 + 4, kind: "PHONE", value_type: "WORK".into(), value: spelled };
        let mail = format!("info@firm{id}.example");
        let email = Multifield { id: id * 16 + 5, kind: "EMAIL", value_type: "WORK".into(), value: mail };
        if self.seed.dice.chance(Topic::Email, self.n * 4 + 1, 70) { vec![phone, email] } else { vec![phone] }
    }

    pub(super) fn cell(&self, column: &str) -> Cell {
        let (seed, n) = (self.seed, self.n);
        match column {
            "TITLE" => Cell::text(self.title()),
            "COMPANY_TYPE" => Cell::text(if self.is_own() { "OTHER" } else { "CUSTOMER" }),
            "IS_MY_COMPANY" => Cell::Flag(self.is_own()),
            "ASSIGNED_BY_ID" if self.is_own() => Cell::Int(1),
            "ASSIGNED_BY_ID" | "LAST_ACTIVITY_BY" => Cell::Int(seed.assigned(Entity::Company, n)),
            "CREATED_BY_ID" | "MODIFY_BY_ID" => Cell::Int(1),
            "DATE_CREATE" | "DATE_MODIFY" | "LAST_ACTIVITY_TIME" => Cell::Moment(self.created()),
            "OPENED" => Cell::Flag(true),
            "HAS_IMOL" => Cell::Flag(false),
            "REVENUE" => Cell::Decimal(rust_decimal::Decimal::ZERO),
            "CURRENCY_ID" => Cell::text("RUB"),
            "INDUSTRY" => Cell::text(seed.dice.pick(
                Topic::Source,
                n * 4 + 1,
                &["MANUFACTURING", "CONSULTING", "OTHER"],
            )),
            "EMPLOYEES" => Cell::text("EMPLOYEES_1"),
            "COMMENTS" if seed.dice.chance(Topic::Comment, n * 4 + 1, 15) => {
                Cell::text(seed.dice.pick(Topic::Comment, n * 4 + 2, COMMENTS))
            }
            "COMMENTS" => Cell::text(""),
            "ADDRESS" | "REG_ADDRESS" => Cell::text(self.address()),
            "FM" => Cell::Multi(self.multifields()),
            _ => Cell::Null,
        }
    }
}
