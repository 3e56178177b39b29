//! The change to another embedding model.

use std::sync::Arc;

use embed_queue::{Change, Embedder as _, Event, Queue, Request, Scope, Search, Stop, Store, Until};
use rusqlite::Connection;

use crate::provider::{Fake, Fault};
use crate::world::{World, at, counts, document, quick, worker};

/// Works with another model until nothing waits, or until its provider failed five times.
async fn work(world: &World, provider: &Arc<Fake>) -> Vec<Event> {
    let stop = Stop::new();
    let (asked, mut events) = (stop.clone(), Vec::new());
    worker(world.store().clone(), provider.clone(), quick())
        .run(Until::Drained, &stop, &mut |event| {
            events.push(event);
            if events.iter().filter(|event| matches!(event, Event::Paused { .. })).count() >= 5 {
                asked.request();
            }
        })
        .await
        .unwrap();
    events
}

fn number(world: &World, sql: &str) -> i64 {
    world.file().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_model_that_gives_nothing_never_takes_over() {
    for next in [
        Fake::new().model("mute").failing(std::iter::repeat_n(Fault::Nothing, 500)),
        Fake::new().model("no").refusing("Title"),
    ] {
        let world = World::new(Fake::new());
        world.now(document("a", &["one", "two"])).await.unwrap();
        let next = Arc::new(next);
        world.store().begin_change(&next.space(), at(1)).unwrap();
        work(&world, &next).await;
        assert_eq!(world.store().finish_change().unwrap(), Change::UnderWay);
        assert_eq!(world.store().finish_change_anyway().unwrap(), Change::UnderWay);
        assert_eq!(world.store().answering_space().unwrap(), Some(world.provider.space()));
        assert_eq!(world.chunks(), counts(0, 2, 0));
        world.check();
    }
}

#[tokio::test]
async fn a_model_that_fails_what_the_old_one_has_takes_over_by_order_only() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one", "two", "many words ".repeat(100).as_str()])).await.unwrap();
    let next = Arc::new(Fake::new().model("small").short_texts(100));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    let events = work(&world, &next).await;
    assert!(events.contains(&Event::HeldBack(1)), "{events:?}");
    assert_eq!(world.store().finish_change().unwrap(), Change::HeldBack { failed: 1 });
    let request = Request { search: Search::Text, ..Request::new("many words") };
    let found = world.queue.search(request, at(1)).await.unwrap();
    assert_eq!((found.hits.len(), found.chunks), (1, counts(0, 3, 0)));
    assert_eq!(world.store().finish_change_anyway().unwrap(), Change::Done);
    assert_eq!(world.chunks(), counts(0, 2, 1));
    assert_eq!(number(&world, "SELECT count(*) FROM spaces"), 1);
    world.check();
}

#[tokio::test]
async fn a_model_that_fails_what_the_old_one_failed_too_takes_over() {
    let world = World::new(Fake::new().refusing("poison"));
    world.later(document("a", &["one", "poison"])).await;
    world.work().await;
    let next = Arc::new(Fake::new().model("better").refusing("poison"));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    work(&world, &next).await;
    assert_eq!(world.store().answering_space().unwrap(), Some(next.space()));
    assert_eq!(world.chunks(), counts(0, 1, 1));
    world.check();
}

#[tokio::test]
async fn a_worker_of_a_model_that_was_replaced_is_no_worker() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    let sign_in = |name: &str, lane: &str| {
        let values = (name, lane, at(0).as_millisecond());
        world
            .file()
            .execute("INSERT INTO workers (name, lane, seen_at) VALUES (?1, ?2, ?3)", values)
            .unwrap();
    };
    sign_in("old", "fake/replaced");
    let search = || world.queue.search(Request { search: Search::Text, ..Request::new("one") }, at(0));
    assert_eq!(search().await.unwrap().workers, 0);
    sign_in("new", &world.provider.space().lane());
    assert_eq!(search().await.unwrap().workers, 1);
}

#[tokio::test]
async fn a_watching_worker_whose_model_was_replaced_ends_and_says_so() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    let next = Arc::new(Fake::new().model("better"));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    let stop = Stop::new();
    // Both watch: the new model takes over, so that the worker of the old one has nothing to do any more.
    let (old, new) = (
        worker(world.store().clone(), world.provider.clone(), quick()),
        worker(world.store().clone(), next.clone(), quick()),
    );
    let (mut quiet, mut silent) = (|_| {}, |_| {});
    let ends = async {
        let report = old.run(Until::Stopped, &Stop::new(), &mut quiet).await.unwrap();
        stop.request();
        report
    };
    let (old, new) = tokio::join!(ends, async { new.run(Until::Stopped, &stop, &mut silent).await.unwrap() });
    assert_eq!((old.replaced, new.replaced), (true, false));
    assert_eq!(world.store().answering_space().unwrap(), Some(next.space()));
    let signed: i64 = number(&world, "SELECT count(*) FROM workers");
    assert_eq!(signed, 0, "it signs off");
    world.check();
}

#[tokio::test]
async fn a_change_of_an_empty_queue_is_done_at_once() {
    let world = World::new(Fake::new());
    let next = Arc::new(Fake::new().model("better"));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    assert_eq!(world.store().finish_change().unwrap(), Change::Done);
    assert_eq!(world.store().finish_change().unwrap(), Change::None);
}

#[tokio::test]
async fn a_change_is_given_up_without_a_trace() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    assert!(!world.store().give_up_change().unwrap());
    let next = Arc::new(Fake::new().model("better"));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    // Its enriched text is kept for the new model although the old one has its vector.
    world.now(document("b", &["two"])).await.unwrap();
    assert!(world.store().give_up_change().unwrap());
    assert_eq!(world.store().coming_space().unwrap(), None);
    assert_eq!(number(&world, "SELECT count(*) FROM embeddings"), 2);
    assert_eq!(number(&world, "SELECT count(*) FROM chunks WHERE metadata LIKE '%_vector_source%'"), 0);
    // And can be begun again.
    world.store().begin_change(&next.space(), at(2)).unwrap();
    work(&world, &next).await;
    assert_eq!(world.store().answering_space().unwrap(), Some(next.space()));
    world.check();
}

#[tokio::test]
async fn the_enriched_text_is_gone_when_only_the_old_model_lacked_its_vector() {
    let world = World::new(Fake::new().refusing("poison"));
    world.later(document("a", &["one", "poison", "three"])).await;
    world.work().await;
    world.later(document("b", &["four"])).await;
    let next = Arc::new(Fake::new().model("better"));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    work(&world, &next).await;
    assert_eq!(world.chunks(), counts(0, 4, 0));
    assert_eq!(number(&world, "SELECT count(*) FROM chunks WHERE metadata LIKE '%_vector_source%'"), 0);
    world.check();
}

#[tokio::test]
async fn what_a_killed_process_left_of_a_change_is_finished_by_the_next() {
    let world = World::new(Fake::new());
    let texts: Vec<String> = (0..2_500).map(|number| format!("text {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    world.later(document("a", &texts)).await;
    world.work().await;
    let next = Arc::new(Fake::new().model("better"));
    world.store().begin_change(&next.space(), at(1)).unwrap();
    // As after the first of its transactions.
    world
        .file()
        .execute_batch(
            "DELETE FROM embeddings WHERE id > (SELECT min(id) + 999 FROM embeddings WHERE space_id = 2);
             UPDATE spaces SET filled_to = 1000 WHERE id = 2;",
        )
        .unwrap();
    assert_eq!(world.store().finish_change().unwrap(), Change::UnderWay);
    work(&world, &next).await;
    assert_eq!(world.chunks(), counts(0, 2_500, 0));
    assert_eq!(world.store().answering_space().unwrap(), Some(next.space()));
    // As after the switch alone: the vectors of the old model are there, and nobody sees them.
    let old = Arc::new(Fake::new());
    world.store().begin_change(&old.space(), at(2)).unwrap();
    world.file().execute_batch("UPDATE spaces SET role = 'DROPPED' WHERE role = 'NEXT'").unwrap();
    assert_eq!(world.store().spaces().unwrap().len(), 1);
    assert_eq!(world.store().coming_space().unwrap(), None);
    assert_eq!(world.chunks(), counts(0, 2_500, 0));
    work(&world, &next).await;
    assert_eq!(number(&world, "SELECT count(*) FROM spaces"), 1);
    assert_eq!(number(&world, "SELECT count(*) FROM embeddings"), 2_500);
    world.check();
}

#[tokio::test]
async fn a_file_of_the_version_before_opens_and_its_model_can_be_changed() {
    let world = World::new(Fake::new());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    let file = Connection::open(&path).unwrap();
    for sql in [
        include_str!("../../src/store/0001.sql"),
        include_str!("../../src/store/0002-marks.sql"),
        include_str!("../../src/store/0003-index.sql"),
        include_str!("../../src/store/0004-owner.sql"),
    ] {
        file.execute_batch(sql).unwrap();
    }
    file.pragma_update(None, "application_id", 0x6232_3471).unwrap();
    file.pragma_update(None, "user_version", 4).unwrap();
    let space = world.provider.space();
    file.execute(
        "INSERT INTO spaces (identity, provider, model, dimensions, role, created_at)
         VALUES (?1, 'fake', 'hash', ?2, 'ACTIVE', 0), ('x', 'fake', 'former', 3, 'NEXT', 0)",
        (space.identity(), u32::try_from(space.dimensions).unwrap()),
    )
    .unwrap();
    drop(file);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.answering_space().unwrap(), Some(space));
    let queue = Queue::new(store.clone(), world.provider.clone(), at(0)).unwrap();
    let (mode, refuse) = (embed_queue::Mode::Sync, embed_queue::OnFailure::Refuse);
    queue.ingest(document("a", &["one"]), mode, refuse, at(0)).await.unwrap();
    assert!(store.give_up_change().unwrap());
    store.begin_change(&Fake::new().model("better").space(), at(1)).unwrap();
    assert_eq!(store.chunks(&Scope::default()).unwrap(), counts(0, 1, 0));
    let file = Connection::open(&path).unwrap();
    let strangers: i64 =
        file.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    let roles = file.execute("INSERT INTO embeddings (space_id, source_hash, status, tokens, next_attempt_at) VALUES (99, zeroblob(32), 'PENDING', 1, 0)", []);
    assert!(strangers == 0 && roles.is_err(), "texts belong to a space that exists");
}

#[tokio::test]
async fn purging_is_done_in_many_small_steps_and_leaves_no_word() {
    let world = World::new(Fake::new());
    for source in 0..12 {
        let texts: Vec<String> = (0..150).map(|number| format!("text{source} word{number} secret")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        world.later(document(&source.to_string(), &texts)).await;
    }
    world.work().await;
    let kept = Scope::document("files", "3");
    for source in (0..12).filter(|source| *source != 3) {
        let scope = Scope::document("files", &source.to_string());
        assert_eq!(world.store().purge(&[scope]).unwrap().documents, 1);
    }
    world.check();
    assert_eq!(world.store().chunks(&kept).unwrap(), counts(0, 150, 0));
    let request = Request { search: Search::Text, ..Request::new("secret") };
    assert_eq!(world.queue.search(request, at(0)).await.unwrap().hits.len(), 1);
    assert_eq!(world.store().purge(&[Scope::collection("files")]).unwrap().documents, 1);
    assert_eq!(number(&world, "SELECT count(*) FROM words"), 0);
    let bytes = std::fs::read(world.path()).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"secret"), "a word stayed in the file");
}
