//! A window of records against the sandbox: what is planned, and in how many requests.

use std::collections::HashMap;

use b24_client::{Call, Client, Params};
use b24_sandbox::Sandbox;
use serde_json::Value;
use workflow::sync::entry::{Action, ContactChoice, Entry};
use workflow::sync::mapping::{ClosedDeals, Resolved};
use workflow::sync::plan::{Candidate, Identity, Tally};
use workflow::sync::wanted::{Policy, Wanted};
use workflow::sync::{FieldValue, Imprint, Planner, look_up};

use super::fixtures::{
    add, contact_of, counted, deal_of, empty_portal, impatient, person, portal, rules, wanted, wants,
};

async fn planned(client: &Client, rules: Resolved, window: Vec<Candidate>) -> Vec<Entry> {
    let mut planner = Planner::new(rules, &client.portal());
    let seen = planner.look_up(client, window).await.unwrap();
    planner.decide(seen, &|_, _| true)
}

fn new(key: &str, phone: &str) -> Candidate {
    let contact = Some(person(phone, "Иванов", "Иван"));
    let comment = Some("Приём".to_owned());
    Candidate { wanted: Wanted { contact, comment, ..wanted(key) }, identity: Identity::default() }
}

fn phone(number: usize) -> String {
    format!("+7900{number:07}")
}

fn signs(entries: &[Entry]) -> String {
    entries.iter().map(Entry::symbol).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_new_records_cost_two_requests() {
    let (sandbox, client) = portal(Sandbox::builder().invoices(10)).await;
    let window = (0..20).map(|number| new(&format!("F1_{number}"), &phone(number))).collect();
    let (entries, requests) = counted(&sandbox, planned(&client, rules(), window)).await;
    assert_eq!(signs(&entries), "+".repeat(20));
    assert_eq!(requests, 2, "one for deals, one for telephone numbers");
    let mut tally = Tally::new(&rules());
    for entry in &entries {
        tally.add(entry);
    }
    assert_eq!((tally.counts().contacts_create, tally.counts().comments), (20, 20));
    assert_eq!(tally.robots().by_stage["NEW"], 20);
    assert_eq!(tally.robots().total(), 40, "every new contact starts processes, too");
}

/// Deals with contacts on the portal, and records that want nothing else.
async fn known(client: &Client, count: usize) -> Vec<Candidate> {
    let people =
        add(client, 3, (0..count).map(|n| contact_of(&phone(n), "Иванов", "Иван").set("post", "Врач"))).await;
    let deal = |(number, contact): (usize, &u64)| deal_of(&format!("F1_{number}")).set("contactId", *contact);
    let deals = add(client, 2, people.iter().enumerate().map(deal)).await;
    let candidate = |(number, (deal, contact)): (usize, (&u64, &u64))| {
        let mut candidate = new(&format!("F1_{number}"), &phone(number));
        candidate.wanted.comment = None;
        candidate.wanted.contact.as_mut().unwrap().fields =
            vec![wants("post", "POST", "Должность", Policy::Always, FieldValue::text("Врач"))];
        candidate.identity = Identity { deal: Some(*deal), contact: Some(*contact), noted: None };
        candidate
    };
    deals.iter().zip(&people).enumerate().map(candidate).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_unchanged_records_cost_one_request() {
    let (sandbox, client) = empty_portal().await;
    let window = known(&client, 20).await;
    let (entries, requests) = counted(&sandbox, planned(&client, rules(), window.clone())).await;
    assert_eq!(signs(&entries), "=".repeat(20));
    assert_eq!(requests, 1, "deals by key and remembered contacts in one batch");

    // Nothing remembered: the contacts of the deals are read then, still without telephone numbers.
    let strangers = window
        .into_iter()
        .map(|candidate| Candidate { identity: Identity::default(), ..candidate })
        .collect();
    let (entries, requests) = counted(&sandbox, planned(&client, rules(), strangers)).await;
    assert_eq!((signs(&entries), requests), ("=".repeat(20), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_five_hundred_unchanged_records_costs_one_request() {
    let (sandbox, client) = empty_portal().await;
    let window = known(&client, 500).await;
    let (entries, requests) = counted(&sandbox, planned(&client, rules(), window.clone())).await;
    assert_eq!(
        (signs(&entries), requests),
        ("=".repeat(500), 1),
        "second pages go along with the first ones"
    );

    // One deal is gone, another one has lost its key: their sets are not full after all.
    let [gone, keyless] = [7, 8].map(|place: usize| window[place].identity.deal.unwrap());
    let params = Params::new().set("entityTypeId", 2).set("id", gone);
    client.call(Call::<Value>::write("crm.item.delete", params)).await.unwrap();
    let params = Params::new().set("entityTypeId", 2).set("id", keyless);
    let params = params.set("fields", Params::new().set("ufCrm_1721244482250", ""));
    client.call(Call::<Value>::write("crm.item.update", params)).await.unwrap();
    let (entries, requests) = counted(&sandbox, planned(&client, rules(), window)).await;
    assert_eq!(signs(&entries), format!("{}+!{}", "=".repeat(7), "=".repeat(491)));
    assert_eq!(requests, 2, "both are looked for by number");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_unchanged_records_cost_three_requests() {
    let (sandbox, client) = empty_portal().await;
    let mut window = known(&client, 2_000).await;
    window[77].wanted.deal[0].value = FieldValue::text("Повторный приём");
    let (entries, requests) = counted(&sandbox, planned(&client, rules(), window)).await;
    assert_eq!(requests, 3, "40 sets of deals with their ends, and 40 of contacts");
    assert_eq!(entries.iter().filter(|entry| entry.symbol() == '=').count(), 1_999);
    let Action::Update(update) = &entries[77].action else { panic!() };
    let change = &update.changes[0];
    assert_eq!((change.before.first(), change.after.first()), (Some("Приём"), Some("Повторный приём")));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_of_several_records_is_one_contact() {
    let (_sandbox, client) = empty_portal().await;
    let window = vec![new("F1_1", &phone(1)), new("F1_2", &phone(1)), new("F1_3", &phone(2))];
    let entries = planned(&client, rules(), window).await;
    let identities: Vec<&String> = entries
        .iter()
        .map(|entry| match &entry.action {
            Action::Create(creation) => match &creation.contact {
                ContactChoice::Create { identity, .. } => identity,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(identities[0], identities[1]);
    assert_ne!(identities[0], identities[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_found_by_number_is_linked_and_brought_up_to_date() {
    let (sandbox, client) = empty_portal().await;
    let contact = add(&client, 3, [contact_of("8 900 000 00 01", "ИВАНОВ", "Иван")]).await[0];
    let mut candidate = new("F1_1", &phone(1));
    candidate.wanted.contact.as_mut().unwrap().fields =
        vec![wants("post", "POST", "Должность", Policy::Always, FieldValue::text("Врач"))];
    let (entries, requests) = counted(&sandbox, planned(&client, rules(), vec![candidate])).await;
    let Action::Create(creation) = &entries[0].action else { panic!() };
    let ContactChoice::Use { id, changes, link: true } = &creation.contact else { panic!("{creation:?}") };
    assert_eq!((*id, changes.len(), requests), (contact, 1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn suffixes_go_on_as_long_as_deals_are_closed() {
    let (_sandbox, client) = empty_portal().await;
    let closed = |key: &str| deal_of(key).set("stageId", "WON");
    let deals = [closed("F1_1"), closed("F1_1_2"), closed("F1_2"), deal_of("F1_2_2"), closed("F1_3")];
    let deals = add(&client, 2, deals).await;
    let rules = Resolved { closed: ClosedDeals::NewSuffixedKey, contact: None, ..rules() };
    let window = [("F1_1", Some(deals[1])), ("F1_2", None), ("F1_3", Some(deals[4])), ("F1_4", None)];
    let candidate = |(key, newest): (&str, Option<u64>)| {
        let title = |text| wants("title", "TITLE", "Название", Policy::Always, FieldValue::text(text));
        let [now, then] = ["Повтор", "Приём"].map(|text| Wanted { deal: vec![title(text)], ..wanted(key) });
        let noted = newest.map(|deal| (deal, Imprint::of(&then, &rules)));
        Candidate { wanted: now, identity: Identity { noted, ..Identity::default() } }
    };
    let window = window.map(candidate).to_vec();
    let entries = planned(&client, rules, window).await;
    assert_eq!(signs(&entries), "+*++");
    let keys: HashMap<&str, &str> = entries
        .iter()
        .filter_map(|entry| match &entry.action {
            Action::Create(creation) => Some((entry.key.as_str(), creation.fields.last()?.value.first()?)),
            _ => None,
        })
        .collect();
    assert_eq!(keys, HashMap::from([("F1_1", "F1_1_3"), ("F1_3", "F1_3_2"), ("F1_4", "F1_4")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_is_adopted_once() {
    let (_sandbox, client) = empty_portal().await;
    let contact = add(&client, 3, [contact_of(&phone(1), "Иванов", "Иван")]).await[0];
    let deal = Params::new().set("title", "Звонок").set("contactId", contact);
    let deal = add(&client, 2, [deal]).await[0];
    let rules = Resolved { adopt: true, ..rules() };
    let entries = planned(&client, rules, vec![new("F1_1", &phone(1)), new("F1_2", &phone(1))]).await;
    assert_eq!(signs(&entries), "*+");
    assert!(
        matches!(&entries[0].action, Action::Update(update) if update.adopted && update.deal == Some(deal))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn records_with_one_key_are_a_conflict() {
    let (_sandbox, client) = empty_portal().await;
    let window = vec![new("F1_1", ""), new("F1_2", ""), new("f1_2", ""), new("F1_3", ""), new("F1_1", "")];
    let entries = planned(&client, rules(), window).await;
    assert_eq!(signs(&entries), "!!!+!");
    let codes: Vec<&str> = entries
        .iter()
        .filter_map(|entry| match &entry.action {
            Action::Conflict { code, .. } => Some(code.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(codes, ["sync.key-duplicate", "sync.key-case", "sync.key-case", "sync.key-duplicate"]);
}

/// Table A13, defect 5: a failed look-up was read as "not found".
#[tokio::test(flavor = "multi_thread")]
async fn defect_5_a_failed_look_up_creates_nothing() {
    let (sandbox, client) = empty_portal().await;
    add(&client, 3, [contact_of(&phone(1), "Иванов", "Иван")]).await;
    let impatient = impatient(&sandbox);
    for lost in ["crm.duplicate.findbycomm", "crm.contact.list"] {
        let plan = format!("[[fault]]\nmethod = \"{lost}\"\nevery = 1\ndo = \"error\"\n");
        sandbox.inject(plan.parse().unwrap());
        let entries = planned(&impatient, rules(), vec![new("F1_1", &phone(1)), new("F1_2", "")]).await;
        // Somebody without a telephone number is looked for among contacts only.
        let phoneless = if lost == "crm.contact.list" { "!" } else { "+" };
        assert_eq!(signs(&entries), format!("!{phoneless}"), "{lost}");
        assert!(matches!(entries[0].action, Action::Unknown { .. }));
    }
    sandbox.inject("[[fault]]\nmethod = \"crm.deal.list\"\nnth = 2\ndo = \"error\"\n".parse().unwrap());
    let window = (0..60).map(|number| new(&format!("F1_{number}"), "")).collect();
    let entries = planned(&impatient, rules(), window).await;
    let unknown = entries.iter().filter(|entry| matches!(entry.action, Action::Unknown { .. })).count();
    assert_eq!((unknown, entries.len()), (10, 60), "the second set has ten keys");
}

/// A whole portal that does not answer creates nothing either.
#[tokio::test(flavor = "multi_thread")]
async fn a_portal_without_answers_plans_nothing_but_unknown() {
    let (sandbox, _) = empty_portal().await;
    let impatient = impatient(&sandbox);
    for lost in ["503", "html", "truncate", "reset-after"] {
        sandbox.inject(format!("[[fault]]\nmethod = \"*\"\nevery = 1\ndo = \"{lost}\"\n").parse().unwrap());
        let mut planner = Planner::new(rules(), &impatient.portal());
        match planner.look_up(&impatient, vec![new("F1_1", &phone(1))]).await {
            Ok(seen) => assert_eq!(signs(&planner.decide(seen, &|_, _| true)), "!", "{lost}"),
            Err(error) => assert_eq!(error.code(), "client.read-failed", "{lost}: {error}"),
        }
    }
}

/// Table A13, defect 4: look-ups were made in batches and then repeated for each record.
#[tokio::test(flavor = "multi_thread")]
async fn defect_4_no_look_up_is_made_twice() {
    let (sandbox, client) = empty_portal().await;
    let window: Vec<Candidate> =
        (0..500).map(|number| new(&format!("F1_{number}"), &phone(number))).collect();
    let before = sandbox.journal().commands;
    let entries = planned(&client, rules(), window).await;
    assert_eq!(entries.len(), 500);
    assert_eq!(sandbox.journal().commands - before, 10 + 75, "50 keys or 20 values a command");
}

/// The second webhook's user sees records of user 2 only.
fn restricted(sandbox: &Sandbox) -> Client {
    let webhook: b24_client::Webhook = sandbox.webhook_of(2, "restricted").parse().unwrap();
    Client::builder(webhook).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_seen_is_not_gone() {
    let (sandbox, client) = empty_portal().await;
    let manager = restricted(&sandbox);
    let [hidden, deleted] = [1, 2].map(|n| deal_of(&format!("F1_{n}")).set("assignedById", 1));
    let deals = add(&client, 2, [hidden, deleted]).await;
    let people = add(&client, 3, (1..=2).map(|n| contact_of(&phone(n), "Иванов", "Иван"))).await;
    for (entity, id) in [(2, deals[1]), (3, people[1])] {
        let params = Params::new().set("entityTypeId", entity).set("id", id);
        client.call(Call::<Value>::write("crm.item.delete", params)).await.unwrap();
    }
    let mut window: Vec<Candidate> = (1..=4).map(|n| new(&format!("F1_{n}"), "")).collect();
    window[0].identity.deal = Some(deals[0]);
    window[1].identity.deal = Some(deals[1]);
    window[2].identity.contact = Some(people[0]);
    window[3].identity.contact = Some(people[1]);
    let entries = planned(&manager, rules(), window).await;
    assert_eq!(signs(&entries), "!+!+");
    assert!(matches!(&entries[0].action, Action::Conflict { code, .. } if code == "sync.deal-hidden"));
    assert_eq!(entries[1].warnings[0].code, "sync.deal-gone");
    let Action::Unknown { reason } = &entries[2].action else { panic!("{:?}", entries[2]) };
    assert!(reason.contains("must not see"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_nobody_can_ask_for_is_not_gone() {
    let (sandbox, client) = empty_portal().await;
    let mut candidate = new("F1_1", "");
    candidate.identity.deal = Some(77);
    let lost = "[[fault]]\nmethod = \"crm.item.get\"\nevery = 1\ndo = \"error\"\n";
    sandbox.inject(lost.parse().unwrap());
    let entries = planned(&impatient(&sandbox), rules(), vec![candidate.clone()]).await;
    assert!(matches!(entries[0].action, Action::Unknown { .. }), "{:?}", entries[0]);
    sandbox.inject("".parse().unwrap());
    assert_eq!(signs(&planned(&client, rules(), vec![candidate]).await), "+");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_a_telephone_number_is_found_by_the_record_they_were_created_for() {
    let (_sandbox, client) = empty_portal().await;
    let of = |origin: &str, key: &str| {
        contact_of("", "Иванов", "Иван").set("originatorId", origin).set("originId", key)
    };
    let mine =
        add(&client, 3, [of("b24:clinic", "F1_1"), of("b24:north", "F1_2"), of("b24:clinic", "f1_3")]).await;
    add(&client, 3, [of("b24:clinic", "F1_4"), of("b24:clinic", "F1_4")]).await;
    let window: Vec<Candidate> = (1..=60).map(|n| new(&format!("F1_{n}"), "")).collect();
    let entries = planned(&client, rules(), window).await;
    assert_eq!(signs(&entries), format!("+++!{}", "+".repeat(56)));
    let found: Vec<Option<u64>> = entries[..3]
        .iter()
        .map(|entry| match &entry.action {
            Action::Create(creation) => match creation.contact {
                ContactChoice::Use { id, link: true, .. } => Some(id),
                _ => None,
            },
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(found, [Some(mine[0]), None, None], "not another source's, not another record's");
    assert!(matches!(&entries[3].action, Action::Conflict { code, links, .. }
        if code == "sync.contact-ambiguous" && links.len() == 2));
}

#[test]
fn keys_that_the_portal_takes_for_one_are_known() {
    assert!(look_up::same_key_ignoring_case("F1_Ёж", "f1_еЖ "));
    assert!(!look_up::same_key_ignoring_case("F1_1", "F1_11"));
}
