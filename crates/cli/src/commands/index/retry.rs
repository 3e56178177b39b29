//! `b24 index retry`.

use serde::Serialize;

use super::part;
use crate::args::PartArgs;
use crate::clock;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::QueueFile;
use crate::output::Answer;

#[derive(Serialize)]
struct Data {
    texts: u64,
}

pub(super) fn run(context: &Context, args: &PartArgs) -> Result<Answer, Failure> {
    let queue = QueueFile::open(context)?;
    let scopes = part::scopes(&queue.store, args)?;
    let mut texts = 0;
    for scope in &scopes {
        texts += queue.store.retry(scope, clock::now())?;
    }
    if texts > 0 {
        context.out.note("b24 index work embeds them");
    }
    let of = part::words(&scopes, args.collection.as_ref());
    Answer::new(format!("{texts} texts of {of} wait again\n"), &Data { texts })
}
