//! Transports that answer as a test says, and clients that use them without waiting.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use b24_client::transport::{Answer, Request, Transport, TransportError};
use b24_client::{Client, Pace, RetryPolicy, Webhook};
use serde_json::Value;

pub(crate) type Sent = Result<Answer, TransportError>;
type Rule = dyn Fn(&Request, usize) -> Sent + Send + Sync;

/// Answers every request by a rule and remembers what was asked.
pub(crate) struct Script {
    rule: Box<Rule>,
    requests: Mutex<Vec<Request>>,
}

impl Script {
    pub(crate) fn new(rule: impl Fn(&Request, usize) -> Sent + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { rule: Box::new(rule), requests: Mutex::default() })
    }

    /// Always the same answer.
    pub(crate) fn saying(status: u16, body: &'static str) -> Arc<Self> {
        Self::new(move |_, _| Ok(Answer::new(status, body)))
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Sent {
        let number = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(request.clone());
            requests.len()
        };
        (self.rule)(&request, number)
    }
}

pub(crate) const SECRET: &str = "q7w3e9r1t5y2u8i4";

pub(crate) fn webhook() -> Webhook {
    format!("https://portal.example/rest/1/{SECRET}/").parse().unwrap()
}

/// Repetitions as usual, without the waiting.
pub(crate) fn quick() -> RetryPolicy {
    RetryPolicy {
        retries: 3,
        base: Duration::from_micros(20),
        operating_pause: Duration::from_micros(20),
        longest_wait: Duration::from_secs(5),
    }
}

pub(crate) fn client(transport: Arc<Script>) -> Client {
    of_pace(Pace::UNLIMITED, transport)
}

/// With a bucket that is empty again before anybody waits for it.
pub(crate) fn paced(transport: Arc<Script>) -> Client {
    of_pace(Pace { leak_per_second: 1_000_000.0, burst: 50 }, transport)
}

fn of_pace(pace: Pace, transport: Arc<Script>) -> Client {
    Client::builder(webhook()).pace(pace).retry(quick()).jitter_seed(7).transport(transport).build().unwrap()
}

/// Key and text of every command of a batch request, in order.
pub(crate) fn commands(request: &Request) -> Vec<(String, String)> {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let commands = body["cmd"].as_object().unwrap().iter();
    commands.map(|(key, text)| (key.clone(), text.as_str().unwrap().to_owned())).collect()
}

/// An answer to a batch from its `result` and `result_error`.
pub(crate) fn batch_answer(result: &Value, error: &Value) -> Answer {
    let body = serde_json::json!({
        "result": {"result": result, "result_error": error, "result_total": [], "result_next": [], "result_time": []},
    });
    Answer::new(200, body.to_string())
}
