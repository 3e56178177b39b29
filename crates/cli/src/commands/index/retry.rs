//! `b24 index retry`.

use serde::Serialize;

use super::part;
use crate::args::PartArgs;
use crate::clock;
use crate::context::Context;
use crate::failure::Failure;
use crate::memory::{Memory, of_queue};
use crate::output::Answer;

#[derive(Serialize)]
struct Data {
    texts: u64,
}

pub(super) fn run(context: &Context, args: &PartArgs) -> Result<Answer, Failure> {
    let memory = Memory::open(context)?;
    let scope = part::scope(&memory.store, args)?;
    let texts = memory.store.retry(&scope, clock::now()).map_err(|error| of_queue(&error))?;
    if texts > 0 {
        context.out.note("b24 index work embeds them");
    }
    Answer::new(format!("{texts} texts of {} wait again\n", part::words(&scope)), &Data { texts })
}
