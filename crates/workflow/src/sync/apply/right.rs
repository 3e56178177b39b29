//! The right to import, which `automation = "skip"` needs: it is not the right to add (wire reference, section 6.1.6).
//!
//! Nothing tells it without an import. An import of nothing is asked for first: a refusal is an answer, consent is none,
//! because a portal may judge the right together with the first record. So the first import of a run that has something
//! in it goes alone, too, and nothing else is sent before it is answered.

use b24_client::crm::EntityType;
use b24_client::{ApiCode, ApiError, Client, Error, Params};
use serde_json::value::RawValue;

use crate::sending::RawCall;

/// The portal does not let the webhook's user import something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRefused {
    /// `contacts` or `deals`.
    pub what: &'static str,
    /// What the portal says.
    pub reason: String,
}

impl ImportRefused {
    pub(super) fn of(entity: EntityType, reason: String) -> Self {
        Self { what: if entity == EntityType::Contact { "contacts" } else { "deals" }, reason }
    }

    /// Where the right is given.
    #[must_use]
    pub fn hint() -> &'static str {
        "let an administrator tick «Импорт» (import) for contacts and deals in the user's role: CRM, Настройки, Права \
         доступа; or use the webhook of a user who may import"
    }
}

impl std::fmt::Display for ImportRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the webhook's user may not import {}, which automation = \"skip\" needs: {}",
            self.what, self.reason
        )
    }
}

/// Asks with imports of nothing whether the user may import. None is no promise.
pub async fn ask_import_right(client: &Client, contacts: bool) -> Option<ImportRefused> {
    for entity in [EntityType::Contact, EntityType::Deal] {
        if entity == EntityType::Contact && !contacts {
            continue;
        }
        let nothing: [Params; 0] = [];
        let params = Params::new().set("entityTypeId", entity).set("data", nothing.as_slice());
        let call: RawCall = RawCall::repeatable_write("crm.item.batchImport", params);
        let answer: Result<Box<RawValue>, Error> = client.call(call).await;
        if let Err(error) = answer {
            match error.api() {
                Some(api) if is_refusal(api) => return Some(ImportRefused::of(entity, api.to_string())),
                _ => tracing::debug!(%error, entity = entity.name(), "an import of nothing tells nothing"),
            }
        }
    }
    None
}

pub(super) fn is_refusal(api: &ApiError) -> bool {
    api.code == ApiCode::AccessDenied
}

/// The text of an item that was refused for want of the right.
pub(super) fn is_refused_item(text: &str) -> bool {
    text.starts_with("ACCESS_DENIED")
}

/// Which kinds of records are known to be importable: until one is, its first import goes alone.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Proved {
    pub(super) contacts: bool,
    pub(super) deals: bool,
}

impl Proved {
    pub(super) fn of(&mut self, entity: EntityType) -> &mut bool {
        if entity == EntityType::Deal { &mut self.deals } else { &mut self.contacts }
    }
}
