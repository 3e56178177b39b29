//! Rows without a key that are mended: a reading that covers where they stood closes what was said about them.

use workflow::sync::Mapping;
use workflow::sync::run::{PlanOrder, Session};

use super::rejects::{all_since, malformed, rejects};
use super::session::{Desk, visit};

/// A visit without its key.
fn nameless(number: u64) -> String {
    visit(number).replacen(&number.to_string(), "", 1)
}

#[tokio::test]
async fn a_row_that_gets_its_key_is_closed_by_the_next_run_that_reads_it() {
    let desk = Desk::new("").await;
    desk.rows(&[visit(1), visit(50), nameless(55), visit(60)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects), (3, 1));
    // Ten minutes before the cursor are read again.
    desk.source(50..=60);
    desk.run().await.unwrap();
    assert!(rejects(&desk).is_empty(), "{:?}", rejects(&desk));
    // A row that is passed over is still told.
    desk.rows(&[visit(60), nameless(61), visit(120)]);
    desk.run().await.unwrap();
    desk.rows(&[visit(60), visit(61), visit(120)]);
    desk.run().await.unwrap();
    assert_eq!(rejects(&desk).len(), 1);
}

#[tokio::test]
async fn a_reading_of_everything_that_leaves_nothing_out_closes_rows_wherever_they_stood() {
    let midnight = "2026-09-01T00:00:00";
    let desk = Desk::new("").await;
    desk.rows(&[visit(1), malformed(2), visit(60)]);
    // The mapping gets its beginning only after that.
    desk.run().await.unwrap();
    desk.rows(&["0;Раньше;;;;;2026-08-31 10:00:00\n".to_owned(), visit(1), visit(2), visit(60)]);
    assert_eq!(all_since(&desk, midnight).await.deals_created, 1);
    assert_eq!(rejects(&desk).len(), 1, "a row was left out, and nobody knows which one it was");
    desk.rows(&[visit(1), visit(2), visit(60)]);
    all_since(&desk, midnight).await;
    assert!(rejects(&desk).is_empty(), "{:?}", rejects(&desk));
}

/// The query looks at everything that moves a row; the cursor column is one of that.
#[tokio::test]
async fn a_row_that_a_query_gave_although_its_cursor_is_old_is_closed_by_a_reading_from_there_on() {
    let desk = Desk::new("").await;
    let source = "kind = \"sqlite\"\npath = \"visits.db\"\nquery = \"SELECT id, title, phone, surname, name, note, changed \
                  FROM visits WHERE max(added, changed) >= :cursor ORDER BY added\"";
    let text = include_str!("visits.toml").replace("kind = \"csv\"\npath = \"visits.csv\"", source);
    let text = text.replace("\"time\"", "\"time\"\ninitial = \"2026-09-01\"");
    let mapping = Mapping::parse(&text).unwrap();
    let table = rusqlite::Connection::open(desk.folder().join("visits.db")).unwrap();
    table
        .execute_batch(
            "CREATE TABLE visits (id, title, phone, surname, name, note, changed, added);
             INSERT INTO visits VALUES
                 (NULL, 'Приём 1', NULL, 'Петров', 'Пётр', 'Визит', '2026-08-01 10:00:00', '2026-09-01 10:00:00'),
                 (2, 'Приём 2', NULL, 'Петров', 'Пётр', 'Визит', '2026-09-02 10:00:00', '2026-09-01 10:00:00');",
        )
        .unwrap();
    let journal = desk.journal();
    let session = Session { mapping: &mapping, ..desk.session(&journal) };
    let (_, applied) = session.run(PlanOrder::default(), &mut |_| {}).await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects), (1, 1));
    assert_eq!(journal.rejects(None).unwrap()[0].reject.code, "sync.key-missing");
    table.execute("UPDATE visits SET id = 1 WHERE id IS NULL", []).unwrap();
    let order = || PlanOrder { full: true, ..PlanOrder::default() };
    let (_, applied) = session.run(order(), &mut |_| {}).await.unwrap();
    assert_eq!(applied.deals_created, 1);
    assert!(journal.rejects(None).unwrap().is_empty(), "{:?}", journal.rejects(None));
}
