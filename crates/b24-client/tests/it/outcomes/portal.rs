//! A portal that does what a plan says and counts what it executed.

use std::collections::HashMap;
use std::time::Duration;

use b24_client::batch::{Finding, Sought};
use b24_client::transport::{Answer, Request, TransportError};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::plan::{At, Fate, Kind, Look, Plan, Way};
use crate::script::{Sent, batch_answer};

/// How long after the client has given up a late request is executed: less than a look-up waits for.
const LATE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Portal {
    executed: HashMap<usize, u32>,
    late: Vec<(Instant, Request)>,
    drawn: usize,
    looked: usize,
}

/// The result of a command.
pub(super) fn result_of(number: usize) -> u64 {
    1000 + number as u64
}

impl Portal {
    pub(super) fn executed(&self, number: usize) -> u32 {
        self.executed.get(&number).copied().unwrap_or_default()
    }

    /// Executes what is due by now.
    pub(super) fn catch_up(&mut self, plan: &Plan, now: Instant) {
        let (due, rest) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = rest;
        let due: Vec<(Instant, Request)> = due;
        for (_, request) in due {
            self.run(plan, &request);
        }
    }

    fn run(&mut self, plan: &Plan, request: &Request) -> Answer {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body["halt"], u8::from(plan.halt));
        let (mut result, mut error) = (Map::new(), Map::new());
        for (key, text) in body["cmd"].as_object().unwrap() {
            let number: usize = key[1..].parse().unwrap();
            let text = text.as_str().unwrap();
            check_value(plan, number, text);
            let unresolved = text.split("%24result%5B").nth(1).map(|rest| &rest[..5]);
            let unresolved = unresolved.is_some_and(|referent| !result.contains_key(referent));
            let fate = plan.fates[self.drawn % plan.fates.len()];
            self.drawn += 1;
            let code = match fate {
                // A write with an unresolved mandatory id is refused; a read answers something else.
                _ if unresolved && plan.commands[number].kind != Kind::Read => Some(""),
                Fate::Refused => Some("NOT_FOUND"),
                Fate::Limit => Some("OPERATION_TIME_LIMIT"),
                Fate::Internal => Some("INTERNAL_SERVER_ERROR"),
                Fate::Fine | Fate::Missing => None,
            };
            if let Some(code) = code {
                error.insert(key.clone(), json!({"error": code, "error_description": "x"}));
                if plan.halt {
                    break;
                }
                continue;
            }
            *self.executed.entry(number).or_default() += 1;
            if matches!(fate, Fate::Fine) {
                let value = if unresolved { json!("void") } else { json!(result_of(number)) };
                result.insert(key.clone(), value);
            }
        }
        let map = |map: Map<String, Value>| if map.is_empty() { json!([]) } else { map.into() };
        batch_answer(&map(result), &map(error))
    }

    pub(super) fn answer(&mut self, plan: &Plan, request: &Request, number: usize) -> Sent {
        let now = Instant::now();
        self.catch_up(plan, now);
        let way = plan.ways[number % plan.ways.len()];
        match way {
            Way::NoConnection => return Err(TransportError::Connect("refused".to_owned())),
            Way::TooMany => return Ok(Answer::new(503, r#"{"error":"QUERY_LIMIT_EXCEEDED"}"#)),
            Way::LostBefore => return Err(TransportError::AfterSend("reset".to_owned())),
            Way::Page => return Ok(Answer::new(503, "<html>")),
            Way::Denied => return Ok(Answer::new(403, r#"{"error":"ACCESS_DENIED"}"#)),
            Way::Late => {
                self.late.push((now + LATE, request.clone()));
                return Err(TransportError::TimedOut("75 s".to_owned()));
            }
            Way::There | Way::LostAfter | Way::Cut => {}
        }
        let answer = self.run(plan, request);
        match way {
            Way::LostAfter => Err(TransportError::TimedOut("75 s".to_owned())),
            Way::Cut => Ok(Answer::new(200, answer.body[..answer.body.len() / 2].to_vec())),
            _ => Ok(answer),
        }
    }

    /// A complete answer tells what is there; an incomplete one ends before the last that are sought.
    pub(super) fn look_up(&mut self, plan: &Plan, sought: &[Sought]) -> Vec<Finding> {
        self.catch_up(plan, Instant::now());
        let look = plan.looks[self.looked % plan.looks.len()];
        self.looked += 1;
        let told = if look == Look::Answered { sought.len() } else { sought.len() / 2 };
        let finding = |one: &Sought| match self.executed(one.key.parse().unwrap()) {
            0 => Finding::Absent,
            _ => Finding::Found(result_of(one.place.position).to_string()),
        };
        sought.iter().take(told).map(finding).collect()
    }
}

/// A value that the client has filled in is the referent's own.
fn check_value(plan: &Plan, number: usize, text: &str) {
    let Some((referent, place)) = plan.commands[number].referent else {
        return assert!(!text.contains("P%5D"), "{text}");
    };
    let filled = result_of(referent).to_string();
    let name = match place {
        At::Id => "&id=",
        At::Field => "&fields%5BP%5D=",
        At::Text => "&fields%5BP%5D=Deal%20",
    };
    let (_, value) = text.split_once(name).unwrap();
    let refers = value.contains("%24result");
    let may_refer = plan.commands[number].kind == Kind::Read || place == At::Id;
    assert!(if refers { may_refer } else { value.starts_with(&filled) }, "{text}");
}
