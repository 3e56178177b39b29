//! The fault matrix of docs/fault-matrix.md: every row runs against the sandbox, loses nothing and doubles nothing.
//!
//! The page's last column is what these rows say about themselves. `cargo xtask faults` writes it; without
//! `B24_WRITE_FAULT_MATRIX` the test compares.

use std::collections::BTreeSet;
use std::time::Duration;

use b24_client::{Call, Client, Error, List, Outcome, Pace, Params, RetryPolicy, Slot};
use b24_sandbox::Sandbox;
use futures::TryStreamExt as _;
use serde_json::Value;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/fault-matrix.md");

async fn portal(plan: &str) -> (Sandbox, Client) {
    let builder = Sandbox::builder().rate(0.0).invoices(10).deals(1000).faults(plan.parse().unwrap());
    let sandbox = builder.start().await.unwrap();
    // Repetitions as usual, without the waiting.
    let short = Duration::from_millis(20);
    let retry = RetryPolicy { base: short, operating_pause: short, ..RetryPolicy::STANDARD };
    let webhook = sandbox.webhook().parse().unwrap();
    let client = Client::builder(webhook).pace(Pace::UNLIMITED).retry(retry).build().unwrap();
    (sandbox, client)
}

fn fault(method: &str, nth: u32, kind: &str) -> String {
    format!("[[fault]]\nmethod = \"{method}\"\nnth = {nth}\ndo = \"{kind}\"\n")
}

fn get(id: u64) -> Call<Value> {
    Call::read("crm.deal.get", Params::new().set("id", id))
}

fn add(title: &str) -> Call<u64> {
    Call::write("crm.deal.add", Params::new().set("fields", Params::new().set("TITLE", title)))
}

/// How many records of this title there are.
async fn records(client: &Client, title: &str) -> u64 {
    let params = Params::new().set("filter", Params::new().set("TITLE", title)).set("select", ["ID"]);
    let reply = client.reply(Call::<Vec<Value>>::read("crm.deal.list", params)).await.unwrap();
    reply.total.unwrap()
}

/// A deal that exists, and its neighbour in the list.
async fn two_ids(client: &Client) -> (u64, u64) {
    let params = Params::new().set("select", ["ID"]).set("order", Params::new().set("ID", "ASC"));
    let rows: Vec<Value> = client.call(Call::read("crm.deal.list", params)).await.unwrap();
    let id = |row: &Value| row["ID"].as_str().unwrap().parse().unwrap();
    (id(&rows[0]), id(&rows[1]))
}

/// One of three commands fails: the others keep their results, the failed one its reason.
async fn one_of_three(bad: Call<Value>, description: &str) -> String {
    let (_sandbox, client) = portal("").await;
    let (one, two) = two_ids(&client).await;
    let mut batch = client.batch();
    let slots = [batch.add(get(one)), batch.add(bad), batch.add(get(two))];
    let mut reply = batch.send().await.unwrap();
    let [first, failed, last] = slots.map(|slot| reply.take(slot));
    assert!(first.is_ok() && last.is_ok());
    let Outcome::Rejected(api) = failed else { panic!("{failed:?}") };
    assert!(api.description.contains(description), "{api}");
    "`Rejected` with the portal's words at its own slot, the other two `Ok`".to_owned()
}

async fn empty_code() -> String {
    one_of_three(get(99_999_999), "Not found").await
}

async fn coded() -> String {
    let params = Params::new().set("entityTypeId", 31).set("id", 99_999_999);
    one_of_three(Call::read("crm.item.get", params), "").await
}

async fn single_400() -> String {
    let (_sandbox, client) = portal("").await;
    let error = client.call(get(99_999_999)).await.unwrap_err();
    let api = error.api().unwrap();
    assert_eq!((api.status, api.text.as_str(), api.description.as_str()), (400, "", "Not found"));
    assert!(!format!("{error} {error:?}").contains("/rest/1/sandbox"));
    "error \"Not found\" with status and code, no secret in any text".to_owned()
}

async fn lost_add() -> String {
    let (_sandbox, client) = portal(&fault("crm.deal.add", 1, "reset-after")).await;
    let error = client.call(add("once")).await.unwrap_err();
    assert!(matches!(error, Error::Lost { .. }) && error.may_be_executed());
    let records = records(&client, "once").await;
    assert_eq!(records, 1);
    format!("{records} record, error says that it may be executed")
}

async fn ten_adds(client: &Client) -> Vec<Outcome<u64>> {
    let mut batch = client.batch();
    let slots: Vec<Slot<u64>> = (0..10).map(|_| batch.add(add("ten"))).collect();
    let mut reply = batch.send().await.unwrap();
    slots.into_iter().map(|slot| reply.take(slot)).collect()
}

async fn lost_batch() -> String {
    let (_sandbox, client) = portal(&fault("batch", 1, "reset-after")).await;
    let outcomes = ten_adds(&client).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unknown(_))));
    let records = records(&client, "ten").await;
    assert_eq!(records, 10);
    format!("{records} records, {} × `Unknown`", outcomes.len())
}

/// Refused before anything is executed: repeated for writes too.
async fn refused_once(kind: &str, requests: u64) {
    let (_sandbox, client) = portal(&fault("batch", 1, kind)).await;
    let outcomes = ten_adds(&client).await;
    assert!(outcomes.iter().all(Outcome::is_ok), "{kind}: {outcomes:?}");
    assert_eq!((client.stats().requests, records(&client, "ten").await), (requests, 10));
}

async fn busy_once() -> String {
    refused_once("503", 2).await;
    "repeated after up to 1 s, for writes too; 10 records of 10 adds".to_owned()
}

async fn over_budget_once() -> String {
    refused_once("429", 2).await;
    "waits for `operating_reset_at` or 10 s, that method only; 10 records of 10 adds".to_owned()
}

async fn failed_once() -> String {
    let (_sandbox, client) = portal(&(fault("batch", 1, "html") + &fault("crm.deal.get", 1, "html"))).await;
    let outcomes = ten_adds(&client).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unknown(_))));
    assert_eq!(records(&client, "ten").await, 0);
    let (id, _) = two_ids(&client).await;
    assert!(client.call(get(id)).await.is_ok());
    "reads repeated; writes not: `Unknown`, none twice".to_owned()
}

async fn ids(client: &Client, filter: Params) -> Result<Vec<u64>, (usize, Error)> {
    let params = Params::new().set("select", ["ID"]).set("filter", filter);
    let mut rows = std::pin::pin!(client.list(List::<Value>::new("crm.deal.list", params)));
    let mut ids = Vec::new();
    loop {
        match rows.try_next().await {
            Ok(Some(row)) => ids.push(row["ID"].as_str().unwrap().parse().unwrap()),
            Ok(None) => return Ok(ids),
            Err(error) => return Err((ids.len(), error)),
        }
    }
}

async fn failed_page() -> String {
    let (_sandbox, client) = portal(&fault("crm.deal.list", 4, "401")).await;
    let (before, error) = ids(&client, Params::new()).await.unwrap_err();
    assert!(before < 1000 && error.api().is_some(), "{before} rows, {error}");
    let (_sandbox, client) = portal(&fault("crm.deal.list", 4, "429")).await;
    assert_eq!(ids(&client, Params::new()).await.unwrap().len(), 1000);
    "refused for good: an error, never a shorter list; for a moment: asked again, all 1000 rows".to_owned()
}

async fn own_condition() -> String {
    let (_sandbox, client) = portal("").await;
    let all = ids(&client, Params::new()).await.unwrap();
    let bound = all[all.len() - 305];
    match ids(&client, Params::new().set(">ID", bound)).await {
        Ok(rows) => {
            assert_eq!(rows.len(), 304);
            format!("kept: {} rows", rows.len())
        }
        Err((rows, error)) => {
            assert_eq!((rows, error.code()), (0, "client.list-params"));
            "refused before anything is sent".to_owned()
        }
    }
}

async fn second_chunk_refused() -> String {
    let (_sandbox, client) = portal(&fault("batch", 2, "401")).await;
    let mut batch = client.batch();
    let slots: Vec<Slot<u64>> = (0..120).map(|_| batch.add(add("many"))).collect();
    let mut reply = batch.send().await.unwrap();
    let outcomes: Vec<Outcome<u64>> = slots.into_iter().map(|slot| reply.take(slot)).collect();
    let created: BTreeSet<u64> =
        outcomes.iter().filter_map(|one| if let Outcome::Ok(id) = one { Some(*id) } else { None }).collect();
    let proved =
        |one: &Outcome<u64>| matches!(one, Outcome::Ok(_) | Outcome::Rejected(_) | Outcome::NotExecuted(_));
    assert!(outcomes.iter().all(proved), "nothing is unknown: {outcomes:?}");
    assert!(created.len() >= 20);
    assert_eq!(records(&client, "many").await, created.len() as u64);
    "ids of all created records kept; the refused chunk is `Rejected`, nothing unknown".to_owned()
}

async fn order() -> String {
    let (_sandbox, client) = portal("").await;
    let ids = ids(&client, Params::new()).await.unwrap();
    assert!(ids.len() == 1000 && ids.is_sorted_by(|one, next| one < next));
    "by ID".to_owned()
}

/// Every row of the page's table, in its order.
async fn column() -> Vec<String> {
    vec![
        empty_code().await,
        coded().await,
        single_400().await,
        lost_add().await,
        lost_batch().await,
        busy_once().await,
        over_budget_once().await,
        failed_once().await,
        failed_page().await,
        own_condition().await,
        second_chunk_refused().await,
        order().await,
    ]
}

/// The page with the last cell of every row replaced.
fn with_column(page: &str, column: &[String]) -> String {
    let mut cells = column.iter();
    let mut in_table = false;
    let mut text = String::new();
    for line in page.lines() {
        in_table = if line.starts_with("|---") { true } else { in_table && line.starts_with('|') };
        let parts: Vec<&str> = line.trim_matches('|').split('|').collect();
        let cell = (in_table && !line.starts_with("|---")).then(|| cells.next()).flatten();
        if let Some(cell) = cell {
            let kept: Vec<&str> = parts.iter().take(parts.len() - 1).copied().collect();
            text.extend(["|", &kept.join("|"), "| ", cell, " |\n"]);
        } else {
            text.extend([line, "\n"]);
        }
    }
    assert!(cells.next().is_none(), "the page has fewer rows than the matrix");
    text
}

#[tokio::test]
async fn no_row_of_the_fault_matrix_loses_or_doubles_anything_and_the_page_says_so() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let fresh = with_column(&page, &column().await);
    if std::env::var_os("B24_WRITE_FAULT_MATRIX").is_some() {
        std::fs::write(PAGE, fresh).unwrap();
    } else {
        assert_eq!(page, fresh, "run `cargo xtask faults`");
    }
}
