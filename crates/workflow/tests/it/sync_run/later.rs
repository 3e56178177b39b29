//! Plans that are written later: saved ones, and those that waited for somebody's answer.

use std::path::PathBuf;

use b24_client::Params;
use workflow::sync::journal::{RecordOutcome, RunKind};
use workflow::sync::plan::{PlanHeader, PlanWriter, SavedPlan};
use workflow::sync::run::{PlanOrder, Planned, Session, SyncEvent};
use workflow::sync::{Entry, Journal};

use super::session::{Desk, visit};

fn entries(journal: &Journal, planned: &Planned) -> Vec<Entry> {
    journal.planned(planned.run, 0, 500).unwrap().into_iter().map(|spooled| spooled.entry).collect()
}

pub(super) fn saved(desk: &Desk, journal: &Journal, planned: &Planned) -> PathBuf {
    let path = desk.folder().join(format!("{}.json", planned.run));
    let header = PlanHeader::new(&planned.rules, desk.now());
    let mut writer = PlanWriter::create(&path, false, &header, &planned.rules).unwrap();
    for entry in entries(journal, planned) {
        writer.add(&entry).unwrap();
    }
    writer.finish(Vec::new()).unwrap()
}

pub(super) async fn plan(desk: &Desk, journal: &Journal) -> Planned {
    let order = PlanOrder { full: true, ..PlanOrder::default() };
    desk.session(journal).plan(RunKind::Plan, order, &mut |_| {}).await.unwrap()
}

/// Two visits of three have another title and another comment.
fn changed() -> Vec<String> {
    let later = |number| visit(number).replace("Приём", "Перенос").replace("Визит", "Перенесён");
    vec![later(1), later(2), visit(3)]
}

#[tokio::test]
async fn a_saved_plan_that_is_written_already_is_not_written_again() {
    let desk = Desk::new("").await;
    desk.source(1..=3);
    desk.run().await.unwrap();
    desk.rows(&changed());
    let journal = desk.journal();
    let planned = plan(&desk, &journal).await;
    let path = saved(&desk, &journal, &planned);
    let (session, plan) = (desk.session(&journal), SavedPlan::open(&path).unwrap());
    let adopted = session.adopt(&plan, &mut |_| {}).await.unwrap();
    assert_eq!((adopted.counts.update, adopted.counts.comments), (2, 2));
    let applied = session.apply(&adopted, &mut |_| {}).await.unwrap();
    assert_eq!((applied.deals_changed, applied.comments), (2, 2));
    let robots = desk.robots();
    let adopted = session.adopt(&plan, &mut |_| {}).await.unwrap();
    assert_eq!((adopted.counts.update, adopted.counts.unchanged, adopted.counts.conflict), (0, 3, 0));
    let applied = session.apply(&adopted, &mut |_| {}).await.unwrap();
    assert_eq!((applied.deals_changed, applied.comments, desk.robots()), (0, 0, robots));
}

#[tokio::test]
async fn deals_that_a_saved_plan_created_are_not_created_again_and_stay_as_somebody_changed_them() {
    let desk = Desk::new("").await;
    desk.source(1..=3);
    let journal = desk.journal();
    let path = saved(&desk, &journal, &plan(&desk, &journal).await);
    let (session, plan) = (desk.session(&journal), SavedPlan::open(&path).unwrap());
    let adopted = session.adopt(&plan, &mut |_| {}).await.unwrap();
    session.apply(&adopted, &mut |_| {}).await.unwrap();
    let first = desk.written("deal")[0]["id"].clone();
    desk.change(2, &first, Params::new().set("title", "Ждём звонка")).await;
    let adopted = session.adopt(&plan, &mut |_| {}).await.unwrap();
    let counts = &adopted.counts;
    assert_eq!((counts.create, counts.unchanged, counts.conflict), (0, 2, 1));
}

#[tokio::test]
async fn a_saved_plan_puts_no_comment_after_a_newer_one() {
    let desk = Desk::new("").await;
    desk.source(1..=3);
    desk.run().await.unwrap();
    desk.rows(&changed());
    let journal = desk.journal();
    let planned = plan(&desk, &journal).await;
    let path = saved(&desk, &journal, &planned);
    // The next run of the schedule has posted something newer.
    desk.rows(&[visit(1).replace("Визит", "Отменён"), visit(2), visit(3)]);
    desk.session(&journal).run(PlanOrder { full: true, ..PlanOrder::default() }, &mut |_| {}).await.unwrap();
    let plan = SavedPlan::open(&path).unwrap();
    let adopted = desk.session(&journal).adopt(&plan, &mut |_| {}).await.unwrap();
    assert_eq!((adopted.counts.update, adopted.counts.conflict, adopted.counts.unchanged), (1, 1, 1));
    let applied = desk.session(&journal).apply(&adopted, &mut |_| {}).await.unwrap();
    assert_eq!((applied.comments, applied.count(RecordOutcome::Conflict)), (1, 1));
}

/// Plans, lets somebody change the second deal and so many seconds pass, writes: conflicts, and how many the plan told
/// about before it wrote.
async fn agreed_after(seconds: i64) -> (u64, Option<u64>) {
    let desk = Desk::new("").await;
    desk.source(1..=3);
    desk.run().await.unwrap();
    desk.rows(&changed());
    let journal = desk.journal();
    let planned = plan(&desk, &journal).await;
    let second = desk.written("deal").into_iter().find(|deal| deal["title"] == "Приём 2").unwrap();
    desk.change(2, &second["id"], Params::new().set("title", "Ждём звонка")).await;
    desk.pass(seconds);
    let mut told = None;
    let mut listen = |event| {
        if let SyncEvent::JudgedAgain { changed } = event {
            told = Some(changed);
        }
    };
    let applied = desk.session(&journal).apply(&planned, &mut listen).await.unwrap();
    assert_eq!(applied.outcomes.values().sum::<u64>(), 3);
    (applied.count(RecordOutcome::Conflict), told)
}

#[tokio::test]
async fn a_plan_that_waited_for_an_answer_is_judged_again() {
    assert_eq!(agreed_after(90).await, (1, Some(1)), "what somebody wrote meanwhile is kept");
    assert_eq!(agreed_after(20).await, (0, None), "an answer at once costs no request");
}

#[tokio::test]
async fn taking_a_run_back_may_wait_for_an_answer_too() {
    let desk = Desk::new("").await;
    desk.source(1..=3);
    desk.run().await.unwrap();
    desk.rows(&changed());
    let (planned, _) = desk.run().await.unwrap();
    let first = desk.written("deal").into_iter().find(|deal| deal["title"] == "Перенос 1").unwrap();
    desk.change(2, &first["id"], Params::new().set("stageId", "WON")).await;
    let journal = desk.journal();
    let undo = desk.session(&journal).revert(planned.run).await.unwrap();
    assert_eq!(undo.counts.update, 2);
    desk.pass(90);
    let applied = desk.session(&journal).apply(&undo, &mut |_| {}).await.unwrap();
    assert_eq!((applied.deals_changed, applied.count(RecordOutcome::Conflict)), (2, 0));
}

#[tokio::test]
async fn a_saved_plan_that_was_interrupted_is_finished_by_applying_it_again() {
    let desk = Desk::new("").await;
    desk.source(1..=2);
    let journal = desk.journal();
    let path = saved(&desk, &journal, &plan(&desk, &journal).await);
    let (session, plan) = (desk.session(&journal), SavedPlan::open(&path).unwrap());
    let adopted = session.adopt(&plan, &mut |_| {}).await.unwrap();
    // Both persons are created, and the deals never arrive.
    desk.faults("[[fault]]\nmethod = \"crm.item.add\"\nnth = 3\ndo = \"reset-before\"\n");
    let impatient = Session { patient: false, ..desk.session(&journal) };
    impatient.apply(&adopted, &mut |_| {}).await.unwrap();
    desk.no_faults();
    assert_eq!((desk.written("contact").len(), desk.written("deal").len()), (2, 0));
    desk.pass_settling().await;
    let adopted = session.adopt(&plan, &mut |_| {}).await.unwrap();
    assert_eq!((adopted.counts.create, adopted.counts.conflict), (2, 0));
    session.apply(&adopted, &mut |_| {}).await.unwrap();
    assert_eq!((desk.written("contact").len(), desk.written("deal").len()), (2, 2));
}
