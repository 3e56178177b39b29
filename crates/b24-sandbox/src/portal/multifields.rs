//! Writing phones and e-mails in the shapes of both families (wire reference, sections 6.1.5 and 6.4).

use super::args;
use super::cell::Multifield;
use super::store::Store;
use crate::value::Value;

/// The kinds of multifields, as the legacy family names its fields.
pub(super) const KINDS: [&str; 4] = ["PHONE", "EMAIL", "WEB", "IM"];

fn part(value: &Value, key: &str) -> Option<String> {
    let entries = args::entries(value);
    entries.iter().find(|(k, _)| k == key).and_then(|(_, v)| args::text(v)).map(std::borrow::Cow::into_owned)
}

/// One entry to write: kind, number of the record it changes, type, value (empty deletes).
struct Entry {
    kind: &'static str,
    id: Option<u64>,
    value_type: Option<String>,
    value: String,
}

fn merge(store: &mut Store, mut fields: Vec<Multifield>, entry: Entry) -> Vec<Multifield> {
    let Entry { kind, id, value_type, value } = entry;
    let known = id.and_then(|id| fields.iter().position(|field| field.id == id));
    match known {
        Some(at) if value.is_empty() => {
            fields.remove(at);
        }
        Some(at) => {
            fields[at].value = value;
            if let Some(value_type) = value_type {
                fields[at].value_type = value_type.into();
            }
        }
        None if value.is_empty() => {}
        None => {
            let value_type = value_type.unwrap_or_else(|| "WORK".to_owned()).into();
            fields.push(Multifield { id: store.next_multifield(), kind, value_type, value });
        }
    }
    fields
}

/// `fm` of the controllers: an object whose numeric keys name records and whose other keys add.
pub(super) fn of_item(store: &mut Store, present: Vec<Multifield>, value: &Value) -> Vec<Multifield> {
    args::entries(value).into_iter().fold(present, |fields, (key, value)| {
        let id = key.parse::<u64>().ok();
        let stored = id.and_then(|id| fields.iter().find(|field| field.id == id)).map(|field| field.kind);
        if id.is_some() && stored.is_none() {
            return fields;
        }
        let named = part(value, "typeId").and_then(|kind| KINDS.into_iter().find(|known| *known == kind));
        let Some(kind) = stored.or(named) else { return fields };
        let entry = Entry {
            kind,
            id,
            value_type: part(value, "valueType"),
            value: part(value, "value").unwrap_or_default(),
        };
        merge(store, fields, entry)
    })
}

/// `PHONE`, `EMAIL`, … of the legacy family: entries without `ID` are appended, `DELETE` or an empty value removes.
pub(super) fn of_legacy(
    store: &mut Store,
    present: Vec<Multifield>,
    kind: &'static str,
    value: &Value,
) -> Vec<Multifield> {
    args::entries(value).into_iter().fold(present, |fields, (_, value)| {
        let deleted = part(value, "DELETE").is_some_and(|flag| flag == "Y");
        let entry = Entry {
            kind,
            id: part(value, "ID").and_then(|id| id.parse().ok()),
            value_type: part(value, "VALUE_TYPE"),
            value: if deleted { String::new() } else { part(value, "VALUE").unwrap_or_default() },
        };
        merge(store, fields, entry)
    })
}
