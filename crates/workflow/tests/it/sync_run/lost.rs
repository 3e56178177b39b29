//! Writes whose answers were lost: by whatever clock, with whoever's eyes, nothing is written twice and nothing forgotten.

use b24_client::Params;
use serde_json::Value;
use workflow::sync::journal::RecordOutcome;

use super::session::{Desk, visit};

fn lost(method: &str, nth: u64, what: &str) -> String {
    format!("[[fault]]\nmethod = \"{method}\"\nnth = {nth}\ndo = \"{what}\"\n")
}

fn renamed(number: u64) -> String {
    visit(number).replace("Приём", "Перенос")
}

#[tokio::test]
async fn a_clock_that_differs_from_the_portals_doubles_nothing() {
    // Contacts go first; each contact and each deal is one `crm.item.add`.
    let places = [("crm.item.add", 3), ("crm.item.add", 23), ("crm.timeline.comment.add", 3)];
    for ahead in [600, 40 * 24 * 3_600, -7_200] {
        for (method, nth) in places {
            let desk = Desk::new("").await;
            desk.pass(ahead);
            desk.source(1..=20);
            desk.faults(&lost(method, nth, "reset-after"));
            let (_, applied) = desk.run().await.unwrap();
            assert_eq!(applied.count(RecordOutcome::Created), 20, "{method} {nth} {ahead}");
            for entity in ["deal", "contact", "comment"] {
                assert_eq!(desk.written(entity).len(), 20, "{entity} after {method} {nth}, {ahead} s ahead");
            }
        }
    }
}

#[tokio::test]
async fn a_closed_deal_of_the_record_is_not_taken_for_its_lost_successor() {
    for what in ["reset-before", "reset-after"] {
        let desk = Desk::new("[deal]\nclosed = \"new-same-key\"\n").await;
        desk.source(1..=1);
        desk.run().await.unwrap();
        let first = desk.written("deal")[0]["id"].clone();
        desk.change(2, &first, Params::new().set("stageId", "WON")).await;
        desk.rows(&[renamed(1)]);
        desk.faults(&lost("crm.item.add", 1, what));
        let (_, applied) = desk.again().await.unwrap();
        assert_eq!((applied.deals_created, applied.count(RecordOutcome::Created)), (1, 1), "{what}");
        let titles: Vec<Value> = desk.written("deal").iter().map(|deal| deal["title"].clone()).collect();
        assert_eq!(titles, ["Приём 1", "Перенос 1"], "{what}");
    }
}

#[tokio::test]
async fn what_a_user_may_not_see_is_not_absent() {
    let mut desk =
        Desk::new("").await.with_field("\"Ответственный\" = { value = 1, policy = \"create-only\" }");
    desk.seen_by(2, "restricted");
    desk.source(1..=2);
    // Two contacts, then two deals that the user creates for somebody else and does not see.
    desk.faults(&lost("crm.item.add", 3, "reset-after"));
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!(applied.count(RecordOutcome::Unknown), 2, "{applied:?}");
    desk.pass_settling().await;
    desk.wait_for_retries();
    desk.again().await.unwrap();
    assert_eq!(desk.written("deal").len(), 2, "nobody proved that they are absent");
    assert_eq!(desk.journal().open_intents().unwrap().len(), 4, "two deals with their comments");
    // An administrator sees them.
    desk.seen_by(1, "sandbox");
    desk.wait_for_retries();
    let (_, applied) = desk.again().await.unwrap();
    assert!(desk.journal().open_intents().unwrap().is_empty());
    assert_eq!((desk.written("deal").len(), desk.written("comment").len()), (2, 2), "{applied:?}");
}
