//! Plans are written: once, whatever breaks.

mod homeless;
mod import_right;
mod lost_comments;
pub(crate) mod stage;

use b24_client::{Call, Params};
use serde_json::Value;
pub(crate) use stage::clock;
use stage::{KEY, Stage, new_record, record, stage, stage_with};
use workflow::sync::entry::{Action, Change, ContactChoice, Update};
use workflow::sync::journal::{Command, NewIntent, RecordOutcome};
use workflow::sync::{Entry, FieldValue};

#[tokio::test]
async fn twenty_new_records_take_two_requests() {
    let stage = stage("run").await;
    let journal = stage.journal();
    let entries: Vec<_> = (1..=20).map(new_record).collect();
    let applied = stage.write(&journal, &entries).await;
    assert_eq!(stage.requests(), 2, "contacts, then deals with their comments");
    assert_eq!(applied.count(RecordOutcome::Created), 20);
    assert_eq!((applied.deals_created, applied.contacts_created, applied.comments), (20, 20, 20));
    assert!(!applied.is_partial());
    assert!(journal.open_intents().unwrap().is_empty());
    let (deals, contacts) = (stage.written("deal"), stage.written("contact"));
    let of = |key: &str| deals.iter().find(|deal| deal[KEY] == key).unwrap();
    let person = contacts.iter().find(|contact| contact["originId"] == "F1_7").unwrap();
    assert_eq!(person["originatorId"], "b24:clinic");
    assert_eq!(of("F1_7")["contactId"], person["id"]);
    let known = &journal.records(&["F1_7"]).unwrap()["F1_7"];
    assert_eq!(known.deal, of("F1_7")["id"].as_u64());
}

#[tokio::test]
async fn records_with_one_new_person_create_one_contact() {
    let stage = stage("run").await;
    let journal = stage.journal();
    let entries: Vec<_> =
        (1..=60).map(|n| record(&format!("F1_{n}"), n, &format!("p{}", n % 3), None)).collect();
    let applied = stage.write(&journal, &entries).await;
    assert_eq!((applied.deals_created, applied.contacts_created), (60, 3));
    assert_eq!(stage.written("contact").len(), 3);
}

#[tokio::test]
async fn more_records_than_fit_into_memory_may_share_few_new_persons() {
    let stage = stage("run").await;
    let journal = stage.journal();
    let entries: Vec<_> =
        (1..=1_300).map(|n| record(&format!("F1_{n}"), n, &format!("p{}", n % 3), None)).collect();
    let applied = stage.write(&journal, &entries).await;
    assert_eq!((applied.deals_created, applied.contacts_created), (1_300, 3));
    assert!(!applied.is_partial());
}

/// Another title for a deal that is there.
fn retitled(deal: u64) -> Entry {
    let mut entry = record("F1_1", 1, "p", None);
    let change = Change {
        name: "title".to_owned(),
        original: "TITLE".to_owned(),
        title: "Название".to_owned(),
        before: FieldValue::text("Приём 1"),
        after: FieldValue::text("B"),
    };
    entry.action = Action::Update(Update {
        deal: Some(deal),
        adopted: false,
        changes: vec![change],
        contact: ContactChoice::None,
        comment: None,
    });
    entry
}

#[tokio::test]
async fn an_update_whose_answer_is_lost_is_not_sent_again_by_its_run() {
    let stage = stage("run").await;
    let journal = stage.journal();
    stage.write(&journal, &[record("F1_1", 1, "p", None)]).await;
    let deal = journal.records(&["F1_1"]).unwrap()["F1_1"].deal.unwrap();
    let robots = stage.sandbox.journal().robots;
    stage.faults("[[fault]]\nmethod = \"*\"\nnth = 1\ndo = \"reset-after\"\n");
    let applied = stage.write(&journal, &[retitled(deal)]).await;
    assert_eq!(applied.count(RecordOutcome::Updated), 0, "nobody knows yet");
    assert_eq!(stage.sandbox.journal().robots, robots + 1, "sent once");
}

#[tokio::test]
async fn a_change_that_was_sent_by_a_process_that_died_is_kept_under_its_run() {
    for executed in [true, false] {
        let stage = stage("run").await;
        let journal = stage.journal();
        stage.write(&journal, &[record("F1_1", 1, "p", None)]).await;
        let deal = journal.records(&["F1_1"]).unwrap()["F1_1"].deal.unwrap();
        let killed = Stage::planned(&journal, &[retitled(deal)]);
        let (key, target) = ("F1_1".to_owned(), Some(deal));
        let sent = NewIntent { key, command: Command::DealUpdate, target, mark: None };
        journal.intend(killed, "clinic", &[sent], clock()).unwrap();
        if executed {
            let params = Params::new().set("entityTypeId", 2).set("id", deal);
            let params = params.set("fields", Params::new().set("title", "B"));
            stage.client.call(Call::<Value>::write("crm.item.update", params)).await.unwrap();
        }
        drop(journal);
        let journal = stage.journal();
        stage.settle(&journal).await;
        assert!(journal.open_intents().unwrap().is_empty());
        let mut changes = journal.changes_of("F1_1").unwrap();
        changes.retain(|changed| changed.run == killed);
        let names: Vec<_> = changes.into_iter().filter_map(|changed| Some(changed.change?.name)).collect();
        assert_eq!(names, if executed { vec!["title"] } else { vec![] });
    }
}

#[tokio::test]
async fn a_then_b_then_a_is_three_comments_and_twice_the_same_is_one() {
    let stage = stage("run").await;
    let journal = stage.journal();
    stage.write(&journal, &[record("F1_1", 1, "p", Some("A"))]).await;
    let deal = journal.records(&["F1_1"]).unwrap()["F1_1"].deal.unwrap();
    let update = |text: &str| {
        let mut entry = record("F1_1", 1, "p", None);
        let comment = Some(text.to_owned());
        entry.action = Action::Update(Update {
            deal: Some(deal),
            adopted: false,
            changes: Vec::new(),
            contact: ContactChoice::None,
            comment,
        });
        entry
    };
    for text in ["A", " A\n", "B", "B", "A"] {
        stage.write(&journal, &[update(text)]).await;
    }
    let mut posted: Vec<_> = stage.written("comment").iter().map(|row| row["COMMENT"].to_string()).collect();
    posted.sort();
    assert_eq!(posted, [r#""A""#, r#""A""#, r#""B""#]);
}

/// Whatever breaks, there is one deal, one contact and one comment for each record.
async fn exactly_once(automation: &str, faults: &str, records: u64) {
    let stage = stage(automation).await;
    let journal = stage.journal();
    stage.faults(faults);
    let entries: Vec<_> = (1..=records).map(new_record).collect();
    let applied = stage.write(&journal, &entries).await;
    assert_eq!(applied.count(RecordOutcome::Created), records, "{faults} {applied:?}");
    assert_eq!(stage.written("deal").len() as u64, records, "{faults}");
    assert_eq!(stage.written("contact").len() as u64, records, "{faults}");
    assert_eq!(stage.written("comment").len() as u64, records, "{faults}");
    assert!(journal.open_intents().unwrap().is_empty(), "{faults}");
    assert_eq!(applied.waiting, 0, "{faults}");
}

#[tokio::test]
async fn a_lost_answer_neither_loses_nor_repeats_a_record() {
    for fault in ["reset-after", "reset-before", "html", "truncate", "503"] {
        for nth in 1..=3 {
            let faults = format!("[[fault]]\nmethod = \"*\"\nnth = {nth}\ndo = \"{fault}\"\n");
            exactly_once("run", &faults, 60).await;
        }
    }
}

#[tokio::test]
async fn without_robots_everything_is_imported_and_comments_follow() {
    let stage = stage("skip").await;
    let journal = stage.journal();
    let entries: Vec<_> = (1..=130).map(new_record).collect();
    let applied = stage.write(&journal, &entries).await;
    assert_eq!((applied.deals_created, applied.contacts_created, applied.comments), (130, 130, 130));
    assert_eq!(stage.sandbox.journal().robots, 0);
    // Two to see how long items take, two for the rest of them, three for the comments.
    assert!(stage.requests() <= 8, "{}", stage.requests());
}

#[tokio::test]
async fn a_lost_import_neither_loses_nor_repeats_a_record() {
    for fault in ["reset-after", "truncate"] {
        for nth in 1..=5 {
            let faults = format!("[[fault]]\nmethod = \"*\"\nnth = {nth}\ndo = \"{fault}\"\n");
            exactly_once("skip", &faults, 60).await;
        }
    }
}

#[tokio::test]
async fn a_run_that_dies_anywhere_is_ended_by_the_next_ones() {
    for automation in ["run", "skip"] {
        for step in [0, 1, 3, 6_u64] {
            let mut stage = stage_with(automation, 5).await;
            // On a busy machine a request that was sent before its process died may arrive late.
            stage.settle_after = jiff::SignedDuration::from_millis(2_500);
            let entries: Vec<_> = (1..=120).map(new_record).collect();
            let journal = stage.journal();
            let run = Stage::planned(&journal, &entries);
            // Dropped in the middle, as a killed process is.
            let limit = std::time::Duration::from_millis(40 * step + 5);
            let ended = tokio::time::timeout(limit, stage.apply(&journal, run)).await.is_ok();
            drop(journal);
            stage.reconnect();
            let journal = stage.journal();
            let known = journal.records(&entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>());
            let open = entries.iter().filter(|entry| !known.as_ref().unwrap().contains_key(&entry.key));
            let open: Vec<_> = open.cloned().collect();
            assert_eq!(ended, open.is_empty(), "step {step}");
            // The next run plans what has no outcome: here as new, which a plan of a real source would say only of
            // records whose deals it does not find.
            stage.settle(&journal).await;
            let found = stage.by_key();
            let open: Vec<_> = open.into_iter().map(|entry| Stage::replanned(entry, &found)).collect();
            stage.write(&journal, &open).await;
            assert_eq!(stage.written("deal").len(), 120, "{automation} {step}");
            assert_eq!(stage.written("contact").len(), 120, "{automation} {step}");
            assert_eq!(stage.written("comment").len(), 120, "{automation} {step}");
            assert!(journal.open_intents().unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn what_the_portal_refuses_is_put_aside_and_the_rest_goes_on() {
    let stage = stage("run").await;
    let journal = stage.journal();
    let mut entries: Vec<_> = (1..=10).map(new_record).collect();
    if let Action::Create(creation) = &mut entries[4].action {
        creation.fields[0].value = FieldValue::text("C99:NOWHERE");
        creation.fields[0].name = "stageId".to_owned();
        creation.contact = ContactChoice::None;
    }
    stage.faults("[[fault]]\nmethod = \"crm.item.add\"\nnth = 12\ndo = \"error\"\n");
    let applied = stage.write(&journal, &entries).await;
    assert_eq!(applied.outcomes.values().sum::<u64>(), 10);
    assert!(applied.count(RecordOutcome::Created) >= 8, "{applied:?}");
    assert_eq!(applied.new_rejects, applied.count(RecordOutcome::Rejected));
    assert!(applied.is_partial());
}

/// The run before was creating somebody with the same telephone number: perhaps the same person in another spelling.
#[tokio::test]
async fn who_is_perhaps_being_created_already_is_left_to_the_next_run() {
    let mut stage = stage("run").await;
    let journal = stage.journal();
    let dead = Stage::planned(&journal, &[]);
    let sent = NewIntent {
        key: "F1_1".to_owned(),
        command: Command::ContactAdd,
        target: None,
        mark: Some("phone1-full".to_owned()),
    };
    journal.intend(dead, "clinic", &[sent], clock()).unwrap();
    drop(journal);
    stage.reconnect();
    let journal = stage.journal();
    let entries = [("F1_1", "phone1-full"), ("F1_2", "phone1-short"), ("F1_3", "phone3-full")];
    let entries: Vec<_> =
        (1_u64..).zip(entries).map(|(n, (key, identity))| record(key, n, identity, None)).collect();
    let applied = stage.write(&journal, &entries).await;
    assert_eq!(applied.count(RecordOutcome::Created), 2, "{applied:?}");
    assert_eq!((applied.count(RecordOutcome::Unknown), applied.waiting), (1, 1));
    assert_eq!(stage.written("contact").len(), 2);
    assert_eq!(journal.retries(None).unwrap()[0].key.as_deref(), Some("F1_2"));
}
