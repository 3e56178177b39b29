//! Providers over HTTP, with everything that they do wrong.

use std::sync::Arc;
use std::time::Duration;

use embed_queue::{
    Document, EmbedError, Embedder as _, HttpEmbedder, Input, Piece, Policy, Purpose, Remote, RemoteError,
    Stop, Store, Surroundings, Until, Usage, Vector, Wire, Worker, contract,
};
use rusqlite::Connection;

use crate::endpoint::{Endpoint, Mishap, vector};
use crate::world::at;

const DIMENSIONS: usize = 24;
const KEY: &str = "sk-verysecret";

fn settings(wire: Wire, url: String) -> Remote {
    let model = if wire == Wire::Gemini { "gemini-embedding-001" } else { "model-1" };
    let (document_prefix, query_prefix) = wire.usual_prefixes(model);
    Remote {
        wire,
        url,
        model: model.to_owned(),
        dimensions: DIMENSIONS,
        ask_dimensions: false,
        key: Some(KEY.to_owned().into()),
        document_prefix: document_prefix.to_owned(),
        query_prefix: query_prefix.to_owned(),
        capabilities: wire.capabilities(model),
        certificates: None,
        timeout: Duration::from_millis(500),
    }
}

fn embedder(wire: Wire, endpoint: &Endpoint) -> HttpEmbedder {
    HttpEmbedder::new(settings(wire, endpoint.url())).unwrap()
}

fn inputs(texts: &[&str]) -> Vec<Input> {
    texts.iter().map(|&text| Input::new(text.to_owned())).collect()
}

const WIRES: [Wire; 4] = [Wire::OpenAi, Wire::Ollama, Wire::Tei, Wire::Gemini];

#[tokio::test]
async fn every_wire_keeps_the_contract() {
    for wire in WIRES {
        let endpoint = Endpoint::start(DIMENSIONS);
        contract::check(&embedder(wire, &endpoint))
            .await
            .unwrap_or_else(|broken| panic!("{wire:?}: {broken}"));
    }
}

#[tokio::test]
async fn each_provider_is_asked_as_it_wants_to_be() {
    let texts = inputs(&["один", "two"]);
    let asked = |wire| {
        let texts = texts.clone();
        async move {
            let endpoint = Endpoint::start(DIMENSIONS);
            let embedder =
                HttpEmbedder::new(Remote { ask_dimensions: true, ..settings(wire, endpoint.url()) });
            embedder.unwrap().embed(Purpose::Document, &texts).await.unwrap();
            let (path, head, body) = endpoint.requests().remove(0);
            (path, head.to_lowercase().contains(KEY), body)
        }
    };
    let (path, key, body) = asked(Wire::OpenAi).await;
    assert_eq!((path.as_str(), key), ("/embeddings", true));
    assert_eq!((&body["dimensions"], &body["encoding_format"]), (&DIMENSIONS.into(), &"float".into()));
    let (path, _, body) = asked(Wire::Ollama).await;
    assert_eq!((path.as_str(), &body["truncate"]), ("/api/embed", &false.into()), "a silent cut is refused");
    let (path, _, body) = asked(Wire::Tei).await;
    assert_eq!((path.as_str(), &body["truncate"]), ("/embed", &false.into()));
    let (path, key, body) = asked(Wire::Gemini).await;
    assert_eq!((path.as_str(), key), ("/models/gemini-embedding-001:batchEmbedContents", true));
    assert_eq!(body["requests"][0]["taskType"], "RETRIEVAL_DOCUMENT");
    assert_eq!(body["requests"][1]["outputDimensionality"], DIMENSIONS);
}

#[tokio::test]
async fn newer_gemini_models_are_told_the_task_in_the_text() {
    let endpoint = Endpoint::start(DIMENSIONS);
    let (document, query) = Wire::Gemini.usual_prefixes("gemini-embedding-2");
    let embedder = HttpEmbedder::new(Remote {
        model: "gemini-embedding-2".to_owned(),
        document_prefix: document.to_owned(),
        query_prefix: query.to_owned(),
        ..settings(Wire::Gemini, endpoint.url())
    });
    let embedder = embedder.unwrap();
    assert_ne!(embedder.space().prefixes, "", "vectors with other prefixes are of another space");
    embedder.embed(Purpose::Query, &inputs(&["склад"])).await.unwrap();
    let (path, _, body) = endpoint.requests().remove(0);
    assert_eq!(path, "/models/gemini-embedding-2:embedContent");
    assert_eq!(body["content"]["parts"][0]["text"], "task: search result | query: склад");
    assert!(body.get("taskType").is_none());
}

#[tokio::test]
async fn vectors_come_to_their_texts_in_any_order_and_what_is_left_out_has_none() {
    let texts = inputs(&["a", "b", "c"]);
    let endpoint = Endpoint::start(DIMENSIONS);
    endpoint.then(Mishap::Reorder).then(Mishap::Drop).then(Mishap::NotANumber).then(Mishap::OneShort);
    let embedder = embedder(Wire::OpenAi, &endpoint);
    for (missing, bad) in [(0, 0), (1, 0), (0, 1), (0, 1)] {
        let answers = embedder.embed(Purpose::Document, &texts).await.unwrap().answers;
        assert_eq!(answers.len(), 3 - missing);
        let mut wrong = 0;
        for answer in answers {
            let input = texts.iter().find(|input| input.key == answer.key).unwrap();
            match Vector::new(answer.outcome.unwrap(), DIMENSIONS) {
                Ok(found) => {
                    assert_eq!(found, Vector::new(vector(&input.text, DIMENSIONS), DIMENSIONS).unwrap());
                }
                Err(_) => wrong += 1,
            }
        }
        assert_eq!(wrong, bad);
    }
}

#[tokio::test]
async fn a_queue_stores_each_vector_with_its_text_though_the_answer_is_in_another_order() {
    let endpoint = Endpoint::start(DIMENSIONS);
    endpoint.then(Mishap::Reorder);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    let store = Store::open(&path).unwrap();
    let embedder = Arc::new(embedder(Wire::OpenAi, &endpoint));
    store.use_space(&embedder.space(), at(0)).unwrap();
    let pieces = ["one", "two", "three", "four"].map(Piece::text);
    store.put(&Document::new("files", "a").pieces(pieces), at(0)).unwrap();
    let surroundings = Surroundings::new(|| at(1), || 0.5);
    let worker = Worker::new(store, embedder, Policy { concurrency: 1, ..Policy::default() }, surroundings);
    worker.run(Until::Drained, &Stop::new(), &mut |_| {}).await.unwrap();
    let file = Connection::open(path).unwrap();
    let sql = "SELECT content, vector FROM chunks JOIN embeddings USING (source_hash) JOIN vectors ON vectors.id = vector_id";
    let mut statement = file.prepare(sql).unwrap();
    let stored = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)));
    let stored: Vec<_> = stored.unwrap().map(Result::unwrap).collect();
    assert_eq!(stored.len(), 4);
    for (text, bytes) in stored {
        let right = Vector::new(vector(&text, DIMENSIONS), DIMENSIONS).unwrap();
        let right: Vec<u8> = right.components().iter().flat_map(|number| number.to_le_bytes()).collect();
        assert_eq!(bytes, right, "{text} has another text's vector");
    }
}

#[tokio::test]
async fn a_call_is_refused_for_one_of_its_texts_and_the_others_alone_are_not() {
    for wire in WIRES {
        let endpoint = Endpoint::start(DIMENSIONS);
        endpoint.refusing(Some("poison"));
        let asked = embedder(wire, &endpoint);
        let both = asked.embed(Purpose::Document, &inputs(&["one", "poison"])).await.unwrap_err();
        assert!(matches!(both, EmbedError::Rejected(_)), "{wire:?}: {both:?}");
        assert_eq!(asked.embed(Purpose::Document, &inputs(&["one"])).await.unwrap().answers.len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_matched_is_not_believed_in_any_part() {
    let texts = inputs(&["a", "b", "c"]);
    for (wire, mishap) in [
        (Wire::OpenAi, Mishap::Duplicate),
        (Wire::Ollama, Mishap::ShortList),
        (Wire::Ollama, Mishap::Duplicate),
        (Wire::Tei, Mishap::Drop),
        (Wire::Gemini, Mishap::Drop),
        (Wire::Gemini, Mishap::Duplicate),
        (Wire::Gemini, Mishap::Hang),
        (Wire::OpenAi, Mishap::Close),
        (Wire::OpenAi, Mishap::Refuse(200, None, "<html>".to_owned())),
        (Wire::OpenAi, Mishap::Refuse(502, None, "bad gateway".to_owned())),
    ] {
        let endpoint = Endpoint::start(DIMENSIONS);
        endpoint.then(mishap.clone());
        let outcome = embedder(wire, &endpoint).embed(Purpose::Document, &texts).await;
        assert!(matches!(outcome, Err(EmbedError::Unavailable(_))), "{wire:?} {mishap:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn another_number_of_dimensions_is_a_wrong_configuration() {
    let endpoint = Endpoint::start(DIMENSIONS);
    endpoint.then(Mishap::WrongDimension);
    let outcome = embedder(Wire::OpenAi, &endpoint).embed(Purpose::Document, &inputs(&["a", "b"])).await;
    let Err(EmbedError::Configuration(reason)) = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("48 dimensions, the settings say 24"), "{reason}");
}

/// What the queue is told about a refusal: class, and how long to wait.
async fn refused(wire: Wire, status: u16, after: Option<&'static str>, body: &str) -> EmbedError {
    let endpoint = Endpoint::start(DIMENSIONS);
    endpoint.then(Mishap::Refuse(status, after, body.to_owned()));
    embedder(wire, &endpoint).embed(Purpose::Document, &inputs(&["a"])).await.unwrap_err()
}

fn gemini_429(quota: &str, delay: &str) -> String {
    format!(
        r#"{{"error":{{"code":429,"message":"Quota exceeded.{delay}","status":"RESOURCE_EXHAUSTED","details":[
            {{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{{"quotaId":"{quota}"}}]}},
            {{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"55s"}}]}}}}"#
    )
}

#[tokio::test]
async fn three_kinds_of_429_are_told_apart() {
    let minute = refused(Wire::Gemini, 429, None, &gemini_429("EmbedRequestsPerMinutePerProject", "")).await;
    assert_eq!((minute.code(), minute.hint()), ("embedder.rate-limited", Some(Duration::from_secs(55))));
    let day = refused(Wire::Gemini, 429, None, &gemini_429("EmbedRequestsPerDayPerProject", "")).await;
    assert_eq!((day.code(), day.hint()), ("embedder.quota-day", Some(Duration::from_hours(1))));
    let never = refused(Wire::Gemini, 429, None, &gemini_429("X", " limit: 0, model: a")).await;
    assert_eq!(never.code(), "embedder.configuration");

    let words = r#"{"error":{"message":"Rate limit reached. Please try again in 850ms.","code":"rate_limit_exceeded"}}"#;
    assert_eq!(refused(Wire::OpenAi, 429, None, words).await.hint(), Some(Duration::from_millis(850)));
    let header = refused(Wire::OpenAi, 429, Some("20"), words).await;
    assert_eq!(header.hint(), Some(Duration::from_secs(20)), "never below what the provider says");
    let unpaid = r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#;
    assert_eq!(refused(Wire::OpenAi, 429, None, unpaid).await.code(), "embedder.configuration");
    let minutes = words.replace("850ms", "1m12.5s");
    assert_eq!(refused(Wire::OpenAi, 429, None, &minutes).await.hint(), Some(Duration::from_millis(72_500)));
    let silent = refused(Wire::Tei, 429, None, "overloaded").await;
    assert_eq!(silent.hint(), Some(Duration::from_secs(1)));
}

#[tokio::test]
async fn what_a_failing_server_says_of_its_return_is_kept_whatever_its_number() {
    for status in [500, 502, 503, 504, 529] {
        let error = refused(Wire::OpenAi, status, Some("120"), "later").await;
        assert_eq!(error.hint(), Some(Duration::from_mins(2)), "{status}");
    }
    // A date counts by the server's own clock, which it sends beside it.
    let date = "Wed, 21 Oct 2026 07:28:00 GMT\r\ndate: Wed, 21 Oct 2026 07:26:30 GMT";
    assert_eq!(refused(Wire::OpenAi, 503, Some(date), "later").await.hint(), Some(Duration::from_secs(90)));
    let alone = "Wed, 21 Oct 2026 07:28:00 GMT";
    assert_eq!(refused(Wire::OpenAi, 503, Some(alone), "later").await.hint(), None);
    let passed = "Wed, 21 Oct 2026 07:28:00 GMT\r\ndate: Wed, 21 Oct 2026 07:29:00 GMT";
    assert_eq!(refused(Wire::OpenAi, 503, Some(passed), "later").await.hint(), Some(Duration::ZERO));
}

#[tokio::test]
async fn refusals_have_the_class_that_decides_what_happens_next() {
    for (status, body, code) in [
        (400, r#"{"error":{"message":"text too long"}}"#, "embedder.rejected"),
        (413, "batch too large", "embedder.rejected"),
        (422, r#"{"error":"tokenisation","error_type":"t"}"#, "embedder.rejected"),
        (400, r#"{"error":{"message":"API key not valid."}}"#, "embedder.configuration"),
        (401, "", "embedder.configuration"),
        (403, "", "embedder.configuration"),
        (404, r#"{"error":{"message":"model not found"}}"#, "embedder.configuration"),
        (302, "", "embedder.configuration"),
        (500, "", "embedder.unavailable"),
        (503, "", "embedder.unavailable"),
    ] {
        assert_eq!(refused(Wire::OpenAi, status, None, body).await.code(), code, "{status} {body}");
    }
}

#[tokio::test]
async fn the_key_is_nowhere_but_in_the_request() {
    let endpoint = Endpoint::start(DIMENSIONS);
    endpoint.then(Mishap::Refuse(
        401,
        None,
        format!(r#"{{"error":{{"message":"Incorrect API key {KEY}"}}}}"#),
    ));
    let embedder = embedder(Wire::OpenAi, &endpoint);
    let error = embedder.embed(Purpose::Document, &inputs(&["a"])).await.unwrap_err();
    let shown = format!("{error} {error:?} {embedder:?} {:?}", settings(Wire::OpenAi, endpoint.url()));
    assert!(!shown.contains(KEY), "{shown}");
    assert!(shown.contains("Incorrect API key ***"), "{shown}");
}

#[test]
fn texts_go_unprotected_to_this_machine_only() {
    let made = |url: &str| HttpEmbedder::new(settings(Wire::OpenAi, url.to_owned()));
    assert_eq!(
        made("http://models.example/v1").unwrap_err(),
        RemoteError::PlainHttp("models.example".to_owned())
    );
    assert!(matches!(made("ftp://a").unwrap_err(), RemoteError::Url(_)));
    assert!(matches!(made("models").unwrap_err(), RemoteError::Url(_)));
    assert!(made("http://[::1]:8080").unwrap().is_loopback());
    assert!(made("http://localhost:11434").unwrap().is_loopback());
    let hosted = made("http://127.0.0.1.example.com").unwrap_err();
    assert_eq!(hosted, RemoteError::PlainHttp("127.0.0.1.example.com".to_owned()));
}

#[tokio::test]
async fn calls_and_tokens_are_counted_as_the_provider_counts_them() {
    let endpoint = Endpoint::start(DIMENSIONS);
    let embedder = embedder(Wire::OpenAi, &endpoint);
    let documents = embedder.embed(Purpose::Document, &inputs(&["abcd", "ef"])).await.unwrap();
    let query = embedder.embed(Purpose::Query, &inputs(&["abcd"])).await.unwrap();
    assert_eq!(documents.usage, Usage { calls: 1, tokens: 6 });
    assert_eq!(query.usage, Usage { calls: 1, tokens: 4 });
}
