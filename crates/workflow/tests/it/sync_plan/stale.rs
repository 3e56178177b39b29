//! A plan that is applied later: what changed since is not overwritten.

use std::collections::BTreeSet;

use b24_client::{Call, Client, Params};
use serde_json::Value;
use workflow::sync::entry::{Action, ContactChoice, Entry};
use workflow::sync::plan::{Candidate, Identity, read_live, stale};
use workflow::sync::wanted::{Policy, Wanted};
use workflow::sync::{FieldValue, Planner};

use super::fixtures::{add, contact_of, counted, deal_of, empty_portal, person, rules, wanted, wants};

const SITE: &str = "https://portal.example";

async fn planned(client: &Client, window: Vec<Wanted>) -> Vec<Entry> {
    let mut planner = Planner::new(rules(), &client.portal());
    let window =
        window.into_iter().map(|wanted| Candidate { wanted, identity: Identity::default() }).collect();
    let seen = planner.look_up(client, window).await.unwrap();
    planner.decide(seen, &|_, _| true)
}

/// What each entry becomes now: its code, or nothing.
async fn judged(client: &Client, entries: &[Entry], ours: &BTreeSet<u64>) -> Vec<Option<String>> {
    let live = read_live(client, &rules(), entries, ours).await.unwrap();
    let word = |action: Action| match action {
        Action::Conflict { code, .. } => code,
        other => format!("{other:?}"),
    };
    entries.iter().zip(&live).map(|(entry, live)| stale(entry, live, &rules(), SITE).map(word)).collect()
}

async fn change(client: &Client, entity: u32, id: u64, fields: Params) {
    let params = Params::new().set("entityTypeId", entity).set("id", id).set("fields", fields);
    client.call(Call::<Value>::write("crm.item.update", params)).await.unwrap();
}

const CHANGED: &str = "sync.changed-since-plan";

#[tokio::test(flavor = "multi_thread")]
async fn only_records_that_changed_since_become_conflicts() {
    let (sandbox, client) = empty_portal().await;
    let deals = add(&client, 2, (1..=4).map(|n| deal_of(&format!("F1_{n}")))).await;
    let renamed = |key: &str| Wanted {
        deal: vec![wants("title", "TITLE", "Название", Policy::Always, FieldValue::text("Новое"))],
        ..wanted(key)
    };
    let window = vec![
        renamed("F1_1"),
        renamed("F1_2"),
        renamed("F1_3"),
        renamed("F1_4"),
        wanted("F1_5"),
        wanted("F1_6"),
    ];
    let entries = planned(&client, window).await;
    assert_eq!(entries.iter().map(Entry::symbol).collect::<String>(), "****++");
    let (fresh, requests) = counted(&sandbox, judged(&client, &entries, &BTreeSet::new())).await;
    assert_eq!((fresh, requests), (vec![None; 6], 2));

    change(&client, 2, deals[0], Params::new().set("title", "Другое")).await;
    // Not a field of the plan.
    change(&client, 2, deals[1], Params::new().set("additionalInfo", "заметка")).await;
    change(&client, 2, deals[2], Params::new().set("stageId", "WON")).await;
    // Somebody wrote what was planned.
    change(&client, 2, deals[3], Params::new().set("title", "Новое")).await;
    add(&client, 2, [deal_of("F1_5")]).await;
    let conflict = || Some(CHANGED.to_owned());
    let expected = vec![conflict(), None, conflict(), None, conflict(), None];
    assert_eq!(judged(&client, &entries, &BTreeSet::new()).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_that_appeared_or_changed_since_are_conflicts() {
    let (_sandbox, client) = empty_portal().await;
    let contact = add(&client, 3, [contact_of("+79000000001", "Иванов", "Иван")]).await[0];
    let with = |key: &str, phone: &str| {
        let mut someone = person(phone, "Иванов", "Иван");
        someone.fields = vec![wants("post", "POST", "Должность", Policy::Always, FieldValue::text("Врач"))];
        Wanted { contact: Some(someone), ..wanted(key) }
    };
    let entries = planned(&client, vec![with("F1_1", "+79000000001"), with("F1_2", "+79000000002")]).await;
    assert!(
        matches!(&entries[1].action, Action::Create(new) if matches!(new.contact, ContactChoice::Create { .. }))
    );
    assert_eq!(judged(&client, &entries, &BTreeSet::new()).await, [None, None]);

    change(&client, 3, contact, Params::new().set("post", "Директор")).await;
    let appeared = add(&client, 3, [contact_of("8 900 000 00 02", "иванов", "Иван")]).await[0];
    let conflict = || Some(CHANGED.to_owned());
    assert_eq!(judged(&client, &entries, &BTreeSet::new()).await, [conflict(), conflict()]);
    let ours = BTreeSet::from([appeared]);
    assert_eq!(
        judged(&client, &entries, &ours).await,
        [conflict(), None],
        "what this run created is no news"
    );
}
