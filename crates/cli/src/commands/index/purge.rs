//! `b24 index purge`.

use embed_queue::Scope;
use serde::Serialize;
use workflow::index::CRM;

use super::part;
use crate::args::PurgeArgs;
use crate::ask;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::{self, QueueFile};
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
    let queue = QueueFile::open(context)?;
    let scopes = part::scopes(&queue.store, &args.part)?;
    let (mut documents, mut chunks) = (0, 0);
    for scope in &scopes {
        documents += queue.store.documents(scope)?.total();
        chunks += queue.store.chunks(scope)?.total();
    }
    context.out.note(format!(
        "{}: {documents} documents, {chunks} chunks with their vectors; files and portal are not touched",
        part::words(&scopes, args.part.collection.as_ref()),
    ));
    if documents > 0 && !args.yes {
        let agreed = ask::agreed(context, "Remove them from the queue?", "give --yes to remove them")?;
        if !agreed {
            return Answer::new("nothing was removed\n", &Data { documents: 0 });
        }
    }
    let purged = queue.store.purge(&scopes)?;
    if !purged.scrubbed {
        context.out.warning(memory::STILL_READ);
    }
    // What is gone is to be read again, and an empty queue is nobody's.
    let of_portal = |scope: &Scope| scope.collection.as_ref().is_none_or(|name| name.starts_with(CRM));
    if args.part.source.is_none() && scopes.iter().any(of_portal) {
        queue.store.forget_marks(CRM)?;
    }
    if args.all {
        queue.store.release()?;
    }
    let documents = purged.documents;
    Answer::new(format!("{documents} documents removed\n"), &Data { documents })
}
