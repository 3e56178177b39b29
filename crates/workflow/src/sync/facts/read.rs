//! Reading the facts in one request.

use std::collections::BTreeMap;

use b24_client::crm::{self, Category, EntityType, Fields, Profile, Status, User};
use b24_client::{Call, CallError, Client, Params, Token};
use serde::Deserialize;

use super::{Choice, FieldFact, Funnel, PortalFacts, Semantics, Stage, UserFact};
use crate::Error;

/// Users of a page.
const PAGE: usize = 50;
/// Pages of users in the first request; larger portals take a second one.
const USER_PAGES: usize = 4;

/// The facts and who read them.
#[derive(Debug, Clone)]
pub struct FactsAnswer {
    /// The facts.
    pub facts: PortalFacts,
    /// The webhook's user.
    pub profile: Profile,
}

impl PortalFacts {
    /// Reads the facts and the webhook's user in one request; portals with more than 200 users take a second one.
    ///
    /// # Errors
    /// When the portal does not answer completely. Users that may not be read are no error: [`PortalFacts::users`].
    pub async fn read(client: &Client) -> Result<FactsAnswer, Error> {
        let mut batch = client.batch();
        let profile = batch.add(crm::profile());
        let deal = batch.add(crm::item_fields(EntityType::Deal));
        let contact = batch.add(crm::item_fields(EntityType::Contact));
        let funnels = batch.add(crm::categories(EntityType::Deal));
        let order = Params::new().set("order", Params::new().set("SORT", "ASC"));
        let statuses = batch.add(Call::<Vec<Status>>::read("crm.status.list", order));
        let users: Vec<_> = (0..USER_PAGES).map(|page| batch.add(users_from(page * PAGE))).collect();
        let mut reply = batch.send().await.map_err(unsent)?;

        let profile = reply.take(profile).ok().map_err(|error| needed("the webhook's user", error))?;
        let fields = |found: Result<Fields, CallError>| found.map_err(|error| needed("the fields", error));
        let deal = fields(reply.take(deal).ok())?;
        let contact = fields(reply.take(contact).ok())?;
        let funnels = reply.take(funnels).ok().map_err(|error| needed("the funnels", error))?;
        let statuses = reply.take(statuses).ok().map_err(|error| needed("the stages", error))?;
        let mut found = Vec::new();
        let mut total = None;
        for slot in users {
            match reply.page(slot).ok() {
                Ok(page) => {
                    total = total.max(page.total);
                    found.push(page.result);
                }
                Err(error) => tracing::debug!(%error, "users cannot be read"),
            }
        }
        let complete = found.len() == USER_PAGES;
        let users = if complete { Some(rest_of_users(client, found, total).await?) } else { None };

        let mut directories = directories(statuses);
        let funnels = funnels_of(funnels, &mut directories);
        let facts = PortalFacts {
            portal: client.identity(),
            deal: deal.iter().map(FieldFact::from).collect(),
            contact: contact.iter().map(FieldFact::from).collect(),
            funnels,
            directories,
            users,
        };
        Ok(FactsAnswer { facts, profile })
    }
}

fn users_from(start: usize) -> Call<Vec<User>> {
    Call::read("user.get", Params::new().set("SORT", "ID").set("ORDER", "ASC").set("start", start))
}

/// The users of the first pages and, where there are more, of the others.
async fn rest_of_users(
    client: &Client,
    mut pages: Vec<Vec<User>>,
    total: Option<u64>,
) -> Result<Vec<UserFact>, Error> {
    let total = usize::try_from(total.unwrap_or(0)).unwrap_or(usize::MAX);
    if total > USER_PAGES * PAGE {
        let mut batch = client.batch();
        let starts = (USER_PAGES..total.div_ceil(PAGE)).map(|page| page * PAGE);
        let slots: Vec<_> = starts.map(|start| batch.add(users_from(start))).collect();
        let mut reply = batch.send().await.map_err(unsent)?;
        for slot in slots {
            pages.push(reply.take(slot).ok().map_err(|error| needed("the users", error))?);
        }
    }
    let mut users: Vec<UserFact> = pages.into_iter().flatten().map(UserFact::from).collect();
    users.sort_by_key(|user| user.id);
    users.dedup_by_key(|user| user.id);
    Ok(users)
}

fn unsent(error: b24_client::BatchError) -> Error {
    Error::PortalBatch { what: "fields and stages", source: Box::new(error) }
}

fn needed(what: &'static str, error: CallError) -> Error {
    Error::PortalCall { what, source: Box::new(error) }
}

impl From<User> for UserFact {
    fn from(user: User) -> Self {
        let parts = [user.last_name.as_deref(), user.name.as_deref()];
        let name: Vec<&str> =
            parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect();
        Self { id: user.id.get(), name: name.join(" ") }
    }
}

/// The values of every directory, by its code, in the portal's order.
fn directories(statuses: Vec<Status>) -> BTreeMap<String, Vec<Stage>> {
    let mut sorted: Vec<(u64, Status)> = statuses.into_iter().map(|s| (s.sort.get(), s)).collect();
    sorted.sort_by(|(one, a), (other, b)| (one, &a.status_id).cmp(&(other, &b.status_id)));
    let mut directories: BTreeMap<String, Vec<Stage>> = BTreeMap::new();
    for (_, status) in sorted {
        let semantics = match status.semantics.as_deref() {
            Some("S") => Semantics::Success,
            Some("F") => Semantics::Failure,
            _ => Semantics::Open,
        };
        let stage = Stage { id: status.status_id, name: status.name.unwrap_or_default(), semantics };
        directories.entry(status.entity_id.unwrap_or_default()).or_default().push(stage);
    }
    directories
}

fn funnels_of(categories: Vec<Category>, directories: &mut BTreeMap<String, Vec<Stage>>) -> Vec<Funnel> {
    let mut funnels: Vec<Funnel> = categories
        .into_iter()
        .map(|category| {
            let id = category.id.get();
            let directory = if id == 0 { "DEAL_STAGE".to_owned() } else { format!("DEAL_STAGE_{id}") };
            let stages = directories.remove(&directory).unwrap_or_default();
            Funnel { id, name: category.name.unwrap_or_default(), stages }
        })
        .collect();
    funnels.sort_by_key(|funnel| funnel.id);
    funnels
}

/// What the settings of a user field may say; the portal writes numbers as numbers or texts, and `[]` for none.
#[derive(Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
struct Settings {
    #[serde(rename = "MAX_LENGTH")]
    max_length: Token,
    precision: Token,
}

fn number(token: &Token) -> Option<u32> {
    token.text()?.trim().parse().ok()
}

impl From<&crm::Field> for FieldFact {
    fn from(field: &crm::Field) -> Self {
        let settings: Settings = serde_json::from_str(field.settings.as_json()).unwrap_or_default();
        let choice = |item: &crm::Choice| Choice { id: item.id.get(), text: item.value.clone() };
        let length = number(&settings.max_length).filter(|length| *length > 0);
        Self {
            name: field.name.clone(),
            original: field.upper_name.clone(),
            title: field.label().trim().to_owned(),
            kind: field.kind.clone(),
            required: field.is_required,
            read_only: field.is_read_only,
            multiple: field.is_multiple,
            user_made: field.is_dynamic,
            directory: field.status_type.clone(),
            choices: field.items.iter().map(choice).collect(),
            max_length: length.and_then(|length| usize::try_from(length).ok()),
            scale: number(&settings.precision).filter(|_| field.kind == "double"),
        }
    }
}
