//! Bank accounts of requisite cards.

use crate::method::{Refusal, Reply};
use crate::portal::cell::Cell;
use crate::portal::field::{
    Field,
    Kind::{Flag, Integer, Text},
    field,
};
use crate::portal::filter::Filter;
use crate::portal::listing::Table;
use crate::portal::store::Store;
use crate::portal::{Session, legacy_list};
use crate::seed::BankDetail;

const FIELDS: &[Field] = &[
    field("ID", "", Integer, ""),
    field("ENTITY_TYPE_ID", "", Integer, ""),
    field("ENTITY_ID", "", Integer, ""),
    field("COUNTRY_ID", "", Integer, ""),
    field("NAME", "", Text, ""),
    field("CODE", "", Text, ""),
    field("XML_ID", "", Text, ""),
    field("ACTIVE", "", Flag, ""),
    field("SORT", "", Integer, ""),
    field("RQ_BANK_NAME", "", Text, ""),
    field("RQ_BANK_ADDR", "", Text, ""),
    field("RQ_BIK", "", Text, ""),
    field("RQ_ACC_NUM", "", Text, ""),
    field("RQ_ACC_CURRENCY", "", Text, ""),
    field("RQ_COR_ACC_NUM", "", Text, ""),
    field("COMMENTS", "", Text, ""),
];

struct Banks<'a> {
    store: &'a Store,
}

impl Banks<'_> {
    fn detail(&self, id: u64) -> Option<BankDetail> {
        let detail = self.store.seed.bank_detail(id)?;
        self.store.has_requisite(detail.requisite_id).then_some(detail)
    }
}

impl Table for Banks<'_> {
    fn cell(&self, id: u64, field: &'static Field) -> Cell {
        let Some(detail) = self.detail(id) else { return Cell::Null };
        match field.column {
            "ID" => Cell::id(id),
            "ENTITY_TYPE_ID" => Cell::Int(8),
            "ENTITY_ID" => Cell::id(detail.requisite_id),
            "COUNTRY_ID" => Cell::Int(1),
            "NAME" => Cell::text("Расчётный счёт"),
            "ACTIVE" => Cell::Flag(true),
            "SORT" => Cell::Int(500),
            "RQ_BANK_NAME" => Cell::text(detail.bank),
            "RQ_BIK" => Cell::text(detail.bik),
            "RQ_ACC_NUM" => Cell::text(detail.account),
            "RQ_ACC_CURRENCY" => Cell::text("RUB"),
            _ => Cell::Null,
        }
    }

    fn has(&self, id: u64) -> bool {
        self.detail(id).is_some()
    }

    fn scan(&self, (low, high): (u64, u64), down: bool) -> Box<dyn Iterator<Item = u64> + '_> {
        let ids = low.max(1)..=high.min(self.store.seed.last_requisite());
        let exists = |id: &u64| self.has(*id);
        if down { Box::new(ids.rev().filter(exists)) } else { Box::new(ids.filter(exists)) }
    }

    /// An account has the number of its card.
    fn narrowed(&self, filter: &Filter) -> Option<Vec<u64>> {
        filter.one_of("ID").or_else(|| filter.one_of("ENTITY_ID"))
    }
}

/// `crm.requisite.bankdetail.list`.
pub(in crate::portal) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    legacy_list::plain(session, &Banks { store: session.store }, FIELDS)
}
