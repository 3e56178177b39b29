//! What embedding costs, and what it did not.

use embed_queue::{Mode, OnFailure, Spent};

use crate::provider::{Fake, Fault};
use crate::world::{World, at, document};

fn spent(world: &World) -> Spent {
    world.store().spent(at(-1_000)).unwrap().into_iter().next().unwrap_or_default()
}

#[tokio::test]
async fn documents_that_are_embedded_at_the_same_time_are_each_booked_once() {
    let world = World::new(Fake::new().taking(std::time::Duration::from_millis(20)));
    let texts: Vec<String> = (0..8).map(|number| format!("text {number}")).collect();
    let ingests = texts.iter().map(|text| world.now(document(text, &[text.as_str()])));
    futures::future::join_all(ingests).await.into_iter().for_each(|stored| drop(stored.unwrap()));
    let spent = spent(&world);
    assert_eq!((spent.calls, spent.tokens, spent.ready), (8, 8, 8));
}

#[tokio::test]
async fn calls_whose_document_is_refused_are_booked_all_the_same() {
    let world = World::new(Fake::new().at_most(1).failing([Fault::Reorder, Fault::Configuration]));
    world.now(document("a", &["one", "two"])).await.unwrap_err();
    assert_eq!((spent(&world).calls, spent(&world).ready), (1, 0));
}

#[tokio::test]
async fn saved_is_what_another_document_had_paid_for_and_nothing_else() {
    let world = World::new(Fake::new());
    let saved = || spent(&world).saved;
    world.later(document("a", &["one", "two"])).await;
    world.later(document("a", &["one", "three"])).await;
    world.later(document("b", &["one"])).await;
    assert_eq!(saved(), 0, "nobody has paid for a text that waits");
    world.work().await;
    world.later(document("a", &["one", "four"])).await;
    assert_eq!(saved(), 0, "the document had this text before");
    world.later(document("c", &["one", "one"])).await;
    let once = saved();
    assert!(once > 0);
    world.queue.ingest(document("c", &["one", "one"]), Mode::Sync, OnFailure::Refuse, at(0)).await.unwrap();
    assert_eq!(saved(), once, "an unchanged document saves nothing");
}
