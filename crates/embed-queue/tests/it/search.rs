//! Search: what is found, what is not yet, and what the answer says about it.

use std::sync::Arc;

use embed_queue::{
    Document, Embedder as _, Findings, Input, Lexical, Mode, OnFailure, Piece, Purpose, Queue, Request,
    Scope, Search, Store, Vector,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::provider::{Fake, Fault};
use crate::world::{World, at, counts, document};

/// A queue with the built-in embedder.
struct Library {
    _folder: TempDir,
    queue: Queue,
}

impl Library {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("index.db")).unwrap();
        let queue = Queue::new(store, Arc::new(Lexical), at(0)).unwrap();
        Self { _folder: folder, queue }
    }

    async fn with(texts: &[(&str, &str)]) -> Self {
        let library = Self::new();
        for (source, text) in texts {
            library.add(Document::new("files", source).pieces([Piece::text(text)]), Mode::Sync).await;
        }
        library
    }

    async fn add(&self, document: Document, mode: Mode) {
        self.queue.ingest(document, mode, OnFailure::Refuse, at(0)).await.unwrap();
    }

    async fn find(&self, request: Request) -> Findings {
        self.queue.search(request, at(0)).await.unwrap()
    }

    async fn sources(&self, query: &str, search: Search) -> Vec<String> {
        sources(&self.find(Request { search, ..Request::new(query) }).await)
    }
}

fn sources(findings: &Findings) -> Vec<String> {
    findings.hits.iter().map(|hit| hit.source.clone()).collect()
}

#[tokio::test]
async fn row_12_search_sees_ready_only_in_every_mode_and_says_what_is_missing() {
    let world = World::new(Fake::new().refusing("poison"));
    world.now(document("ready", &["invoice"])).await.unwrap();
    world.later(document("failed", &["invoice poison"])).await;
    world.work().await;
    world.later(document("pending", &["invoice", "invoice later"])).await;
    for search in [Search::Hybrid, Search::Vector, Search::Text] {
        let request = Request { search, floor: -1.0, ..Request::new("invoice") };
        let found = world.queue.search(request, at(0)).await.unwrap();
        assert!(!sources(&found).contains(&"failed".to_owned()));
        assert!(found.hits.iter().all(|hit| hit.snippet == "invoice"), "{:?}", found.hits);
        assert_eq!(found.chunks, counts(1, 2, 1));
        assert_eq!(found.documents, counts(1, 1, 1));
        assert_eq!(found.workers, 0);
    }
}

#[tokio::test]
async fn row_14_the_full_text_index_follows_edits_and_deletions() {
    let library = Library::with(&[("a", "первый вариант"), ("b", "второй документ")]).await;
    library.add(Document::new("files", "a").pieces([Piece::text("правка")]), Mode::Sync).await;
    assert!(library.sources("вариант", Search::Text).await.is_empty());
    assert_eq!(library.sources("правки", Search::Text).await, ["a"]);
    library.queue.store().delete("files", "a").unwrap();
    assert!(library.sources("правки", Search::Text).await.is_empty());
    assert_eq!(library.sources("документы", Search::Text).await, ["b"]);
    library.queue.store().purge(&[Scope::default()]).unwrap();
    assert!(library.sources("документы", Search::Text).await.is_empty());
}

#[tokio::test]
async fn row_16_a_filter_s_key_is_a_value_like_any_other() {
    let library = Library::new();
    for (source, stage) in [("a", "open"), ("b", "won")] {
        let document = Document::new("crm", source).with("stage", stage).with("it's", 7);
        library.add(document.pieces([Piece::text("the same words")]), Mode::Sync).await;
    }
    for (key, value, expected) in [
        ("stage", serde_json::json!("won"), vec!["b"]),
        ("it's", serde_json::json!(7), vec!["a", "b"]),
        ("stage') OR 1=1 --", serde_json::json!("won"), vec![]),
        ("$.stage", serde_json::json!("won"), vec![]),
    ] {
        for search in [Search::Hybrid, Search::Vector, Search::Text] {
            let facts = [(key.to_owned(), value.clone())].into_iter().collect();
            let found = library.find(Request { search, facts, ..Request::new("words") }).await;
            assert_eq!(sources(&found), expected, "{key}");
            assert_eq!(found.documents.total(), expected.len() as u64);
        }
    }
}

#[tokio::test]
async fn forms_of_words_are_found_and_codes_win() {
    let library = Library::with(&[
        ("cycles", "Циклы в языке"),
        ("tree", "Ёлка во дворе"),
        ("cache", "cached values"),
        ("code", "ошибка E0277 в crates/cli/src/main.rs"),
        ("codes", "ошибка E0278, ошибка E0279, ошибка ошибок"),
    ])
    .await;
    for (query, source) in [
        ("циклами", "cycles"),
        ("елка", "tree"),
        ("ЁЛКИ", "tree"),
        ("caching", "cache"),
        ("ошибка E0277", "code"),
        ("main.rs", "code"),
        ("crates/cli/src/main.rs", "code"),
    ] {
        for search in [Search::Text, Search::Hybrid] {
            let found = library.sources(query, search).await;
            assert_eq!(found.first().map(String::as_str), Some(source), "{query}");
        }
    }
}

#[tokio::test]
async fn query_syntax_in_the_user_s_words_is_no_syntax() {
    let library = Library::with(&[("a", "либо одно либо другое")]).await;
    for query in [
        "",
        " ",
        "\"",
        "NOT",
        "a* OR",
        "(",
        "stemmed:x",
        "NEAR(одно, 2)",
        "'; DROP TABLE words; --",
        "^",
        "\0",
        "{a b}: c",
        "-",
    ] {
        for search in [Search::Hybrid, Search::Vector, Search::Text] {
            library.find(Request { search, ..Request::new(query) }).await;
        }
    }
    assert_eq!(library.sources("одно\" OR \"", Search::Text).await, ["a"]);
}

#[tokio::test]
async fn a_hit_says_where_it_is_and_each_document_comes_once() {
    let library = Library::new();
    let text =
        "# Склад\n\n## Отгрузка\n\nОтгрузка идёт в среду.\n\n## Приёмка\n\nПриёмка и отгрузка по пятницам.\n";
    let pieces = embed_queue::split::markdown(text, embed_queue::split::Sizes::default());
    let document =
        Document::new("files", "a.md").titled("Регламент").with("url", "http://x/1").pieces(pieces);
    library.add(document, Mode::Sync).await;
    let found = library.find(Request::new("отгрузка в среду")).await;
    assert_eq!(found.hits.len(), 1);
    let hit = &found.hits[0];
    assert_eq!((hit.title.as_str(), hit.lines), ("Регламент", (1, 5)));
    assert_eq!(hit.headings, ["Склад", "Отгрузка"]);
    assert_eq!(hit.snippet, "# Склад ## Отгрузка Отгрузка идёт в среду.");
    assert_eq!(hit.metadata["url"], "http://x/1");
    assert!(hit.similarity.is_some_and(|similarity| similarity > 0.3));
    assert!(found.lexical);
}

#[tokio::test]
async fn a_scope_limits_hits_and_numbers() {
    let library = Library::new();
    for collection in ["one", "two"] {
        let document = Document::new(collection, "a").pieces([Piece::text("shared words")]);
        library.add(document, Mode::Sync).await;
    }
    let found = library.find(Request { collections: vec!["two".to_owned()], ..Request::new("words") }).await;
    assert_eq!(found.hits.iter().map(|hit| hit.collection.as_str()).collect::<Vec<_>>(), ["two"]);
    assert_eq!((found.documents, found.chunks), (counts(0, 1, 0), counts(0, 1, 0)));
}

#[tokio::test]
async fn a_provider_that_fails_leaves_the_words_and_the_answer_says_so() {
    let world = World::new(Fake::new());
    world.now(document("a", &["invoice"])).await.unwrap();
    let failing = Arc::new(Fake::new().failing([Fault::Unavailable, Fault::Unavailable]));
    let queue = Queue::new(world.store().clone(), failing, at(0)).unwrap();
    let found = queue.search(Request::new("invoices"), at(0)).await.unwrap();
    assert_eq!(
        (sources(&found), found.degraded.as_deref()),
        (vec!["a".to_owned()], Some("the provider failed: as planned"))
    );
    let vector = Request { search: Search::Vector, ..Request::new("invoices") };
    assert_eq!(queue.search(vector, at(0)).await.unwrap_err().code(), "embedder.unavailable");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn row_13_vector_search_gives_the_nearest_texts_in_order(
        texts in proptest::collection::btree_set("[а-я]{3,8} [а-я]{3,8}", 1..20), query in "[а-я]{3,8}"
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let pairs: Vec<(&str, &str)> = texts.iter().map(|text| (text.as_str(), text.as_str())).collect();
            let library = Library::with(&pairs).await;
            let request = Request { search: Search::Vector, limit: 100, floor: -1.0, ..Request::new(&query) };
            let found = library.find(request).await;
            let asked = vector(&query).await;
            let mut expected = Vec::new();
            for text in &texts {
                let stored = vector(text).await;
                let cosine: f32 = asked.components().iter().zip(stored.components()).map(|(a, b)| a * b).sum();
                expected.push(cosine);
            }
            expected.sort_by(|one, other| other.total_cmp(one));
            assert_eq!(found.hits.len(), expected.len());
            for (hit, cosine) in found.hits.iter().zip(expected) {
                assert!((hit.similarity.unwrap() - cosine).abs() < 1e-5);
            }
        });
    }
}

async fn vector(text: &str) -> Vector {
    let answers = Lexical.embed(Purpose::Query, &[Input::new(text.to_owned())]).await.unwrap();
    Vector::new(answers[0].outcome.clone().unwrap(), Lexical.space().dimensions).unwrap()
}
