//! Which requisites a document uses.

use crate::method::{Refusal, Reply};
use crate::portal::cell::Cell;
use crate::portal::entity::Entity;
use crate::portal::field::{Field, Kind::Integer, field};
use crate::portal::filter::Filter;
use crate::portal::listing::Table;
use crate::portal::store::Store;
use crate::portal::{Session, args, legacy_list};
use crate::seed::Link;
use crate::value::{Map, Value};

const FIELDS: &[Field] = &[
    field("ENTITY_TYPE_ID", "", Integer, ""),
    field("ENTITY_ID", "", Integer, ""),
    field("REQUISITE_ID", "", Integer, ""),
    field("BANK_DETAIL_ID", "", Integer, ""),
    field("MC_REQUISITE_ID", "", Integer, ""),
    field("MC_BANK_DETAIL_ID", "", Integer, ""),
];

/// Documents that have links, in the order of the table.
const DOCUMENTS: [Entity; 2] = [Entity::Deal, Entity::Invoice];

/// Links have no identifier of their own; inside, type and document make one.
const TYPE_BASE: u64 = 1 << 40;

struct Links<'a> {
    store: &'a Store,
}

impl Links<'_> {
    fn link(&self, key: u64) -> Option<(Entity, u64, Link)> {
        let entity = Entity::of_type_id(i64::try_from(key / TYPE_BASE).ok()?)?;
        let id = key % TYPE_BASE;
        self.store.link(entity, id).map(|link| (entity, id, link))
    }
}

fn key(entity: Entity, id: u64) -> u64 {
    u64::from(entity.type_id()) * TYPE_BASE + id
}

impl Table for Links<'_> {
    fn cell(&self, key: u64, field: &'static Field) -> Cell {
        let (type_id, id) = (key / TYPE_BASE, key % TYPE_BASE);
        let of_link =
            |value: fn(&Link) -> u64| self.link(key).map_or(Cell::Null, |(.., link)| Cell::id(value(&link)));
        match field.column {
            "ENTITY_TYPE_ID" => Cell::id(type_id),
            "ENTITY_ID" => Cell::id(id),
            "REQUISITE_ID" => of_link(|link| link.requisite),
            "BANK_DETAIL_ID" => of_link(|link| link.bank_detail),
            "MC_REQUISITE_ID" => of_link(|link| link.own_requisite),
            _ => of_link(|link| link.own_bank_detail),
        }
    }

    fn has(&self, key: u64) -> bool {
        self.link(key).is_some()
    }

    fn scan(&self, _bounds: (u64, u64), down: bool) -> Box<dyn Iterator<Item = u64> + '_> {
        let mut documents = DOCUMENTS;
        if down {
            documents.reverse();
        }
        let keys = documents.into_iter().flat_map(move |entity| {
            self.store.ids(entity, (0, u64::MAX), down).map(move |id| key(entity, id))
        });
        Box::new(keys.filter(|key| self.has(*key)))
    }

    fn narrowed(&self, filter: &Filter) -> Option<Vec<u64>> {
        let mut ids = filter.one_of("ENTITY_ID")?;
        ids.retain(|id| *id < TYPE_BASE);
        let types = filter.one_of("ENTITY_TYPE_ID");
        let wanted =
            |entity: &Entity| types.as_ref().is_none_or(|ids| ids.contains(&u64::from(entity.type_id())));
        let documents = DOCUMENTS.into_iter().filter(wanted);
        Some(documents.flat_map(|entity| ids.iter().map(move |id| key(entity, *id))).collect())
    }
}

impl Store {
    /// The link row of an existing document.
    pub(crate) fn link(&self, entity: Entity, id: u64) -> Option<Link> {
        if self.has(entity, id) { self.seed.link(entity, id) } else { None }
    }
}

/// `crm.requisite.link.list`.
pub(in crate::portal) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    legacy_list::plain(session, &Links { store: session.store }, FIELDS)
}

/// `crm.requisite.link.get`: bad identifiers answer `false`, a missing link "Not found".
pub(in crate::portal) fn get(session: &Session<'_>) -> Result<Reply, Refusal> {
    let number = |name| args::tolerant(session.params, name).map_or(0, args::int);
    let (type_id, id) = (number("entityTypeId"), u64::try_from(number("entityId")).unwrap_or(0));
    if type_id <= 0 || id == 0 {
        return Ok(Reply::of(false));
    }
    let found = Entity::of_type_id(type_id).and_then(|entity| session.store.link(entity, id));
    let Some(link) = found else { return Err(Refusal::legacy("Not found")) };
    let mut map = Map::new();
    map.push("ENTITY_TYPE_ID", Value::Int(type_id));
    map.push("ENTITY_ID", Cell::id(id).typed());
    map.push("REQUISITE_ID", link.requisite.to_string());
    map.push("BANK_DETAIL_ID", link.bank_detail.to_string());
    map.push("MC_REQUISITE_ID", link.own_requisite.to_string());
    map.push("MC_BANK_DETAIL_ID", link.own_bank_detail.to_string());
    Ok(Reply::of(Value::from(map)))
}
