//! Storing documents without embedding them.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use embed_queue::{Document, Lexical, Piece, Queue, Store, split};
use serde_json::json;

use crate::corpus::text;
use crate::found::{median_ms, peak_mb, per_second};
use crate::{Figures, NOW};

/// Documents of one transaction.
const BATCH: usize = 500;

/// 1,000 files of 3 KB: read, cut at headings, stored. And one document at a time, each committed before the next.
pub(crate) fn articles() -> Figures {
    let folder = tempfile::tempdir()?;
    let mut paths = Vec::new();
    for number in 0..1_000_u64 {
        let path = folder.path().join(format!("{number}.md"));
        let mut article = format!("# Статья {number}\n\n");
        for part in 0.. {
            if article.len() >= 3_000 {
                break;
            }
            article.extend([&format!("## Часть {part}\n\n"), &text(number * 100 + part, 60), "\n"]);
        }
        fs::write(&path, article)?;
        paths.push(path);
    }
    let store = Store::open(&folder.path().join("index.db"))?;
    let queue = Queue::new(store, std::sync::Arc::new(Lexical), NOW)?;
    let started = Instant::now();
    let mut chunks = 0;
    for batch in paths.chunks(BATCH) {
        let mut documents = Vec::with_capacity(batch.len());
        for path in batch {
            let text = fs::read_to_string(path)?;
            let pieces = split::markdown(&text, split::Sizes::default());
            documents.push(Document::new("files", &path.to_string_lossy()).titled("Статья").pieces(pieces));
        }
        chunks +=
            queue.store().put_all(&documents, NOW)?.iter().map(|stored| stored.chunks.total()).sum::<u64>();
    }
    let seconds = started.elapsed().as_secs_f64();
    let mut times = Vec::new();
    let durable = Store::open(&folder.path().join("index.db"))?.durable()?;
    for store in [queue.store(), &durable] {
        let mut own = Vec::new();
        for number in 0..201_u64 {
            let mut document = Document::new("single", &format!("{number}"));
            document =
                document.pieces([Piece::text(&text(1_000_000 + number + times.len() as u64 * 1_000, 90))]);
            let started = Instant::now();
            store.put(&document, NOW)?;
            own.push(started.elapsed());
        }
        times.push(median_ms(own));
    }
    Ok(json!({
        "seconds": seconds, "chunks": chunks, "document_ms": times[0], "durable_document_ms": times[1],
        "disk_sync_ms": disk_sync_ms(folder.path())?, "peak_mb": peak_mb(),
    }))
}

/// What the disk takes for one write of 8 KB that has to survive a power failure: no durable document can be faster.
fn disk_sync_ms(folder: &Path) -> std::io::Result<f64> {
    let mut file = fs::File::create(folder.join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..201 {
        file.write_all(&[1; 8192])?;
        let started = Instant::now();
        file.sync_data()?;
        times.push(started.elapsed());
    }
    Ok(median_ms(times))
}

/// Documents of one short chunk.
pub(crate) fn small(count: &str) -> Figures {
    let count: usize = count.parse()?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("index.db"))?;
    let queue = Queue::new(store, std::sync::Arc::new(Lexical), NOW)?;
    let started = Instant::now();
    let mut numbers = 0..count as u64;
    loop {
        let next = numbers.by_ref().take(BATCH);
        let documents: Vec<Document> = next
            .map(|number| {
                Document::new("notes", &number.to_string()).pieces([Piece::text(&text(number, 12))])
            })
            .collect();
        if documents.is_empty() {
            break;
        }
        queue.store().put_all(&documents, NOW)?;
    }
    let time = started.elapsed();
    Ok(
        json!({"chunks_per_second": per_second(count, time), "seconds": time.as_secs_f64(), "peak_mb": peak_mb()}),
    )
}
