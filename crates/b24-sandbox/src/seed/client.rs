//! Who buys: companies, entrepreneurs (also kept as companies) and private persons (contacts).

use super::mix::Topic;
use super::{OWN_COMPANIES, Seed};
use crate::portal::entity::Entity;

/// A client of the group, by its position among companies or contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    Company(u64),
    Person(u64),
    /// The plan asks for a portal without contacts.
    Nobody,
}

/// Of sixteen clients in a row the eighth and the last are private persons.
const PERSON_PLACES: [u64; 2] = [7, 15];
/// Of the fourteen others these are entrepreneurs.
const ENTREPRENEUR_PLACES: [u64; 3] = [3, 7, 11];

impl Seed {
    /// How many clients are private persons.
    pub(super) fn persons(&self) -> u64 {
        self.clients / 16 * 2 + u64::from(self.clients % 16 > PERSON_PLACES[0])
    }

    /// The client of an element, by chance.
    pub(super) fn client_of(&self, element: u64) -> Client {
        let client = self.dice.below(Topic::Client, element, self.clients);
        let (block, place) = (client / 16, client % 16);
        if let Some(which) = PERSON_PLACES.iter().position(|p| *p == place) {
            let person = block * 2 + which as u64;
            return match self.count(Entity::Contact) {
                0 => Client::Nobody,
                contacts => Client::Person(person % contacts),
            };
        }
        Client::Company(OWN_COMPANIES + block * 14 + place - u64::from(place > PERSON_PLACES[0]))
    }

    /// Whether the `n`-th company is an entrepreneur.
    pub(super) fn is_entrepreneur(n: u64) -> bool {
        n.checked_sub(OWN_COMPANIES).is_some_and(|client| ENTREPRENEUR_PLACES.contains(&(client % 14)))
    }

    /// The contact who speaks for the `n`-th company.
    pub(super) fn contact_person(&self, n: u64) -> Option<u64> {
        let contact = self.persons() + n.checked_sub(OWN_COMPANIES)?;
        (contact < self.count(Entity::Contact)).then_some(contact)
    }

    /// The company the `n`-th contact speaks for; private persons have none.
    pub(super) fn company_of_contact(&self, n: u64) -> Option<u64> {
        let firms = self.count(Entity::Company) - OWN_COMPANIES;
        n.checked_sub(self.persons()).map(|at| OWN_COMPANIES + at % firms.max(1))
    }
}
