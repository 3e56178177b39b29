//! `b24 report`.

use crate::args::{InvoicesArgs, ReportCommand};
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

pub(super) async fn run(context: &Context, command: &ReportCommand) -> Result<Answer, Failure> {
    match command {
        ReportCommand::Invoices(args) => invoices(context, args).await,
    }
}

#[expect(clippy::unused_async, reason = "the register asks the portal once it is built")]
async fn invoices(_context: &Context, args: &InvoicesArgs) -> Result<Answer, Failure> {
    Err(Failure::new(Code::Usage, format!("making the register {:?}", args.output)).because("not built yet"))
}
