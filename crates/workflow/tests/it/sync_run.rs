//! A synchronisation from a file to the portal and the journal, with a mapping as people write it.

mod ended;
mod further_keys;
mod later;
mod lost;
mod mended;
mod people;
mod rejects;
mod session;
mod shared_people;
mod successors;
mod trouble;
mod twins;

use session::{Desk, visit};
use workflow::sync::journal::{RecordOutcome, RunState};
use workflow::sync::run::PlanOrder;
use workflow::sync::{Journal, SyncError};

#[tokio::test]
async fn twenty_new_records_take_five_requests_and_twenty_unchanged_ones_two() {
    let desk = Desk::new("").await;
    desk.source(1..=1);
    desk.run().await.unwrap();
    desk.source(2..=21);
    let before = desk.requests();
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!(applied.count(RecordOutcome::Created), 20);
    assert!(desk.requests() - before <= 5, "{}", desk.requests() - before);
    assert_eq!(applied.statistics.requests, desk.requests() - before);
    let (before, written) = (desk.requests(), desk.written("deal"));
    let (planned, applied) = desk.again().await.unwrap();
    assert_eq!((planned.counts.unchanged, applied.count(RecordOutcome::Unchanged)), (20, 20));
    assert!(desk.requests() - before <= 2, "{}", desk.requests() - before);
    assert_eq!(desk.written("deal"), written, "nothing was written");
    assert_eq!(desk.written("comment").len(), 21);
}

#[tokio::test]
async fn changes_are_written_and_taken_back() {
    let desk = Desk::new("").await;
    desk.source(1..=3);
    desk.run().await.unwrap();
    let title = |desk: &Desk| desk.written("deal")[0]["title"].as_str().unwrap().to_owned();
    let old = title(&desk);
    desk.rows(&[visit(1).replace("Приём 1", "Перенос 1"), visit(2), visit(3)]);
    let (planned, applied) = desk.run().await.unwrap();
    assert_eq!((planned.counts.update, planned.counts.unchanged), (1, 2));
    assert_eq!((applied.deals_changed, applied.deals_created), (1, 0));
    assert_eq!(title(&desk), "Перенос 1");
    let journal = desk.journal();
    let undo = desk.session(&journal).revert(planned.run).await.unwrap();
    let applied = desk.session(&journal).apply(&undo, &mut |_| {}).await.unwrap();
    assert_eq!(applied.deals_changed, 1);
    assert_eq!(title(&desk), old);
}

#[tokio::test]
async fn a_tripped_guard_writes_nothing_and_leaves_the_cursor() {
    let desk = Desk::new("[guards]\ncreates = 2\n").await;
    desk.source(1..=3);
    let refused = desk.run().await.unwrap_err();
    assert!(matches!(&refused, SyncError::Guarded(_)), "{refused}");
    assert_eq!(refused.code(), "sync.guard-creates");
    assert!(desk.written("deal").is_empty() && desk.written("contact").is_empty());
    let journal = desk.journal();
    assert_eq!(journal.runs(None, 1).unwrap()[0].state, RunState::Stopped);
    assert!(journal.cursor("clinic").unwrap().is_none());
}

#[tokio::test]
async fn the_cursor_moves_when_everything_is_committed_and_never_for_a_part() {
    let desk = Desk::new("").await;
    desk.source(1..=5);
    let journal = desk.journal();
    let selection = workflow::sync::plan::Selection::new(Some(2), []);
    let order = PlanOrder { selection, full: false };
    let (_, applied) = desk.session(&journal).run(order, &mut |_| {}).await.unwrap();
    assert_eq!(applied.deals_created, 2);
    assert!(journal.cursor("clinic").unwrap().is_none());
    desk.session(&journal).run(PlanOrder::default(), &mut |_| {}).await.unwrap();
    assert!(journal.cursor("clinic").unwrap().is_some());
    assert_eq!(desk.written("deal").len(), 5);
}

#[tokio::test]
async fn what_a_look_up_does_not_answer_creates_nothing_and_is_read_again() {
    let desk = Desk::new("").await;
    desk.source(1..=5);
    desk.faults("[[fault]]\nmethod = \"crm.duplicate.findbycomm\"\nevery = 1\ndo = \"error\"\n");
    let (planned, applied) = desk.run().await.unwrap();
    assert_eq!((planned.counts.unknown, applied.count(RecordOutcome::Unknown)), (5, 5));
    assert!(applied.is_partial() && desk.written("deal").is_empty());
    let journal = desk.journal();
    let moved = journal.cursor("clinic").unwrap();
    assert!(moved.is_some(), "the records are queued by their keys");
    assert_eq!(journal.retries(None).unwrap().len(), 5);
    drop(journal);
    desk.no_faults();
    desk.wait_for_retries();
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!(applied.deals_created, 5);
    assert!(desk.journal().retries(None).unwrap().is_empty());
}

#[tokio::test]
async fn a_row_that_cannot_be_used_is_told_about_once() {
    let desk = Desk::new("").await;
    desk.rows(&[visit(1), visit(2).replacen('2', "", 1), visit(3), visit(3)]);
    let (planned, applied) = desk.run().await.unwrap();
    assert_eq!((planned.counts.create, applied.deals_created), (1, 1));
    assert_eq!(applied.new_rejects, 3, "no key, and a key in two rows");
    assert!(applied.is_partial());
    let (_, applied) = desk.again().await.unwrap();
    assert_eq!((applied.new_rejects, applied.rejects), (0, 3));
    assert!(!applied.is_partial());
    desk.rows(&[visit(1), visit(2), visit(3)]);
    let (_, applied) = desk.again().await.unwrap();
    assert_eq!(applied.deals_created, 2);
    let left = desk.journal().rejects(None).unwrap();
    assert!(left.is_empty(), "every row was read well: {left:?}");
}

#[tokio::test]
async fn lost_answers_and_a_second_run_give_each_record_once() {
    for fault in ["reset-after", "truncate", "html"] {
        let desk = Desk::new("").await;
        desk.source(1..=60);
        // Requests: facts, deals, telephone numbers, contacts, deals with comments.
        for nth in [4, 5, 6] {
            desk.faults(&format!("[[fault]]\nmethod = \"*\"\nnth = {nth}\ndo = \"{fault}\"\n"));
        }
        desk.impatient_run().await.unwrap();
        desk.pass_settling().await;
        desk.wait_for_retries();
        desk.again().await.unwrap();
        for entity in ["deal", "contact", "comment"] {
            assert_eq!(desk.written(entity).len(), 60, "{fault} {entity}");
        }
        let journal = desk.journal();
        assert!(journal.open_intents().unwrap().is_empty());
        assert!(journal.retries(None).unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_person_is_listed_and_erased() {
    let desk = Desk::new("").await;
    desk.source(1..=3);
    desk.run().await.unwrap();
    let person = workflow::person::Person::Phone("8 (999) 000-00-02".to_owned());
    let journal = desk.journal();
    let trace = journal.trace(&person).unwrap();
    assert_eq!((trace.keys.as_slice(), trace.deals.len()), (["F1_2".to_owned()].as_slice(), 1));
    assert!(!trace.is_empty());
    journal.erase(&person).unwrap();
    assert!(journal.trace(&person).unwrap().is_empty());
    let path = journal.path().to_owned();
    drop(journal);
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(10).any(|part| part == b"9990000002"), "not even in free pages");
    let journal = Journal::look(&path, &desk.portal()).unwrap().unwrap();
    assert!(journal.records(&["F1_2"]).unwrap().contains_key("F1_2"), "so that nothing is created twice");
}

#[tokio::test]
async fn a_person_who_is_known_by_number_alone_is_found_by_the_hash_of_the_number() {
    let desk = Desk::new("").await.with_match("phone");
    desk.source(1..=2);
    desk.run().await.unwrap();
    let journal = desk.journal();
    // Nothing but the hash is left of the person.
    let raw = rusqlite::Connection::open(journal.path()).unwrap();
    raw.execute_batch(
        "UPDATE entries SET body = NULL; DELETE FROM changes; UPDATE records SET contact = NULL",
    )
    .unwrap();
    let person = workflow::person::Person::Phone("8 999 000-00-02".to_owned());
    let trace = journal.trace(&person).unwrap();
    assert_eq!((trace.identities, trace.keys.as_slice()), (1, ["F1_2".to_owned()].as_slice()));
    journal.erase(&person).unwrap();
    let left: u32 = raw
        .query_row("SELECT count(*) FROM identities WHERE identity NOT LIKE 'record %'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_comment_hash_of_the_earlier_system_counts_as_its_text_was_and_trimmed() {
    let desk = Desk::new("").await;
    let noted =
        |number: u64| visit(number).replace(&format!("Визит {number}"), &format!("\"Визит {number}\n\""));
    let without = |number: u64| visit(number).replace(&format!("Визит {number}"), "");
    desk.rows(&[without(1), without(2), without(3)]);
    desk.run().await.unwrap();
    let deals: Vec<u64> = desk.written("deal").iter().map(|deal| deal["id"].as_u64().unwrap()).collect();
    let hash = |text: &str| format!("{:x}", md5::compute(text));
    // In the earlier system the texts of the first two ended with a line end.
    let list = serde_json::json!({
        deals[0].to_string(): hash("Визит 1\n"),
        deals[1].to_string(): hash("Визит 2"),
        deals[2].to_string(): hash("Визит 3 раньше\n"),
    });
    let journal = desk.journal();
    let now = journal.runs(None, 1).unwrap()[0].started_at;
    assert_eq!(journal.import_comment_hashes(&list.to_string(), now).unwrap(), 3);
    drop(journal);
    desk.rows(&[noted(1), noted(2), noted(3)]);
    let (_, applied) = desk.again().await.unwrap();
    assert_eq!(applied.comments, 1, "the third text is another one");
    assert_eq!(desk.written("comment").len(), 1);
}

#[tokio::test]
async fn a_contact_is_taken_back_also_when_its_record_has_no_deal() {
    let desk = Desk::new("").await;
    desk.source(1..=1);
    desk.run().await.unwrap();
    let journal = desk.journal();
    let contact = desk.written("contact")[0]["id"].as_u64().unwrap();
    // A run changed the contact of a record whose deal was refused.
    let text = |text: &str| workflow::sync::FieldValue::one(workflow::sync::ValueKind::Text, text);
    let change = workflow::sync::entry::Change {
        name: "name".to_owned(),
        original: "NAME".to_owned(),
        title: "Имя".to_owned(),
        before: text("Пётр"),
        after: text("Пётр1"),
    };
    let kind = workflow::sync::journal::RunKind::Run;
    let earlier = journal.runs(None, 1).unwrap().remove(0).started_at;
    let run = journal.begin(kind, "clinic", "{}", earlier).unwrap();
    let written = (workflow::sync::journal::Written::Contact, contact);
    journal
        .commit(|pen| {
            pen.unplanned(
                run,
                "clinic",
                ("F1_9", 9),
                (RecordOutcome::Rejected, "sync.deal-refused"),
                earlier,
            )?;
            pen.changed(run, "F1_9", written, Some(&change), earlier)
        })
        .unwrap();
    let undo = desk.session(&journal).revert(run).await.unwrap();
    // The answer took so long that the plan is judged again.
    desk.pass(90);
    let applied = desk.session(&journal).apply(&undo, &mut |_| {}).await.unwrap();
    assert_eq!(applied.contacts_changed, 1, "{applied:?}");
    assert_eq!(desk.written("contact")[0]["name"], "Пётр");
    assert_eq!(journal.records(&["F1_9"]).unwrap()["F1_9"].deal, None);
}

#[tokio::test]
async fn two_sources_whose_keys_can_be_equal_are_refused_whichever_comes_first() {
    let refused = |ran: Result<_, SyncError>| ran.map(|_: (_, _)| ()).unwrap_err().code();
    for (first, second) in [("F1_", ""), ("", "F1_"), ("", ""), ("F1_", "F1_2_"), ("F1", "F12")] {
        let desk = Desk::new("").await.with_key("clinic", first);
        desk.source(1..=1);
        desk.run().await.unwrap();
        let desk = desk.with_key("north", second);
        assert_eq!(refused(desk.run().await), "sync.key-prefix-shared", "`{first}` `{second}`");
        assert_eq!(desk.written("deal").len(), 1);
        if !first.is_empty() {
            desk.with_key("north", "N_").run().await.unwrap();
        }
    }
}
