//! Keys that stand in several rows: nobody knows which row is meant, so none is written.

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
