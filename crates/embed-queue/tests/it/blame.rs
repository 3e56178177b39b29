//! Whose fault it is: the text's, the provider's, or that of another process that holds the file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use embed_queue::{EmbedError, Error, Event, Policy, Queue, Request, Scope, Stop, Store, Until};
use rusqlite::Connection;

use crate::provider::{Fake, Fault};
use crate::world::{World, at, counts, document, quick, wait_until, worker};

const TEXTS: [&str; 6] = ["one", "two", "three", "four", "five", "six"];

/// Works until the provider failed so often.
async fn until_paused(world: &World, times: usize) -> Vec<String> {
    let stop = Stop::new();
    let (asked, mut reasons) = (stop.clone(), Vec::new());
    worker(world.store().clone(), world.provider.clone(), Policy { concurrency: 1, ..quick() })
        .run(Until::Drained, &stop, &mut |event| {
            if let Event::Paused { reason, .. } = event {
                reasons.push(reason);
                if reasons.len() == times {
                    asked.request();
                }
            }
        })
        .await
        .unwrap();
    reasons
}

fn attempts(world: &World) -> u32 {
    world.store().why(&Scope::default()).unwrap().iter().map(|why| why.attempts).sum()
}

#[tokio::test]
async fn answers_without_any_vector_are_the_provider_s_fault_however_often_they_come() {
    let world = World::new(Fake::new().failing(std::iter::repeat_n(Fault::Nothing, 12)));
    world.later(document("a", &TEXTS)).await;
    let reasons = until_paused(&world, 12).await;
    assert_eq!(
        reasons[0],
        "the provider failed: its answer has no vector: the provider's answer left the text out"
    );
    assert_eq!((world.chunks(), attempts(&world)), (counts(6, 0, 0), 0));
    // While it fails it is asked for one text only.
    assert_eq!(world.provider.calls()[..5], [6, 6, 6, 1, 1]);
    world.work().await;
    assert_eq!(world.chunks(), counts(0, 6, 0));
    world.check();
}

#[tokio::test]
async fn a_provider_that_never_gave_a_vector_condemns_no_text_of_a_short_queue() {
    let world = World::new(Fake::new().failing(std::iter::repeat_n(Fault::Rejected, 40)));
    world.later(document("a", &["one", "two", "three"])).await;
    until_paused(&world, 8).await;
    assert_eq!((world.chunks(), attempts(&world)), (counts(3, 0, 0), 0));
    let why = &world.store().why(&Scope::default()).unwrap()[0];
    assert_eq!(why.error_class.as_deref(), Some("provider"));
}

#[tokio::test]
async fn once_it_gave_vectors_a_text_that_it_refuses_alone_is_at_fault() {
    let world = World::new(Fake::new().refusing("poison"));
    world.later(document("a", &["one"])).await;
    world.work().await;
    world.later(document("b", &["poison"])).await;
    world.work().await;
    assert_eq!(world.chunks(), counts(0, 1, 1));
}

#[tokio::test]
async fn a_text_that_is_left_out_alone_is_charged_once_a_control_text_got_its_vector() {
    let world = World::new(Fake::new().overlooking("two"));
    world.later(document("a", &["one"])).await;
    world.work().await;
    world.later(document("b", &["two"])).await;
    world.work_with(Policy { concurrency: 1, ..quick() }).await;
    assert_eq!((world.chunks(), attempts(&world)), (counts(0, 1, 1), 5));
    // The text and the control text for each attempt.
    assert_eq!(world.provider.calls(), [1; 11]);
}

#[tokio::test]
async fn a_provider_that_gives_nothing_any_more_is_at_fault_however_few_texts_are_left() {
    for (fault, texts) in [
        (Fault::Nothing, &TEXTS[..1]),
        (Fault::Nothing, &TEXTS[..3]),
        (Fault::Rejected, &TEXTS[..1]),
        (Fault::Rejected, &TEXTS[..3]),
        (Fault::Rejected, &TEXTS[..]),
    ] {
        let world = World::new(Fake::new());
        world.now(document("a", &["it had delivered"])).await.unwrap();
        world.later(document("b", texts)).await;
        world.provider.then(std::iter::repeat_n(fault.clone(), 100));
        until_paused(&world, 12).await;
        let waiting = u64::try_from(texts.len()).unwrap();
        assert_eq!((world.chunks(), attempts(&world)), (counts(waiting, 1, 0), 0), "{fault:?}");
        // When it is well again nothing is lost.
        world.work().await;
        assert_eq!(world.chunks(), counts(0, waiting + 1, 0), "{fault:?}");
        world.check();
    }
}

#[tokio::test]
async fn a_provider_that_breaks_after_a_vector_is_at_fault_and_not_the_texts_that_it_refuses_then() {
    for fault in [Fault::Rejected, Fault::Nothing] {
        let world = World::new(Fake::new());
        world.later(document("a", &TEXTS)).await;
        // The batch is refused and halved twice, one text gets its vector, and then nothing does.
        world.provider.then([Fault::Rejected, Fault::Rejected]);
        world.provider.then_well();
        world.provider.then(std::iter::repeat_n(fault.clone(), 60));
        until_paused(&world, 8).await;
        let left = world.chunks();
        assert_eq!((left.failed, attempts(&world)), (0, 0), "{fault:?}: {left:?}");
        assert!(left.ready >= 1, "{fault:?}: {left:?}");
        world.work().await;
        assert_eq!(world.chunks(), counts(0, 6, 0), "{fault:?}");
        world.check();
    }
}

#[tokio::test]
async fn a_text_that_is_refused_while_the_provider_recovers_is_asked_for_once_more() {
    let world = World::new(Fake::new());
    world.now(document("a", &["it had delivered"])).await.unwrap();
    world.later(document("b", &["one"])).await;
    world.provider.then([Fault::Rejected]);
    world.work_with(Policy { concurrency: 1, ..quick() }).await;
    assert_eq!((world.chunks(), attempts(&world)), (counts(0, 2, 0), 0));
    // The text, the control text, the text.
    assert_eq!(world.provider.calls(), [1; 4]);
}

#[tokio::test]
async fn many_bad_texts_beside_each_other_are_told_from_a_provider_that_refuses_everything() {
    let bad: Vec<String> = (0..10).map(|number| format!("poison {number}")).collect();
    let texts: Vec<&str> = bad.iter().map(String::as_str).chain(["good", "better"]).collect();
    let world = World::new(Fake::new().refusing("poison"));
    world.now(document("a", &["it had delivered"])).await.unwrap();
    world.later(document("b", &texts)).await;
    world.work_with(Policy { concurrency: 1, ..quick() }).await;
    assert_eq!(world.chunks(), counts(0, 3, 10));
    world.check();
}

#[tokio::test]
async fn at_once_too_a_provider_that_refuses_everything_is_at_fault_and_one_text_is_not() {
    let world = World::new(Fake::new().refusing("poison"));
    let of_text = world.now(document("a", &["poison"])).await.unwrap_err();
    assert!(matches!(of_text, Error::Embedding { source: EmbedError::Rejected(_), .. }), "{of_text:?}");
    world.provider.then([Fault::Rejected, Fault::Rejected]);
    let of_provider = world.now(document("b", &["one"])).await.unwrap_err();
    assert!(
        matches!(of_provider, Error::Embedding { source: EmbedError::Unavailable(_), .. }),
        "{of_provider:?}"
    );
    assert_eq!(world.provider.calls(), [1; 6]);
}

#[tokio::test]
async fn a_pause_that_another_run_was_told_is_said() {
    let world = World::new(Fake::new().failing([Fault::Day(Duration::from_hours(5))]));
    world.later(document("a", &["one"])).await;
    until_paused(&world, 1).await;
    let again = until_paused(&world, 1).await;
    assert!(again[0].contains("daily quota"), "{again:?}");
    assert_eq!(world.provider.calls(), [1]);
}

#[tokio::test]
async fn what_waits_is_said_before_anything_is_sent_and_again_after_idleness() {
    let world = World::new(Fake::new());
    world.later(document("a", &TEXTS)).await;
    let stop = Stop::new();
    let (asked, mut begun) = (stop.clone(), Vec::new());
    let watching = worker(world.store().clone(), world.provider.clone(), quick());
    let mut tell = |event| {
        if let Event::Begun { texts, .. } = event {
            begun.push((texts, world.provider.calls().len()));
            if begun.len() == 2 {
                asked.request();
            }
        }
    };
    let more = async {
        wait_until("all texts are ready", || world.chunks() == counts(0, 6, 0)).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.later(document("b", &["seven"])).await
    };
    tokio::join!(async { watching.run(Until::Stopped, &stop, &mut tell).await.unwrap() }, more);
    assert_eq!(begun, [(6, 0), (1, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_tasks_none_sends_before_it_is_said_what_waits() {
    for _ in 0..20 {
        let world = World::new(Fake::new());
        world.later(document("a", &TEXTS)).await;
        let policy = Policy { items: 1, concurrency: 4, ..quick() };
        let working = worker(world.store().clone(), world.provider.clone(), policy);
        let mut begun = Vec::new();
        let mut tell = |event| {
            if let Event::Begun { texts, .. } = event {
                begun.push((texts, world.provider.calls().len()));
            }
        };
        working.run(Until::Drained, &Stop::new(), &mut tell).await.unwrap();
        assert_eq!(begun.first(), Some(&(6, 0)));
    }
}

#[tokio::test]
async fn a_search_waits_for_nobody_that_writes() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    let holder = Connection::open(world.path()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    let store = Store::open(&world.path()).unwrap();
    let queue = Queue::new(store, Arc::new(Fake::new()), at(1)).unwrap();
    let request = Request { search: embed_queue::Search::Text, ..Request::new("one") };
    let found = queue.search(request, at(1)).await.unwrap();
    assert_eq!(found.hits.len(), 1);
    // SQLite would have waited for ten seconds before it gave up.
    assert!(started.elapsed() < Duration::from_secs(8));
}
