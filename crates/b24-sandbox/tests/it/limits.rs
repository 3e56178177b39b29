//! Bucket, operating budget and execution cap over the wire.

use std::time::Duration;

use b24_sandbox::Sandbox;

use crate::http::{get, post};

#[tokio::test]
async fn above_the_burst_requests_are_503_and_counted_as_rejected() {
    let sandbox = Sandbox::builder().invoices(5).deals(5).rate(0.001).burst(3).start().await.unwrap();
    let url = format!("{}profile", sandbox.webhook());
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(get(&url).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 503, 503]);
    let refused = get(&url).await;
    assert_eq!(refused.body, r#"{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}"#);
    let journal = sandbox.journal();
    assert_eq!((journal.requests, journal.commands, journal.rejected), (6, 3, 3));
    assert_eq!(journal.recent.iter().map(|r| r.status).collect::<Vec<_>>(), [200, 200, 200, 503, 503, 503]);
    sandbox.reset();
    assert_eq!(get(&url).await.status, 200);
    assert_eq!(sandbox.journal().requests, 1);
}

#[tokio::test]
async fn a_batch_is_one_request_for_the_bucket() {
    let sandbox = Sandbox::builder().invoices(5).deals(5).rate(0.001).burst(1).start().await.unwrap();
    let commands = [r#""profile""#; 50].join(",");
    let answer = post(&format!("{}batch", sandbox.webhook()), &format!(r#"{{"cmd":[{commands}]}}"#)).await;
    assert_eq!(answer.status, 200);
    let journal = sandbox.journal();
    assert_eq!((journal.requests, journal.commands), (1, 50));
    assert_eq!((journal.recent[0].method.as_str(), journal.recent[0].commands), ("batch", 50));
}

#[tokio::test]
async fn a_method_above_its_operating_budget_is_429_alone_and_inside_a_batch() {
    let sandbox = Sandbox::builder()
        .invoices(5)
        .deals(5)
        .operating_limit(0.05)
        .command_latency(Duration::from_millis(110))
        .start()
        .await
        .unwrap();
    let hook = sandbox.webhook();
    let first = get(&format!("{hook}profile")).await;
    assert!(first.json()["time"]["operating"].as_f64().unwrap() > 0.1);
    let second = get(&format!("{hook}profile")).await;
    let text = r#"{"error":"OPERATION_TIME_LIMIT","error_description":"Method is blocked due to operation time limit."}"#;
    assert_eq!((second.status, second.body.as_str()), (429, text));
    let batch = post(&format!("{hook}batch"), r#"{"cmd":{"p":"profile","t":"server.time"}}"#).await.json();
    assert_eq!(batch["result"]["result_error"]["p"]["error"], "OPERATION_TIME_LIMIT");
    assert!(
        batch["result"]["result"].get("t").is_some() || batch["result"]["result_error"].get("t").is_some()
    );
    assert_eq!(batch["time"]["operating"], 0, "the batch itself is not accounted");
    let other = get(&format!("{}profile", sandbox.webhook_of(2, "restricted"))).await;
    assert_eq!(other.status, 200, "budgets are per webhook");
    assert_eq!(sandbox.journal().rejected, 2);
}

#[tokio::test]
async fn a_batch_may_be_charged_as_a_whole_as_some_builds_do() {
    let sandbox = Sandbox::builder()
        .invoices(5)
        .deals(5)
        .operating_limit(0.05)
        .charge_batch(true)
        .command_latency(Duration::from_millis(110))
        .start()
        .await
        .unwrap();
    let url = format!("{}batch", sandbox.webhook());
    let first = post(&url, r#"{"cmd":{"a":"profile","b":"profile"}}"#).await.json();
    assert!(first["time"]["operating"].as_f64().unwrap() > 0.2);
    assert_eq!(first["result"]["result_time"]["b"]["operating"], 0);
    assert_eq!(post(&url, r#"{"cmd":{}}"#).await.status, 429);
    assert_eq!(get(&format!("{}profile", sandbox.webhook())).await.status, 200);
}

#[tokio::test]
async fn an_execution_stops_at_the_cap_and_the_client_gets_a_gateways_page() {
    let sandbox = Sandbox::builder()
        .invoices(5)
        .deals(5)
        .command_latency(Duration::from_millis(60))
        .execution_cap(Duration::from_millis(100))
        .start()
        .await
        .unwrap();
    let commands = [r#""profile""#; 10].join(",");
    let answer = post(&format!("{}batch", sandbox.webhook()), &format!(r#"{{"cmd":[{commands}]}}"#)).await;
    assert_eq!(answer.status, 504);
    assert!(answer.head.contains("content-type: text/html"));
    let journal = sandbox.journal();
    assert!(journal.commands <= 1, "{}", journal.commands);
    assert_eq!(journal.rejected, 0);
}

#[tokio::test]
async fn an_import_is_charged_for_every_item() {
    let builder = Sandbox::builder().invoices(5).deals(5).command_latency(Duration::from_millis(10));
    let sandbox = builder.execution_cap(Duration::from_millis(400)).start().await.unwrap();
    let url = format!("{}crm.item.batchimport", sandbox.webhook());
    let body = |items: usize| {
        format!(r#"{{"entityTypeId":2,"data":[{}]}}"#, [r#"{"title":"А"}"#; 20][..items].join(","))
    };
    let answer = post(&url, &body(20)).await.json();
    assert_eq!(answer["result"]["items"].as_array().unwrap().len(), 20);
    assert!(answer["time"]["operating"].as_f64().unwrap() >= 0.2, "{answer}");
    assert!(post(&url, &body(1)).await.json()["time"]["operating"].as_f64().unwrap() < 0.4);
}

#[tokio::test]
async fn the_portals_own_failure_strikes_one_command() {
    let sandbox = Sandbox::builder().invoices(5).deals(5).start().await.unwrap();
    sandbox.inject("[[fault]]\nmethod = \"profile\"\nnth = 2\ndo = \"error\"".parse().unwrap());
    let cmd = r#"{"cmd":{"a":"profile","b":"profile","c":"profile"}}"#;
    let batch = post(&format!("{}batch", sandbox.webhook()), cmd).await.json();
    assert_eq!(batch["result"]["result_error"]["b"]["error"], "INTERNAL_SERVER_ERROR");
    assert!(batch["result"]["result"].get("c").is_some(), "{batch}");
}
