//! What the worker adds to the provider's time.

use std::time::{Duration, Instant};

use embed_queue::{Document, Piece, Policy, Queue, Stop, Store, Surroundings, Until, Worker};
use serde_json::json;

use crate::corpus::{Numbered, Shape};
use crate::found::{peak_mb, per_second};
use crate::{Figures, NOW};

/// Texts claimed, embedded in no time to speak of, stored and READY.
pub(crate) async fn work(count: &str) -> Figures {
    let count: usize = count.parse()?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("index.db"))?;
    let embedder = Numbered::shared(Shape::Uniform);
    let queue = Queue::new(store.clone(), embedder.clone(), NOW)?;
    pending(&queue, count, |number| format!("{number}"))?;
    let policy = Policy { items: 1_024, poll: Duration::from_millis(1), ..Policy::default() };
    let surroundings = Surroundings::new(|| NOW, || 0.5);
    let worker = Worker::new(store, embedder, policy, surroundings);
    let mut done = None;
    let started = Instant::now();
    let mut ready = 0;
    let mut tell = |event| {
        if let embed_queue::Event::Settled(settled) = event {
            ready += settled.ready;
            // The index is made after the last text is READY, and is a figure of its own.
            if ready == count as u64 {
                done = Some(started.elapsed());
            }
        }
    };
    let report = worker.run(Until::Drained, &Stop::new(), &mut tell).await?;
    let all = started.elapsed();
    let time = done.ok_or("not everything is READY")?;
    Ok(json!({
        "chunks_per_second": per_second(count, time), "seconds": time.as_secs_f64(),
        "with_index_seconds": all.as_secs_f64(), "ready": report.settled.ready, "peak_mb": peak_mb(),
    }))
}

/// Documents of one chunk, waiting for a worker.
pub(crate) fn pending(
    queue: &Queue,
    count: usize,
    text: impl Fn(usize) -> String,
) -> Result<(), embed_queue::Error> {
    for first in (0..count).step_by(1_000) {
        let document =
            |number: usize| Document::new("notes", &number.to_string()).pieces([Piece::text(&text(number))]);
        let documents: Vec<Document> = (first..count.min(first + 1_000)).map(document).collect();
        queue.store().put_all(&documents, NOW)?;
    }
    Ok(())
}

/// Makes everything READY.
pub(crate) async fn embed_all(queue: &Queue, embedder: std::sync::Arc<dyn embed_queue::Embedder>) -> Figures {
    let policy = Policy { items: 1_024, ..Policy::default() };
    let worker = Worker::new(queue.store().clone(), embedder, policy, Surroundings::new(|| NOW, || 0.5));
    let report = worker.run(Until::Drained, &Stop::new(), &mut |_| {}).await?;
    Ok(json!(report.settled.ready))
}
