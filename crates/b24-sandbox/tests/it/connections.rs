//! What survives a broken connection, and what ends with the sandbox.

use std::time::Duration;

use b24_sandbox::Sandbox;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::http::{exchange, get, request, split};

#[tokio::test]
async fn connections_are_kept_alive() {
    let sandbox = Sandbox::builder().invoices(5).deals(5).start().await.unwrap();
    let url = format!("{}profile", sandbox.webhook());
    let mut stream = TcpStream::connect(split(&url).0).await.unwrap();
    for _ in 0..3 {
        let answer = exchange(&mut stream, &request("POST", &url, "application/json", "{}")).await.unwrap();
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn a_received_request_is_executed_to_its_end_when_the_client_hangs_up() {
    let sandbox =
        Sandbox::builder().invoices(5).deals(5).latency(Duration::from_millis(700)).start().await.unwrap();
    let url = format!("{}crm.deal.add", sandbox.webhook());
    let mut stream = TcpStream::connect(split(&url).0).await.unwrap();
    let request = request("POST", &url, "application/json", r#"{"fields":{"TITLE":"hung up"}}"#);
    stream.write_all(request.as_bytes()).await.unwrap();
    while sandbox.journal().requests == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sandbox.journal().commands, 0, "still waiting");
    stream.set_zero_linger().unwrap();
    drop(stream);
    while sandbox.journal().recent.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(sandbox.journal().recent[0].status, 200);
    let rows = get(&sandbox.webhook().replace("rest/1/sandbox/", "sandbox/rows?entity=deal")).await.json();
    assert_eq!((&rows["count"], &rows["changed"][0]["title"]), (&6.into(), &"hung up".into()));
}

#[tokio::test]
async fn a_dropped_sandbox_neither_listens_nor_keeps_connections() {
    let sandbox = Sandbox::builder().invoices(5).deals(5).start().await.unwrap();
    let url = format!("{}profile", sandbox.webhook());
    let mut open = TcpStream::connect(split(&url).0).await.unwrap();
    let request = request("GET", &url, "", "");
    assert_eq!(exchange(&mut open, &request).await.unwrap().status, 200);
    drop(sandbox);
    assert!(exchange(&mut open, &request).await.is_err());
    while TcpStream::connect(split(&url).0).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = Sandbox::builder().invoices(5).deals(5).start().await.unwrap();
    let port: u16 = split(&first.webhook()).0.rsplit(':').next().unwrap().parse().unwrap();
    let error = Sandbox::builder().port(port).start().await.unwrap_err();
    assert_eq!(error.code(), "sandbox.listen");
    assert_eq!(error.to_string(), format!("listening on 127.0.0.1:{port} failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_counted_twice_when_many_ask_at_once() {
    let sandbox = Sandbox::builder().invoices(5).deals(5).rate(0.0).start().await.unwrap();
    let url = format!("{}batch", sandbox.webhook());
    let clients = (0..16).map(|client| {
        let url = url.clone();
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(split(&url).0).await.unwrap();
            for call in 0..80 {
                let body = format!(r#"{{"cmd":{{"c{client}x{call}":"profile","bad":"no.such"}}}}"#);
                let answer =
                    exchange(&mut stream, &request("POST", &url, "application/json", &body)).await.unwrap();
                assert!(
                    answer.body.contains(&format!(r#""result":{{"c{client}x{call}":"#)),
                    "{}",
                    answer.body
                );
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let journal = sandbox.journal();
    assert_eq!((journal.requests, journal.commands, journal.rejected), (1280, 2560, 0));
    assert_eq!(journal.recent.len(), 1000);
}
