//! Comments whose answers were lost are looked up together.

use std::time::Duration;

use b24_client::{Call, Client, Params};
use serde_json::Value;
use workflow::sync::apply::Apply;
use workflow::sync::journal::{Command, NewIntent, RunKind, Written, comment_hash};

use super::stage::{Stage, clock, stage};

const LOST: u64 = 200;
/// Deals of the portal that the comments belong to.
const DEALS: u64 = 5;

fn text(number: u64) -> String {
    format!("Визит {number}")
}

fn deal(number: u64) -> u64 {
    number % DEALS + 1
}

async fn post(client: &Client, comments: impl Iterator<Item = (u64, String)>) {
    let mut batch = client.batch();
    let slots: Vec<_> = comments
        .map(|(deal, text)| {
            let fields = Params::new().set("ENTITY_TYPE", "deal").set("ENTITY_ID", deal).set("COMMENT", text);
            let add = Call::<Value>::write("crm.timeline.comment.add", Params::new().set("fields", fields));
            batch.add(add)
        })
        .collect();
    batch.send().await.unwrap().all(slots).unwrap();
}

/// Looks for what was lost once nobody can be executing it any more; says how many comments were found, and with how
/// many requests.
async fn settled(stage: &Stage) -> (u64, u64) {
    let journal = stage.journal();
    let run = journal.begin(RunKind::Run, "clinic", "{}", clock()).unwrap();
    tokio::time::sleep(Duration::try_from(stage.settle_after).unwrap()).await;
    let (before, now) = (stage.requests(), clock);
    let mut apply = Apply::new(stage.client.clone(), &journal, &stage.rules, stage.order(run), &now).unwrap();
    apply.settle_earlier().await.unwrap();
    let requests = stage.requests() - before;
    assert!(journal.open_intents().unwrap().is_empty());
    let found = journal.count_changes(run).unwrap().into_iter();
    (found.filter(|change| change.0 == Written::Comment).map(|change| change.2).sum(), requests)
}

/// The odd ones of two hundred comments were posted before their process died; one of them is below a hundred others.
#[tokio::test]
async fn two_hundred_lost_comments_are_not_two_hundred_requests() {
    let mut stage = stage("run").await;
    let journal = stage.journal();
    let run = journal.begin(RunKind::Run, "clinic", "{}", clock()).unwrap();
    let intents: Vec<NewIntent> = (1..=LOST)
        .map(|number| NewIntent {
            key: format!("F1_{number}"),
            command: Command::CommentAdd,
            target: Some(deal(number)),
            mark: Some(comment_hash(&text(number))),
        })
        .collect();
    journal.intend(run, "clinic", &intents, clock()).unwrap();
    post(
        &stage.client,
        (1..=LOST).filter(|number| number % 2 == 1).map(|number| (deal(number), text(number))),
    )
    .await;
    post(&stage.client, (1..=100).map(|number| (deal(1), format!("Другой {number}")))).await;
    drop(journal);
    stage.reconnect();
    let (found, requests) = settled(&stage).await;
    assert_eq!(found, LOST / 2);
    // First pages of fifty a request; the deal with many has three pages, of which each is one request more.
    // A busy machine may ask for something once more.
    assert!((LOST / 50 + 2..=12).contains(&requests), "{requests} requests");
}
