//! The queue's speed, through its public functions alone: `memory NAME [NUMBER] [MORE]` prints figures as one JSON object.
//!
//! `cargo xtask bench` runs it and compares the figures with their bars; see docs/benchmarks.md.

mod corpus;
mod found;
mod hybrid;
mod ingest;
mod known;
mod vectors;
mod work;

use std::error::Error;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::Value;

type Figures = Result<Value, Box<dyn Error>>;

/// Dimensions of all vectors here.
const DIMENSIONS: usize = 768;
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[tokio::main]
async fn main() -> ExitCode {
    // Cargo's own flag for benches is not ours.
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match words.as_slice() {
        ["articles"] => ingest::articles(),
        ["small", count] => ingest::small(count),
        ["work", count] => work::work(count).await,
        ["vectors", count, shape, folder] => vectors::vectors(count, shape, folder).await,
        ["first", shape, folder] => vectors::first(shape, folder).await,
        ["hybrid", count] => hybrid::hybrid(count).await,
        ["known"] => known::known().await,
        _ => Err("memory articles|small N|work N|vectors N SHAPE FOLDER|hybrid N|known".into()),
    };
    let (text, code) = match figures {
        Ok(figures) => (figures.to_string(), ExitCode::SUCCESS),
        Err(error) => (format!("failed: {error}"), ExitCode::FAILURE),
    };
    #[expect(clippy::print_stdout, reason = "figures are what a bench is for")]
    {
        println!("{text}");
    }
    code
}
