//! `b24 report diff`.

use crate::args::DiffArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

pub(super) fn run(_context: &Context, _args: &DiffArgs) -> Result<Answer, Failure> {
    unimplemented!()
}
