//! Elements of an entity type as a table, with the caller's rights.

use super::Session;
use super::cell::Cell;
use super::entity::Entity;
use super::field::Field;
use super::filter::{Filter, Op, Scalar};
use super::listing::Table;
use super::store::Store;
use crate::seed::RESTRICTED_USER;

/// The elements a user may read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Items<'a> {
    pub(super) store: &'a Store,
    pub(super) entity: Entity,
    pub(super) user: u32,
}

impl<'a> Items<'a> {
    pub(super) fn of(session: &Session<'a>, entity: Entity) -> Self {
        Self { store: session.store, entity, user: session.caller.user_id }
    }
}

impl Table for Items<'_> {
    fn cell(&self, id: u64, field: &'static Field) -> Cell {
        self.store.cell(self.entity, id, field.column)
    }

    fn has(&self, id: u64) -> bool {
        self.store.has(self.entity, id) && self.store.readable(self.entity, id, self.user)
    }

    fn scan(&self, bounds: (u64, u64), down: bool) -> Box<dyn Iterator<Item = u64> + '_> {
        let ids = self.store.ids(self.entity, bounds, down);
        if self.user != RESTRICTED_USER {
            return ids;
        }
        Box::new(ids.filter(|id| self.store.readable(self.entity, *id, self.user)))
    }

    fn narrowed(&self, filter: &Filter) -> Option<Vec<u64>> {
        filter.one_of("ID").or_else(|| {
            let mut equal = filter.mandatory().into_iter().filter(|test| test.op == Op::Equal);
            equal.find_map(|test| {
                let texts: Option<Vec<&str>> = test.values.iter().map(Scalar::as_text).collect();
                self.store.holders(self.entity, test.field.column, &texts?)
            })
        })
    }

    fn count(&self, low: u64, high: u64) -> Option<u64> {
        (self.user != RESTRICTED_USER).then(|| self.store.count_between(self.entity, low, high))
    }

    fn order_key(&self, id: u64, field: &'static Field) -> Cell {
        let cell = self.cell(id, field);
        if field.column == self.entity.stamps().stage
            && let Some(stage) = self.store.schema.stage_of(self.entity, cell.as_text())
        {
            return Cell::Int(i64::from(stage.sort));
        }
        cell
    }
}
