//! Rows that are put aside, until a reading meets them again.

use workflow::sync::apply::Applied;
use workflow::sync::journal::{Backoff, NewReject, RunKind, StoredReject};
use workflow::sync::plan::{PlanHeader, PlanWriter, SavedPlan};
use workflow::sync::run::{PlanOrder, Planned, Session};
use workflow::sync::{Journal, Mapping, Reject, SyncError};

use super::session::{Desk, visit};

pub(super) fn rejects(desk: &Desk) -> Vec<StoredReject> {
    desk.journal().rejects(None).unwrap()
}

pub(super) fn codes(desk: &Desk) -> Vec<(Option<String>, u64, String)> {
    let told = |stored: StoredReject| (stored.reject.key, stored.reject.line, stored.reject.code);
    rejects(desk).into_iter().map(told).collect()
}

/// A row with a cell too much.
pub(super) fn malformed(number: u64) -> String {
    visit(number).replace('\n', ";too much\n")
}

/// What a plan or the portal refuses about a record.
fn reject(code: &str, key: &str) -> NewReject {
    let reject = Reject {
        code: code.to_owned(),
        key: Some(key.to_owned()),
        line: 2,
        field: None,
        value: None,
        message: "the portal said no".to_owned(),
        hint: String::new(),
    };
    NewReject { reject, cursor: None, row: None }
}

/// Plans over everything, and leaves it at that.
async fn plan_all(desk: &Desk, journal: &Journal) -> Planned {
    let order = PlanOrder { full: true, ..PlanOrder::default() };
    desk.session(journal).plan(RunKind::Plan, order, &mut |_| {}).await.unwrap()
}

/// Reads everything of a source that begins at this time.
pub(super) async fn all_since(desk: &Desk, initial: &str) -> Applied {
    let text = include_str!("visits.toml").replace("\"time\"", &format!("\"time\"\ninitial = \"{initial}\""));
    let mapping = Mapping::parse(&text).unwrap();
    let journal = desk.journal();
    let order = PlanOrder { full: true, ..PlanOrder::default() };
    let session = Session { mapping: &mapping, ..desk.session(&journal) };
    session.run(order, &mut |_| {}).await.unwrap().1
}

fn save(desk: &Desk, journal: &Journal, planned: &Planned) -> SavedPlan {
    let path = desk.folder().join("plan.json");
    let header = PlanHeader::new(&planned.rules, desk.now());
    let mut writer = PlanWriter::create(&path, false, &header, &planned.rules).unwrap();
    for spooled in journal.planned(planned.run, 0, 500).unwrap() {
        writer.add(&spooled.entry).unwrap();
    }
    SavedPlan::open(&writer.finish(Vec::new()).unwrap()).unwrap()
}

fn retry_all(desk: &Desk) -> u64 {
    let ids: Vec<i64> = rejects(desk).iter().map(|stored| stored.id).collect();
    let journal = desk.journal();
    let now = journal.runs(None, 1).unwrap()[0].started_at;
    journal.retry_rejects(&ids, now).unwrap()
}

#[tokio::test]
async fn a_mended_line_is_read_again_when_a_retry_is_asked_for() {
    let desk = Desk::new("").await;
    desk.source(1..=2);
    desk.run().await.unwrap();
    desk.rows(&[visit(1), visit(2), malformed(3), visit(60)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects), (1, 1));
    // The run after it begins an hour later than the row that cannot be read.
    desk.rows(&[visit(1), visit(2), malformed(3), visit(60), visit(61)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects, applied.rejects), (1, 0, 1));
    desk.rows(&[visit(1), visit(2), visit(3), visit(60), visit(61)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!(
        (applied.deals_created, rejects(&desk).len()),
        (0, 1),
        "it was passed over, so it is still told"
    );
    assert_eq!(retry_all(&desk), 1);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!(applied.deals_created, 1, "the mended row");
    assert!(rejects(&desk).is_empty() && desk.journal().retries(None).unwrap().is_empty());
}

#[tokio::test]
async fn a_row_of_the_first_reading_is_reached_by_reading_everything() {
    let desk = Desk::new("").await;
    let undated = |number| visit(number).replace("2026-09-01", "yesterday");
    desk.rows(&[visit(1), undated(2), visit(120)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects), (2, 1));
    assert_eq!(codes(&desk)[0].2, "sync.cursor-malformed");
    desk.rows(&[visit(1), visit(2), visit(120)]);
    desk.run().await.unwrap();
    assert_eq!(rejects(&desk).len(), 1);
    retry_all(&desk);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!(applied.deals_created, 1);
    assert!(rejects(&desk).is_empty());
}

#[tokio::test]
async fn a_reading_closes_what_it_covers_and_no_longer_meets() {
    let desk = Desk::new("").await;
    desk.rows(&[visit(1), malformed(2), visit(3).replacen('3', "", 1), visit(4).replace("08:04", "18:04")]);
    desk.run().await.unwrap();
    assert_eq!(rejects(&desk).len(), 2);
    // Both rows are gone, and a reading from the cursor on proves nothing about where they stood.
    desk.rows(&[visit(1), visit(4).replace("08:04", "18:04")]);
    desk.run().await.unwrap();
    assert_eq!(rejects(&desk).len(), 2);
    desk.again().await.unwrap();
    assert!(rejects(&desk).is_empty());
    // A source without a row proves nothing at all.
    desk.rows(&[visit(1), malformed(2)]);
    desk.again().await.unwrap();
    desk.rows(&[]);
    desk.again().await.unwrap();
    assert_eq!(rejects(&desk).len(), 1);
}

#[tokio::test]
async fn a_run_closes_what_it_reads_well_and_what_the_portal_refused_by_its_outcome() {
    let desk = Desk::new("").await;
    let long = visit(1).replace("Приём 1", &"x".repeat(300));
    desk.rows(&[long.clone(), visit(2)]);
    desk.again().await.unwrap();
    assert_eq!(rejects(&desk)[0].reject.code, "sync.text-too-long");
    desk.source(1..=2);
    let (_, applied) = desk.again().await.unwrap();
    assert_eq!(applied.deals_created, 1);
    assert!(rejects(&desk).is_empty());
    // A refusal by the portal ends with an outcome, not with a look at the source.
    let journal = desk.journal();
    let refused = reject("sync.deal-refused", "F1_1");
    let earlier = journal.runs(None, 1).unwrap().remove(0);
    journal.commit(|pen| pen.reject(earlier.id, "clinic", &refused, earlier.started_at)).unwrap();
    plan_all(&desk, &journal).await;
    assert_eq!(journal.rejects(None).unwrap().len(), 1);
    drop(journal);
    desk.again().await.unwrap();
    assert!(rejects(&desk).is_empty());
}

/// A row that is put aside, and mended: what is wrong with it is told until something was written.
#[tokio::test]
async fn a_reading_whose_plan_is_not_written_closes_nothing() {
    let desk = Desk::new("[guards]\ncreates = 1\n").await;
    desk.rows(&[visit(1), malformed(2), visit(3).replace("Приём 3", &"x".repeat(300))]);
    desk.run().await.unwrap();
    let before = codes(&desk);
    assert_eq!(before.len(), 2);
    desk.source(1..=3);
    let journal = desk.journal();
    plan_all(&desk, &journal).await;
    drop(journal);
    assert_eq!(codes(&desk), before, "a plan alone");
    let error = desk.again().await.unwrap_err();
    assert!(matches!(error, SyncError::Guarded(_)), "{error}");
    assert_eq!(codes(&desk), before, "a guard");
    desk.rows(&[visit(1), visit(3)]);
    desk.again().await.unwrap();
    assert!(rejects(&desk).is_empty());
}

/// The source says something newer than a saved plan, and than what taking a run back restores.
#[tokio::test]
async fn runs_that_did_not_read_the_source_leave_what_readings_put_aside_and_let_wait() {
    let desk = Desk::new("").await;
    desk.source(1..=2);
    let (written, _) = desk.run().await.unwrap();
    desk.rows(&[visit(1).replace("Приём", "Перенос"), visit(2).replace("Приём", "Перенос")]);
    let journal = desk.journal();
    let saved = save(&desk, &journal, &plan_all(&desk, &journal).await);
    // A newer row cannot be used, and another one waits.
    let newer = |number, title: &str| visit(number).replace(&format!("Приём {number}"), title);
    desk.rows(&[newer(1, &"x".repeat(300)), newer(2, "Отмена")]);
    let (run, _) = desk.session(&journal).run(PlanOrder::default(), &mut |_| {}).await.unwrap();
    let entry = journal.planned(run.run, 0, 10).unwrap().remove(0).entry;
    let why = ("sync.not-sent", "the network");
    let (now, backoff) = (desk.now(), Backoff::default());
    journal.commit(|pen| pen.retry(run.run, "clinic", &entry, why, backoff, now)).unwrap();
    let waiting = |journal: &Journal| {
        let of_reading = |stored: &StoredReject| stored.first_run == run.run;
        let rejects = journal.rejects(None).unwrap().into_iter().filter(of_reading).count();
        (rejects, journal.retries(None).unwrap())
    };
    let before = waiting(&journal);
    assert_eq!((before.0, before.1.len()), (1, 1));
    let session = desk.session(&journal);
    let adopted = session.adopt(&saved, &mut |_| {}).await.unwrap();
    let applied = session.apply(&adopted, &mut |_| {}).await.unwrap();
    assert!(applied.deals_changed > 0);
    assert_eq!(waiting(&journal), before, "a saved plan");
    for taken_back in [adopted.run, written.run] {
        let undo = session.revert(taken_back).await.unwrap();
        session.apply(&undo, &mut |_| {}).await.unwrap();
        assert_eq!(waiting(&journal), before, "taking {taken_back} back");
    }
    // A refusal of such a run stands beside what a reading said.
    let refused = reject("sync.deal-refused", "F1_1");
    journal.commit(|pen| pen.reject(adopted.run, "clinic", &refused, now)).unwrap();
    assert_eq!(waiting(&journal), before, "a refusal");
    desk.source(1..=2);
    session.run(PlanOrder::default(), &mut |_| {}).await.unwrap();
    assert!(journal.rejects(None).unwrap().is_empty() && journal.retries(None).unwrap().is_empty());
}

#[tokio::test]
async fn a_key_that_stands_twice_is_refused_as_long_as_it_does_however_far_the_cursor_is() {
    let desk = Desk::new("").await;
    let twin = |number, minute| visit(number).replacen(&number.to_string(), "70", 1).replace("08:0", minute);
    let (early, late) = (twin(1, "13:0"), twin(2, "14:0"));
    desk.rows(&[early.clone(), visit(200), late.clone()]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects), (1, 2));
    for visits in [200..=200, 200..=420] {
        let others: Vec<String> = visits.map(visit).collect();
        let (first, last) = (std::slice::from_ref(&early), std::slice::from_ref(&late));
        desk.rows(&[first, others.as_slice(), last].concat());
        desk.run().await.unwrap();
        let twice: Vec<String> = codes(&desk).into_iter().map(|(_, _, code)| code).collect();
        assert_eq!(twice, ["sync.key-duplicate"; 2]);
        assert!(desk.journal().records(&["F1_70"]).unwrap()["F1_70"].deal.is_none());
    }
    // Another order of the lines is no other pair.
    desk.rows(&[late.clone(), early.clone(), visit(421)]);
    desk.run().await.unwrap();
    assert_eq!(rejects(&desk).len(), 2);
    desk.rows(&[late, visit(422)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!(applied.deals_created, 2);
    assert!(rejects(&desk).is_empty());
    assert!(desk.journal().records(&["F1_70"]).unwrap()["F1_70"].deal.is_some());
}

#[tokio::test]
async fn rows_with_one_key_that_are_gone_hold_the_next_readings_back_no_longer() {
    let desk = Desk::new("").await;
    desk.rows(&[visit(1), visit(60), visit(60), visit(200)]);
    desk.run().await.unwrap();
    assert_eq!(rejects(&desk).len(), 2);
    let journal = desk.journal();
    let from = |journal: &Journal| journal.read_from("clinic", desk.now()).unwrap().unwrap();
    assert_eq!(from(&journal), "2026-09-01T06:00:00.000000000Z");
    drop(journal);
    desk.rows(&[visit(1), visit(200)]);
    desk.run().await.unwrap();
    assert!(rejects(&desk).is_empty());
    assert_eq!(from(&desk.journal()), "2026-09-01T08:20:00.000000000Z");
}

#[tokio::test]
async fn a_reading_of_everything_closes_nothing_before_the_place_where_it_begins() {
    let desk = Desk::new("").await;
    let long = |number| visit(number).replace(&format!("Приём {number}"), &"x".repeat(300));
    desk.rows(&[long(1), malformed(2), long(61), visit(90)]);
    desk.run().await.unwrap();
    assert_eq!(rejects(&desk).len(), 3);
    // 09:00 on the clocks of the source.
    let nine = "2026-09-01T09:00:00";
    desk.rows(&[visit(3), long(61), visit(90)]);
    assert_eq!(all_since(&desk, nine).await.rejects, 1);
    assert_eq!(rejects(&desk).len(), 3);
    desk.rows(&[visit(3), visit(90)]);
    all_since(&desk, nine).await;
    let left: Vec<Option<String>> = codes(&desk).into_iter().map(|(key, ..)| key).collect();
    assert!(left.len() == 2 && left.contains(&Some("F1_1".to_owned())), "what it covers is closed {left:?}");
    desk.source(1..=2);
    assert_eq!(all_since(&desk, "2026-09-01T00:00:00").await.deals_created, 2);
    assert!(rejects(&desk).is_empty(), "nobody knows where the line stood, but no row was left out");
}

/// Both orders, in one window and across windows and pages.
#[tokio::test]
async fn a_key_that_stands_twice_is_written_by_neither_row_also_when_one_of_them_cannot_be_used() {
    let bad = visit(1).replace("Приём 1", &"x".repeat(300));
    let others: Vec<String> = (2..=21).map(visit).collect();
    for batch_size in [5, 500] {
        for bad_first in [true, false] {
            let desk = Desk::new("").await;
            let desk = desk.with_batch_size(batch_size);
            let (first, last) = if bad_first { (&bad, visit(1)) } else { (&visit(1), bad.clone()) };
            desk.rows(&[std::slice::from_ref(first), others.as_slice(), &[last]].concat());
            let (_, applied) = desk.run().await.unwrap();
            let what = format!("batch_size {batch_size}, bad first: {bad_first}");
            assert_eq!(applied.deals_created, 20, "{what}");
            let twice: Vec<(u64, String)> =
                codes(&desk).into_iter().map(|(_, line, code)| (line, code)).collect();
            for line in [2, 23] {
                assert!(twice.contains(&(line, "sync.key-duplicate".to_owned())), "{what} {twice:?}");
            }
            let bad_line = if bad_first { 2 } else { 23 };
            assert!(twice.contains(&(bad_line, "sync.text-too-long".to_owned())), "{what} {twice:?}");
            desk.source(1..=21);
            let (_, applied) = desk.again().await.unwrap();
            assert_eq!(applied.deals_created, 1, "{what}");
            assert!(rejects(&desk).is_empty(), "{what}");
        }
    }
}

#[tokio::test]
async fn a_row_is_told_about_until_a_run_has_told_it() {
    let desk = Desk::new("[guards]\ncreates = 1\n").await;
    desk.source(1..=1);
    desk.run().await.unwrap();
    desk.rows(&[visit(1), malformed(2), visit(3), visit(4)]);
    // The portal refuses the webhook, then a guard trips: no run went to its end.
    desk.faults("[[fault]]\nmethod = \"batch\"\nnth = 1\ndo = \"401\"\n");
    desk.run().await.unwrap_err();
    desk.no_faults();
    desk.run().await.unwrap_err();
    desk.rows(&[visit(1), malformed(2), visit(3)]);
    let journal = desk.journal();
    for _ in 0..2 {
        let planned = plan_all(&desk, &journal).await;
        assert_eq!((planned.new_rejects, planned.rejects), (1, 1), "a plan is only a look");
    }
    drop(journal);
    let (planned, applied) = desk.run().await.unwrap();
    assert_eq!((planned.new_rejects, applied.new_rejects, applied.rejects), (1, 1, 1));
    assert!(applied.is_partial());
    let (planned, applied) = desk.run().await.unwrap();
    assert_eq!((planned.new_rejects, applied.new_rejects, applied.rejects), (0, 0, 1));
    assert!(!applied.is_partial());
}
