//! A plan that is applied later: what changed since is not overwritten.

use b24_client::{Call, Client, Params};
use serde_json::{Value, json};
use workflow::sync::entry::{Action, Assignment, ContactChoice, Entry, Update};
use workflow::sync::journal::{PostedComment, comment_hash};
use workflow::sync::look_up::LiveLead;
use workflow::sync::mapping::{LeadRule, Resolved};
use workflow::sync::plan::{Candidate, Identity, Judge, Live, read_live};
use workflow::sync::wanted::{Policy, Wanted};
use workflow::sync::{FieldValue, Planner, Sight, ValueKind};

use super::fixtures::{
    KEY, add, contact_of, counted, deal_of, empty_portal, field, live_deal, person, rules, stages, wanted,
    wants,
};
use super::saved;

const SITE: &str = "https://portal.example";

async fn planned(client: &Client, window: Vec<Wanted>) -> Vec<Entry> {
    let mut planner = Planner::new(rules(), &client.portal());
    let window =
        window.into_iter().map(|wanted| Candidate { wanted, identity: Identity::default() }).collect();
    let seen = planner.look_up(client, window).await.unwrap();
    planner.decide(seen, &|_, _| true)
}

fn judge(entry: &Entry, live: &Live, rules: &Resolved) -> Entry {
    Judge { rules, site: SITE, closed_too: false }.judge(entry.clone(), live)
}

/// What each entry becomes now: its sign, or its code when it is a conflict.
async fn judged(client: &Client, entries: &[Entry]) -> Vec<String> {
    let live = read_live(client, &rules(), entries).await.unwrap();
    let word = |entry: Entry| match entry.action {
        Action::Conflict { code, .. } => code,
        _ => entry.symbol().to_string(),
    };
    entries.iter().zip(&live).map(|(entry, live)| word(judge(entry, live, &rules()))).collect()
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
    let (fresh, requests) = counted(&sandbox, judged(&client, &entries)).await;
    assert_eq!((fresh.concat(), requests), ("****++".to_owned(), 2));

    change(&client, 2, deals[0], Params::new().set("title", "Другое")).await;
    // Not a field of the plan.
    change(&client, 2, deals[1], Params::new().set("additionalInfo", "заметка")).await;
    change(&client, 2, deals[2], Params::new().set("stageId", "WON")).await;
    // Somebody wrote what was planned.
    change(&client, 2, deals[3], Params::new().set("title", "Новое")).await;
    add(&client, 2, [deal_of("F1_5")]).await;
    let expected = [CHANGED, "*", CHANGED, "=", CHANGED, "+"];
    assert_eq!(judged(&client, &entries).await, expected, "what is there already is not written again");
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
    assert_eq!(judged(&client, &entries).await, ["+", "+"]);

    change(&client, 3, contact, Params::new().set("post", "Директор")).await;
    add(&client, 3, [contact_of("8 900 000 00 02", "иванов", "Иван")]).await;
    assert_eq!(judged(&client, &entries).await, [CHANGED, CHANGED]);
}

/// An update of a title and a comment, planned when the comment `seen` was the deal's last one.
fn commented(deal: u64, seen: Option<&str>) -> Entry {
    let action = Action::Update(Update {
        deal: Some(deal),
        adopted: false,
        changes: vec![saved::change("title", "TITLE", "Название", "Приём", "Новое")],
        contact: ContactChoice::None,
        comment: Some("Пришёл".to_owned()),
    });
    let last_comment = seen.map(|text| if text.is_empty() { String::new() } else { comment_hash(text) });
    Entry { last_comment, ..saved::entry("F1_1", action) }
}

fn on_the_portal(title: &str, last_comment: Option<&str>) -> Live {
    let deal = live_deal(&json!({"ID": "5", "TITLE": title, "STAGE_ID": "NEW", KEY: "F1_1"}));
    let comment =
        last_comment.map(|text| PostedComment { hash: comment_hash(text), comment: Some(1), legacy: false });
    Live { deal: Some(Sight::Found(deal)), comment, ..Live::default() }
}

#[test]
fn an_update_is_what_is_left_of_it() {
    let left = |title, last| judge(&commented(5, Some("")), &on_the_portal(title, last), &rules()).action;
    let Action::Update(whole) = left("Приём", None) else { panic!() };
    assert_eq!((whole.changes.len(), whole.comment.is_some()), (1, true));
    let Action::Update(comment_only) = left("Новое", None) else { panic!() };
    assert_eq!((comment_only.changes.len(), comment_only.comment.is_some()), (0, true));
    let Action::Update(title_only) = left("Приём", Some("Пришёл")) else { panic!() };
    assert_eq!((title_only.changes.len(), title_only.comment), (1, None));
    assert_eq!(left("Новое", Some("Пришёл")), Action::Unchanged { deal: Some(5), contact: None });
}

#[test]
fn a_comment_that_was_posted_since_is_a_conflict() {
    let code = |seen, last| {
        let judged = judge(&commented(5, seen), &on_the_portal("Приём", last), &rules());
        judged.symbol()
    };
    assert_eq!(code(Some("Записан"), Some("Записан")), '*', "still the last one");
    assert_eq!(code(Some("Записан"), Some("Отменён")), '!');
    assert_eq!(code(Some(""), Some("Отменён")), '!');
    assert_eq!(code(Some("Записан"), None), '*', "forgotten so that it is posted anew");
    assert_eq!(code(None, None), '*', "a plan of the format 1");
    assert_eq!(code(None, Some("Записан")), '!', "a plan of the format 1 does not say what it saw");
}

#[test]
fn a_lead_that_was_closed_is_a_conflict_and_one_that_is_gone_is_left_out() {
    let mut rules = rules();
    let field = field("ufCrm_1", "UF_CRM_1", "Лид", ValueKind::Integer);
    let closed = stages(&["CONVERTED", "JUNK"]);
    rules.leads = Some(LeadRule { field: Some(field.clone()), status: None, source: false, closed });
    let mut creation = saved::creation("F1_1");
    creation.contact = ContactChoice::None;
    let value = FieldValue::one(ValueKind::Integer, "5");
    creation.fields.push(Assignment { name: field.name, title: field.title, value });
    let planned = saved::entry("F1_1", Action::Create(creation));
    let with = |lead| Live { rivals: Some(Sight::Absent), lead: Some(lead), ..Live::default() };
    let lead = |status: &str| {
        let closed = status != "NEW";
        Sight::Found(LiveLead {
            id: 5,
            status: status.to_owned(),
            closed,
            contact: None,
            source: String::new(),
            source_description: String::new(),
        })
    };
    assert_eq!(judge(&planned, &with(lead("NEW")), &rules), planned);
    let converted = judge(&planned, &with(lead("CONVERTED")), &rules);
    let Action::Conflict { code, links, .. } = converted.action else { panic!() };
    assert_eq!((code.as_str(), links[0].as_str()), (CHANGED, "https://portal.example/crm/lead/details/5/"));
    let unread = judge(&planned, &with(Sight::Unknown("lost".to_owned())), &rules);
    assert!(matches!(unread.action, Action::Unknown { .. }));
    let alone = judge(&planned, &with(Sight::Absent), &rules);
    let Action::Create(creation) = &alone.action else { panic!() };
    assert_eq!((creation.lead, creation.fields.len()), (None, 3), "nor is its number written");
    assert_eq!(alone.warnings[0].code, "sync.lead-gone");
}
