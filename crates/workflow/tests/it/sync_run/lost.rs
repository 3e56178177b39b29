//! Writes whose answers were lost: by whatever clock, with whoever's eyes, nothing is written twice and nothing forgotten.

use b24_client::Params;
use jiff::SignedDuration;
use serde_json::Value;
use workflow::sync::apply::Applied;
use workflow::sync::journal::{Backoff, Changed, RecordOutcome, RunId, Written};
use workflow::sync::run::{PlanOrder, Planned, Session};

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

fn of_run(desk: &Desk, key: &str, run: RunId) -> Vec<Changed> {
    let mut changes = desk.journal().changes_of(key).unwrap();
    changes.retain(|changed| changed.run == run);
    changes
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_known_and_taken_back() {
    let desk = Desk::new("").await;
    desk.source(1..=3);
    desk.run().await.unwrap();
    desk.rows(&[renamed(1), visit(2), renamed(3)]);
    desk.faults(&lost("crm.item.update", 1, "reset-after"));
    let (sent, applied) = desk.impatient_run().await.unwrap();
    assert_eq!(applied.count(RecordOutcome::Unknown), 2);
    desk.pass_settling().await;
    // Meanwhile somebody changes one of them further.
    let third = desk.written("deal").iter().find(|deal| deal["title"] == "Перенос 3").unwrap()["id"].clone();
    desk.change(2, &third, Params::new().set("title", "Отмена 3")).await;
    desk.rows(&[renamed(1), visit(2)]);
    let (planned, _) = desk.again().await.unwrap();
    assert_eq!(planned.counts.unchanged, 2, "{:?}", planned.counts);
    let changes = of_run(&desk, "F1_1", sent.run);
    let [only] = changes.as_slice() else { panic!("{changes:?}") };
    let change = only.change.as_ref().unwrap();
    assert_eq!((only.entity, change.name.as_str()), (Written::Deal, "title"));
    assert_eq!((change.before.first(), change.after.first()), (Some("Приём 1"), Some("Перенос 1")));
    assert!(of_run(&desk, "F1_3", sent.run).is_empty(), "nobody knows who wrote that");
    let journal = desk.journal();
    assert!(journal.open_intents().unwrap().is_empty());
    let undo = desk.session(&journal).revert(sent.run).await.unwrap();
    let applied = desk.session(&journal).apply(&undo, &mut |_| {}).await.unwrap();
    assert_eq!(applied.deals_changed, 1);
    let titles: Vec<Value> = desk.written("deal").iter().map(|deal| deal["title"].clone()).collect();
    assert_eq!(titles, ["Приём 1", "Приём 2", "Отмена 3"]);
}

/// A run that lets records wait an hour first: runs take their time on a busy machine.
async fn slow_to_try_again(desk: &Desk) -> (Planned, Applied) {
    let journal = desk.journal();
    let backoff = Backoff { first: SignedDuration::from_hours(1), ..Backoff::default() };
    let session = Session { backoff, ..desk.session(&journal) };
    session.run(PlanOrder::default(), &mut |_| {}).await.unwrap()
}

#[tokio::test]
async fn an_attempt_counts_when_the_record_was_due() {
    let desk = Desk::new("").await;
    desk.source(1..=1);
    desk.faults("[[fault]]\nmethod = \"crm.duplicate.findbycomm\"\nevery = 1\ndo = \"error\"\n");
    let waiting = |desk: &Desk| {
        let queued = desk.journal().retries(None).unwrap();
        queued.iter().map(|retry| (retry.attempts, retry.next_at)).collect::<Vec<_>>()
    };
    slow_to_try_again(&desk).await;
    let first = waiting(&desk);
    // The overlap brings the row with every run.
    for _ in 0..9 {
        desk.pass(60);
        let (planned, _) = slow_to_try_again(&desk).await;
        assert_eq!(planned.counts.unknown, 1);
        assert_eq!(waiting(&desk), first, "it was not due");
    }
    desk.pass(3_600);
    slow_to_try_again(&desk).await;
    let second = waiting(&desk);
    assert_eq!((first[0].0, second[0].0), (1, 2));
    assert!(second[0].1 > first[0].1);
    desk.no_faults();
    let (_, applied) = slow_to_try_again(&desk).await;
    assert_eq!((applied.deals_created, waiting(&desk).len()), (1, 0), "good news need not wait");
}
