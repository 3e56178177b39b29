//! A person who was created once is not created again, whatever happened to the deal.

use b24_client::{Call, Params};
use serde_json::Value;
use workflow::sync::Entry;
use workflow::sync::entry::Action;
use workflow::sync::journal::{RecordOutcome, RunKind};
use workflow::sync::plan::{Judge, read_live};
use workflow::sync::run::PlanOrder;

use super::session::{Desk, visit};

/// A visit of somebody without a telephone number.
fn without_phone(number: u64) -> String {
    visit(number).replacen(&format!("+7999{number:07}"), "", 1)
}

/// The person is created, and the request with the deal never arrives.
async fn interrupted(desk: &Desk, row: String) {
    desk.rows(&[row]);
    desk.faults("[[fault]]\nmethod = \"crm.item.add\"\nnth = 2\ndo = \"reset-before\"\n");
    desk.impatient_run().await.unwrap();
    desk.no_faults();
    assert_eq!((desk.written("contact").len(), desk.written("deal").len()), (1, 0));
    desk.pass_settling().await;
    desk.wait_for_retries();
}

fn linked(desk: &Desk) {
    let (contacts, deals) = (desk.written("contact"), desk.written("deal"));
    assert_eq!((contacts.len(), deals.len()), (1, 1), "{contacts:?}");
    assert_eq!(deals[0]["contactId"], contacts[0]["id"]);
}

#[tokio::test]
async fn a_person_without_a_telephone_is_linked_when_the_deal_comes_later() {
    let desk = Desk::new("").await;
    interrupted(&desk, without_phone(1)).await;
    desk.again().await.unwrap();
    linked(&desk);
}

#[tokio::test]
async fn a_person_whose_creation_got_no_answer_is_linked_when_the_deal_comes_later() {
    for fault in ["reset-after", "reset-before"] {
        let desk = Desk::new("").await;
        desk.rows(&[without_phone(1)]);
        desk.faults(&format!("[[fault]]\nmethod = \"crm.item.add\"\nnth = 1\ndo = \"{fault}\"\n"));
        desk.impatient_run().await.unwrap();
        desk.no_faults();
        desk.pass_settling().await;
        desk.wait_for_retries();
        desk.again().await.unwrap();
        linked(&desk);
    }
}

#[tokio::test]
async fn a_person_whom_somebody_renamed_meanwhile_is_linked_when_the_deal_comes_later() {
    let desk = Desk::new("").await;
    interrupted(&desk, visit(1)).await;
    let fields = Params::new().set("lastName", "Сидорова").set("name", "Анна");
    desk.change(3, &desk.written("contact")[0]["id"], fields).await;
    desk.again().await.unwrap();
    linked(&desk);
}

#[tokio::test]
async fn without_its_journal_a_person_without_a_telephone_is_found_by_origin() {
    let desk = Desk::new("").await;
    interrupted(&desk, without_phone(1)).await;
    desk.lose_the_journal();
    let before = desk.requests();
    desk.again().await.unwrap();
    linked(&desk);
    // Profile and fields, deals by key, contacts by origin, the deal with its comment.
    assert!(desk.requests() - before <= 5, "{}", desk.requests() - before);
}

#[tokio::test]
async fn a_person_who_was_deleted_meanwhile_is_created_anew() {
    let desk = Desk::new("").await;
    interrupted(&desk, without_phone(1)).await;
    let old = desk.written("contact")[0]["id"].as_u64().unwrap();
    let params = Params::new().set("entityTypeId", 3).set("id", old);
    desk.client().call(Call::<Value>::write("crm.item.delete", params)).await.unwrap();
    desk.again().await.unwrap();
    let deal = &desk.written("deal")[0];
    assert!(deal["contactId"].as_u64().is_some_and(|contact| contact != old && contact > 0), "{deal}");
}

#[tokio::test]
async fn twenty_new_records_without_telephone_numbers_take_five_requests() {
    let desk = Desk::new("").await;
    desk.rows(&[without_phone(1)]);
    desk.run().await.unwrap();
    desk.rows(&(2..=21).map(without_phone).collect::<Vec<_>>());
    let before = desk.requests();
    desk.run().await.unwrap();
    assert_eq!(desk.written("contact").len(), 21);
    assert!(desk.requests() - before <= 5, "{}", desk.requests() - before);
}

/// A visit of somebody with the first visit's telephone number.
fn named(number: u64, surname: &str, name: &str) -> String {
    let row = visit(number).replacen(&format!("{number:07};"), "0000001;", 1);
    row.replacen(&format!("Петров;Пётр{number};"), &format!("{surname};{name};"), 1)
}

#[tokio::test]
async fn one_person_spelled_in_two_ways_is_one_contact_and_a_family_is_not() {
    let desk = Desk::new("").await;
    desk.rows(&[
        named(1, "Иванов", "Иван"),
        named(2, "Иванова", "Анна"),
        named(3, "Иванов", "Иван Иванович"),
        named(4, "Анна", "ИВАНОВА"),
    ]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.contacts_created), (4, 2));
}

#[tokio::test]
async fn a_name_that_two_new_persons_have_is_a_conflict() {
    let desk = Desk::new("").await;
    desk.rows(&[
        named(1, "Иванов", "Иван Иванович"),
        named(2, "Иванов", "Иван Петрович"),
        named(3, "Иванов", "Иван"),
    ]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.contacts_created, applied.count(RecordOutcome::Conflict)), (2, 1));
    assert_eq!(desk.journal().rejects(None).unwrap()[0].reject.code, "sync.contact-ambiguous");
}

#[tokio::test]
async fn a_saved_plan_does_not_create_somebody_without_a_telephone_again() {
    let desk = Desk::new("").await;
    desk.rows(&[without_phone(1), without_phone(2)]);
    let journal = desk.journal();
    let session = desk.session(&journal);
    let planned = session.plan(RunKind::Plan, PlanOrder::default(), &mut |_| {}).await.unwrap();
    let entries: Vec<Entry> =
        journal.planned(planned.run, 0, 10).unwrap().into_iter().map(|spooled| spooled.entry).collect();
    let judged = async || -> Vec<bool> {
        let live = read_live(desk.client(), &planned.rules, &entries).await.unwrap();
        let judge = Judge { rules: &planned.rules, site: "https://portal.example", closed_too: false };
        let judged = entries.iter().zip(&live).map(|(entry, live)| judge.judge(entry.clone(), live));
        judged.map(|entry| matches!(entry.action, Action::Conflict { .. })).collect()
    };
    assert_eq!(judged().await, [false, false]);
    let fields =
        Params::new().set("name", "Кто-то").set("originatorId", "b24:clinic").set("originId", "F1_2");
    let params = Params::new().set("entityTypeId", 3).set("fields", fields);
    desk.client().call(Call::<Value>::write("crm.item.add", params)).await.unwrap();
    assert_eq!(judged().await, [false, true], "created by a run that died before the deal");
}
