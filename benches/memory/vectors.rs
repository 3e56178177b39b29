//! Vector search against exact comparison, and from a new process.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use embed_queue::{Queue, Request, Search, Store};
use serde_json::{Value, json};

use crate::corpus::{Numbered, Shape};
use crate::found::{median_ms, peak_mb};
use crate::work::{embed_all, pending};
use crate::{Figures, NOW};

const K: usize = 10;
const QUERIES: u64 = 50;
/// Numbers of queries lie beyond those of vectors.
const BEYOND: u64 = 1 << 40;

/// Builds a queue with so many vectors in `folder`, unless it is there; leaves queries and exact answers for others.
pub(crate) async fn vectors(count: &str, shape: &str, folder: &str) -> Figures {
    let (count, kind, folder) = (count.parse::<usize>()?, Shape::named(shape)?, Path::new(folder));
    fs::create_dir_all(folder)?;
    let queue = open(folder, kind)?;
    if queue.store().chunks(&embed_queue::Scope::default())?.ready != count as u64 {
        pending(&queue, count, |number| number.to_string())?;
        embed_all(&queue, Numbered::shared(kind)).await?;
    }
    let queries: Vec<Vec<f32>> = (0..QUERIES).map(|number| kind.vector(BEYOND + number)).collect();
    let mut best: Vec<Vec<(f32, String)>> = vec![Vec::new(); queries.len()];
    for number in 0..count {
        let vector = kind.vector(number as u64);
        for (query, best) in queries.iter().zip(&mut best) {
            offer(best, dot(query, &vector), number);
        }
    }
    let flat: Vec<u8> = queries.iter().flatten().flat_map(|component| component.to_le_bytes()).collect();
    fs::write(folder.join("queries.f32"), flat)?;
    let exact = |best: &Vec<(f32, String)>| {
        best.iter().map(|(_, source)| source.as_str()).collect::<Vec<_>>().join(" ")
    };
    fs::write(folder.join("exact.txt"), best.iter().map(exact).collect::<Vec<_>>().join("\n"))?;

    let (mut times, mut right) = (Vec::new(), 0);
    for (number, best) in best.iter().enumerate() {
        let started = Instant::now();
        let sources = search(&queue, BEYOND + number as u64).await?;
        times.push(started.elapsed());
        right += best.iter().filter(|(_, source)| sources.contains(source)).count();
    }
    let size = fs::metadata(folder.join("index.db.vectors")).map_or(0, |file| file.len());
    let first = first_of_a_new_process(shape, folder)?;
    let all = f64::from(u32::try_from(best.iter().map(Vec::len).sum::<usize>())?);
    Ok(json!({
        "recall": f64::from(u32::try_from(right)?) / all, "p50_ms": median_ms(times),
        "first_query_seconds": first["seconds"], "searching_mb": first["peak_mb"], "side_file_bytes": size,
    }))
}

/// What `first` prints in a process of its own.
fn first_of_a_new_process(shape: &str, folder: &Path) -> Figures {
    let output = Command::new(std::env::current_exe()?).args(["first", shape]).arg(folder).output()?;
    Ok(serde_json::from_slice::<Value>(&output.stdout)?)
}

/// The first query of a process: from opening the file to the answer.
pub(crate) async fn first(shape: &str, folder: &str) -> Figures {
    let started = Instant::now();
    let queue = open(Path::new(folder), Shape::named(shape)?)?;
    let found = search(&queue, BEYOND + QUERIES).await?;
    let seconds = started.elapsed().as_secs_f64();
    // A process that goes on searching takes more of the index into its memory.
    for number in 1..=8 {
        search(&queue, BEYOND + QUERIES + number).await?;
    }
    Ok(json!({"seconds": seconds, "peak_mb": peak_mb(), "hits": found.len()}))
}

fn open(folder: &Path, shape: Shape) -> Result<Queue, embed_queue::Error> {
    Queue::new(Store::open(&folder.join("index.db"))?, Numbered::shared(shape), NOW)
}

async fn search(queue: &Queue, number: u64) -> Result<HashSet<String>, embed_queue::Error> {
    let request =
        Request { search: Search::Vector, limit: K, floor: -1.0, ..Request::new(&number.to_string()) };
    Ok(queue.search(request, NOW).await?.hits.into_iter().map(|hit| hit.source).collect())
}

fn offer(best: &mut Vec<(f32, String)>, score: f32, number: usize) {
    if best.len() < K || best.last().is_some_and(|last| score > last.0) {
        let place = best.partition_point(|kept| kept.0 >= score);
        best.insert(place, (score, number.to_string()));
        best.truncate(K);
    }
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (ones, _) = one.as_chunks::<16>();
    let (others, _) = other.as_chunks::<16>();
    let mut sums = [0.0_f32; 16];
    for (one, other) in ones.iter().zip(others) {
        for (sum, (one, other)) in sums.iter_mut().zip(one.iter().zip(other)) {
            *sum += one * other;
        }
    }
    sums.iter().sum()
}
