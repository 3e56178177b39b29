//! Descriptions of fields: `crm.item.fields` and `crm.*.fields`.

use super::entity::Entity;
use super::field::{Field, Kind};
use super::multifields::KINDS;
use super::naming::Naming;
use super::schema::Schema;
use crate::value::{Map, Value};

fn start(field: &Field) -> Map {
    let mut map = Map::new();
    map.push("type", field.kind.wire_name());
    map.push("isRequired", field.required);
    map.push("isReadOnly", field.read_only);
    map.push("isImmutable", field.immutable);
    map.push("isMultiple", matches!(field.kind, Kind::Ids(_) | Kind::Multi | Kind::Many(_)));
    map.push("isDynamic", field.is_user_field());
    if let Kind::Status(book) = field.kind {
        map.push("statusType", book);
    }
    let one = if let Kind::Many(one) = field.kind { *one } else { field.kind };
    if let Kind::Choice(choices) = one {
        let choice = |(id, label): &(u32, &'static str)| {
            let mut item = Map::new();
            item.push("ID", id.to_string());
            item.push("VALUE", *label);
            Value::from(item)
        };
        map.push("items", choices.iter().map(choice).collect::<Vec<_>>());
    }
    map
}

/// All fields of the controllers.
pub(super) fn of_items(schema: Schema, entity: Entity, naming: Naming) -> Map {
    let mut out = Map::new();
    for field in schema.fields(entity).iter().filter(|field| field.in_items()) {
        let mut map = start(field);
        if let Kind::Parent(type_id) = field.kind {
            let mut settings = Map::new();
            settings.push("parentEntityTypeId", type_id);
            map.push("settings", settings);
        }
        if field.kind == Kind::Flag {
            map.set("type", "boolean");
        }
        map.push("title", field.title);
        map.push("upperName", field.column);
        out.push(naming.key(field), map);
    }
    out
}

/// All fields of a legacy method: a user field's human name is in its labels, not in `title`.
pub(super) fn of_legacy(schema: Schema, entity: Entity) -> Map {
    let mut out = Map::new();
    for field in schema.fields(entity).iter().filter(|field| field.in_legacy()) {
        let mut map = start(field);
        if field.is_user_field() {
            map.push("title", field.column);
            for label in ["listLabel", "formLabel", "filterLabel"] {
                map.push(label, field.title);
            }
            map.push("settings", Map::new());
        } else {
            map.push("title", field.title);
        }
        out.push(field.column, map);
    }
    if entity.has_multifields() {
        for (kind, title) in KINDS.into_iter().zip(["Телефон", "E-mail", "Сайт", "Мессенджер"])
        {
            let mut map = Map::new();
            map.push("type", "crm_multifield");
            for flag in ["isRequired", "isReadOnly", "isImmutable"] {
                map.push(flag, false);
            }
            map.push("isMultiple", true);
            map.push("isDynamic", false);
            map.push("title", title);
            out.push(kind, map);
        }
    }
    out
}
