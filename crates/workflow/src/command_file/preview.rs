//! Which requests a command file becomes, found by sending them nowhere.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use b24_client::transport::{Answer, Request, Transport, TransportError};
use b24_client::{Client, Pace, Webhook};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::run::build;
use super::{CommandFile, CommandFileError};

/// One request that would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedRequest {
    /// Whether it is a batch; some commands say what only a request of their own can say.
    pub is_batch: bool,
    /// Positions of its commands in the file, from 0.
    pub commands: Vec<usize>,
}

/// The requests of a file, in order. The builder itself makes them, against a portal that answers everything with 1 and
/// takes no time; a real one may make it take smaller requests.
///
/// # Errors
/// Commands that the batch builder refuses, with the line of the file.
pub async fn preview(file: &CommandFile, halt: bool) -> Result<Vec<PreviewedRequest>, CommandFileError> {
    let recorder = Arc::new(Recorder::default());
    // No request leaves this process; the address is never used.
    let nowhere: Result<Webhook, _> = "https://preview.invalid/rest/1/none/".parse();
    let client = nowhere
        .ok()
        .and_then(|webhook| {
            Client::builder(webhook).pace(Pace::UNLIMITED).transport(recorder.clone()).build().ok()
        })
        .ok_or_else(|| {
            let message = "the preview cannot be made";
            CommandFileError::new(super::failure::Mistake::Params, 0, "", message)
        })?;
    let (mut batch, _) = build(&client, file);
    batch.halt(halt || file.halt);
    let _answered = batch.send().await.map_err(|error| file.located(&error))?;
    let requests = std::mem::take(&mut *recorder.0.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(located(file, &requests))
}

/// Remembers requests and answers all of their commands with 1, which stands for any value referred to.
#[derive(Default)]
struct Recorder(Mutex<Vec<Request>>);

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: Request) -> Result<Answer, TransportError> {
        let results: Vec<String> = keys(&request).iter().map(|key| format!("\"{key}\":1")).collect();
        let body = if request.method == "batch" {
            format!("{{\"result\":{{\"result\":{{{}}},\"result_error\":[]}}}}", results.join(","))
        } else {
            "{\"result\":1}".to_owned()
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Ok(Answer::new(200, body))
    }
}

/// The keys of a batch request's commands.
fn keys(request: &Request) -> Vec<String> {
    #[derive(Deserialize)]
    struct Body {
        cmd: std::collections::BTreeMap<String, Box<RawValue>>,
    }
    match serde_json::from_str::<Body>(&request.body) {
        Ok(body) if request.method == "batch" => body.cmd.into_keys().collect(),
        _ => Vec::new(),
    }
}

fn located(file: &CommandFile, requests: &[Request]) -> Vec<PreviewedRequest> {
    let in_batches = |request: &Request| -> Vec<usize> {
        // Keys are a letter and the position.
        keys(request).iter().filter_map(|key| key.trim_start_matches('c').parse().ok()).collect()
    };
    let batched: Vec<usize> = requests.iter().flat_map(in_batches).collect();
    let mut alone: Vec<usize> =
        (0..file.commands.len()).filter(|position| !batched.contains(position)).collect();
    let mut located = Vec::with_capacity(requests.len());
    for request in requests {
        if request.method == "batch" {
            located.push(PreviewedRequest { is_batch: true, commands: in_batches(request) });
            continue;
        }
        let of_method = |position: &usize| {
            file.commands.get(*position).is_some_and(|command| command.method == request.method)
        };
        if let Some(at) = alone.iter().position(of_method) {
            located.push(PreviewedRequest { is_batch: false, commands: vec![alone.remove(at)] });
        }
    }
    located
}
