//! Which requisites a document uses.

use super::Seed;
use super::client::Client;
use super::invoice::LinkFault;
use super::mix::Topic;
use crate::portal::entity::Entity;

/// The chosen requisites of one document; 0 is "not chosen".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) requisite: u64,
    pub(crate) bank_detail: u64,
    pub(crate) own_requisite: u64,
    pub(crate) own_bank_detail: u64,
}

/// A number no requisite card has.
const GONE: u64 = 900_000_000;

impl Seed {
    fn chosen(&self, client: Client, element: u64) -> u64 {
        match client {
            Client::Company(n) => {
                let second =
                    self.has_second_requisite(n) && self.dice.chance(Topic::SecondRequisite, element, 30);
                Self::requisite_of_company(n) + u64::from(second)
            }
            Client::Person(p) => self.requisite_of_person(p).unwrap_or(0),
            Client::Nobody => 0,
        }
    }

    fn bank_of(&self, requisite: u64) -> u64 {
        self.bank_detail(requisite).map_or(0, |bank| bank.id)
    }

    /// The link row of a base invoice or deal, if it has one.
    pub(crate) fn link(&self, entity: Entity, id: u64) -> Option<Link> {
        let n = self.ordinal(entity, id)?;
        if entity == Entity::Deal {
            let linked = self.dice.chance(Topic::BrokenSpot, n, 30);
            return linked.then(|| self.link_to(self.chosen(self.client_of(n * 2 + 1), n), n % 3));
        }
        if entity != Entity::Invoice {
            return None;
        }
        let invoice = self.invoice(n);
        let requisite = self.chosen(invoice.client(), n);
        let link = self.link_to(requisite, invoice.seller());
        match invoice.link_fault() {
            None => Some(link),
            Some(LinkFault::NoRow) => None,
            Some(LinkFault::NothingChosen) => Some(Link { requisite: 0, bank_detail: 0, ..link }),
            Some(LinkFault::RequisiteGone) => Some(Link { requisite: GONE + n, bank_detail: 0, ..link }),
            Some(LinkFault::NoSeller) => Some(Link { own_requisite: 0, own_bank_detail: 0, ..link }),
        }
    }

    fn link_to(&self, requisite: u64, seller: u64) -> Link {
        let own = Self::requisite_of_company(seller);
        Link {
            requisite,
            bank_detail: self.bank_of(requisite),
            own_requisite: own,
            own_bank_detail: self.bank_of(own),
        }
    }
}
