//! One outcome per slot, whatever breaks; no write is executed twice.

mod plan;
mod portal;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use b24_client::batch::Resolver;
use b24_client::{Batch, Call, Composed, Outcome, Params, Slot};
use proptest::prelude::*;
use tokio::time::Instant;

use self::plan::{Asked, At, Kind, Plan, plans};
use self::portal::{Portal, result_of};
use crate::script::{Script, client};

fn call(number: usize, asked: Asked, slots: &[Slot<u64>]) -> Call<u64> {
    let mut params = Params::new().set("n", number);
    if let Some((referent, place)) = asked.referent {
        let value = slots[referent].at("");
        let fields = |value: b24_client::params::Param| Params::new().set("P", value);
        match place {
            At::Id => params.put("id", value),
            At::Field => params.put("fields", fields(value.into())),
            At::Text => {
                let text = Composed::new().text("Deal ").value(value).text(" x");
                params.put("fields", fields(text.into()));
            }
        }
    }
    match asked.kind {
        Kind::Read => Call::read("crm.deal.get", params),
        Kind::Write => Call::write("crm.deal.update", params),
        Kind::Repeatable => Call::repeatable_write("crm.deal.update", params),
    }
}

fn fill(batch: &mut Batch, plan: &Plan) -> Vec<Slot<u64>> {
    batch.halt(plan.halt);
    batch.at_most(plan.at_most);
    let mut slots: Vec<Slot<u64>> = Vec::new();
    for (number, asked) in plan.commands.iter().enumerate() {
        let call = call(number, *asked, &slots);
        let slot = if asked.keyed { batch.add_keyed(call, number.to_string()) } else { batch.add(call) };
        slots.push(slot);
    }
    slots
}

fn check(kind: Kind, number: usize, outcome: &Outcome<u64>, executed: u32) -> Result<(), TestCaseError> {
    if kind == Kind::Write {
        prop_assert!(executed <= 1, "write {number} was executed {executed} times");
    }
    match outcome {
        Outcome::Ok(value) => {
            prop_assert_eq!(*value, result_of(number));
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

/// Runs a plan, with look-ups or without, and checks every outcome against what the portal has executed in the end.
fn run(plan: &Plan, looks: bool) -> Result<(), TestCaseError> {
    // Time is made up: there are no sockets, and look-ups wait for a minute.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let portal = Arc::new(Mutex::new(Portal::default()));
    let (shared, planned) = (portal.clone(), plan.clone());
    let script = Script::new(move |request, number| shared.lock().unwrap().answer(&planned, request, number));
    let mut batch = client(script).batch();
    let slots = fill(&mut batch, plan);
    if looks {
        let (shared, planned) = (portal.clone(), plan.clone());
        batch.resolver(Resolver::new(move |sought| {
            let findings = shared.lock().unwrap().look_up(&planned, &sought);
            async move { findings }
        }));
    }
    let (mut reply, end) = runtime.block_on(async { (batch.send().await.unwrap(), Instant::now()) });
    let mut portal = portal.lock().unwrap();
    portal.catch_up(plan, end + Duration::from_mins(1));
    let mut halted = false;
    prop_assert_eq!(reply.outcomes().count(), plan.commands.len());
    for (number, slot) in slots.into_iter().enumerate() {
        let outcome = reply.take(slot);
        check(plan.commands[number].kind, number, &outcome, portal.executed(number))?;
        prop_assert!(!(plan.halt && halted && outcome.is_ok()), "{number} succeeded after a halt");
        halted |= matches!(outcome, Outcome::Rejected(_));
        let settled = !matches!(outcome, Outcome::Unknown(_))
            || matches!(outcome, Outcome::Unknown(b24_client::batch::Loss::Referent { .. }));
        let sure = plan.looks.iter().all(|look| *look == plan::Look::Answered);
        let known = settled || !looks || !sure || !plan.commands[number].keyed;
        prop_assert!(known, "{number} stayed unknown although it was looked up");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_slot_has_one_true_outcome_for_every_split_of_failures_p13(plan in plans()) {
        run(&plan, false)?;
    }

    #[test]
    fn with_look_ups_too_and_no_write_is_executed_twice_p35(plan in plans()) {
        run(&plan, true)?;
    }
}
