//! Search finds as many documents as it is asked for, however many chunks one of them has.

use embed_queue::{Document, Findings, Piece, Policy, Request, Search};

use crate::provider::Fake;
use crate::world::{World, at, document, quick};

const MODES: [Search; 3] = [Search::Hybrid, Search::Vector, Search::Text];

/// A file of many sections beside eight notes; all say something about shipping.
async fn library(sections: usize) -> World {
    let world = World::new(Fake::new());
    let texts: Vec<String> = (0..sections).map(|number| format!("Отгрузка, раздел {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let notes = (0..8).map(|number| {
        document(&format!("note{number}"), &[&format!("отгрузка и ещё слова, заметка {number}")])
    });
    let documents: Vec<Document> = std::iter::once(document("file", &texts)).chain(notes).collect();
    world.store().put_all(&documents, at(0)).unwrap();
    world.work().await;
    world
}

async fn found(world: &World, request: Request) -> Vec<String> {
    let request = Request { floor: -1.0, ..request };
    let findings: Findings = world.queue.search(request, at(0)).await.unwrap();
    findings.hits.into_iter().map(|hit| hit.source).collect()
}

#[tokio::test]
async fn a_document_of_many_chunks_hides_no_other() {
    // Few vectors are compared one by one, many by the index.
    for sections in [400, 2_400] {
        let world = library(sections).await;
        for search in MODES {
            for collections in [Vec::new(), vec!["files".to_owned()]] {
                let request = Request { search, collections, ..Request::new("отгрузка") };
                let mut sources = found(&world, request).await;
                sources.sort();
                assert_eq!(sources.len(), 9, "{search:?} of {sections}: {sources:?}");
                sources.dedup();
                assert_eq!(sources.len(), 9, "each comes once");
            }
        }
    }
}

#[tokio::test]
async fn documents_whose_chunks_all_stand_before_those_of_the_next_are_found_in_their_order() {
    // Few vectors are compared one by one, many by the index. A chunk of document 0 is nearer than all of document 1.
    for chunks in [150, 200] {
        let documents = 12;
        let world = World::new(Fake::new().ranking());
        let all: Vec<Document> = (0..documents)
            .map(|number| {
                let texts = (0..chunks).map(|chunk| format!("rank {}", number * chunks + chunk));
                document(&format!("d{number}"), &[]).pieces(texts.map(|text| Piece::text(&text)))
            })
            .collect();
        let other = document("x", &["rank 0 elsewhere"]);
        world.store().put_all(&all, at(0)).unwrap();
        world.store().put(&Document { collection: "other".to_owned(), ..other }, at(0)).unwrap();
        world.work_with(Policy { items: 64, ..quick() }).await;
        let expected: Vec<String> = (0..documents).map(|number| format!("d{number}")).collect();
        for collections in [vec!["files".to_owned()], Vec::new()] {
            let everything = collections.is_empty();
            let request =
                Request { search: Search::Vector, collections, limit: 100, ..Request::new("rank 0") };
            let mut sources = found(&world, request).await;
            sources.retain(|source| source != "x");
            assert_eq!(sources, expected, "{chunks} chunks each, everything: {everything}");
        }
    }
}

#[tokio::test]
async fn a_limit_of_hundreds_of_documents_is_reached() {
    let world = World::new(Fake::new());
    // One half has the same text; identical texts share a vector.
    let text = |number: u32| {
        if number < 350 { "Отгрузка".to_owned() } else { format!("Отгрузка {number}") }
    };
    let documents: Vec<Document> =
        (0..700).map(|number| document(&format!("d{number}"), &[&text(number)])).collect();
    world.store().put_all(&documents, at(0)).unwrap();
    world.work().await;
    for search in MODES {
        let request = Request { search, limit: 500, ..Request::new("отгрузка") };
        assert_eq!(found(&world, request).await.len(), 500, "{search:?}");
    }
}

#[tokio::test]
async fn common_words_count_when_rare_ones_are_in_too_few_documents() {
    let world = World::new(Fake::new());
    let texts: Vec<String> = (0..2_500).map(|number| format!("Договор с клиентом, запись{number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut documents: Vec<Document> = (0..12)
        .map(|number| document(&format!("d{number}"), &[&format!("Договор поставки номер{number}")]))
        .collect();
    documents.push(document("the one", &["Договор 4711"]));
    documents.push(document("many", &texts));
    documents.push(document("other", &["Склад"]));
    world.store().put_all(&documents, at(0)).unwrap();
    world.work().await;
    let request = Request { search: Search::Text, ..Request::new("договор 4711") };
    let sources = found(&world, request).await;
    assert_eq!((sources.len(), sources[0].as_str()), (10, "the one"), "{sources:?}");
    assert!(!sources.contains(&"other".to_owned()));
}

#[tokio::test]
async fn the_date_of_a_document_may_change_without_its_content() {
    let world = World::new(Fake::new());
    let of = |date: &str| document("a", &["Отгрузка"]).with("date", date).with("stage", "open");
    world.now(of("2026-01-01T00:00:00Z")).await.unwrap();
    let chunk = || world.file().query_row("SELECT id FROM chunks", [], |row| row.get::<_, i64>(0)).unwrap();
    let before = chunk();
    assert!(world.store().put(&of("2026-03-01T00:00:00Z"), at(1)).unwrap().unchanged);
    assert!(world.now(of("2026-03-01T00:00:00Z")).await.unwrap().unchanged);
    assert_eq!(chunk(), before);
    let since = Some("2026-02-01T00:00:00Z".parse().unwrap());
    let request = Request { search: Search::Text, since, ..Request::new("отгрузка") };
    assert_eq!(found(&world, request).await, ["a"]);
    let other = document("a", &["Отгрузка"]).with("date", "2026-03-01T00:00:00Z").with("stage", "won");
    assert!(
        !world.now(other.pieces([Piece::text("Отгрузка")])).await.unwrap().unchanged,
        "another stage is another document"
    );
    world.check();
}

#[tokio::test]
async fn documents_with_all_words_come_first_however_many_chunks_have_one_of_them() {
    // Beyond 2,000 chunks words that most of them have are too many to be ranked.
    for contracts in [1_300, 2_600] {
        let world = World::new(Fake::new());
        let contracts: Vec<String> = (0..contracts).map(|number| format!("договор номер{number}")).collect();
        let contracts: Vec<&str> = contracts.iter().map(String::as_str).collect();
        let mut documents = vec![document("many", &contracts)];
        documents.extend((0..150).map(|number| document(&format!("act{number}"), &["ромашка акт"])));
        documents.extend((0..3).map(|number| document(&format!("both{number}"), &["ромашка договор"])));
        world.store().put_all(&documents, at(0)).unwrap();
        world.work().await;
        for query in ["договор ромашка", "договор с ромашкой", "договор ромашка небывальщина"]
        {
            let request = Request { search: Search::Text, ..Request::new(query) };
            let sources = found(&world, request).await;
            assert_eq!(sources.len(), 10, "{query}");
            assert_eq!(sources[..3], ["both0", "both1", "both2"], "{query} of {}", contracts.len());
        }
    }
}
