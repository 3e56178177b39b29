//! The emulated portal: its data (seed plus what was written since) and its methods.

mod args;
mod categories;
pub(crate) mod cell;
mod comments;
mod currencies;
mod dates;
mod defaults;
mod describe;
mod duplicates;
pub(crate) mod entity;
mod field;
pub(crate) mod fields;
mod filter;
mod import;
mod item;
mod items;
mod legacy;
mod legacy_list;
mod listing;
mod methods;
mod multifields;
mod naming;
mod payments;
mod phone;
pub(crate) mod product_row;
mod product_rows;
mod requisites;
pub(crate) mod schema;
pub(crate) mod statuses;
pub(crate) mod store;
mod system;
#[cfg(test)]
mod tests;
mod users;
mod write;

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::civil::Date;

use crate::method::{Caller, Refusal, Reply};
use crate::model::{self, Basis, RegisterModel};
use crate::seed::SeedPlan;
use crate::value::{Map, Value};
use cell::Cell;
use entity::Entity;
use methods::Method;
use naming::Naming;
use schema::Schema;
use store::Store;

/// One call of a reading method.
pub(super) struct Session<'a> {
    store: &'a Store,
    params: &'a Map,
    caller: &'a Caller,
}

/// A portal: data and methods; safe to share between threads.
#[derive(Debug)]
pub(crate) struct Portal {
    plan: SeedPlan,
    schema: Schema,
    store: RwLock<Store>,
}

impl Portal {
    /// A fresh portal.
    pub(crate) fn new(plan: SeedPlan, schema: Schema) -> Self {
        Self { plan, schema, store: RwLock::new(Store::new(plan, schema)) }
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a method of this name (lower case) exists.
    #[expect(clippy::unused_self, reason = "a portal knows its methods, whatever it holds")]
    pub(crate) fn knows(&self, method: &str) -> bool {
        methods::find(method).is_some()
    }

    /// The scope a method needs; `None` when it needs none.
    #[expect(clippy::unused_self, reason = "a portal knows its methods, whatever it holds")]
    pub(crate) fn scope_of(&self, method: &str) -> Option<&'static str> {
        methods::scope(method)
    }

    /// Runs one method.
    ///
    /// # Errors
    ///
    /// The refusal a real portal would answer.
    pub(crate) fn call(&self, method: &str, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
        let Some(found) = methods::find(method) else {
            return Err(Refusal {
                status: 404,
                ..Refusal::coded("ERROR_METHOD_NOT_FOUND", "Method not found!")
            });
        };
        match found {
            Method::Read(run) => run(&Session { store: &self.read(), params, caller }),
            Method::ReadOf(run, entity) => run(&Session { store: &self.read(), params, caller }, entity),
            Method::Write(run) => run(&mut self.write(), params, caller),
            Method::WriteOf(run, entity) => run(&mut self.write(), params, caller, entity),
        }
    }

    /// Back to the seed.
    pub(crate) fn reset(&self) {
        *self.write() = Store::new(self.plan, self.schema);
    }

    /// How many elements a call is about: the portal works on each of them.
    #[expect(clippy::unused_self, reason = "a portal knows its methods, whatever it holds")]
    pub(crate) fn items_in(&self, method: &str, params: &Map) -> u32 {
        if method == "crm.item.batchimport" { import::items_in(params) } else { 1 }
    }

    /// Automations started by writes since the seed, by entity and stage.
    pub(crate) fn robots(&self) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
        self.read().robots.clone()
    }

    /// Counts and changed records of `deal`, `contact`, `company`, `lead`, `invoice` or `comment`.
    pub(crate) fn rows(&self, entity: &str) -> Option<Value> {
        let store = self.read();
        let mut out = Map::new();
        out.push("entity", entity.to_owned());
        if entity == "comment" {
            out.push("count", Value::Int(i64::try_from(store.comments.len()).unwrap_or(i64::MAX)));
            out.push("changed", store.comments.rows());
            return Some(out.into());
        }
        let entity = Entity::ALL.into_iter().find(|known| known.name() == entity)?;
        let touched = store.touched(entity);
        let ids = |kept: bool| {
            let ids = touched.iter().filter(|(_, exists)| *exists == kept);
            ids.map(|(id, _)| *id).collect::<Vec<_>>()
        };
        let values = |ids: &[u64]| ids.iter().map(|id| Cell::id(*id).typed()).collect::<Vec<_>>();
        let (written, deleted) = (ids(true), ids(false));
        let count = store.count_between(entity, 0, u64::MAX);
        let naming = Naming { original: false, schema: store.schema };
        let changed: Vec<Value> =
            written.iter().map(|id| item::full_row(&store, entity, *id, naming)).collect();
        out.push("count", Cell::id(count).typed());
        out.push("ids", values(&written));
        out.push("deleted", values(&deleted));
        out.push("changed", changed);
        Some(out.into())
    }

    /// The right register of a period.
    pub(crate) fn register_model(&self, from: Date, to: Date, basis: Basis) -> RegisterModel {
        model::of(&self.read(), from, to, basis)
    }
}
