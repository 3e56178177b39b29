//! Whether records that were written once are still there. Lists leave out what is gone and what cannot be seen alike;
//! only asking for one record tells them apart.

use std::collections::BTreeMap;

use b24_client::crm::EntityType;
use b24_client::{ApiCode, Call, CallError, Client, Params};
use serde::de::IgnoredAny;

use super::{LookUpError, unknown};

/// What became of a record that was written once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    There,
    /// It was deleted.
    Gone,
    /// It is there, but the webhook's user must not see it.
    Hidden,
    /// The portal did not say.
    Unknown(String),
}

/// Asks for deals (entity type 2) or contacts (3) one by one, 50 a request.
///
/// # Errors
/// When the batch cannot be put together, and when no call can succeed at all.
pub async fn batch_find_presence(
    client: &Client,
    entity_type: EntityType,
    ids: &[u64],
) -> Result<BTreeMap<u64, Presence>, LookUpError> {
    const WHAT: &str = "records that were written earlier";
    let mut batch = client.batch();
    let ask = |id: &u64| {
        let params = Params::new().set("entityTypeId", entity_type).set("id", *id);
        (*id, batch.add(Call::<IgnoredAny>::read("crm.item.get", params)))
    };
    let slots: Vec<_> = ids.iter().map(ask).collect();
    let mut reply = super::cards::sent(batch, WHAT).await?;
    let mut found = BTreeMap::new();
    for (id, slot) in slots {
        let presence = match reply.take(slot).ok() {
            Ok(IgnoredAny) => Presence::There,
            Err(CallError::Rejected(api)) if api.code == ApiCode::NotFound => Presence::Gone,
            Err(CallError::Rejected(api)) if api.code == ApiCode::AccessDenied => Presence::Hidden,
            Err(error) => Presence::Unknown(unknown(WHAT, error)?),
        };
        found.insert(id, presence);
    }
    Ok(found)
}
