//! Behaviours 16 to 28 of the clients looked at (`peers.md`, section 4): the number stands at the end of each name.

use std::sync::Arc;

use b24_client::transport::Answer;
use b24_client::{Client, Error, List, Params};
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::portal::{Portal, decoded};
use crate::script::{Script, batch_answer, client, commands};

/// Rows as JSON, and the error that ended them.
async fn all(client: &Client, list: List<()>) -> (Vec<Value>, Option<Error>) {
    let mut pages = Box::pin(client.pages(list));
    let (mut rows, mut failure) = (Vec::new(), None);
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => rows.extend(page.rows().map(|row| serde_json::from_str::<Value>(row).unwrap())),
            Err(error) => failure = Some(error),
        }
    }
    (rows, failure)
}

async fn keys(script: &Arc<Script>, list: List<()>) -> (Vec<u64>, Option<Error>) {
    let (rows, failure) = all(&client(script.clone()), list).await;
    let key = |row: &Value| row.get("ID").or(row.get("id")).unwrap().as_str().unwrap().parse().unwrap();
    (rows.iter().map(key).collect(), failure)
}

fn list(method: &str) -> List<()> {
    List::new(method, Params::new())
}

fn filtered(name: &str, value: u64) -> List<()> {
    List::new("crm.deal.list", Params::new().set("filter", Params::new().set(name, value)))
}

fn ordered(key: &str, direction: &str) -> List<()> {
    List::new("crm.deal.list", Params::new().set("order", Params::new().set(key, direction)))
}

/// Every command of every request has this result.
fn always(result: Value) -> Arc<Script> {
    Script::new(move |request, _| {
        let results: serde_json::Map<String, Value> =
            commands(request).into_iter().map(|(key, _)| (key, result.clone())).collect();
        Ok(batch_answer(&results.into(), &json!([])))
    })
}

#[tokio::test]
async fn rows_are_found_bare_or_under_the_wrapper_of_their_method_p16() {
    for (method, wrapper, key, row_key) in [
        ("crm.deal.list", None, "ID", "ID"),
        ("crm.item.list", Some("items"), "id", "id"),
        ("tasks.task.list", Some("tasks"), "ID", "id"),
        ("socialnetwork.api.workgroup.list", Some("workgroups"), "ID", "id"),
        ("crm.item.productrow.list", Some("productRows"), "id", "id"),
    ] {
        let portal = Portal { wrapper, key, row_key, ..Portal::of(1..=120) };
        let (keys, failure) = keys(&portal.script(), list(method)).await;
        assert!(failure.is_none(), "{method}: {failure:?}");
        assert_eq!(keys, (1..=120).collect::<Vec<u64>>(), "{method}");
    }
    let categories = Script::saying(200, r#"{"result":{"categories":[{"id":1},{"id":2}]},"total":2}"#);
    assert_eq!(all(&client(categories), list("crm.category.list")).await.0.len(), 2);
}

#[tokio::test]
async fn rows_may_be_keyed_by_id_and_differ_in_form_from_page_to_page_p16() {
    let script = Script::new(|request, _| {
        let mut results = serde_json::Map::new();
        for (number, (key, _)) in commands(request).into_iter().enumerate() {
            let ids = (number * 50 + 1)..=(number * 50 + 50).min(70);
            let keyed: serde_json::Map<String, Value> =
                ids.clone().map(|id| (format!("{id:03}"), json!({"id": id}))).collect();
            let bare: Vec<Value> = ids.map(|id| json!({"id": id})).collect();
            results.insert(key, if number == 0 { json!({"tasks": keyed}) } else { json!({"tasks": bare}) });
        }
        Ok(batch_answer(&results.into(), &json!([])))
    });
    let (rows, failure) = all(&client(script), list("tasks.task.list").limit(1_000)).await;
    assert!(failure.is_none(), "{failure:?}");
    assert_eq!(rows.len(), 70);
}

#[tokio::test]
async fn a_method_nobody_has_written_down_is_read_by_offsets_wherever_its_rows_are_p16() {
    for wrapper in [None, Some("things")] {
        let script = Portal { wrapper, ..Portal::of(1..=120) }.script();
        let (rows, failure) = all(&client(script.clone()), list("some.new.list")).await;
        assert!(failure.is_none(), "{failure:?}");
        assert_eq!(rows.len(), 120);
        assert_eq!(
            script.requests()[0].body,
            r#"{"start":0}"#,
            "nothing is added that a method might refuse"
        );
    }
}

#[tokio::test]
async fn lists_of_every_length_are_whole_p17() {
    for rows in [0, 1, 49, 50, 51, 100, 499, 500, 501, 2_450, 2_500, 2_501, 7_777] {
        let (keys, failure) = keys(&Portal::of(1..=rows).script(), list("crm.deal.list")).await;
        assert!(failure.is_none(), "{rows}: {failure:?}");
        assert_eq!(keys, (1..=rows).collect::<Vec<u64>>(), "{rows} rows");
    }
    for rows in [0, 1, 50, 51, 2_500, 2_550, 5_001] {
        let (keys, failure) = keys(&Portal::of(1..=rows).script(), ordered("ID", "DESC")).await;
        assert!(failure.is_none(), "{rows}: {failure:?}");
        assert_eq!(keys, (1..=rows).rev().collect::<Vec<u64>>(), "{rows} rows by offsets");
    }
}

#[tokio::test]
async fn a_page_of_another_size_than_fifty_is_no_page_p17() {
    let rows = |from: u64, count: u64| (from..from + count).map(|id| json!({"ID": id})).collect::<Vec<_>>();
    let (_, failure) = all(&client(always(rows(1, 60).into())), list("crm.deal.list")).await;
    assert!(failure.unwrap().to_string().contains("a page has 60 rows"));
    let capped = json!({"result": rows(1, 20), "total": 90, "next": 20});
    let script = Script::new(move |_, _| Ok(Answer::new(200, capped.to_string())));
    let (_, failure) = all(&client(script), list("crm.timeline.comment.list")).await;
    assert!(matches!(failure, Some(Error::List { .. })), "its second page is the first again");
}

#[tokio::test]
async fn a_total_may_be_absent_or_a_text_and_next_may_be_nought_p18() {
    for body in [
        r#"{"result":[{"ID":"1"},{"ID":"2"}]}"#,
        r#"{"result":[{"ID":"1"},{"ID":"2"}],"total":"2"}"#,
        r#"{"result":[{"ID":"1"},{"ID":"2"}],"total":2,"next":0}"#,
        r#"{"result":[{"ID":"1"},{"ID":"2"}],"total":0,"next":"0"}"#,
    ] {
        let (rows, failure) = all(&client(Script::saying(200, body)), list("user.get")).await;
        assert!(failure.is_none(), "{body}: {failure:?}");
        assert_eq!(rows.len(), 2);
    }
    let script = Script::new(|request, _| {
        let start = serde_json::from_str::<Value>(&request.body).unwrap()["start"].as_u64().unwrap();
        let rows: Vec<Value> = (start + 1..=(start + 50).min(130)).map(|id| json!({"ID": id})).collect();
        let body =
            if start < 100 { json!({"result": rows, "next": start + 50}) } else { json!({"result": rows}) };
        Ok(Answer::new(200, body.to_string()))
    });
    let (rows, failure) = all(&client(script), list("user.get")).await;
    assert!(failure.is_none(), "{failure:?}");
    assert_eq!(rows.len(), 130, "without a total one page after the other");
}

#[tokio::test]
async fn a_total_of_counted_offsets_that_the_rows_contradict_is_an_error_p19() {
    let script = Script::new(|request, _| {
        let portal = Portal::of(1..=950);
        let Answer { body, .. } = portal.answer(request);
        Ok(Answer::new(200, String::from_utf8(body).unwrap().replace("950", "1000")))
    });
    let (rows, failure) = all(&client(script), list("crm.timeline.comment.list")).await;
    assert_eq!((rows.len(), failure.unwrap().code()), (950, "client.list-contradiction"));
    let (rows, failure) = all(&client(Portal::of(1..=3).script()), list("crm.timeline.comment.list")).await;
    assert_eq!((rows.len(), failure.is_none()), (3, true), "a small list raises no false alarm");
}

#[tokio::test]
async fn a_total_of_a_keyset_list_that_the_rows_contradict_is_told_and_is_no_error_p19() {
    let portal = Portal { counts: true, ..Portal::of(1..=700) };
    let portal = portal.changing(|number, rows| {
        if number == 2 {
            rows.remove(&650);
        }
    });
    let mut pages = Box::pin(client(portal.script()).pages(list("crm.requisite.list")));
    let (mut rows, mut total) = (0, None);
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        rows += page.len();
        total = page.total();
    }
    assert_eq!((rows, total), (699, Some(700)));
}

#[tokio::test]
async fn the_same_first_page_for_every_start_is_an_error_and_no_endless_list_p20() {
    let page: Vec<Value> = (1..=50).map(|id| json!({"ID": id.to_string()})).collect();
    let (rows, failure) = all(&client(always(page.clone().into())), list("crm.deal.list")).await;
    assert_eq!((rows.len(), failure.unwrap().code()), (50, "client.list-contradiction"));
    for method in ["crm.timeline.comment.list", "crm.requisite.link.list", "some.new.list"] {
        let page = page.clone();
        let script = Script::new(move |request, _| {
            if request.method != "batch" {
                let body = json!({"result": page, "total": 400, "next": 50});
                return Ok(Answer::new(200, body.to_string()));
            }
            let results: serde_json::Map<String, Value> =
                commands(request).into_iter().map(|(key, _)| (key, page.clone().into())).collect();
            Ok(batch_answer(&results.into(), &json!([])))
        });
        let (rows, failure) = all(&client(script), list(method)).await;
        assert_eq!((rows.len(), failure.unwrap().code()), (50, "client.list-contradiction"), "{method}");
    }
}

#[tokio::test]
async fn a_key_that_is_missing_no_number_or_not_rising_ends_the_list_with_an_error_p22() {
    for page in [
        json!([{"TITLE": "x"}]),
        json!([{"ID": "abc"}]),
        json!([{"ID": "5"}, {"ID": "5"}]),
        json!([{"ID": "5"}, {"ID": "4"}]),
        json!([{"ID": {}}]),
    ] {
        let (rows, failure) = all(&client(always(page.clone())), list("crm.deal.list")).await;
        assert_eq!((rows.len(), failure.unwrap().code()), (0, "client.list-contradiction"), "{page}");
    }
    // `id` instead of `ID` in conditions: the portal drops the condition and begins again.
    let (rows, failure) =
        all(&client(Portal { key: "id", ..Portal::of(1..=120) }.script()), list("crm.deal.list")).await;
    assert_eq!((rows.len(), failure.unwrap().code()), (50, "client.list-contradiction"));
}

#[tokio::test]
async fn the_callers_own_condition_on_the_key_is_respected_p23() {
    for (name, value, expected) in [
        (">ID", 1_000, 1_001..=1_304),
        (">=ID", 1_000, 1_000..=1_304),
        ("<=ID", 700, 1..=700),
        ("<ID", 700, 1..=699),
    ] {
        let (keys, failure) = keys(&Portal::of(1..=1_304).script(), filtered(name, value)).await;
        assert!(failure.is_none(), "{name}: {failure:?}");
        assert_eq!(keys, expected.collect::<Vec<u64>>(), "{name}");
    }
    let filter = Params::new().set(">ID", ["1", "2"]);
    let script = Portal::of(1..=5).script();
    let list = List::new("crm.deal.list", Params::new().set("filter", filter));
    let (_, failure) = keys(&script, list).await;
    assert_eq!((failure.unwrap().code(), script.count()), ("client.list-params", 0));
}

#[tokio::test]
async fn another_order_is_respected_and_loses_and_repeats_nothing_p24() {
    let script = Portal::of(1..=3_210).script();
    let (keys, failure) = keys(&script, ordered("ID", "DESC")).await;
    assert!(failure.is_none(), "{failure:?}");
    assert_eq!(keys, (1..=3_210).rev().collect::<Vec<u64>>());
    assert_eq!(script.count(), 3, "the first page tells the total, the others travel fifty to a request");
    let order = Params::new().set("ORDER", Params::new().set("ID", "DESC"));
    let script = Portal::of(1..=5).script();
    let (_, failure) = all(&client(script.clone()), List::new("task.item.list", order)).await;
    assert_eq!((failure.unwrap().code(), script.count()), ("client.list-params", 0), "or refused");
}

#[tokio::test]
async fn a_row_that_comes_twice_under_another_order_is_an_error_p24() {
    let page: Vec<Value> = (1..=50).map(|id| json!({"ID": id, "TITLE": id * 7 % 50})).collect();
    let script = Script::new(move |request, _| {
        if request.method != "batch" {
            return Ok(Answer::new(200, json!({"result": page, "total": 60, "next": 50}).to_string()));
        }
        let key = commands(request)[0].0.clone();
        let rows: Vec<Value> = (50..60).map(|id| json!({"ID": id})).collect();
        Ok(batch_answer(&json!({key: rows}), &json!([])))
    });
    let (rows, failure) = all(&client(script), ordered("TITLE", "ASC")).await;
    assert_eq!((rows.len(), failure.unwrap().code()), (50, "client.list-contradiction"));
}

#[tokio::test]
async fn a_page_that_fails_is_an_error_after_all_rows_before_it_p25() {
    for failing in ["c0003", "c0049"] {
        let portal = Portal::of(1..=20_000);
        let script = Script::new(move |request, number| {
            let Answer { body, .. } = portal.answer(request);
            let mut body: Value = serde_json::from_slice(&body).unwrap();
            if number > 3 {
                let result = body["result"]["result"].as_object_mut().unwrap();
                if result.remove(failing).is_some() {
                    body["result"]["result_error"] =
                        json!({failing: {"error": "", "error_description": "no"}});
                }
            }
            Ok(Answer::new(200, body.to_string()))
        });
        let (keys, failure) = keys(&script, list("crm.deal.list")).await;
        assert!(matches!(failure, Some(Error::Api { .. })), "{failure:?}");
        assert!(keys.len() > 500 && keys.len() < 20_000);
        assert_eq!(keys, (1..=keys.len() as u64).collect::<Vec<u64>>(), "everything before it, in order");
    }
}

#[tokio::test]
async fn rows_come_in_the_order_of_their_keys_from_requests_sent_at_once_p26() {
    let ids: Vec<u64> = (1..=30_000).map(|n| n * 3 + n % 3).collect();
    let script = Portal::of(ids.clone()).script();
    let (keys, failure) = keys(&script, list("crm.deal.list")).await;
    assert!(failure.is_none(), "{failure:?}");
    assert_eq!(keys, ids);
    assert!(script.count() <= 14, "{} requests for 12 full ones", script.count());
    let lanes = script.requests().iter().filter(|request| decoded(&request.body).contains("[<=ID]")).count();
    assert!(lanes >= 10, "{lanes} lanes");
}

#[tokio::test]
async fn a_dropped_list_asks_for_nothing_more_p27() {
    let script = Portal::of(1..=100_000).script();
    let mut pages = Box::pin(client(script.clone()).pages(list("crm.deal.list").look_ahead(0)));
    for _ in 0..12 {
        pages.next().await.unwrap().unwrap();
    }
    drop(pages);
    let asked = script.count();
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(asked <= 3 && script.count() == asked, "{asked} requests, later {}", script.count());
}

#[tokio::test]
async fn no_more_is_read_ahead_than_the_bytes_allow_p27() {
    let script = Portal::of(1..=100_000).script();
    let mut pages = Box::pin(client(script.clone()).pages(list("crm.deal.list").look_ahead(400_000)));
    for _ in 0..12 {
        pages.next().await.unwrap().unwrap();
    }
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    // A page has about 1.7 kB of rows, a request 85 kB.
    assert!((3..=7).contains(&script.count()), "{} requests", script.count());
}

#[tokio::test]
async fn a_limit_asks_for_no_more_pages_than_it_takes_p28() {
    for (limit, pages) in [(1, 1), (50, 1), (51, 2), (120, 3), (2_500, 50), (2_501, 51), (6_000, 120)] {
        let script = Portal::of(1..=100_000).script();
        let (keys, failure) = keys(&script, list("crm.deal.list").limit(limit)).await;
        assert!(failure.is_none(), "{failure:?}");
        assert_eq!(keys, (1..=limit).collect::<Vec<u64>>());
        let asked: usize = script.requests().iter().map(|request| commands(request).len()).sum();
        assert_eq!(asked, pages, "limit {limit}");
    }
}

#[tokio::test]
async fn a_large_limit_is_read_in_lanes_and_takes_hardly_more_p28() {
    let script = Portal::of(1..=100_000).script();
    let (keys, failure) = keys(&script, list("crm.deal.list").limit(30_000)).await;
    assert!(failure.is_none(), "{failure:?}");
    assert_eq!(keys, (1..=30_000).collect::<Vec<u64>>());
    let asked: usize = script.requests().iter().map(|request| commands(request).len()).sum();
    assert!(asked <= 601, "600 pages and the largest key: {asked}");
}
