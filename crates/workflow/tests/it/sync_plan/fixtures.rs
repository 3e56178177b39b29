//! A mapping on the sandbox's portal, records that want something, and records of the portal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use b24_client::{Call, Client, Pace, Params, RetryPolicy, Webhook};
use b24_sandbox::{Sandbox, SandboxBuilder};
use jiff::tz::TimeZone;
use serde_json::Value;
use workflow::sync::look_up::{LiveContact, LiveDeal};
use workflow::sync::mapping::{
    Automation, ClosedDeals, ContactMatch, ContactRule, FieldReading, FieldRef, FieldRule, Guards, KeyRule,
    PersonReading, RecordReading, Resolved, StageRule,
};
use workflow::sync::wanted::{PersonName, Policy, Wanted, WantedContact, WantedField};
use workflow::sync::{FieldValue, ValueKind};

/// The deal's field with the external key.
pub(super) const KEY: &str = "UF_CRM_1721244482250";
const KEY_NAME: &str = "ufCrm_1721244482250";

pub(super) async fn portal(builder: SandboxBuilder) -> (Sandbox, Client) {
    let sandbox = builder.rate(0.0).start().await.unwrap();
    let webhook: Webhook = sandbox.webhook().parse().unwrap();
    let client = Client::builder(webhook).pace(Pace::UNLIMITED).build().unwrap();
    (sandbox, client)
}

/// An empty portal, but for its reference books.
pub(super) async fn empty_portal() -> (Sandbox, Client) {
    portal(Sandbox::builder().invoices(0).deals(0).contacts(0)).await
}

/// A client of the same portal that asks once.
pub(super) fn impatient(sandbox: &Sandbox) -> Client {
    let webhook: Webhook = sandbox.webhook().parse().unwrap();
    Client::builder(webhook).pace(Pace::UNLIMITED).retry(RetryPolicy::NONE).build().unwrap()
}

/// Requests that something makes.
pub(super) async fn counted<T>(sandbox: &Sandbox, work: impl Future<Output = T>) -> (T, u64) {
    let before = sandbox.journal().requests;
    let done = work.await;
    (done, sandbox.journal().requests - before)
}

pub(super) fn field(name: &str, original: &str, title: &str, kind: ValueKind) -> FieldRef {
    FieldRef {
        name: name.to_owned(),
        original: original.to_owned(),
        title: title.to_owned(),
        kind,
        multiple: false,
        zero_is_empty: kind == ValueKind::Decimal,
        max_length: None,
        scale: None,
        shown: BTreeMap::new(),
    }
}

fn rule(name: &str, original: &str, title: &str, kind: ValueKind, policy: Policy) -> FieldRule {
    FieldRule { field: field(name, original, title, kind), policy, reading: FieldReading::default() }
}

/// A mapping with every policy: title always, amount if empty, comments cleared, source on creation only.
pub(super) fn rules() -> Resolved {
    Resolved {
        name: "clinic".to_owned(),
        originator: "b24:clinic".to_owned(),
        portal: "portal.example".to_owned(),
        mapping_hash: "mapping".to_owned(),
        facts_hash: "facts".to_owned(),
        zone: TimeZone::get("Europe/Moscow").unwrap(),
        automation: Automation::Run,
        batch_size: 500,
        guards: Guards::default(),
        key: KeyRule {
            column: "id".to_owned(),
            prefix: "F1_".to_owned(),
            field: field(KEY_NAME, KEY, "Внешний ключ", ValueKind::Text),
        },
        category: 0,
        closed: ClosedDeals::Skip,
        adopt: false,
        deal: vec![
            rule("title", "TITLE", "Название", ValueKind::Text, Policy::Always),
            rule("opportunity", "OPPORTUNITY", "Сумма", ValueKind::Decimal, Policy::IfEmpty),
            rule("comments", "COMMENTS", "Комментарий", ValueKind::Text, Policy::Clear),
            rule("sourceId", "SOURCE_ID", "Источник", ValueKind::Text, Policy::CreateOnly),
        ],
        contact: Some(ContactRule {
            match_by: ContactMatch::PhoneAndName,
            phone_type: "MOBILE".to_owned(),
            identity_field: field("originId", "ORIGIN_ID", "Идентификатор", ValueKind::Text),
            fields: vec![rule("post", "POST", "Должность", ValueKind::Text, Policy::Always)],
            reading: PersonReading::default(),
        }),
        stages: StageRule::default(),
        leads: None,
        reading: RecordReading::default(),
    }
}

pub(super) fn stages(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(super) fn wanted(key: &str) -> Wanted {
    Wanted {
        key: key.to_owned(),
        line: 2,
        cursor: None,
        contact: None,
        deal: vec![wants("title", "TITLE", "Название", Policy::Always, FieldValue::text("Приём"))],
        stage: Some("NEW".to_owned()),
        comment: None,
        warnings: Vec::new(),
    }
}

pub(super) fn wants(
    name: &str,
    original: &str,
    title: &str,
    policy: Policy,
    value: FieldValue,
) -> WantedField {
    let (name, original, title) = (name.to_owned(), original.to_owned(), title.to_owned());
    WantedField { name, original, title, value, policy }
}

pub(super) fn name(last: &str, first: &str) -> PersonName {
    PersonName { last: last.to_owned(), first: first.to_owned(), second: String::new() }
}

pub(super) fn person(phone: &str, last: &str, first: &str) -> WantedContact {
    let phones = if phone.is_empty() { Vec::new() } else { vec![phone.to_owned()] };
    WantedContact { phones, name: name(last, first), fields: Vec::new() }
}

/// A deal as a look-up brings it.
pub(super) fn live_deal(json: &Value) -> Arc<LiveDeal> {
    Arc::new(LiveDeal::read(serde_json::from_value(json.clone()).unwrap(), KEY).unwrap())
}

pub(super) fn live_contact(json: &Value) -> Arc<LiveContact> {
    Arc::new(LiveContact::read(serde_json::from_value(json.clone()).unwrap()).unwrap())
}

/// Adds records in one batch each 50; gives their numbers.
pub(super) async fn add(client: &Client, entity: u32, records: impl IntoIterator<Item = Params>) -> Vec<u64> {
    let mut batch = client.batch();
    let slots: Vec<_> = records
        .into_iter()
        .map(|fields| {
            let params = Params::new().set("entityTypeId", entity).set("fields", fields);
            batch.add(Call::<Value>::write("crm.item.add", params))
        })
        .collect();
    let mut reply = batch.send().await.unwrap();
    slots.into_iter().map(|slot| reply.take(slot).ok().unwrap()["item"]["id"].as_u64().unwrap()).collect()
}

pub(super) fn deal_of(key: &str) -> Params {
    Params::new().set("title", "Приём").set(KEY_NAME, key)
}

pub(super) fn contact_of(phone: &str, last: &str, first: &str) -> Params {
    let number = Params::new().set("typeId", "PHONE").set("valueType", "MOBILE").set("value", phone);
    Params::new().set("lastName", last).set("name", first).set("fm", Params::new().set("n0", number))
}
