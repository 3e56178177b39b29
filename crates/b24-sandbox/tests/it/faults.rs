//! Injected faults over the wire.

use b24_sandbox::Sandbox;

use crate::http::{get, post, try_post};

async fn with(plan: &str) -> Sandbox {
    Sandbox::builder().invoices(5).deals(5).faults(plan.parse().unwrap()).start().await.unwrap()
}

fn one(name: &str) -> String {
    format!("[[fault]]\nmethod = \"profile\"\ndo = \"{name}\"\n")
}

#[tokio::test]
async fn answers_of_every_kind_strike_once_and_the_next_call_works() {
    for (name, status, start) in [
        ("503", 503, r#"{"error":"QUERY_LIMIT_EXCEEDED""#),
        ("429", 429, r#"{"error":"OPERATION_TIME_LIMIT""#),
        ("401", 401, r#"{"error":"INVALID_CREDENTIALS""#),
        ("html", 502, "<html>"),
        ("truncate", 200, r#"{"result":"#),
    ] {
        let sandbox = with(&one(name)).await;
        let url = format!("{}profile", sandbox.webhook());
        let answer = get(&url).await;
        assert_eq!(answer.status, status, "{name}");
        assert!(answer.body.starts_with(start), "{name}: {}", answer.body);
        assert!(
            serde_json::from_str::<serde_json::Value>(&answer.body).is_ok()
                == !matches!(name, "html" | "truncate")
        );
        assert_eq!(get(&url).await.status, 200, "{name}");
        let journal = sandbox.journal();
        assert_eq!((journal.requests, journal.rejected), (2, 0), "{name}");
        assert_eq!(journal.recent[0].fault, Some(name));
        assert_eq!(journal.recent[1].fault, None);
    }
}

#[tokio::test]
async fn a_reset_ends_the_connection_before_or_after_the_execution() {
    for (name, executed) in [("reset-before", 0), ("reset-after", 1)] {
        let sandbox = with(&one(name)).await;
        let url = format!("{}profile", sandbox.webhook());
        let error = try_post(&url, "{}").await.unwrap_err();
        assert!(
            matches!(error.kind(), std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::UnexpectedEof),
            "{error}"
        );
        let journal = sandbox.journal();
        assert_eq!((journal.commands, journal.recent[0].status), (executed, 0), "{name}");
        assert_eq!(get(&url).await.status, 200);
    }
}

#[tokio::test]
async fn a_fault_named_for_a_method_strikes_it_inside_a_batch() {
    let plan = "[[fault]]\nmethod = \"profile\"\nnth = 2\ndo = \"429\"\n[[fault]]\nmethod = \"profile\"\nnth = 4\ndo = \"503\"\n";
    let sandbox = with(plan).await;
    let url = format!("{}batch", sandbox.webhook());
    let commands = r#"{"cmd":{"a":"profile","b":"profile","c":"server.time"}}"#;
    let first = post(&url, commands).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.json()["result"]["result_error"]["b"]["error"], "OPERATION_TIME_LIMIT");
    assert_eq!(post(&url, commands).await.status, 503, "the whole request");
    assert_eq!(post(&url, commands).await.status, 200);
}

#[tokio::test]
async fn a_slow_call_beyond_the_cap_is_never_executed() {
    let sandbox = Sandbox::builder()
        .invoices(5)
        .deals(5)
        .execution_cap(std::time::Duration::from_millis(50))
        .faults(format!("{}seconds = 100\n", one("slow")).parse().unwrap())
        .start()
        .await
        .unwrap();
    assert_eq!(get(&format!("{}profile", sandbox.webhook())).await.status, 504);
    assert_eq!(sandbox.journal().commands, 0);
}
