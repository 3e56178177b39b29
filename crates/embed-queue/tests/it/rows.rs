//! One test for each row of a list of broken promises of an earlier system, by their numbers.

use std::sync::Arc;
use std::time::Duration;

use embed_queue::{Embedder as _, Piece, Queue, Scope, Status};

use crate::provider::{Fake, Fault};
use crate::world::{World, at, counts, document, quick, worker};

#[tokio::test]
async fn row_07_a_large_queue_is_worked_off_in_bounded_calls() {
    let world = World::new(Fake::new().at_most(2_000));
    let texts: Vec<String> = (0..33_000).map(|number| format!("text {number}")).collect();
    world.later(document("a", &[]).pieces(texts.iter().map(|text| Piece::text(text)))).await;
    let report = world.work_with(embed_queue::Policy { items: 10_000, ..quick() }).await;
    assert_eq!((report.settled.ready, world.chunks()), (33_000, counts(0, 33_000, 0)));
    assert!(world.provider.calls().iter().all(|&size| size <= 2_000));
    world.check();
}

#[tokio::test]
async fn row_07_a_call_is_bounded_in_tokens_too() {
    let world = World::new(Fake::new());
    let long: Vec<String> = (0..60).map(|number| format!("{number} {}", "word ".repeat(1_100))).collect();
    world.later(document("a", &[]).pieces(long.iter().map(|text| Piece::text(text)))).await;
    world.work().await;
    assert_eq!(world.chunks(), counts(0, 60, 0));
    // About 1,840 tokens each, 100,000 in a call.
    assert!(world.provider.calls().iter().all(|&size| size <= 54), "{:?}", world.provider.calls());
}

#[tokio::test]
async fn row_08_vectors_of_both_modes_have_unit_length() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    world.later(document("b", &["two"])).await;
    world.work().await;
    let file = world.file();
    let mut statement = file.prepare("SELECT vector FROM vectors").unwrap();
    let vectors: Vec<Vec<u8>> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for vector in &vectors {
        let square: f32 =
            vector.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()).powi(2)).sum();
        assert!((square - 1.0).abs() < 1e-5, "{square}");
    }
    assert_eq!(vectors.len(), 2);
}

#[tokio::test]
async fn row_09_a_worker_needs_nobody_to_flush_the_queue() {
    let world = World::new(Fake::new());
    world.later(document("a", &["one", "two"])).await;
    world.work().await;
    assert_eq!(world.chunks(), counts(0, 2, 0));
}

#[tokio::test]
async fn row_10_two_workers_never_submit_the_same_text() {
    let world = World::new(Fake::new().at_most(3));
    let texts: Vec<String> = (0..200).map(|number| format!("text {number}")).collect();
    world.later(document("a", &[]).pieces(texts.iter().map(|text| Piece::text(text)))).await;
    let other = embed_queue::Store::open(&world.path()).unwrap();
    let second = worker(other, world.provider.clone(), quick());
    let stop = embed_queue::Stop::new();
    let mut ignore = |_| {};
    let (one, two) = tokio::join!(world.work(), second.run(embed_queue::Until::Drained, &stop, &mut ignore));
    let (one, two) = (one.settled, two.unwrap().settled);
    assert_eq!((one.ready + two.ready, one.stale + two.stale), (200, 0));
    assert_eq!(world.provider.most_repeated(), 1);
    world.check();
}

#[tokio::test]
async fn row_10_a_poison_text_ends_as_failed_with_its_reason_and_can_be_retried() {
    let world = World::new(Fake::new().refusing("poison"));
    world.later(document("a", &["one", "poison", "three"])).await;
    let report = world.work().await;
    assert_eq!((report.settled.failed, world.chunks()), (1, counts(0, 2, 1)));
    let why = &world.store().why(&Scope::default()).unwrap()[1];
    assert_eq!(why.status, Status::Failed);
    assert_eq!(why.error.as_deref(), Some("the provider refuses the text: 400 a text is poison"));
    assert_eq!(world.store().retry(&Scope::collection("files"), at(0)).unwrap(), 1);
    assert_eq!(world.chunks(), counts(1, 2, 0));
    world.work().await;
    assert_eq!(world.chunks(), counts(0, 2, 1));
    world.check();
}

#[tokio::test]
async fn row_10_a_text_that_fails_again_and_again_is_failed_after_its_last_attempt() {
    // That the other one gets its vector shows whose fault it is, and later that the control text gets one.
    let alone = std::iter::repeat_n([Fault::NotANumber, Fault::Reorder], 4).flatten();
    let world = World::new(Fake::new().failing(std::iter::once(Fault::NotANumber).chain(alone)));
    world.later(document("a", &["one", "two"])).await;
    let report = world.work().await;
    assert_eq!((report.settled.retried, report.settled.failed), (4, 1));
    let why = &world.store().why(&Scope::default()).unwrap()[0];
    assert_eq!(why.attempts, 5);
    let reason = "the vector has a component that is no finite number (5 attempts)";
    assert_eq!(why.error.as_deref(), Some(reason));
    world.check();
}

#[tokio::test]
async fn row_11_a_document_that_comes_again_is_the_same_document() {
    let world = World::new(Fake::new());
    for texts in [["one", "two"], ["one", "two"], ["one", "new"]] {
        world.later(document("a", &texts)).await;
    }
    assert_eq!(world.chunks(), counts(2, 0, 0));
    assert_eq!(world.store().documents(&Scope::default()).unwrap(), counts(1, 0, 0));
}

#[tokio::test]
async fn row_15_the_enriched_text_is_gone_once_its_vector_is_there() {
    let world = World::new(Fake::new());
    world.later(document("a", &["one", "two"])).await;
    let kept = || -> i64 {
        let sql = "SELECT count(*) FROM chunks WHERE metadata LIKE '%_vector_source%'";
        world.file().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(kept(), 2);
    world.work().await;
    assert_eq!(kept(), 0);
}

#[tokio::test]
async fn row_18_sync_mode_embeds_a_document_in_one_call_and_outlives_a_429() {
    let world = World::new(Fake::new().failing([Fault::Wait(Duration::from_millis(3))]));
    let queue = world.queue.clone().patience(Duration::from_secs(1));
    let (mode, refuse) = (embed_queue::Mode::Sync, embed_queue::OnFailure::Refuse);
    let stored = queue.ingest(document("a", &["one", "two", "three"]), mode, refuse, at(0)).await.unwrap();
    assert_eq!((stored.chunks, world.provider.calls()), (counts(0, 3, 0), vec![3, 3]));
}

#[tokio::test]
async fn row_19_embedding_anew_replaces_vectors() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one", "two"])).await.unwrap();
    let next = Arc::new(Fake::new().model("better"));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    let queue = Queue::new(world.store().clone(), next.clone(), at(1)).unwrap();
    let report = worker(queue.store().clone(), next, quick())
        .run(embed_queue::Until::Drained, &embed_queue::Stop::new(), &mut |_| {})
        .await
        .unwrap();
    assert_eq!((report.settled.ready, world.chunks()), (2, counts(0, 2, 0)));
    assert_eq!(
        Queue::new(world.store().clone(), world.provider.clone(), at(2)).unwrap_err().code(),
        "queue.space-mismatch"
    );
    world.check();
}
