//! Keys that stand in several rows: nobody knows which row is meant, so none is written.

use workflow::sync::apply::Applied;
use workflow::sync::plan::Selection;
use workflow::sync::run::PlanOrder;

use super::rejects::{codes, rejects};
use super::session::{Desk, visit};

/// A visit whose title is longer than its field.
fn too_long(number: u64) -> String {
    visit(number).replace(&format!("Приём {number}"), &"x".repeat(300))
}

fn ids(desk: &Desk) -> Vec<i64> {
    rejects(desk).iter().map(|stored| stored.id).collect()
}

/// Lines with their codes, in the order of the source.
fn lines(desk: &Desk) -> Vec<(u64, String)> {
    let mut lines: Vec<(u64, String)> = codes(desk).into_iter().map(|(_, line, code)| (line, code)).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn rows_with_one_key_are_no_news_when_they_stand_in_other_lines() {
    let desk = Desk::new("").await;
    desk.rows(&[visit(5), visit(6), visit(5)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects), (1, 2));
    let before = ids(&desk);
    desk.rows(&[visit(1), visit(2), visit(5), visit(3), visit(6), visit(5)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects, applied.rejects), (3, 0, 2));
    assert_eq!(ids(&desk), before);
    let twice = "sync.key-duplicate".to_owned();
    assert_eq!(lines(&desk), [(4, twice.clone()), (7, twice.clone())], "where they stand now");
    // One more row is news, and one less closes what it said.
    desk.rows(&[visit(5), visit(6), visit(5), visit(5)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.new_rejects, applied.rejects), (1, 3));
    desk.rows(&[visit(5), visit(5)]);
    let (_, applied) = desk.again().await.unwrap();
    assert_eq!((applied.new_rejects, applied.rejects, ids(&desk)), (0, 2, before));
}

#[tokio::test]
async fn a_row_that_cannot_be_used_and_its_twin_are_told_about_once() {
    for batch_size in [2, 500] {
        for rows in [[too_long(1), visit(2), visit(3), visit(1)], [visit(1), visit(2), visit(3), too_long(1)]]
        {
            let desk = Desk::new("").await;
            let desk = desk.with_batch_size(batch_size);
            desk.rows(&rows);
            let (_, applied) = desk.run().await.unwrap();
            assert_eq!((applied.deals_created, applied.new_rejects), (2, 3));
            let before = lines(&desk);
            for rows in [rows.to_vec(), [&[visit(4)], rows.as_slice()].concat()] {
                desk.rows(&rows);
                let (_, applied) = desk.run().await.unwrap();
                assert_eq!((applied.new_rejects, applied.rejects), (0, 3), "batch_size {batch_size}");
            }
            let moved: Vec<(u64, String)> = before.into_iter().map(|(line, code)| (line + 1, code)).collect();
            assert_eq!(lines(&desk), moved);
        }
    }
}

async fn limited(desk: &Desk, limit: u64) -> Applied {
    let journal = desk.journal();
    let order = PlanOrder { selection: Selection::new(Some(limit), []), full: false };
    desk.session(&journal).run(order, &mut |_| {}).await.unwrap().1
}

/// In one window, in two of a page, and in two pages; the other row is good, or cannot be used.
#[tokio::test]
async fn a_limit_writes_no_row_whose_key_stands_in_another_one_behind_it() {
    for (batch_size, others) in [(500, 20), (5, 20), (500, 599)] {
        for last in [visit(1), too_long(1)] {
            let desk = Desk::new("").await;
            let desk = desk.with_batch_size(batch_size);
            let rows: Vec<String> = (1..=others).map(visit).chain([last.clone()]).collect();
            desk.rows(&rows);
            let applied = limited(&desk, 3).await;
            let what = format!("batch_size {batch_size}, {others} others, then {last}");
            // In one window both are known before anything counts.
            assert!((2..=3).contains(&applied.deals_created), "{what} {applied:?}");
            let (first, second) = (2, others + 2);
            for line in [first, second] {
                assert!(lines(&desk).contains(&(line, "sync.key-duplicate".to_owned())), "{what}");
            }
            let journal = desk.journal();
            assert!(journal.records(&["F1_1"]).unwrap()["F1_1"].deal.is_none(), "{what}");
            assert!(journal.cursor("clinic").unwrap().is_none(), "{what}");
        }
    }
}

#[tokio::test]
async fn rows_behind_a_limit_are_neither_planned_nor_put_aside() {
    let desk = Desk::new("").await;
    desk.rows(&[visit(1), visit(2), too_long(3), visit(4), visit(4)]);
    let desk = desk.with_batch_size(1);
    let applied = limited(&desk, 2).await;
    assert_eq!((applied.deals_created, applied.rejects), (2, 0));
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_created, applied.new_rejects), (0, 3));
}

/// The time of a visit as nobody can read it.
fn undated(number: u64) -> String {
    visit(number).replace("2026-09-01", "yesterday")
}

#[tokio::test]
async fn a_row_whose_time_cannot_be_read_is_a_twin_like_any_other() {
    for batch_size in [2, 500] {
        for rows in [[undated(1), visit(2), visit(3), visit(1)], [visit(1), visit(2), visit(3), undated(1)]] {
            let desk = Desk::new("").await;
            let desk = desk.with_batch_size(batch_size);
            desk.rows(&rows);
            let (_, applied) = desk.run().await.unwrap();
            assert_eq!((applied.deals_created, applied.new_rejects), (2, 3));
            for line in [2, 5] {
                assert!(
                    lines(&desk).contains(&(line, "sync.key-duplicate".to_owned())),
                    "{:?}",
                    lines(&desk)
                );
            }
            // However far the cursor is.
            desk.rows(&[rows.as_slice(), &[visit(200)]].concat());
            desk.run().await.unwrap();
            desk.rows(&[rows.as_slice(), &[visit(200), visit(201)]].concat());
            let (_, applied) = desk.run().await.unwrap();
            assert_eq!((applied.deals_created, applied.new_rejects, applied.rejects), (1, 0, 3));
            assert!(desk.journal().records(&["F1_1"]).unwrap()["F1_1"].deal.is_none());
            desk.rows(&[visit(1), visit(2), visit(3), visit(200), visit(201)]);
            let (_, applied) = desk.run().await.unwrap();
            assert_eq!((applied.deals_created, rejects(&desk)), (1, Vec::new()));
        }
    }
}

/// The row that can be read was written long before the other one came.
#[tokio::test]
async fn a_row_whose_time_cannot_be_read_is_told_by_its_key_and_closed_by_it() {
    let desk = Desk::new("").await;
    desk.rows(&[visit(1), visit(300)]);
    desk.run().await.unwrap();
    desk.rows(&[visit(1), visit(300), undated(1).replace("Приём", "Перенос"), undated(2)]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_changed, applied.new_rejects), (0, 2));
    let told: Vec<(Option<String>, String)> =
        codes(&desk).into_iter().map(|(key, _, code)| (key, code)).collect();
    let malformed = "sync.cursor-malformed".to_owned();
    assert_eq!(
        told,
        [(Some("F1_1".to_owned()), malformed.clone()), (Some("F1_2".to_owned()), malformed.clone())]
    );
    assert!(rejects(&desk)[1].row.as_deref().is_some_and(|row| row.contains("yesterday")), "as it came");
    // The older row moves, and meets the other one.
    let later = visit(1).replace("08:01", "14:00");
    desk.rows(&[later.clone(), visit(300), undated(1), visit(2).replace("08:02", "14:00")]);
    let (_, applied) = desk.run().await.unwrap();
    assert_eq!((applied.deals_changed, applied.deals_created), (0, 1));
    assert_eq!(rejects(&desk).len(), 3, "{:?}", codes(&desk));
    desk.rows(&[later, visit(300)]);
    desk.run().await.unwrap();
    assert!(rejects(&desk).is_empty(), "{:?}", codes(&desk));
}
