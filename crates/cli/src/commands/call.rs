//! `b24 call`.

pub(super) mod params;
mod readable;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::args::CallArgs;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer};

/// Calls the method and prints the portal's reply: its result, or with `--json` the whole reply unchanged.
pub(super) async fn run(context: &Context, args: &CallArgs) -> Result<Answer, Failure> {
    let method = args.method.trim();
    if method.is_empty() || !method.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    {
        return Err(Failure::new(Code::Usage, "reading the method's name")
            .because("it is not the name of a REST method")
            .advise("give a name such as crm.deal.list; the portal comes from the profile or B24_WEBHOOK"));
    }
    let params = params::read(args.params.as_deref(), &args.param)?;
    let portal = context.portal()?;
    portal.allow(method)?;
    let session = context.connect(&portal).await?;
    let reply = match session.client.call_text(method, &params).await {
        Ok(reply) => reply,
        Err(error) => {
            let failure = if error.may_be_executed() && !b24_client::is_known_read(method) {
                // Whether the write happened is unknown, which is what "partial" stands for.
                Failure::from(&error).ending(Exit::Partial)
            } else {
                Failure::from(&error)
            };
            if let Some(api) = error.api().filter(|_| context.out.wants_json()) {
                // The refusal is the portal's reply too.
                output::data(&with_line_end(&api.body))?;
                context.out.explain(&failure);
                return Ok(Answer::printed(failure.exit()));
            }
            return Err(failure);
        }
    };
    if context.out.wants_json() {
        output::data(&with_line_end(&reply))?;
    } else {
        print_result(context, &reply)?;
    }
    let refused = if method.eq_ignore_ascii_case("batch") { refused_commands(&reply) } else { 0 };
    if refused > 0 {
        context.out.warning(format!("the portal refused {refused} commands of the batch, see result_error"));
        return Ok(Answer::printed(Exit::Partial));
    }
    Ok(Answer::printed(Exit::Done))
}

/// How many commands of a batch are in `result_error`; without any the portal writes an empty list.
fn refused_commands(reply: &str) -> usize {
    #[derive(Deserialize)]
    struct Reply {
        result: Commands,
    }
    #[derive(Deserialize)]
    struct Commands {
        result_error: serde_json::Value,
    }
    match serde_json::from_str(reply) {
        Ok(Reply { result: Commands { result_error: serde_json::Value::Object(errors) } }) => errors.len(),
        Ok(Reply { result: Commands { result_error: serde_json::Value::Array(errors) } }) => errors.len(),
        _ => 0,
    }
}

/// The parts of a reply that are shown to people.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
    total: Option<u64>,
    next: Option<u64>,
}

fn print_result(context: &Context, reply: &str) -> Result<(), Failure> {
    let Ok(parts) = serde_json::from_str::<Parts<'_>>(reply) else {
        return output::data(&readable::readable(reply));
    };
    output::data(&readable::readable(parts.result.get()))?;
    match (parts.total, parts.next) {
        (Some(total), Some(next)) => {
            context.out.note(format!("{total} in all; the next page begins with -p start={next}"));
        }
        (Some(total), None) => context.out.note(format!("{total} in all")),
        (None, _) => {}
    }
    Ok(())
}

fn with_line_end(reply: &str) -> String {
    format!("{}\n", reply.trim_end_matches('\n'))
}
