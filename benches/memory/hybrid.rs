//! Words and vectors together.

use std::time::Instant;

use embed_queue::{Queue, Request, Search, Store};
use serde_json::json;

use crate::corpus::{Numbered, Shape, text};
use crate::found::{median_ms, peak_mb};
use crate::work::{embed_all, pending};
use crate::{Figures, NOW};

const QUERIES: u64 = 101;

/// Queries are four words of some text, or words of none.
pub(crate) async fn hybrid(count: &str) -> Figures {
    let count: usize = count.parse()?;
    let folder = tempfile::tempdir()?;
    let embedder = Numbered::shared(Shape::Clustered);
    let queue = Queue::new(Store::open(&folder.path().join("index.db"))?, embedder.clone(), NOW)?;
    pending(&queue, count, |number| format!("{number} {}", text(number as u64, 60)))?;
    embed_all(&queue, embedder).await?;
    let (hybrid, first) = timed(&queue, count as u64, Search::Hybrid).await?;
    let (words, _) = timed(&queue, count as u64, Search::Text).await?;
    Ok(json!({"p50_ms": hybrid, "first_ms": first, "text_p50_ms": words, "peak_mb": peak_mb()}))
}

async fn timed(queue: &Queue, count: u64, search: Search) -> Result<(f64, f64), embed_queue::Error> {
    let mut times = Vec::new();
    for number in 0..QUERIES {
        let from = text(number * 7_919 % count, 60);
        let words: Vec<&str> = from.split_whitespace().skip(3).take(4).collect();
        let request = Request { search, ..Request::new(&words.join(" ")) };
        let started = Instant::now();
        queue.search(request, NOW).await?;
        times.push(started.elapsed());
    }
    let first = times[0].as_secs_f64() * 1e3;
    Ok((median_ms(times), first))
}
