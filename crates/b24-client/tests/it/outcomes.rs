//! Law 3: one outcome per slot, whatever breaks. Law 5: no write is executed twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use b24_client::transport::{Answer, Request, TransportError};
use b24_client::{Call, Outcome, Params, Slot};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::script::{Script, Sent, batch_answer, client};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Read,
    Write,
    Repeatable,
}

/// What becomes of a command, drawn anew each time it is executed.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Fine,
    Refused,
    Limit,
    Internal,
    /// Executed, and in neither map.
    Missing,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy)]
enum Way {
    There,
    NoConnection,
    TooMany,
    LostAfter,
    LostBefore,
    Page,
    Cut,
    Denied,
}

#[derive(Debug, Clone)]
struct Plan {
    /// Kind, and the earlier command it refers to.
    commands: Vec<(Kind, Option<usize>)>,
    fates: Vec<Fate>,
    ways: Vec<Way>,
    halt: bool,
}

fn plans() -> impl Strategy<Value = Plan> {
    let kind = prop_oneof![Just(Kind::Read), Just(Kind::Write), Just(Kind::Repeatable)];
    let fate = prop_oneof![
        8 => Just(Fate::Fine), 1 => Just(Fate::Refused), 1 => Just(Fate::Limit), 1 => Just(Fate::Internal), 1 => Just(Fate::Missing)
    ];
    let way = prop_oneof![
        6 => Just(Way::There), 1 => Just(Way::NoConnection), 1 => Just(Way::TooMany), 1 => Just(Way::LostAfter),
        1 => Just(Way::LostBefore), 1 => Just(Way::Page), 1 => Just(Way::Cut), 1 => Just(Way::Denied)
    ];
    let command = (kind, prop::option::weighted(0.3, 0_usize..1000));
    (
        prop::collection::vec(command, 1..130),
        prop::collection::vec(fate, 1..40),
        prop::collection::vec(way, 1..12),
        any::<bool>(),
    )
        .prop_map(|(commands, fates, ways, halt)| {
            // Groups stay below 50: only every seventh command may be referred to, by the six after it.
            let refer =
                |index: usize, wish: Option<usize>| wish.map(|_| index / 7 * 7).filter(|one| *one < index);
            let commands =
                commands.into_iter().enumerate().map(|(n, (kind, wish))| (kind, refer(n, wish))).collect();
            Plan { commands, fates, ways, halt }
        })
}

/// A portal that executes batches as the plan says and counts what it executed.
#[derive(Default)]
struct Portal {
    executed: HashMap<usize, u32>,
    drawn: usize,
}

impl Portal {
    fn run(&mut self, plan: &Plan, request: &Request) -> Answer {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body["halt"], u8::from(plan.halt));
        let (mut result, mut error) = (Map::new(), Map::new());
        for (key, text) in body["cmd"].as_object().unwrap() {
            let number: usize = key[1..].parse().unwrap();
            let unresolved = text.as_str().unwrap().split("%24result%5B").nth(1).map(|rest| &rest[..5]);
            let unresolved = unresolved.is_some_and(|referent| !result.contains_key(referent));
            let fate = plan.fates[self.drawn % plan.fates.len()];
            self.drawn += 1;
            let code = match fate {
                // A write with an unresolved mandatory id is refused; a read answers something else.
                _ if unresolved && plan.commands[number].0 != Kind::Read => Some(""),
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
                result.insert(key.clone(), if unresolved { json!("void") } else { json!(1000 + number) });
            }
        }
        let map = |map: Map<String, Value>| if map.is_empty() { json!([]) } else { map.into() };
        batch_answer(&map(result), &map(error))
    }

    fn answer(&mut self, plan: &Plan, request: &Request, number: usize) -> Sent {
        let way = plan.ways[number % plan.ways.len()];
        match way {
            Way::NoConnection => return Err(TransportError::Connect("refused".to_owned())),
            Way::TooMany => return Ok(Answer::new(503, r#"{"error":"QUERY_LIMIT_EXCEEDED"}"#)),
            Way::LostBefore => return Err(TransportError::AfterSend("reset".to_owned())),
            Way::Page => return Ok(Answer::new(503, "<html>")),
            Way::Denied => return Ok(Answer::new(403, r#"{"error":"ACCESS_DENIED"}"#)),
            Way::There | Way::LostAfter | Way::Cut => {}
        }
        let answer = self.run(plan, request);
        match way {
            Way::LostAfter => Err(TransportError::TimedOut("75 s".to_owned())),
            Way::Cut => Ok(Answer::new(200, answer.body[..answer.body.len() / 2].to_vec())),
            _ => Ok(answer),
        }
    }
}

fn call(number: usize, kind: Kind, referent: Option<&Slot<u64>>) -> Call<u64> {
    let mut params = Params::new().set("n", number);
    if let Some(slot) = referent {
        params.put("id", slot.at(""));
    }
    match kind {
        Kind::Read => Call::read("crm.deal.get", params),
        Kind::Write => Call::write("crm.deal.update", params),
        Kind::Repeatable => Call::repeatable_write("crm.deal.update", params),
    }
}

fn check(kind: Kind, number: usize, outcome: &Outcome<u64>, executed: u32) -> Result<(), TestCaseError> {
    if kind == Kind::Write {
        prop_assert!(executed <= 1, "write {number} was executed {executed} times");
    }
    match outcome {
        Outcome::Ok(value) => {
            prop_assert_eq!(*value, 1000 + number as u64);
            prop_assert!(executed >= 1);
        }
        Outcome::Failed(_) => prop_assert_eq!(kind, Kind::Read),
        Outcome::Unknown(_) => prop_assert_ne!(kind, Kind::Read),
        Outcome::NotExecuted(_) | Outcome::Rejected(_) => {
            let rejected = matches!(outcome, Outcome::Rejected(_));
            let truth = executed == 0 || kind == Kind::Read || (kind == Kind::Repeatable && rejected);
            prop_assert!(truth, "{:?} {} was executed: {:?}", kind, number, outcome);
        }
        Outcome::Undecodable { .. } => prop_assert!(false, "{number} was given what is not its own"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_slot_has_one_true_outcome_for_every_split_of_failures(plan in plans()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let portal = Arc::new(Mutex::new(Portal::default()));
        let (shared, planned) = (portal.clone(), plan.clone());
        let script = Script::new(move |request, number| shared.lock().unwrap().answer(&planned, request, number));
        let mut batch = client(script).batch();
        batch.halt(plan.halt);
        let mut slots: Vec<Slot<u64>> = Vec::new();
        for (number, (kind, referent)) in plan.commands.iter().enumerate() {
            let call = call(number, *kind, referent.and_then(|index| slots.get(index)));
            slots.push(batch.add(call));
        }
        let mut reply = runtime.block_on(batch.send()).unwrap();
        let portal = portal.lock().unwrap();
        let mut halted = false;
        for (number, slot) in slots.into_iter().enumerate() {
            let outcome = reply.take(slot);
            let executed = portal.executed.get(&number).copied().unwrap_or_default();
            check(plan.commands[number].0, number, &outcome, executed)?;
            prop_assert!(!(plan.halt && halted && outcome.is_ok()), "{number} succeeded after a halt");
            halted |= matches!(outcome, Outcome::Rejected(_));
        }
    }
}
