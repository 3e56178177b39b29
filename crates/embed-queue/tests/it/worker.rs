//! The worker against a provider that misbehaves.

use std::sync::Arc;
use std::time::Duration;

use embed_queue::{Event, Policy, Scope, Status, Stop, Store, Surroundings, Until, Worker};

use crate::provider::{Fake, Fault};
use crate::world::{World, at, counts, document, quick, wait_until, worker};

const TEXTS: [&str; 6] = ["one", "two", "three", "four", "five", "six"];

#[tokio::test]
async fn every_fault_of_a_provider_ends_in_right_vectors() {
    for fault in [
        Fault::Drop,
        Fault::Reorder,
        Fault::Duplicate,
        Fault::ShortList,
        Fault::Nothing,
        Fault::Stranger,
        Fault::WrongDimension,
        Fault::NotANumber,
        Fault::Zero,
        Fault::Wait(Duration::from_secs(30)),
        Fault::Day(Duration::from_secs(500)),
        Fault::Unavailable,
        Fault::Rejected,
        Fault::Hang,
    ] {
        let world = World::new(Fake::new().failing([fault.clone(), fault.clone()]));
        world.later(document("a", &TEXTS)).await;
        let report = world.work().await;
        assert_eq!(world.chunks(), counts(0, 6, 0), "{fault:?}");
        assert_eq!((report.settled.ready, report.configuration), (6, None), "{fault:?}");
        world.check();
    }
}

#[tokio::test]
async fn a_provider_s_failure_is_charged_to_no_text_and_its_hint_is_kept() {
    let world = World::new(Fake::new().failing([Fault::Wait(Duration::from_secs(40))]));
    world.later(document("a", &TEXTS)).await;
    let mut pauses = Vec::new();
    let stop = Stop::new();
    let asked = stop.clone();
    worker(world.store().clone(), world.provider.clone(), quick())
        .run(Until::Stopped, &stop, &mut |event| {
            if let Event::Paused { until, .. } = event {
                pauses.push(until);
                asked.request();
            }
        })
        .await
        .unwrap();
    assert!(pauses[0] >= at(40), "{pauses:?}");
    for why in world.store().why(&Scope::default()).unwrap() {
        assert_eq!((why.attempts, why.leased, why.status), (0, false, Status::Pending));
        assert_eq!(why.error_class.as_deref(), Some("provider"));
    }
    // Another worker, of another process, waits as well.
    let other = Arc::new(Fake::new());
    let stop = Stop::new();
    let asked = stop.clone();
    let waiting = worker(Store::open(&world.path()).unwrap(), other.clone(), quick());
    let mut ignore = |_| {};
    tokio::join!(async { waiting.run(Until::Drained, &stop, &mut ignore).await.unwrap() }, async {
        tokio::task::yield_now().await;
        asked.request();
    });
    assert!(other.calls().is_empty());
}

#[tokio::test]
async fn a_wrong_configuration_ends_the_worker_and_charges_nobody() {
    let world = World::new(Fake::new().failing([Fault::Configuration]));
    world.later(document("a", &TEXTS)).await;
    let report = world.work_with(Policy { concurrency: 1, ..quick() }).await;
    assert_eq!(report.configuration.as_deref(), Some("the provider's configuration is wrong: as planned"));
    assert_eq!((world.chunks(), world.provider.calls()), (counts(6, 0, 0), vec![6]));
    let why = &world.store().why(&Scope::default()).unwrap()[0];
    assert_eq!((why.attempts, why.error_class.as_deref()), (0, Some("configuration")));
    world.work().await;
    assert_eq!(world.chunks(), counts(0, 6, 0));
}

#[tokio::test]
async fn a_rejected_batch_is_halved_until_the_poison_is_alone() {
    let world = World::new(Fake::new().refusing("poison"));
    let mut texts: Vec<String> = (0..16).map(|number| format!("text {number}")).collect();
    texts[11] = "poison".to_owned();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    world.later(document("a", &texts)).await;
    world.work_with(Policy { concurrency: 1, ..quick() }).await;
    assert_eq!((world.chunks(), world.provider.most_repeated()), (counts(0, 15, 1), 1));
    // 16, then halves down to one: never one by one.
    assert_eq!(world.provider.calls(), [16, 8, 8, 4, 2, 2, 1, 1, 4]);
    let charged: u32 = world.store().why(&Scope::default()).unwrap().iter().map(|why| why.attempts).sum();
    assert_eq!(charged, 1);
}

#[tokio::test]
async fn a_text_over_the_model_s_limit_is_failed_with_the_reason_and_without_a_call() {
    let world = World::new(Fake::new());
    world.later(document("a", &["one", "many words ".repeat(1_000).as_str()])).await;
    world.work().await;
    assert_eq!((world.chunks(), world.provider.calls()), (counts(0, 1, 1), vec![1]));
    let why = &world.store().why(&Scope::default()).unwrap()[1];
    assert_eq!(why.error.as_deref(), Some("the text has about 3672 tokens, the model takes 2048"));
}

#[tokio::test]
async fn a_late_worker_cannot_overwrite_what_happened_meanwhile() {
    // The provider hangs while the document is edited; the answer to the old text finds nothing to settle.
    let world = World::new(Fake::new().failing([Fault::Hang]));
    world.later(document("a", &["old"])).await;
    let late =
        world.work_with(Policy { call_timeout: Duration::from_millis(300), concurrency: 1, ..quick() });
    let edit = async {
        wait_until("the provider is asked", || !world.provider.calls().is_empty()).await;
        world.later(document("a", &["new"])).await
    };
    let (report, _) = tokio::join!(late, edit);
    assert_eq!((report.settled.stale, report.settled.ready), (1, 1));
    assert_eq!(world.chunks(), counts(0, 1, 0));
    world.check();
}

#[tokio::test]
async fn a_stopped_worker_finishes_its_call_and_takes_no_more() {
    let world = World::new(Fake::new().at_most(1));
    world.later(document("a", &TEXTS)).await;
    let stop = Stop::new();
    let asked = stop.clone();
    let report = worker(world.store().clone(), world.provider.clone(), Policy { concurrency: 1, ..quick() })
        .run(Until::Drained, &stop, &mut |_| asked.request())
        .await
        .unwrap();
    assert_eq!((report.settled.ready, world.chunks()), (1, counts(5, 1, 0)));
    let leases = "SELECT count(lease_id) + (SELECT count(*) FROM workers) FROM embeddings";
    assert_eq!(world.file().query_row(leases, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[tokio::test]
async fn a_text_whose_workers_die_again_and_again_is_taken_out_of_their_way() {
    let world = World::new(Fake::new().failing(std::iter::repeat_n(Fault::Hang, 3)));
    world.later(document("a", &["one"])).await;
    let policy =
        Policy { max_lost: 2, lease: Duration::ZERO, call_timeout: Duration::from_secs(2), ..quick() };
    for died in 1..=3 {
        let stop = Stop::new();
        let mut ignore = |_| {};
        let dying = worker(world.store().clone(), world.provider.clone(), policy);
        tokio::select! {
            _ = dying.run(Until::Drained, &stop, &mut ignore) => unreachable!("the provider hangs"),
            () = wait_until("the provider is asked again", || world.provider.calls().len() >= died) => {}
        }
    }
    world.work_with(policy).await;
    assert_eq!(world.chunks(), counts(0, 0, 1));
    let why = &world.store().why(&Scope::default()).unwrap()[0];
    assert_eq!(why.error.as_deref(), Some("3 workers ended without a result while they held the text"));
}

#[tokio::test]
async fn a_worker_that_only_watches_writes_nothing() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    let looking = world.file();
    let version = || looking.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0)).unwrap();
    let stop = Stop::new();
    let watching = Worker::new(
        world.store().clone(),
        world.provider.clone(),
        quick(),
        Surroundings::new(|| at(0), || 0.5),
    );
    let mut ignore = |_| {};
    tokio::join!(
        async {
            watching.run(Until::Stopped, &stop, &mut ignore).await.unwrap();
        },
        async {
            wait_until("it is at work", || world.store().overview(at(0)).unwrap().workers > 0).await;
            let before = version();
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert_eq!(version(), before, "the file was written to");
            // What comes in is taken all the same.
            world.later(document("b", &["two"])).await;
            wait_until("both texts are ready", || world.chunks() == counts(0, 2, 0)).await;
            stop.request();
        }
    );
}

#[tokio::test]
async fn a_provider_that_answers_with_nothing_is_at_fault_and_no_text_is() {
    let world = World::new(Fake::new().failing(std::iter::repeat_n(Fault::Nothing, 7)));
    world.later(document("a", &TEXTS)).await;
    let mut pauses = 0;
    worker(world.store().clone(), world.provider.clone(), Policy { concurrency: 1, ..quick() })
        .run(Until::Drained, &Stop::new(), &mut |event| {
            pauses += u32::from(matches!(event, Event::Paused { .. }));
        })
        .await
        .unwrap();
    assert_eq!((pauses, world.chunks()), (7, counts(0, 6, 0)));
    let charged: u32 = world.store().why(&Scope::default()).unwrap().iter().map(|why| why.attempts).sum();
    assert_eq!(charged, 0);
}
