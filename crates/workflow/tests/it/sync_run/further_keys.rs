//! `F1_1_2` is the key of the second deal of the record `F1_1`, or the key of the record `F1_1_2`: never both.

use b24_client::Params;
use workflow::sync::journal::RecordOutcome;

use super::session::{Desk, visit};

const SUFFIXED: &str = "[deal]\nclosed = \"new-suffixed-key\"\n";

/// The record `F1_1` with other values than its closed deal has.
fn first() -> String {
    visit(1).replace("Приём", "Повтор")
}

/// The record `F1_1_2`.
fn namesake() -> String {
    visit(9).replacen('9', "1_2", 1)
}

/// The record `F1_1` has a deal, which is closed.
async fn desk(mapping: &str) -> Desk {
    let desk =
        Desk::new("").await.with_mapping(&format!("{mapping}{}{SUFFIXED}", include_str!("visits.toml")));
    desk.source(1..=1);
    desk.run().await.unwrap();
    desk.change(2, &desk.written("deal")[0]["id"], Params::new().set("stageId", "WON")).await;
    desk
}

/// Title and key of each deal.
fn deals(desk: &Desk) -> Vec<(String, String)> {
    let text = |deal: &serde_json::Value, field: &str| deal[field].as_str().unwrap().to_owned();
    desk.written("deal").iter().map(|deal| (text(deal, "title"), text(deal, "ufCrm_1721244482250"))).collect()
}

fn is(title: &str, key: &str) -> (String, String) {
    (title.to_owned(), key.to_owned())
}

/// Codes and messages of what was put aside, by key.
fn told(desk: &Desk) -> Vec<(String, String, String)> {
    let rejects = desk.journal().rejects(None).unwrap().into_iter().map(|stored| stored.reject);
    rejects.map(|reject| (reject.key.unwrap(), reject.code, reject.message)).collect()
}

#[tokio::test]
async fn a_further_deal_does_not_get_the_key_of_a_record_of_the_same_plan() {
    for rows in [[first(), namesake()], [namesake(), first()]] {
        let desk = desk("").await;
        desk.rows(&rows);
        for run in 0..3 {
            let (_, applied) = desk.again().await.unwrap();
            assert_eq!(applied.count(RecordOutcome::Conflict), 1, "{run}");
            assert_eq!(deals(&desk), [is("Приём 1", "F1_1"), is("Приём 9", "F1_1_2")]);
            let (key, code, message) = told(&desk).pop().unwrap();
            assert_eq!(key, "F1_1", "{code}");
            assert!(message.contains("F1_1_2"), "{message}");
        }
    }
}

#[tokio::test]
async fn a_record_does_not_take_the_further_deal_of_another_one() {
    // In one window, in two of one run, in two runs.
    for batch_size in ["", "batch_size = 1\n"] {
        let desk = desk(batch_size).await;
        desk.rows(&[first()]);
        desk.again().await.unwrap();
        let both = [is("Приём 1", "F1_1"), is("Повтор 1", "F1_1_2")];
        assert_eq!(deals(&desk), both);
        for rows in [vec![namesake()], vec![first(), namesake()], vec![namesake()]] {
            desk.rows(&rows);
            desk.again().await.unwrap();
            assert_eq!(deals(&desk), both);
            let (_, code, message) = told(&desk).into_iter().find(|(key, ..)| key == "F1_1_2").unwrap();
            assert!(["sync.key-taken", "sync.deal-of-another"].contains(&code.as_str()), "{code}");
            assert!(message.contains("F1_1_2") && message.contains("record F1_1"), "{message}");
        }
        desk.lose_the_journal();
        desk.rows(&[first(), namesake()]);
        desk.again().await.unwrap();
        assert_eq!(deals(&desk), both, "nobody remembers whose it is");
    }
    let desk = desk("batch_size = 1\n").await;
    desk.rows(&[first(), namesake()]);
    desk.again().await.unwrap();
    assert_eq!(deals(&desk), [is("Приём 1", "F1_1"), is("Повтор 1", "F1_1_2")]);
}

#[tokio::test]
async fn keys_that_only_look_like_those_of_further_deals_are_as_good_as_any() {
    let desk = desk("").await;
    let other = |id: &str, number: u64| visit(number).replacen(&number.to_string(), id, 1);
    let rows = [visit(1), other("7_2", 7), other("8_1", 8)];
    desk.rows(&rows);
    for _ in 0..2 {
        desk.again().await.unwrap();
        assert_eq!(deals(&desk)[1..], [is("Приём 7", "F1_7_2"), is("Приём 8", "F1_8_1")]);
    }
    desk.rows(&[visit(1), other("7_2", 7).replace("Приём", "Повтор"), visit(7)]);
    desk.again().await.unwrap();
    assert_eq!(deals(&desk)[1], is("Повтор 7", "F1_7_2"));
}
