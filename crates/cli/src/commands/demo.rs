//! `b24 demo`.

use crate::args::DemoArgs;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

#[expect(clippy::unused_async, reason = "the tour asks the sandbox once it is built")]
pub(super) async fn run(_context: &Context, args: &DemoArgs) -> Result<Answer, Failure> {
    Err(Failure::new(Code::Usage, format!("making the demo in {}", args.out.display()))
        .because("not built yet"))
}
