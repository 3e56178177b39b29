//! Lists: complete and in order, or an error.

use std::sync::Arc;

use b24_client::transport::{Answer, Request, TransportError};
use b24_client::{Error, Guarded, List, Params};
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::script::{Script, batch_answer, client, commands};

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "ID")]
    id: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "the type of the field is what matters")]
struct Typed {
    n: u64,
}

/// Runs chains of keyset pages over the ids `1..=rows` as a portal would: a page whose key could not be filled in
/// starts again from 1.
fn keyset(request: &Request, rows: u64) -> Answer {
    let mut result = serde_json::Map::new();
    let mut last: Option<u64> = None;
    for (key, text) in commands(request) {
        let above = text.split("filter%5B%3EID%5D=").nth(1).unwrap().split('&').next().unwrap();
        let above = above.parse().ok().or(last).unwrap_or(1);
        let page: Vec<Value> = (above + 1..=rows).take(50).map(|id| json!({"ID": id.to_string()})).collect();
        last = (page.len() == 50).then(|| above + 50);
        result.insert(key, page.into());
    }
    batch_answer(&result.into(), &json!([]))
}

fn portal(rows: u64) -> Arc<Script> {
    Script::new(move |request, _| Ok(keyset(request, rows)))
}

async fn read(script: &Arc<Script>, list: List<Row>) -> Result<Vec<u64>, Error> {
    let rows: Vec<Result<Row, Error>> = client(script.clone()).list(list).collect().await;
    rows.into_iter().map(|row| row.map(|row| row.id.parse().unwrap())).collect()
}

fn deals() -> List<Row> {
    List::new("crm.deal.list", Params::new().set("select", ["TITLE"]))
}

#[tokio::test]
async fn every_row_comes_once_and_in_order_whatever_the_number() {
    for rows in [0, 1, 49, 50, 51, 499, 500, 501, 2999, 3000, 3001] {
        let expected: Vec<u64> = (1..=rows).collect();
        assert_eq!(read(&portal(rows), deals()).await.unwrap(), expected, "{rows} rows");
    }
}

#[tokio::test]
async fn the_first_request_is_short_and_the_others_are_full() {
    let script = portal(5000);
    read(&script, deals()).await.unwrap();
    let pages: Vec<usize> = script.requests().iter().map(|request| commands(request).len()).collect();
    assert_eq!(pages, [11, 50, 50], "with the largest key; this portal tells a wrong one");
    let script = portal(2400);
    read(&script, deals().expecting(2400)).await.unwrap();
    let pages: Vec<usize> = script.requests().iter().map(|request| commands(request).len()).collect();
    assert_eq!(pages, [49]);
}

#[tokio::test]
async fn a_limit_asks_for_no_more_pages_than_it_takes() {
    let script = portal(5000);
    assert_eq!(read(&script, deals().limit(120)).await.unwrap().len(), 120);
    assert_eq!(script.requests().iter().map(|request| commands(request).len()).collect::<Vec<_>>(), [3]);
    let script = portal(5000);
    assert_eq!(read(&script, deals().limit(0)).await.unwrap().len(), 0);
    assert_eq!(script.count(), 0);
}

#[tokio::test]
async fn the_key_is_selected_and_ordered_and_nothing_else_is_added() {
    let script = portal(1);
    let filter = Params::new().set(">=ID", 1).set("STAGE_ID", "NEW");
    let list = List::<Row>::new("crm.deal.list", Params::new().set("filter", filter)).limit(50);
    read(&script, list).await.unwrap();
    let text = &commands(&script.requests()[0])[0].1;
    assert_eq!(
        text,
        "crm.deal.list?filter%5B%3E%3DID%5D=1&filter%5BSTAGE_ID%5D=NEW&filter%5B%3EID%5D=0&order%5BID%5D=ASC&start=-1"
    );
}

#[tokio::test]
async fn a_key_that_does_not_rise_is_an_error_after_the_rows_before_it() {
    let page: Vec<Value> = (1..=50).map(|id| json!({"ID": id.to_string()})).collect();
    let script = Script::new(move |request, _| {
        let result: serde_json::Map<_, _> =
            commands(request).into_iter().map(|(key, _)| (key, page.clone().into())).collect();
        Ok(batch_answer(&result.into(), &json!([])))
    });
    let rows: Vec<_> = client(script).list(deals()).collect().await;
    assert_eq!(rows.iter().filter(|row| row.is_ok()).count(), 50);
    assert!(matches!(rows.last(), Some(Err(Error::List { .. }))));
}

#[tokio::test]
async fn a_key_that_comes_twice_is_an_error() {
    let script =
        Script::new(|_, _| Ok(batch_answer(&json!({"c0000": [{"ID": "3"}, {"ID": "3"}]}), &json!([]))));
    assert!(matches!(read(&script, deals().limit(50)).await, Err(Error::List { .. })));
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_asked_for_in_smaller_parts() {
    let script = Script::new(|request, _| {
        if commands(request).len() > 4 {
            Err(TransportError::TooLarge { limit: 64 })
        } else {
            Ok(keyset(request, 480))
        }
    });
    assert_eq!(read(&script, deals()).await.unwrap().len(), 480);
    let pages: Vec<usize> = script.requests().iter().map(|request| commands(request).len()).collect();
    assert_eq!(pages, [11, 6, 3, 2, 2, 2, 2], "halved until it fits, and then no larger");
}

#[tokio::test]
async fn a_failed_page_before_the_short_one_is_an_error_and_never_a_shorter_list() {
    let script = Script::new(|request, _| {
        let Answer { body, .. } = keyset(request, 5000);
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        let result = body["result"]["result"].as_object_mut().unwrap();
        result.remove("c0003");
        Ok(batch_answer(&result.clone().into(), &json!({"c0003": {"error": "", "error_description": "no"}})))
    });
    let rows: Vec<_> = client(script).list(deals()).collect().await;
    assert_eq!(rows.len(), 151);
    assert!(matches!(rows.last(), Some(Err(Error::Api { .. }))));
}

#[tokio::test]
async fn what_the_portal_says_after_the_short_page_means_nothing() {
    let script = Script::new(|request, _| {
        let Answer { body, .. } = keyset(request, 60);
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        let result = body["result"]["result"].as_object_mut().unwrap();
        result.retain(|key, _| key.as_str() < "c0003");
        Ok(batch_answer(&result.clone().into(), &json!({"c0003": {"error": "INVALID_ARG_VALUE"}})))
    });
    assert_eq!(read(&script, deals()).await.unwrap().len(), 60);
}

#[tokio::test]
async fn a_page_that_failed_for_a_moment_is_asked_again() {
    let script = Script::new(|request, number| {
        if number > 1 {
            let result: Vec<(String, u64)> =
                commands(request).iter().enumerate().map(|(n, (key, _))| (key.clone(), n as u64)).collect();
            let rows = |from: u64| {
                (from + 1..=from + 50).filter(|id| *id <= 520).map(|id| json!({"ID": id})).collect()
            };
            let first: u64 = commands(request)[0]
                .1
                .split("%3EID%5D=")
                .nth(1)
                .unwrap()
                .split('&')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let result: serde_json::Map<String, Value> =
                result.into_iter().map(|(key, n)| (key, Value::Array(rows(first + n * 50)))).collect();
            return Ok(batch_answer(&result.into(), &json!([])));
        }
        let Answer { body, .. } = keyset(request, 520);
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        let result = body["result"]["result"].as_object_mut().unwrap();
        result.remove("c0004");
        Ok(batch_answer(&result.clone().into(), &json!({"c0004": {"error": "INTERNAL_SERVER_ERROR"}})))
    });
    let rows: Vec<Result<Value, Error>> =
        client(script).list(List::new("crm.deal.list", Params::new())).collect().await;
    assert_eq!(rows.iter().filter(|row| row.is_ok()).count(), 520);
    assert!(rows.iter().all(Result::is_ok));
}

#[tokio::test]
async fn rows_may_be_wrapped_or_keyed_and_one_broken_row_spoils_no_page() {
    let body = json!({"items": {"7": {"id": 7, "n": 1}, "9": {"id": 9, "n": "x"}}});
    let script = Script::new(move |_, _| Ok(batch_answer(&json!({"c0000": body}), &json!([]))));
    let list = List::<Guarded<Typed>>::new("crm.item.list", Params::new().set("entityTypeId", 31)).limit(50);
    let rows: Vec<_> = client(script).list(list).collect().await;
    assert!(matches!(rows[0], Ok(Guarded::Ok(_))));
    assert!(matches!(&rows[1], Ok(Guarded::Malformed { raw, .. }) if raw.contains("\"id\":9")));
}

#[tokio::test]
async fn a_row_without_its_key_is_an_error() {
    for row in [json!({"TITLE": "x"}), json!({"ID": "abc"}), json!({"ID": null})] {
        let script = Script::new(move |_, _| Ok(batch_answer(&json!({"c0000": [row]}), &json!([]))));
        assert!(matches!(read(&script, deals().limit(50)).await, Err(Error::List { .. })));
    }
}
