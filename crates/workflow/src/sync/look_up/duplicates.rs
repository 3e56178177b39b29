//! `crm.duplicate.findbycomm`: who may own telephone numbers, twenty values a command (wire reference, section 6.6).

use std::collections::BTreeMap;

use b24_client::crm::Row;
use b24_client::params::Param;
use b24_client::{Call, Id, Params};

use super::cards::Owner;

/// The portal looks at no more values of one command, and ignores the others without a word.
pub(super) const VALUES: usize = 20;
/// The portal finds no more records for one value.
pub(super) const RECORDS: usize = 20;

/// Who may own the values of one command, or why nobody knows.
pub(super) type Answer = Result<BTreeMap<Owner, Vec<u64>>, String>;

/// Asks for contacts, leads and companies at once.
pub(super) fn question(values: &[String]) -> Call<Row> {
    // Numbers are skipped by the portal: they have to be texts.
    let values: Vec<Param> = values.iter().map(|value| Param::Text(value.clone())).collect();
    Call::read(
        "crm.duplicate.findbycomm",
        Params::new().set("type", "PHONE").set("values", Param::List(values)),
    )
}

/// Reads an answer; nobody is an empty list.
pub(super) fn answer(row: &Row) -> Answer {
    let mut found = BTreeMap::new();
    for (name, token) in row.iter() {
        let Some(owner) = Owner::ALL.into_iter().find(|owner| owner.name() == name) else {
            return Err(format!("the portal names an owner of another kind: {name}"));
        };
        let ids: Vec<Id> = serde_json::from_str(token.as_json())
            .map_err(|_| "the portal's answer has no numbers".to_owned())?;
        found.insert(owner, ids.into_iter().filter_map(Id::some).collect());
    }
    Ok(found)
}
