//! Plans are written: once, whatever breaks.

mod stage;

use stage::{KEY, new_record, record, stage};
use workflow::sync::entry::{Action, ContactChoice, Update};
use workflow::sync::journal::RecordOutcome;
use workflow::sync::mapping::Automation;

#[tokio::test]
async fn twenty_new_records_take_two_requests() {
    let stage = stage(Automation::Run).await;
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
    let state = &journal.records(&["F1_7"]).unwrap()["F1_7"];
    assert_eq!(state.deal, of("F1_7")["id"].as_u64());
}

#[tokio::test]
async fn records_with_one_new_person_create_one_contact() {
    let stage = stage(Automation::Run).await;
    let journal = stage.journal();
    let entries: Vec<_> =
        (1..=60).map(|n| record(&format!("F1_{n}"), n, &format!("p{}", n % 3), None)).collect();
    let applied = stage.write(&journal, &entries).await;
    assert_eq!((applied.deals_created, applied.contacts_created), (60, 3));
    assert_eq!(stage.written("contact").len(), 3);
}

#[tokio::test]
async fn a_then_b_then_a_is_three_comments_and_twice_the_same_is_one() {
    let stage = stage(Automation::Run).await;
    let journal = stage.journal();
    stage.write(&journal, &[record("F1_1", 1, "p", Some("A"))]).await;
    let deal = journal.records(&["F1_1"]).unwrap()["F1_1"].deal.unwrap();
    let update = |text: &str| {
        let mut entry = record("F1_1", 1, "p", None);
        let comment = Some(text.to_owned());
        entry.action = Action::Update(Update {
            deal,
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
async fn exactly_once(automation: Automation, faults: &str, records: u64) {
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
            exactly_once(Automation::Run, &faults, 60).await;
        }
    }
}
