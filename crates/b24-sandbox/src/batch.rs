//! `batch` (reference, section 3) as a machine without clock and portal: it hands out commands one after the other
//! and takes their outcomes.

mod reference;

use std::borrow::Cow;

use crate::method::{Refusal, Reply};
use crate::php::{parse_query, url_decode};
use crate::value::{Map, Value};

/// `BATCH_MAX_LENGTH`.
const MAX_LENGTH: usize = 50;

/// Methods that a batch refuses to run.
const NOT_ALLOWED: [&str; 3] = ["batch", "download", "upload"];

/// One command to run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Command {
    /// Position in `cmd`, from 0.
    pub(crate) position: usize,
    /// The method's name in lower case.
    pub(crate) method: String,
    /// Parameters with references replaced.
    pub(crate) params: Map,
}

/// The five maps of the answer.
#[derive(Debug, Default)]
struct Collected {
    result: Map,
    error: Map,
    total: Map,
    next: Map,
    time: Map,
}

/// A batch on its way.
#[derive(Debug)]
pub(crate) struct Batch {
    commands: Vec<(Cow<'static, str>, Value)>,
    halt: bool,
    position: usize,
    stopped: bool,
    settled: u64,
    collected: Collected,
}

impl Batch {
    /// Reads `cmd` and `halt` in any letter case. A `cmd` that is no array is an empty batch.
    pub(crate) fn new(params: Map) -> Self {
        let (mut commands, mut halt) = (Vec::new(), false);
        for (key, value) in params.into_pairs() {
            if key.eq_ignore_ascii_case("halt") {
                halt = value.is_truthy();
            } else if key.eq_ignore_ascii_case("cmd") {
                commands = match value {
                    Value::List(items) => {
                        items.into_iter().enumerate().map(|(i, v)| (Cow::Owned(i.to_string()), v)).collect()
                    }
                    Value::Map(map) => map.into_pairs().collect(),
                    _ => Vec::new(),
                };
            }
        }
        let collected = Collected::default();
        Self { commands, halt, position: 0, stopped: false, settled: 0, collected }
    }

    /// The lower-case method names of all string commands with their positions, before anything runs.
    pub(crate) fn methods(&self) -> Vec<(usize, String)> {
        let texts = self.commands.iter().enumerate().take(MAX_LENGTH);
        texts.filter_map(|(i, (_, v))| Some((i, split_command(as_text(v)?).0))).collect()
    }

    /// Commands answered so far, with a result or an error.
    pub(crate) fn settled(&self) -> u64 {
        self.settled
    }

    /// The next command to run; what needs no portal (too many, forbidden) is settled on the way.
    pub(crate) fn next_command(&mut self) -> Option<Command> {
        while !self.stopped && self.position < self.commands.len() {
            let position = self.position;
            let text = as_text(&self.commands[position].1).map(str::to_owned);
            if position >= MAX_LENGTH {
                self.refuse(&Refusal::coded("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded"));
                continue;
            }
            let Some(text) = text else {
                self.position += 1;
                continue;
            };
            let (method, query) = split_command(&text);
            if NOT_ALLOWED.contains(&method.as_str()) {
                let code = "ERROR_BATCH_METHOD_NOT_ALLOWED";
                self.refuse(&Refusal::coded(code, "Method is not allowed for batch usage"));
                continue;
            }
            let params = reference::resolve_all(parse_query(query.as_bytes()), &self.collected);
            return Some(Command { position, method, params });
        }
        None
    }

    /// Takes the success of the command handed out last.
    pub(crate) fn succeed(&mut self, reply: Reply, time: Map) {
        let key = self.take_key();
        if let Some(total) = reply.total {
            self.collected.total.set(key.clone(), Value::from(total));
        }
        if let Some(next) = reply.next {
            self.collected.next.set(key.clone(), Value::from(next));
        }
        self.collected.time.set(key.clone(), time);
        self.collected.result.set(key, reply.result);
    }

    /// Takes the failure of the command handed out last.
    pub(crate) fn refuse(&mut self, refusal: &Refusal) {
        let key = self.take_key();
        self.collected.error.set(key, refusal.to_map());
        self.stopped = self.halt;
    }

    /// The `result` member of the answer.
    pub(crate) fn finish(self) -> Value {
        let mut out = Map::new();
        out.push("result", self.collected.result);
        out.push("result_error", self.collected.error);
        out.push("result_total", self.collected.total);
        out.push("result_next", self.collected.next);
        out.push("result_time", self.collected.time);
        Value::Map(out)
    }

    fn take_key(&mut self) -> Cow<'static, str> {
        let key = self.commands.get(self.position).map(|(k, _)| k.clone()).unwrap_or_default();
        self.position += 1;
        self.settled += 1;
        key
    }
}

fn as_text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

/// `method?query#fragment` → lower-case method and query.
fn split_command(text: &str) -> (String, &str) {
    let text = text.split('#').next().unwrap_or_default();
    let (method, query) = text.split_once('?').unwrap_or((text, ""));
    (url_decode(method.as_bytes()).to_ascii_lowercase(), query)
}

#[cfg(test)]
mod tests;
