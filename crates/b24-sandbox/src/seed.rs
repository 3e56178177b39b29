//! The seed: a portal that looks like a real Russian group's, computed from a number.
//!
//! Every row follows from (seed, id) alone, so a portal of a million rows holds none of them.

mod client;
mod codes;
mod company;
mod contact;
mod dates;
mod deal;
mod invoice;
mod lead;
mod link;
mod mix;
mod payment;
mod people;
mod phones;
mod product;
mod requisite;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use link::Link;
pub(crate) use payment::Payment;
pub(crate) use people::{Person, RESTRICTED_USER, User};
pub(crate) use product::ROWS_PER_OWNER;
pub(crate) use requisite::{BankDetail, Requisite};

use dates::Days;
use mix::{Dice, Topic};
use phones::Phones;

use crate::portal::cell::Cell;
use crate::portal::entity::Entity;

/// How large a portal to make, and from which number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeedPlan {
    /// Everything follows from this number.
    pub(crate) seed: u64,
    /// Smart invoices in total.
    pub(crate) invoices: u32,
    /// Deals in total.
    pub(crate) deals: u32,
    /// Contacts in total; `None` makes as many as the invoices' clients need.
    pub(crate) contacts: Option<u32>,
}

/// The group's own companies come first among the companies.
pub(crate) const OWN_COMPANIES: u64 = 3;

/// The computed base of a portal.
#[derive(Debug)]
pub(crate) struct Seed {
    plan: SeedPlan,
    dice: Dice,
    days: Days,
    phones: Phones,
    clients: u64,
}

impl Seed {
    pub(crate) fn new(plan: SeedPlan) -> Self {
        let dice = Dice::new(plan.seed);
        let clients = u64::from(plan.invoices.max(plan.deals / 4) / 8).max(4);
        Self { plan, dice, days: Days::new(), phones: Phones::new(dice), clients }
    }

    /// How many elements of an entity the base has.
    pub(crate) fn count(&self, entity: Entity) -> u64 {
        match entity {
            Entity::Invoice => u64::from(self.plan.invoices),
            Entity::Deal => u64::from(self.plan.deals),
            Entity::Lead => u64::from(self.plan.deals / 4),
            Entity::Company => OWN_COMPANIES + self.clients - self.persons(),
            Entity::Contact => self.plan.contacts.map_or(self.clients, u64::from),
        }
    }

    /// The highest identifier of the base; new elements come after it.
    pub(crate) fn last_id(&self, entity: Entity) -> u64 {
        self.count(entity).checked_sub(1).map_or(0, id_of)
    }

    /// Whether the base has this element.
    pub(crate) fn has(&self, entity: Entity, id: u64) -> bool {
        self.ordinal(entity, id).is_some()
    }

    /// The position of an element among its kind.
    pub(crate) fn ordinal(&self, entity: Entity, id: u64) -> Option<u64> {
        ordinal_of(id).filter(|n| *n < self.count(entity))
    }

    /// Base identifiers between two bounds, both inclusive.
    pub(crate) fn ids(&self, entity: Entity, low: u64, high: u64) -> impl DoubleEndedIterator<Item = u64> {
        let count = self.count(entity);
        (first_ordinal(low)..first_ordinal(high.saturating_add(1)).min(count)).map(id_of)
    }

    /// How many base identifiers lie between two bounds, both inclusive.
    pub(crate) fn count_between(&self, entity: Entity, low: u64, high: u64) -> u64 {
        let count = self.count(entity);
        first_ordinal(high.saturating_add(1)).min(count).saturating_sub(first_ordinal(low))
    }

    /// One value of a base row; nothing else of the row is computed.
    pub(crate) fn cell(&self, entity: Entity, id: u64, column: &str) -> Cell {
        let Some(n) = self.ordinal(entity, id) else { return Cell::Null };
        match column {
            "ID" => return Cell::id(id),
            "ENTITY_TYPE_ID" => return Cell::Int(i64::from(entity.type_id())),
            _ => {}
        }
        match entity {
            Entity::Invoice => self.invoice(n).cell(column),
            Entity::Deal => self.deal(n).cell(column),
            Entity::Contact => self.contact(n).cell(column),
            Entity::Company => self.company(n).cell(column),
            Entity::Lead => self.lead(n).cell(column),
        }
    }

    /// The user responsible for the `n`-th element.
    fn assigned(&self, entity: Entity, n: u64) -> i64 {
        let weighted = [1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5];
        self.dice.pick(Topic::Assigned, n * 64 + u64::from(entity.type_id()), &weighted)
    }
}

/// Identifiers rise with gaps (every eighth is missing), as those of a portal that has seen deletions.
pub(crate) fn id_of(ordinal: u64) -> u64 {
    ordinal + ordinal / 7 + 1
}

fn ordinal_of(id: u64) -> Option<u64> {
    let at = id.checked_sub(1)?;
    (at % 8 != 7).then_some(at / 8 * 7 + at % 8)
}

/// The first ordinal whose identifier is at least `id`.
fn first_ordinal(id: u64) -> u64 {
    let at = id.saturating_sub(1);
    at / 8 * 7 + (at % 8).min(7)
}
