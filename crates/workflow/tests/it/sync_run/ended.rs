//! Runs that do not come to their end: what readings put aside stays, until a run does.

use tokio::sync::Notify;
use workflow::sync::journal::{RunKind, RunState};
use workflow::sync::run::{PlanOrder, SyncEvent};

use super::rejects::{codes, malformed, rejects};
use super::session::{Desk, visit};

/// A visit whose title is longer than its field.
fn too_long(number: u64) -> String {
    visit(number).replace(&format!("Приём {number}"), &"x".repeat(300))
}

/// Two rows are put aside, then everything is mended, and there is more.
async fn mended() -> Desk {
    let desk = Desk::new("[guards]\ncreates = 1000\n").await;
    desk.rows(&[visit(1), malformed(2), too_long(3)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects), (1, 2));
    desk.source(1..=300);
    desk
}

/// A run that nobody stops writes what is left, each record once, and closes what was said.
async fn ends_well(desk: &Desk, records: usize) {
    desk.no_faults();
    desk.pass_settling().await;
    desk.wait_for_retries();
    desk.again().await.unwrap();
    assert!(rejects(desk).is_empty(), "{:?}", codes(desk));
    for entity in ["deal", "contact", "comment"] {
        assert_eq!(desk.written(entity).len(), records, "{entity}");
    }
    let journal = desk.journal();
    assert!(journal.open_intents().unwrap().is_empty() && journal.retries(None).unwrap().is_empty());
}

/// Ends a run without another word at such an event: so an interruption does, and a killed process leaves the same.
async fn interrupted(desk: &Desk, at: fn(SyncEvent) -> bool) {
    let journal = desk.journal();
    let (session, reached) = (desk.session(&journal), Notify::new());
    let order = PlanOrder { full: true, ..PlanOrder::default() };
    let mut on_event = |event| {
        if at(event) {
            reached.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = reached.notified() => {}
        ended = session.run(order, &mut on_event) => panic!("{ended:?}"),
    }
}

#[tokio::test]
async fn a_run_that_the_portal_stops_closes_nothing_but_what_it_wrote() {
    let desk = mended().await;
    let (before, cursor) = (codes(&desk), desk.journal().cursor("clinic").unwrap());
    let journal = desk.journal();
    let session = desk.session(&journal);
    let order = PlanOrder { full: true, ..PlanOrder::default() };
    let planned = session.plan(RunKind::Run, order, &mut |_| {}).await.unwrap();
    desk.faults("[[fault]]\nmethod = \"*\"\nevery = 1\ndo = \"401\"\n");
    let applied = session.apply(&planned, &mut |_| {}).await.unwrap();
    assert!(applied.stopped.is_some() && applied.left > 0, "{applied:?}");
    assert_eq!(journal.run(planned.run).unwrap().unwrap().state, RunState::Stopped);
    assert_eq!(journal.cursor("clinic").unwrap(), cursor);
    drop(journal);
    assert_eq!(codes(&desk), before);
    ends_well(&desk, 300).await;
}

#[tokio::test]
async fn a_run_that_is_interrupted_while_it_plans_closes_nothing() {
    let desk = mended().await;
    let (before, cursor) = (codes(&desk), desk.journal().cursor("clinic").unwrap());
    interrupted(&desk, |event| matches!(event, SyncEvent::Read { .. })).await;
    let journal = desk.journal();
    assert_eq!(journal.runs(None, 1).unwrap()[0].state, RunState::Killed);
    assert_eq!(journal.cursor("clinic").unwrap(), cursor);
    drop(journal);
    assert_eq!((codes(&desk), desk.written("deal").len()), (before, 1));
    ends_well(&desk, 300).await;
}

#[tokio::test]
async fn a_run_that_never_ends_closes_nothing_but_what_it_wrote_and_the_next_one_finds_the_rest() {
    let desk = mended().await;
    let cursor = desk.journal().cursor("clinic").unwrap();
    interrupted(&desk, |event| matches!(event, SyncEvent::Settled { .. })).await;
    let journal = desk.journal();
    assert_eq!(journal.runs(None, 1).unwrap()[0].state, RunState::Killed);
    assert_eq!(journal.cursor("clinic").unwrap(), cursor);
    let open = journal.open_intents().unwrap();
    assert!(!open.is_empty() && open.iter().all(|intent| intent.since.is_some()), "under way as it died");
    let third = journal.records(&["F1_3"]).unwrap()["F1_3"].deal;
    drop(journal);
    let keys: Vec<Option<String>> = codes(&desk).into_iter().map(|(key, ..)| key).collect();
    let expected = if third.is_some() { vec![None] } else { vec![None, Some("F1_3".to_owned())] };
    assert_eq!(keys, expected, "the row without a key, and the other one until its deal is there");
    ends_well(&desk, 300).await;
}

/// What a run puts aside and does not live to tell is told by the next one.
#[tokio::test]
async fn rows_that_a_run_put_aside_before_it_died_are_news_to_the_next_one() {
    let desk = Desk::new("").await;
    desk.rows(&[visit(1), malformed(2), too_long(3), visit(4), visit(4)]);
    interrupted(&desk, |event| matches!(event, SyncEvent::Planned { .. })).await;
    let before: Vec<i64> = rejects(&desk).iter().map(|stored| stored.id).collect();
    assert_eq!(before.len(), 4);
    for new in [4, 0] {
        let (_, applied) = desk.run().await.unwrap();
        assert_eq!((applied.new_rejects, applied.rejects, applied.is_partial()), (new, 4, new > 0));
        let ids: Vec<i64> = rejects(&desk).iter().map(|stored| stored.id).collect();
        assert_eq!(ids, before);
    }
}

#[tokio::test]
async fn rows_that_a_run_put_aside_before_its_source_failed_are_news_to_the_next_one() {
    let desk = Desk::new("").await;
    let rows: Vec<String> =
        (1..=2_000).map(|number| visit(number % 600).replacen(';', &format!("-{number};"), 1)).collect();
    let rows = [&[malformed(601)], rows.as_slice()].concat();
    desk.rows(&rows);
    let journal = desk.journal();
    let mut on_event = |event| {
        if matches!(event, SyncEvent::Read { .. }) {
            desk.rows(&rows[..10]);
        }
    };
    let session = desk.session(&journal);
    let error = session.run(PlanOrder::default(), &mut on_event).await.unwrap_err();
    assert_eq!(error.code(), "sync.source-changed");
    assert_eq!(journal.rejects(None).unwrap().len(), 1);
    let (_, applied) = session.run(PlanOrder::default(), &mut |_| {}).await.unwrap();
    assert_eq!((applied.new_rejects, applied.rejects), (1, 1));
}
