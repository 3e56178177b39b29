//! Requisite cards.

use crate::method::{Refusal, Reply};
use crate::portal::cell::Cell;
use crate::portal::entity::Entity;
use crate::portal::field::{
    Field,
    Kind::{Flag, Integer, Moment, Text, User},
    field,
};
use crate::portal::filter::Filter;
use crate::portal::listing::Table;
use crate::portal::store::Store;
use crate::portal::{Session, args, legacy_list};
use crate::seed::Requisite;
use crate::value::{Map, Value};

const fn rq(column: &'static str) -> Field {
    field(column, column, Text, "")
}

const FIELDS: &[Field] = &[
    field("ID", "", Integer, ""),
    field("ENTITY_TYPE_ID", "", Integer, ""),
    field("ENTITY_ID", "", Integer, ""),
    field("PRESET_ID", "", Integer, ""),
    field("DATE_CREATE", "", Moment, ""),
    field("DATE_MODIFY", "", Moment, ""),
    field("CREATED_BY_ID", "", User, ""),
    field("MODIFY_BY_ID", "", User, ""),
    field("NAME", "", Text, ""),
    field("CODE", "", Text, ""),
    field("XML_ID", "", Text, ""),
    field("ORIGINATOR_ID", "", Text, ""),
    field("ACTIVE", "", Flag, ""),
    field("ADDRESS_ONLY", "", Flag, ""),
    field("SORT", "", Integer, ""),
    rq("RQ_NAME"),
    rq("RQ_FIRST_NAME"),
    rq("RQ_LAST_NAME"),
    rq("RQ_SECOND_NAME"),
    rq("RQ_COMPANY_ID"),
    rq("RQ_COMPANY_NAME"),
    rq("RQ_COMPANY_FULL_NAME"),
    rq("RQ_COMPANY_REG_DATE"),
    rq("RQ_DIRECTOR"),
    rq("RQ_ACCOUNTANT"),
    rq("RQ_CEO_NAME"),
    rq("RQ_CEO_WORK_POS"),
    rq("RQ_CONTACT"),
    rq("RQ_EMAIL"),
    rq("RQ_PHONE"),
    rq("RQ_FAX"),
    rq("RQ_IDENT_TYPE"),
    rq("RQ_IDENT_DOC"),
    rq("RQ_IDENT_DOC_SER"),
    rq("RQ_IDENT_DOC_NUM"),
    rq("RQ_IDENT_DOC_PERS_NUM"),
    rq("RQ_IDENT_DOC_DATE"),
    rq("RQ_IDENT_DOC_ISSUED_BY"),
    rq("RQ_IDENT_DOC_DEP_CODE"),
    rq("RQ_INN"),
    rq("RQ_KPP"),
    rq("RQ_USRLE"),
    rq("RQ_IFNS"),
    rq("RQ_OGRN"),
    rq("RQ_OGRNIP"),
    rq("RQ_OKPO"),
    rq("RQ_OKTMO"),
    rq("RQ_OKVED"),
    rq("RQ_EDRPOU"),
    rq("RQ_DRFO"),
    rq("RQ_KBE"),
    rq("RQ_IIN"),
    rq("RQ_BIN"),
    rq("RQ_ST_CERT_SER"),
    rq("RQ_ST_CERT_NUM"),
    rq("RQ_ST_CERT_DATE"),
    rq("RQ_VAT_PAYER"),
    rq("RQ_VAT_ID"),
    rq("RQ_VAT_CERT_SER"),
    rq("RQ_VAT_CERT_NUM"),
    rq("RQ_VAT_CERT_DATE"),
    rq("RQ_RESIDENCE_COUNTRY"),
    rq("RQ_BASE_DOC"),
];

/// The cards of existing owners.
struct Cards<'a> {
    store: &'a Store,
}

impl Cards<'_> {
    fn card(&self, id: u64) -> Option<Requisite> {
        self.store.requisite(id)
    }
}

fn value(card: &Requisite, column: &str) -> Cell {
    match column {
        "ID" => Cell::id(card.id),
        "ENTITY_TYPE_ID" => Cell::Int(i64::from(card.owner.type_id())),
        "ENTITY_ID" => Cell::id(card.owner_id),
        "PRESET_ID" => Cell::Int(i64::from(card.preset)),
        "DATE_CREATE" => Cell::Moment(card.created),
        "CREATED_BY_ID" => Cell::Int(1),
        "NAME" => Cell::text(card.name),
        "ACTIVE" => Cell::Flag(true),
        "ADDRESS_ONLY" => Cell::Flag(false),
        "SORT" => Cell::Int(i64::from(card.sort)),
        _ => Cell::maybe(card.value(column), |text| Cell::text(text.to_owned())),
    }
}

impl Table for Cards<'_> {
    fn cell(&self, id: u64, field: &'static Field) -> Cell {
        if field.column == "ID" {
            return Cell::id(id);
        }
        self.card(id).map_or(Cell::Null, |card| value(&card, field.column))
    }

    fn cells(&self, id: u64, fields: &[&'static Field]) -> Vec<Cell> {
        let card = self.card(id);
        let of = |field: &&'static Field| card.as_ref().map_or(Cell::Null, |card| value(card, field.column));
        fields.iter().map(of).collect()
    }

    fn has(&self, id: u64) -> bool {
        self.store.has_requisite(id)
    }

    fn scan(&self, (low, high): (u64, u64), down: bool) -> Box<dyn Iterator<Item = u64> + '_> {
        let ids = low.max(1)..=high.min(self.store.seed.last_requisite());
        let exists = |id: &u64| self.store.has_requisite(*id);
        if down { Box::new(ids.rev().filter(exists)) } else { Box::new(ids.filter(exists)) }
    }

    fn narrowed(&self, filter: &Filter) -> Option<Vec<u64>> {
        filter.one_of("ID").or_else(|| {
            let owners = filter.one_of("ENTITY_ID")?;
            let cards = |owner| {
                let of = |entity| self.store.seed.requisites_of(entity, owner);
                [of(Entity::Company), of(Entity::Contact)].concat()
            };
            let mut found: Vec<u64> = owners.into_iter().flat_map(cards).collect();
            found.sort_unstable();
            Some(found)
        })
    }
}

impl Store {
    /// Whether there is such a card and its owner still exists.
    pub(super) fn has_requisite(&self, id: u64) -> bool {
        self.seed.requisite_owner(id).is_some_and(|(owner, owner_id)| self.has(owner, owner_id))
    }

    /// A requisite card whose owner still exists.
    pub(crate) fn requisite(&self, id: u64) -> Option<Requisite> {
        if self.has_requisite(id) { self.seed.requisite(id) } else { None }
    }

    /// Requisite cards of a company or contact by sort, then number.
    pub(crate) fn requisites_of(&self, owner: Entity, owner_id: u64) -> Vec<Requisite> {
        let ids = self.seed.requisites_of(owner, owner_id);
        let mut cards: Vec<_> = ids.into_iter().filter_map(|id| self.requisite(id)).collect();
        cards.sort_by_key(|card| (card.sort, card.id));
        cards
    }
}

/// `crm.requisite.list`.
pub(in crate::portal) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    legacy_list::plain(session, &Cards { store: session.store }, FIELDS)
}

/// `crm.requisite.get`.
pub(in crate::portal) fn get(session: &Session<'_>) -> Result<Reply, Refusal> {
    let given = args::tolerant(session.params, "id");
    let Some(id) = given.and_then(args::positive) else {
        return Err(Refusal::legacy("ID is not defined or invalid."));
    };
    let Some(card) = session.store.requisite(id) else {
        return Err(Refusal::legacy(format!("The Requisite with ID '{id}' is not found")));
    };
    let mut map = Map::new();
    for field in FIELDS {
        map.push(field.column, value(&card, field.column).stringy(field.kind));
    }
    Ok(Reply::of(Value::from(map)))
}
