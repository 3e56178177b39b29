//! People: users of the portal, clients, directors.

use super::Seed;
use super::mix::{Dice, Topic};
use super::words::{FEMALE_NAMES, MALE_NAMES, PATRONYMICS, SURNAMES};

/// A name in its three parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) last: String,
    pub(crate) first: &'static str,
    pub(crate) second: &'static str,
    /// «Ж» for women, in the portal's gender code.
    pub(crate) female: bool,
}

impl Person {
    /// `offset` separates people of different entities with the same ordinal.
    pub(super) fn draw(dice: Dice, element: u64, offset: u64) -> Self {
        let key = element.wrapping_mul(8).wrapping_add(offset);
        let female = dice.chance(Topic::Sex, key, 52);
        let surname = dice.pick(Topic::Surname, key, SURNAMES);
        let (his, her) = dice.pick(Topic::Patronymic, key, PATRONYMICS);
        Self {
            last: if female { format!("{surname}а") } else { surname.to_owned() },
            first: dice.pick(Topic::Name, key, if female { FEMALE_NAMES } else { MALE_NAMES }),
            second: if female { her } else { his },
            female,
        }
    }

    /// «Фамилия Имя Отчество».
    pub(crate) fn full(&self) -> String {
        format!("{} {} {}", self.last, self.first, self.second)
    }

    /// «Фамилия И. О.».
    pub(crate) fn short(&self) -> String {
        let initial = |name: &str| name.chars().next().unwrap_or('?');
        format!("{} {}. {}.", self.last, initial(self.first), initial(self.second))
    }
}

/// A user of the portal.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: u32,
    pub(crate) person: Person,
    pub(crate) position: &'static str,
    pub(crate) admin: bool,
    pub(crate) active: bool,
}

/// User 2 is the manager who reads only his own records.
pub(crate) const RESTRICTED_USER: u32 = 2;

impl Seed {
    /// The five users.
    pub(crate) fn users(&self) -> Vec<User> {
        let positions =
            ["Администратор портала", "Менеджер", "Старший менеджер", "Бухгалтер", "Менеджер по закупкам"];
        (1..=5_u32)
            .zip(positions)
            .map(|(id, position)| User {
                id,
                person: Person::draw(self.dice, u64::from(id), 5),
                position,
                admin: id == 1,
                active: id != 5,
            })
            .collect()
    }
}
