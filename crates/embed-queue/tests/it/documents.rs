//! Ingestion: natural keys, hashes, both modes.

use std::sync::Arc;

use embed_queue::{
    Change, Document, Embedder as _, Error, Lexical, Mode, OnFailure, Piece, Queue, Scope, Status, Stop,
    Until, split,
};

use crate::provider::{Fake, Fault};
use crate::world::{World, at, counts, document, quick, worker};

#[tokio::test]
async fn async_ingestion_calls_nobody_and_sync_ingestion_is_ready_in_the_same_call() {
    let world = World::new(Fake::new());
    let later = world.later(document("a", &["one", "two"])).await;
    assert_eq!((later.chunks, world.provider.calls()), (counts(2, 0, 0), vec![]));
    let now = world.now(document("b", &["three"])).await.unwrap();
    assert_eq!(now.chunks, counts(0, 1, 0));
    assert_eq!(world.chunks(), counts(2, 1, 0));
    assert_eq!(world.store().documents(&Scope::default()).unwrap(), counts(1, 1, 0));
    world.check();
}

#[tokio::test]
async fn content_stays_the_original_text_and_the_enriched_one_is_kept_while_it_is_needed() {
    let world = World::new(Fake::new());
    let text = document("a", &[]).pieces([Piece::text("The text").under(&["A", "B"])]);
    world.later(text.clone()).await;
    let stored = |column: &str| -> Option<String> {
        world.file().query_row(&format!("SELECT {column} FROM chunks"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!(stored("content").as_deref(), Some("The text"));
    let enriched = "Document: Title\nSection: A > B\nThe text";
    assert_eq!(stored("metadata ->> '_vector_source'").as_deref(), Some(enriched));
    world.now(text).await.unwrap();
    assert_eq!(stored("metadata ->> '_vector_source'"), None);
    assert_eq!(stored("metadata ->> '$.headings[1]'").as_deref(), Some("B"));
    world.check();
}

#[tokio::test]
async fn an_unchanged_document_costs_nothing_and_a_changed_one_only_its_changed_pieces() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one", "two", "three"])).await.unwrap();
    let again = world.now(document("a", &["one", "two", "three"])).await.unwrap();
    assert!(again.unchanged);
    assert_eq!(world.provider.calls(), [3]);
    let edited = world.now(document("a", &["three", "one", "new"])).await.unwrap();
    assert_eq!((edited.unchanged, edited.chunks), (false, counts(0, 3, 0)));
    assert_eq!(world.provider.calls(), [3, 1]);
    world.check();
}

#[tokio::test]
async fn identical_text_is_embedded_once_and_survives_as_long_as_one_chunk_has_it() {
    let world = World::new(Fake::new());
    world.now(document("a", &["same", "same"])).await.unwrap();
    world.later(document("b", &["same"])).await;
    assert_eq!((world.chunks(), world.provider.calls()), (counts(0, 3, 0), vec![1]));
    assert!(world.store().delete("files", "a").unwrap());
    assert_eq!(world.chunks(), counts(0, 1, 0));
    world.check();
    assert_eq!(world.store().purge(&[Scope::collection("files")]).unwrap().documents, 1);
    let left: i64 = world.file().query_row("SELECT count(*) FROM vectors", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
    assert!(!world.store().delete("files", "a").unwrap());
}

#[tokio::test]
async fn a_failing_provider_leaves_nothing_behind_or_a_pending_document_that_says_so() {
    let world =
        World::new(Fake::new().failing([Fault::Unavailable, Fault::Wait(std::time::Duration::from_secs(9))]));
    let refused = world.now(document("a", &["one"])).await.unwrap_err();
    assert!(matches!(&refused, Error::Embedding { .. }));
    assert_eq!(refused.code(), "embedder.unavailable");
    assert_eq!(world.chunks().total(), 0);
    let deferred =
        world.queue.ingest(document("a", &["one"]), Mode::Sync, OnFailure::Defer, at(0)).await.unwrap();
    assert_eq!(deferred.chunks, counts(1, 0, 0));
    assert_eq!(deferred.deferred.as_deref(), Some("the provider asks to wait 9 s: as planned"));
    world.check();
}

#[tokio::test]
async fn a_deferred_document_keeps_what_was_embedded_before_the_provider_failed() {
    let world = World::new(Fake::new().at_most(1).failing([Fault::Reorder, Fault::Configuration]));
    let stored = world
        .queue
        .ingest(document("a", &["one", "two"]), Mode::Sync, OnFailure::Defer, at(0))
        .await
        .unwrap();
    assert_eq!(stored.chunks, counts(1, 1, 0));
    assert_eq!(world.now(document("a", &["one", "two"])).await.unwrap().chunks, counts(0, 2, 0));
    assert_eq!(world.provider.most_repeated(), 1);
    world.check();
}

#[tokio::test]
async fn a_provider_that_hangs_is_given_up() {
    let world = World::new(Fake::new().failing([Fault::Hang]));
    let queue = world.queue.clone().call_timeout(std::time::Duration::from_millis(5));
    let refused =
        queue.ingest(document("a", &["one"]), Mode::Sync, OnFailure::Refuse, at(0)).await.unwrap_err();
    assert_eq!(refused.code(), "embedder.unavailable");
}

#[tokio::test]
async fn a_document_without_text_is_refused_and_text_with_nul_bytes_is_kept() {
    let world = World::new(Fake::new());
    for mode in [Mode::Sync, Mode::Async] {
        let empty = world.queue.ingest(document("a", &["", " \n"]), mode, OnFailure::Defer, at(0)).await;
        assert_eq!(empty.unwrap_err().code(), "document.empty");
    }
    world.now(document("a", &["a\u{0}b", "a\u{0}c"])).await.unwrap();
    assert_eq!(world.chunks(), counts(0, 2, 0));
    world.check();
}

#[tokio::test]
async fn spaces_are_never_mixed() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    let other = Queue::new(world.store().clone(), Arc::new(Lexical), at(0)).unwrap_err();
    assert_eq!(other.code(), "queue.space-mismatch");
}

#[tokio::test]
async fn a_change_of_the_model_embeds_anew_while_the_old_space_answers() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one", "two"])).await.unwrap();
    let next = Arc::new(Fake::new().model("better"));
    world.store().begin_change(&embed_queue::Embedder::space(&*next), at(1)).unwrap();
    assert_eq!(world.chunks(), counts(0, 2, 0));
    assert_eq!(world.store().finish_change().unwrap(), Change::UnderWay);
    let queue = Queue::new(world.store().clone(), next.clone(), at(1)).unwrap();
    queue.ingest(document("a", &["one", "two"]), Mode::Sync, OnFailure::Refuse, at(1)).await.unwrap();
    assert_eq!(world.store().finish_change().unwrap(), Change::Done);
    assert_eq!((world.chunks(), next.calls()), (counts(0, 2, 0), vec![2]));
    world.check();
    let old = Queue::new(world.store().clone(), world.provider.clone(), at(1)).unwrap_err();
    assert_eq!(old.code(), "queue.space-mismatch");
}

#[tokio::test]
async fn a_chunk_explains_its_state() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    world.later(document("b", &["two"])).await;
    let ready = world.store().why(&Scope::document("files", "a")).unwrap();
    assert_eq!((ready[0].status, ready[0].next_attempt_at), (Status::Ready, None));
    let pending = world.store().why(&Scope::document("files", "b")).unwrap();
    assert_eq!((pending[0].status, pending[0].next_attempt_at), (Status::Pending, Some(at(0))));
    assert!(!pending[0].leased);
}

#[tokio::test]
async fn one_refused_text_does_not_take_its_neighbours_along() {
    let world = World::new(Fake::new().refusing("poison"));
    let texts = ["one", "two", "poison", "four", "five"];
    let refused = world.now(document("a", &texts)).await.unwrap_err();
    assert_eq!(refused.code(), "embedder.rejected");
    let deferred =
        world.queue.ingest(document("a", &texts), Mode::Sync, OnFailure::Defer, at(0)).await.unwrap();
    assert_eq!(deferred.chunks, counts(1, 4, 0));
    world.check();
}

#[tokio::test]
async fn a_text_that_no_model_takes_is_refused_without_a_call() {
    let world = World::new(Fake::new());
    let refused = world.now(document("a", &["many words ".repeat(1_000).as_str()])).await.unwrap_err();
    assert_eq!((refused.code(), world.provider.calls()), ("embedder.rejected", vec![]));
}

#[tokio::test]
async fn long_names_above_a_text_fail_none_and_are_the_same_after_a_change_of_the_model() {
    let world = World::new(Fake::new().short_texts(512));
    let sizes = split::Sizes::default().within(512);
    let rows: String =
        (0..60).fold(String::new(), |rows, row| format!("{rows}|{}\n", format!(" {row}0 |").repeat(45)));
    let head = " Наименование |".repeat(45);
    let table = format!("# {}\n\n|{head}\n|{}\n{rows}", "Раздел ".repeat(17), "---|".repeat(45));
    let table = Document::new("files", "table.md").titled("Прайс").pieces(split::markdown(&table, sizes));
    let record =
        Document::new("files", "1").titled(&"Имя ".repeat(500)).pieces(split::plain("два слова", sizes));
    world.later(table.clone()).await;
    world.later(record.clone()).await;
    world.work().await;
    assert_eq!((world.chunks().failed, world.chunks().pending), (0, 0));
    assert!(world.store().put(&table, at(0)).unwrap().unchanged);
    world.check();
    // The enriched texts are made again from what is stored.
    let next = Arc::new(Fake::new().short_texts(512).model("better"));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    let worker = worker(world.store().clone(), next, quick());
    worker.run(Until::Drained, &Stop::new(), &mut |_| {}).await.unwrap();
    assert_eq!((world.chunks().failed, world.chunks().pending), (0, 0));
    world.check();
}
