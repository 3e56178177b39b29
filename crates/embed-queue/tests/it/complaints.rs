//! What users of other queues complain about.

use std::sync::Arc;
use std::time::Duration;

use embed_queue::{Document, Embedder as _, Piece, Policy, Scope, Stop, Until};

use crate::provider::{Fake, Fault};
use crate::world::{World, at, counts, document, quick, worker};

#[tokio::test]
async fn pgai_481_too_many_tokens_in_all_do_not_fail_the_run() {
    let world = World::new(Fake::new().at_most(10_000));
    let long: Vec<String> = (0..100).map(|number| format!("{number} {}", "word ".repeat(1_100))).collect();
    world.now(document("a", &[]).pieces(long.iter().map(|text| Piece::text(text)))).await.unwrap();
    assert_eq!((world.chunks(), world.provider.calls().len()), (counts(0, 100, 0), 2));
}

#[tokio::test]
async fn pgai_409_the_pending_count_is_the_count() {
    let world = World::new(Fake::new());
    let texts: Vec<String> = (0..10_500).map(|number| number.to_string()).collect();
    world.later(document("a", &[]).pieces(texts.iter().map(|text| Piece::text(text)))).await;
    assert_eq!(world.chunks(), counts(10_500, 0, 0));
}

#[tokio::test]
async fn pgedge_51_attempts_move_although_the_provider_fails() {
    let world = World::new(Fake::new().failing(std::iter::repeat_n(Fault::NotANumber, 2)));
    world.later(document("a", &["one"])).await;
    let report = world.work().await;
    assert_eq!((report.settled.retried, world.chunks()), (2, counts(0, 1, 0)));
}

#[tokio::test]
async fn pgedge_52_a_fault_of_every_batch_does_not_spin() {
    let world = World::new(Fake::new().refusing("text"));
    let texts: Vec<String> = (0..64).map(|number| format!("text {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    world.later(document("a", &texts)).await;
    let stop = Stop::new();
    let (asked, mut pauses) = (stop.clone(), 0);
    worker(world.store().clone(), world.provider.clone(), Policy { concurrency: 1, ..quick() })
        .run(Until::Stopped, &stop, &mut |event| {
            if matches!(event, embed_queue::Event::Paused { .. }) {
                pauses += 1;
                asked.request();
            }
        })
        .await
        .unwrap();
    // 64, 32, 16, 8, 4, 2 and four texts alone with one pair between: not 127 calls, and then a pause.
    assert_eq!((pauses, world.provider.calls().len()), (1, 11));
    let charged = world.store().why(&Scope::default()).unwrap().iter().filter(|why| why.attempts > 0).count();
    assert_eq!((charged, world.chunks()), (4, counts(64, 0, 0)));
}

#[tokio::test]
async fn pgedge_69_after_a_429_texts_still_go_in_full_batches() {
    let world = World::new(Fake::new().failing([Fault::Wait(Duration::from_secs(20))]));
    let texts: Vec<String> = (0..60).map(|number| format!("text {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    world.later(document("a", &texts)).await;
    world.work_with(Policy { concurrency: 1, ..quick() }).await;
    assert_eq!(world.provider.calls(), [60, 60]);
}

#[tokio::test]
async fn pgedge_76_one_provider_s_pause_stalls_no_other() {
    let world = World::new(Fake::new().failing([Fault::Day(Duration::from_hours(5))]));
    world.later(document("a", &["one"])).await;
    let stop = Stop::new();
    let asked = stop.clone();
    let slow = worker(world.store().clone(), world.provider.clone(), quick());
    slow.run(Until::Stopped, &stop, &mut |_| asked.request()).await.unwrap();
    assert_eq!(world.chunks(), counts(1, 0, 0));
    let other = Arc::new(Fake::new().model("other"));
    world.store().begin_change(&other.space(), at(0)).unwrap();
    let report = worker(world.store().clone(), other, quick())
        .run(Until::Drained, &Stop::new(), &mut |_| {})
        .await
        .unwrap();
    assert_eq!((report.settled.ready, world.chunks()), (1, counts(0, 1, 0)));
}

#[tokio::test]
async fn antfly_384_what_waits_can_be_listed_with_cause_and_due_time() {
    let world = World::new(Fake::new().failing(std::iter::repeat_n(Fault::Unavailable, 3)));
    world.later(document("a", &["one"])).await;
    let stop = Stop::new();
    let asked = stop.clone();
    let failing = worker(world.store().clone(), world.provider.clone(), quick());
    failing.run(Until::Stopped, &stop, &mut |_| asked.request()).await.unwrap();
    let why = &world.store().why(&Scope::document("files", "a")).unwrap()[0];
    assert_eq!(why.error.as_deref(), Some("the provider failed: as planned"));
    assert!(why.next_attempt_at.is_some());
}

#[tokio::test]
async fn writers_of_one_file_wait_for_each_other() {
    let world = World::new(Fake::new());
    let path = world.path();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = path.clone();
            scope.spawn(move || {
                let store = embed_queue::Store::open(&path).unwrap();
                for number in 0..25 {
                    let text = format!("{writer} {number}");
                    let document = Document::new("files", &text).pieces([Piece::text(&text)]);
                    store.put(&document, at(0)).unwrap();
                }
            });
        }
    });
    assert_eq!(world.chunks(), counts(100, 0, 0));
}

#[tokio::test]
async fn pgai_335_a_failed_text_waits_for_its_own_time_and_nobody_waits_for_it() {
    let world = World::new(Fake::new().failing([Fault::Drop]));
    world.later(document("a", &["one", "two", "three", "four", "five"])).await;
    let mut leases = Vec::new();
    worker(world.store().clone(), world.provider.clone(), Policy { concurrency: 1, ..quick() })
        .run(Until::Drained, &Stop::new(), &mut |event| {
            if let embed_queue::Event::Settled(settled) = event {
                leases.push((settled.ready, settled.retried));
            }
        })
        .await
        .unwrap();
    assert_eq!((leases, world.chunks()), (vec![(4, 1), (1, 0)], counts(0, 5, 0)));
}

#[tokio::test]
async fn pgai_538_results_are_written_back_lease_by_lease() {
    let world = World::new(Fake::new());
    let texts: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    world.later(document("a", &[]).pieces(texts.iter().map(|text| Piece::text(text)))).await;
    let mut leases = Vec::new();
    worker(world.store().clone(), world.provider.clone(), quick())
        .run(Until::Drained, &Stop::new(), &mut |event| {
            if let embed_queue::Event::Settled(settled) = event {
                leases.push(settled.ready);
            }
        })
        .await
        .unwrap();
    assert_eq!(leases.iter().sum::<u64>(), 500);
    assert!(leases.iter().all(|&size| size <= 64), "{leases:?}");
}

#[tokio::test]
async fn pgai_904_a_long_document_changes_nothing_for_the_next_ones() {
    let world = World::new(Fake::new());
    let texts: Vec<String> = (0..300).map(|number| number.to_string()).collect();
    world.now(document("long", &[]).pieces(texts.iter().map(|text| Piece::text(text)))).await.unwrap();
    assert_eq!(world.provider.calls(), [64, 64, 64, 64, 44]);
    for number in 0..3 {
        let short = world.now(document(&number.to_string(), &[&format!("short {number}")])).await.unwrap();
        assert_eq!(short.chunks, counts(0, 1, 0));
    }
    assert_eq!(world.provider.calls()[5..], [1, 1, 1]);
}
