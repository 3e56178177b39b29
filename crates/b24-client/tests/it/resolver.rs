//! Writes whose answers were lost, and the look-up that finds out what became of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use b24_client::batch::{Finding, Resolver, Sought};
use b24_client::transport::{Answer, TransportError};
use b24_client::{Call, Client, List, Outcome, Pace, Params, Slot};
use b24_sandbox::{FaultPlan, Sandbox};
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::script::{Script, Sent, batch_answer, client, commands, quick};

/// Look-ups with their times, answered by a rule.
#[derive(Default)]
struct Looked(Mutex<Vec<(Duration, Vec<String>)>>);

impl Looked {
    fn times(&self) -> Vec<u64> {
        self.0.lock().unwrap().iter().map(|(at, _)| at.as_secs()).collect()
    }
}

fn resolver(
    looked: &Arc<Looked>,
    rule: impl Fn(&Sought, Duration) -> Finding + Send + Sync + 'static,
) -> Resolver {
    let (start, looked) = (Instant::now(), looked.clone());
    Resolver::new(move |sought| {
        let at = start.elapsed();
        let findings = sought.iter().map(|one| rule(one, at)).collect();
        looked.0.lock().unwrap().push((at, sought.into_iter().map(|one| one.key).collect()));
        async move { findings }
    })
}

fn add(title: &str) -> Call<u64> {
    Call::write("crm.deal.add", Params::new().set("fields", Params::new().set("TITLE", title)))
}

fn lost() -> Sent {
    Err(TransportError::TimedOut("75 s".to_owned()))
}

/// The first request is lost, everything after it is answered with 77.
fn first_is_lost() -> Arc<Script> {
    Script::new(|request, number| {
        if number == 1 {
            return lost();
        }
        let result: serde_json::Map<String, Value> =
            commands(request).into_iter().map(|(key, _)| (key, json!(77))).collect();
        Ok(batch_answer(&result.into(), &json!([])))
    })
}

/// One keyed add, its outcome and how often it was sent.
async fn one_add(script: Arc<Script>, resolver: Resolver) -> (Outcome<u64>, usize) {
    let mut batch = client(script.clone()).batch();
    batch.resolver(resolver);
    let slot = batch.add_keyed(add("x"), "key-1");
    let outcome = batch.send().await.unwrap().take(slot);
    (outcome, script.count())
}

#[tokio::test(start_paused = true)]
async fn what_is_found_is_done_at_once_p35() {
    let looked = Arc::default();
    let found = resolver(&looked, |_, _| Finding::Found("55".to_owned()));
    let (outcome, sent) = one_add(first_is_lost(), found).await;
    assert!(matches!(outcome, Outcome::Ok(55)), "{outcome:?}");
    assert_eq!((sent, looked.times()), (1, vec![0]));
}

#[tokio::test(start_paused = true)]
async fn what_is_absent_is_sent_again_when_the_portal_must_be_done() {
    let looked = Arc::default();
    let absent = resolver(&looked, |_, _| Finding::Absent);
    let (outcome, sent) = one_add(first_is_lost(), absent).await;
    assert!(matches!(outcome, Outcome::Ok(77)), "{outcome:?}");
    assert_eq!((sent, looked.times()), (2, vec![0, 65]), "absent counts after 65 s only");
}

#[tokio::test(start_paused = true)]
async fn what_is_executed_late_is_found_and_not_sent_again() {
    let looked = Arc::default();
    let late = resolver(&looked, |_, at| {
        if at < Duration::from_secs(40) { Finding::Absent } else { Finding::Found("55".to_owned()) }
    });
    let (outcome, sent) = one_add(first_is_lost(), late).await;
    assert!(matches!(outcome, Outcome::Ok(55)) && sent == 1, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn it_is_sent_again_once_and_is_then_proved_not_to_be_executed() {
    let looked = Arc::default();
    let absent = resolver(&looked, |_, _| Finding::Absent).settle_after(Duration::from_secs(10));
    let (outcome, sent) = one_add(Script::new(|_, _| lost()), absent).await;
    assert!(matches!(outcome, Outcome::NotExecuted(_)), "{outcome:?}");
    assert_eq!((sent, looked.times()), (2, vec![0, 10, 10, 20]));
}

#[tokio::test(start_paused = true)]
async fn a_look_up_without_an_answer_leaves_it_unknown_and_sends_nothing() {
    for finding in [Finding::Unanswered, Finding::Found("{cut".to_owned())] {
        let looked = Arc::default();
        let finding = resolver(&looked, move |_, _| finding.clone());
        let (outcome, sent) = one_add(first_is_lost(), finding).await;
        assert!(matches!(outcome, Outcome::Unknown(_)) && sent == 1, "{outcome:?}");
    }
    let (outcome, sent) = one_add(first_is_lost(), Resolver::new(|_| async { Vec::new() })).await;
    assert!(
        matches!(outcome, Outcome::Unknown(_)) && sent == 1,
        "a shorter answer is no answer: {outcome:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn only_writes_with_a_key_are_looked_for_and_all_of_them_together() {
    let looked = Arc::default();
    let mut batch = client(first_is_lost()).batch();
    batch.resolver(resolver(&looked, |sought, _| {
        assert_eq!(
            (sought.place.method.as_str(), sought.place.params.as_str()),
            ("crm.deal.add", "fields[TITLE]=…")
        );
        if sought.key == "b" { Finding::Absent } else { Finding::Found("5".to_owned()) }
    }));
    let keyed: Vec<Slot<u64>> = ["a", "b", "c"].map(|key| batch.add_keyed(add(key), key)).into();
    let plain = batch.add(add("plain"));
    let mut reply = batch.send().await.unwrap();
    let results: Vec<u64> = keyed.into_iter().map(|slot| reply.take(slot).ok().unwrap()).collect();
    assert_eq!(results, [5, 77, 5]);
    assert!(matches!(reply.take(plain), Outcome::Unknown(_)));
    let keys: Vec<Vec<String>> = looked.0.lock().unwrap().iter().map(|(_, keys)| keys.clone()).collect();
    assert_eq!(keys, [vec!["a", "b", "c"], vec!["b"]]);
}

#[tokio::test(start_paused = true)]
async fn what_refers_to_a_lost_write_waits_for_it_and_gets_its_value() {
    let looked = Arc::default();
    let script = first_is_lost();
    let mut batch = client(script.clone()).batch();
    batch.resolver(resolver(&looked, |_, _| Finding::Found("55".to_owned())));
    let deal = batch.add_keyed(add("x"), "x");
    let fields = Params::new().set("fields", Params::new().set("UF_PARENT", deal.at("")));
    let child = batch.add(Call::<u64>::write("crm.deal.add", fields));
    let mut reply = batch.send().await.unwrap();
    assert_eq!(reply.take(child).ok().unwrap(), 77);
    assert_eq!(commands(&script.requests()[1])[0].1, "crm.deal.add?fields%5BUF_PARENT%5D=55");
}

#[tokio::test(start_paused = true)]
async fn a_halting_batch_goes_on_in_order_after_the_look_up() {
    let looked = Arc::default();
    let script = first_is_lost();
    let mut batch = client(script.clone()).batch();
    batch.halt(true);
    batch.resolver(resolver(&looked, |sought, _| {
        if sought.key == "0" { Finding::Found("5".to_owned()) } else { Finding::Absent }
    }));
    let slots: Vec<_> = (0..60).map(|n| batch.add_keyed(add("x"), n.to_string())).collect();
    let mut reply = batch.send().await.unwrap();
    assert!(slots.into_iter().all(|slot| reply.take(slot).is_ok()));
    let sizes: Vec<usize> = script.requests().iter().map(|request| commands(request).len()).collect();
    assert_eq!(sizes, [50, 50, 9], "49 again, and 10 that were not sent yet");
    assert_eq!(commands(&script.requests()[1])[0].0, "c0001");
}

#[tokio::test(start_paused = true)]
async fn a_single_request_of_a_batch_is_looked_for_as_well() {
    let script =
        Script::new(|_, number| if number == 1 { lost() } else { Ok(Answer::new(200, r#"{"result":77}"#)) });
    let mut batch = client(script.clone()).batch();
    let looked = Arc::default();
    batch.resolver(resolver(&looked, |_, _| Finding::Absent));
    // What the batch form cannot say goes alone.
    let fields = Params::new().set("fields", Params::new().set("PHONE", Vec::<u64>::new()));
    let slot = batch.add_keyed(Call::<u64>::write("crm.deal.add", fields), "x");
    assert_eq!(batch.send().await.unwrap().take(slot).ok().unwrap(), 77);
    assert_eq!((script.count(), looked.times()), (2, vec![0, 65]));
}

/// Looks deals up by their origin, all in one question.
fn by_origin(client: &Client) -> Resolver {
    let client = client.clone();
    Resolver::new(move |sought| {
        let client = client.clone();
        async move {
            let keys: Vec<&str> = sought.iter().map(|one| one.key.as_str()).collect();
            let filter = Params::new().set("@ORIGIN_ID", keys);
            let params = Params::new().set("select", ["ID", "ORIGIN_ID"]).set("filter", filter);
            let rows: Vec<Value> = match client.list(List::new("crm.deal.list", params)).try_collect().await {
                Ok(rows) => rows,
                Err(_) => return Vec::new(),
            };
            let find = |one: &Sought| rows.iter().find(|row| row["ORIGIN_ID"] == one.key.as_str());
            let finding =
                |one| find(one).map_or(Finding::Absent, |row| Finding::Found(row["ID"].to_string()));
            sought.iter().map(finding).collect()
        }
    })
}

#[tokio::test]
async fn no_fault_makes_a_portal_hold_a_record_twice_or_lose_one() {
    for fault in ["reset-after", "reset-before", "truncate", "html"] {
        let sandbox =
            Sandbox::builder().rate(0.0).deals(60).execution_cap(Duration::from_millis(300)).start();
        let sandbox = sandbox.await.unwrap();
        let builder =
            Client::builder(sandbox.webhook().parse().unwrap()).pace(Pace::UNLIMITED).retry(quick());
        let client = builder.build().unwrap();
        let plan: FaultPlan =
            format!("[[fault]]\nmethod = \"batch\"\nnth = 2\ndo = \"{fault}\"\n").parse().unwrap();
        sandbox.inject(plan);
        let mut batch = client.batch();
        batch.resolver(by_origin(&client).settle_after(Duration::from_millis(400)));
        let slots: Vec<_> = (0..120)
            .map(|n| {
                let key = format!("order-{n}");
                let fields = Params::new().set("TITLE", "probe").set("ORIGIN_ID", key.clone());
                let call = Call::<b24_client::Id>::write("crm.deal.add", Params::new().set("fields", fields));
                batch.add_keyed(call, key)
            })
            .collect();
        let mut reply = batch.send().await.unwrap();
        let ids: Vec<u64> = slots.into_iter().map(|slot| reply.take(slot).ok().unwrap().get()).collect();
        let probes = Params::new().set("filter", Params::new().set("TITLE", "probe")).set("select", ["ID"]);
        let rows: Vec<Value> = client.list(List::new("crm.deal.list", probes)).try_collect().await.unwrap();
        let mut sorted: Vec<String> = ids.iter().map(ToString::to_string).collect();
        sorted.sort();
        let mut there: Vec<&str> = rows.iter().filter_map(|row| row["ID"].as_str()).collect();
        there.sort_unstable();
        assert_eq!(sorted, there, "{fault}: every record once, and each known by its own id");
    }
}
