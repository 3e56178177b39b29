//! Sources and journals that change under a run.

use workflow::sync::SyncError;
use workflow::sync::run::{PlanOrder, SyncEvent};

use super::session::{Desk, visit};

#[tokio::test]
async fn a_journal_that_another_program_holds_ends_the_run_and_the_next_one_ends_it_right() {
    let desk = Desk::new("").await;
    desk.source(1..=60);
    let journal = desk.journal();
    let session = desk.session(&journal);
    let planned =
        session.plan(workflow::sync::journal::RunKind::Run, PlanOrder::default(), &mut |_| {}).await.unwrap();
    let holder = std::sync::Mutex::new(rusqlite::Connection::open(journal.path()).unwrap());
    let mut held = false;
    let ended = session
        .apply(&planned, &mut |event| {
            if matches!(event, SyncEvent::Settled { .. }) && !held {
                holder.lock().unwrap().execute_batch("BEGIN IMMEDIATE").unwrap();
                held = true;
            }
        })
        .await;
    let error = match ended {
        Err(error) => error,
        // Everything was settled at once: then there is nothing more to be written but the result.
        Ok(applied) => panic!("{applied:?}"),
    };
    assert_eq!(error.code(), "journal.locked", "{error}");
    assert!(error.to_string().contains("journal.db"), "{error}");
    assert!(error.hint().unwrap().contains("close the program"));
    drop(holder);
    drop(journal);
    desk.pass_settling().await;
    desk.again().await.unwrap();
    for entity in ["deal", "contact", "comment"] {
        assert_eq!(desk.written(entity).len(), 60, "{entity}");
    }
    assert!(desk.journal().open_intents().unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_shrinks_or_is_replaced_while_it_is_read_counts_for_nothing() {
    for replaced in [false, true] {
        let desk = Desk::new("[guards]\ncreates = 10000\n").await;
        let rows: Vec<String> = (1..=5_000)
            .map(|number| visit(number % 600 + 1).replacen(';', &format!("-{number};"), 1))
            .collect();
        desk.rows(&rows);
        let journal = desk.journal();
        let mut changed = false;
        let session = desk.session(&journal);
        let ran = session
            .run(PlanOrder::default(), &mut |event| {
                if matches!(event, SyncEvent::Read { .. }) && !changed {
                    changed = true;
                    if replaced { desk.replace(&rows) } else { desk.rows(&rows[..10]) }
                }
            })
            .await;
        let error = ran.unwrap_err();
        assert!(matches!(&error, SyncError::Source(_)), "{error}");
        assert_eq!(error.code(), "sync.source-changed", "{error}");
        assert!(error.to_string().contains("visits.csv"), "{error}");
        assert!(desk.written("deal").is_empty() && desk.written("contact").is_empty());
        assert!(journal.cursor("clinic").unwrap().is_none(), "nothing of the run counts");
        desk.rows(&rows[..10]);
        let (_, applied) = session.run(PlanOrder::default(), &mut |_| {}).await.unwrap();
        assert_eq!(applied.deals_created, 10);
    }
}
