//! `b24 index purge`.

use serde::Serialize;
use workflow::index::CRM;

use super::part;
use crate::args::PurgeArgs;
use crate::ask;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::{self, Memory, of_queue};
use crate::output::Answer;

#[derive(Serialize)]
struct Data {
    documents: u64,
}

pub(super) fn run(context: &Context, args: &PurgeArgs) -> Result<Answer, Failure> {
    if !args.all && args.part.source.is_none() && args.part.collection.is_none() {
        return Err(Failure::new(Code::Usage, "removing documents from the queue")
            .because("it is not said which")
            .advise("name a document, a collection with --in, or --all"));
    }
    let memory = Memory::open(context)?;
    let failed = |error: &embed_queue::Error| of_queue(error);
    let scope = part::scope(&memory.store, &args.part)?;
    let documents = memory.store.documents(&scope).map_err(|error| failed(&error))?;
    let chunks = memory.store.chunks(&scope).map_err(|error| failed(&error))?;
    context.out.note(format!(
        "{}: {} documents, {} chunks with their vectors; files and portal are not touched",
        part::words(&scope),
        documents.total(),
        chunks.total()
    ));
    if documents.total() > 0 && !args.yes {
        let agreed = ask::agreed(context, "Remove them from the queue?", "give --yes to remove them")?;
        if !agreed {
            return Answer::new("nothing was removed\n", &Data { documents: 0 });
        }
    }
    let purged = memory.store.purge(std::slice::from_ref(&scope)).map_err(|error| failed(&error))?;
    if !purged.scrubbed {
        context.out.warning(memory::STILL_READ);
    }
    // What is gone is to be read again, and an empty queue is nobody's.
    if scope.source.is_none() && scope.collection.as_ref().is_none_or(|name| name.starts_with(CRM)) {
        memory.store.forget_marks(CRM).map_err(|error| failed(&error))?;
    }
    if args.all {
        memory.store.release().map_err(|error| failed(&error))?;
    }
    let documents = purged.documents;
    Answer::new(format!("{documents} documents removed\n"), &Data { documents })
}
