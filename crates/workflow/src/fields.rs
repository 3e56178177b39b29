//! The fields that the portal knows, so that names it would drop without a word are noticed before.

use b24_client::crm::{self, Fields};
use b24_client::{Call, Client, Error, Params};

/// Parameters of lists that do not say whose fields are meant.
const OF_LISTS: [&str; 4] = ["filter", "select", "order", "start"];

/// The fields behind a method `crm.….fields`, none for methods whose fields cannot be asked for.
pub(crate) async fn of_method(
    client: &Client,
    method: &str,
    params: &Params,
) -> Result<Option<Fields>, Error> {
    let method = method.to_ascii_lowercase();
    let entity = ["deal", "contact", "company", "lead"];
    let call = match entity.iter().find(|entity| method == format!("crm.{entity}.fields")) {
        Some(entity) => crm::entity_fields(entity),
        None if method == "crm.item.fields" => {
            let of_type = params.iter().filter(|(name, _)| !OF_LISTS.contains(name));
            let of_type = of_type.fold(Params::new(), |all, (name, value)| all.set(name, value.clone()));
            Call::read("crm.item.fields", of_type).within("fields")
        }
        None => return Ok(None),
    };
    client.call(call).await.map(Some)
}

/// The field whose name differs in case only, or in what users take for the same.
pub(crate) fn close_to<'a>(field: &str, mut known: impl Iterator<Item = &'a str>) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    known.find(|one| plain(one) == plain(field)).map(str::to_owned)
}
