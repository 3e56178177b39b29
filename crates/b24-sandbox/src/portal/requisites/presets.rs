//! Templates of requisite cards.

use crate::method::{Refusal, Reply};
use crate::portal::cell::Cell;
use crate::portal::field::{
    Field,
    Kind::{Flag, Integer, Moment, Text},
    field,
};
use crate::portal::listing::Table;
use crate::portal::{Session, legacy_list};

const FIELDS: &[Field] = &[
    field("ID", "", Integer, ""),
    field("ENTITY_TYPE_ID", "", Integer, ""),
    field("COUNTRY_ID", "", Integer, ""),
    field("NAME", "", Text, ""),
    field("DATE_CREATE", "", Moment, ""),
    field("DATE_MODIFY", "", Moment, ""),
    field("CREATED_BY_ID", "", Integer, ""),
    field("MODIFY_BY_ID", "", Integer, ""),
    field("ACTIVE", "", Flag, ""),
    field("SORT", "", Integer, ""),
    field("XML_ID", "", Text, ""),
];

const PRESETS: [(u64, &str, &str); 3] = [
    (1, "Организация", "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#"),
    (2, "ИП", "#CRM_REQUISITE_PRESET_DEF_RU_INDIVIDUAL#"),
    (3, "Физ. лицо", "#CRM_REQUISITE_PRESET_DEF_RU_PERSON#"),
];

struct Presets;

impl Table for Presets {
    fn cell(&self, id: u64, field: &'static Field) -> Cell {
        let Some((_, name, xml_id)) = PRESETS.into_iter().find(|(preset, ..)| *preset == id) else {
            return Cell::Null;
        };
        match field.column {
            "ID" => Cell::id(id),
            "ENTITY_TYPE_ID" => Cell::Int(8),
            "COUNTRY_ID" | "CREATED_BY_ID" => Cell::Int(1),
            "NAME" => Cell::text(name),
            "DATE_CREATE" => Cell::Moment(jiff::civil::datetime(2025, 1, 1, 9, 0, 0, 0)),
            "ACTIVE" => Cell::Flag(true),
            "SORT" => Cell::Int(500),
            "XML_ID" => Cell::text(xml_id),
            _ => Cell::Null,
        }
    }

    fn has(&self, id: u64) -> bool {
        (1..=3).contains(&id)
    }

    fn scan(&self, (low, high): (u64, u64), down: bool) -> Box<dyn Iterator<Item = u64> + '_> {
        let ids = low.max(1)..=high.min(3);
        if down { Box::new(ids.rev()) } else { Box::new(ids) }
    }
}

/// `crm.requisite.preset.list`.
pub(in crate::portal) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    legacy_list::plain(session, &Presets, FIELDS)
}
