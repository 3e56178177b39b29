//! `b24 index why`.

use embed_queue::Explanation;
use serde::Serialize;

use super::part;
use crate::args::WhyArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::QueueFile;
use crate::output::{Answer, table};

#[derive(Serialize)]
struct Data {
    collection: Option<String>,
    source: Option<String>,
    chunks: Vec<Chunk>,
}

#[derive(Serialize)]
struct Chunk {
    position: u32,
    status: String,
    attempts: u32,
    due: Option<String>,
    leased: bool,
    class: Option<String>,
    error: Option<String>,
}

impl Chunk {
    fn new(explanation: Explanation) -> Self {
        Self {
            position: explanation.position,
            status: explanation.status.to_string(),
            attempts: explanation.attempts,
            due: explanation.next_attempt_at.map(|at| at.to_string()),
            leased: explanation.leased,
            class: explanation.error_class,
            error: explanation.error,
        }
    }

    fn row(&self) -> [String; 5] {
        let due = match (&self.due, self.leased) {
            (Some(at), true) => format!("a worker has it until {at}"),
            (Some(at), false) => at.clone(),
            (None, _) => String::new(),
        };
        let class = self.class.as_ref().map(|class| format!("{class}: ")).unwrap_or_default();
        let error = self.error.as_ref().map(|error| format!("{class}{error}")).unwrap_or_default();
        [self.position.to_string(), self.status.clone(), self.attempts.to_string(), due, error]
    }
}

pub(super) fn run(context: &Context, args: &WhyArgs) -> Result<Answer, Failure> {
    let queue = QueueFile::open(context)?;
    let scope = part::document(&queue.store, &args.source, args.collection.as_ref())?;
    let chunks = queue.store.why(&scope)?;
    let chunks: Vec<Chunk> = chunks.into_iter().map(Chunk::new).collect();
    let heading = ["CHUNK", "STATE", "ATTEMPTS", "DUE", "LAST FAILURE"];
    let of = part::words(std::slice::from_ref(&scope), None);
    let text = format!("{of}\n{}", table(heading, chunks.iter().map(Chunk::row)));
    Answer::new(text, &Data { collection: scope.collection, source: scope.source, chunks })
}
