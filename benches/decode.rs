//! CPU time of reading lists against the JSON parser's own: `cargo bench --package cli --bench decode`.
//!
//! The same answers are read again and again without a network: by the parser alone, skipping and building rows, and
//! by the client, from the body of an answer to rows as text and to rows as structures.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on should say where")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use b24_client::transport::{Answer, Request, Transport, TransportError};
use b24_client::{Client, List, Pace, Params, Webhook};
use futures::StreamExt as _;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Rows of one answer.
const ROWS: u64 = 2_499;
const ROUNDS: u32 = 200;

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding is what is measured")]
struct Deal {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "TITLE")]
    title: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding is what is measured")]
struct Whole {
    result: Parts,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoding is what is measured")]
struct Parts {
    result: std::collections::BTreeMap<String, Vec<Deal>>,
}

/// Always the same full answer.
struct Canned(String);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request) -> Result<Answer, TransportError> {
        Ok(Answer::new(200, self.0.clone()))
    }
}

/// An answer of 50 pages as a portal writes it, the last page short.
fn answer() -> String {
    let mut pages = String::new();
    let mut times = String::new();
    for page in 0..50 {
        let rows: Vec<String> = (page * 50 + 1..=(page * 50 + 50).min(ROWS))
            .map(|id| format!(r#"{{"ID":"{id}","TITLE":"Бетон товарный М300 — ООО «Новый меридиан {id}»"}}"#))
            .collect();
        let comma = if page > 0 { "," } else { "" };
        write!(pages, r#"{comma}"c{page:04}":[{}]"#, rows.join(",")).unwrap();
        write!(times, r#"{comma}"c{page:04}":{{"start":1790000001.1,"finish":1790000001.2,"duration":0.0012,"processing":0.0012,"date_start":"2026-09-21T12:00:00+03:00","date_finish":"2026-09-21T12:00:00+03:00","operating_reset_at":1790000601,"operating":0}}"#).unwrap();
    }
    format!(
        r#"{{"result":{{"result":{{{pages}}},"result_error":[],"result_total":[],"result_next":[],"result_time":{{{times}}}}},"time":{{"start":1,"finish":2,"duration":0.1}}}}"#
    )
}

/// Microseconds per 1,000 rows of one round.
fn measure(name: &str, mut round: impl FnMut()) {
    round();
    let started = Instant::now();
    for _ in 0..ROUNDS {
        round();
    }
    let micros = started.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
    println!("{name:<44} {:>8.0} µs per 1,000 rows", micros * 1_000.0 / 2_499.0);
}

fn main() {
    let text = answer();
    let webhook: Webhook = "http://127.0.0.1:1/rest/1/bench/".parse().unwrap();
    let transport = Arc::new(Canned(text.clone()));
    let client = Client::builder(webhook).pace(Pace::UNLIMITED).transport(transport).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let params = || Params::new().set("select", ["ID", "TITLE"]);

    println!("{ROWS} deals, {} bytes", text.len());
    measure("copying the answer (the transport's part)", || drop(black_box(text.clone())));
    measure("serde_json, text checked, values skipped", || {
        let bytes = text.clone().into_bytes();
        black_box(serde_json::from_str::<IgnoredAny>(&String::from_utf8(bytes).unwrap()).unwrap());
    });
    measure("client, rows as text (b24 list)", || {
        runtime.block_on(async {
            let list = List::new("crm.deal.list", params()).expecting(ROWS).limit(ROWS);
            let mut pages = Box::pin(client.pages(list));
            while let Some(page) = pages.next().await {
                page.unwrap().rows().for_each(|row| {
                    black_box(row);
                });
            }
        });
    });
    measure("serde_json, rows as structures", || {
        let bytes = text.clone().into_bytes();
        black_box(serde_json::from_str::<Whole>(&String::from_utf8(bytes).unwrap()).unwrap());
    });
    measure("client, rows as structures", || {
        runtime.block_on(async {
            let list = List::<Deal>::new("crm.deal.list", params()).expecting(ROWS).limit(ROWS);
            let mut rows = Box::pin(client.list(list));
            while let Some(row) = rows.next().await {
                black_box(row.unwrap());
            }
        });
    });
}
