//! What an import says about itself: before, instead and after.

use b24_client::CallError;
use serde::Serialize;
use workflow::import::{Forecast, Order, Tally};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer, Problem};

/// How the file was understood.
pub(super) fn introduce(context: &Context, order: &Order, forecast: &Forecast) {
    let form = match forecast.delimiter {
        Some(';') => "CSV with semicolons",
        Some('\t') => "CSV with tabs",
        Some('|') => "CSV with bars",
        Some(_) => "CSV with commas",
        None => "JSON lines",
    };
    context.out.note(format!("{}: {form}, UTF-8, {} rows", order.input.display(), forecast.rows));
    for (column, field) in forecast.columns.iter().filter(|(column, field)| column != field) {
        let said = if field == "-" {
            format!("column `{column}` is left out")
        } else {
            format!("{column} → {field}")
        };
        context.out.note(said);
    }
    let (done, rejected, unknown) = (forecast.done, forecast.rejected_before, forecast.unknown);
    if done + rejected + unknown > 0 {
        context.out.note(format!(
            "continuing from {}: {done} done, {rejected} rejected, {unknown} unknown",
            order.outcomes.display()
        ));
    }
}

#[derive(Serialize)]
struct Planned<'a> {
    method: &'a str,
    #[serde(flatten)]
    forecast: &'a Forecast,
}

/// The answer of a dry run.
pub(super) fn forecast(order: &Order, forecast: &Forecast) -> Result<Answer, Failure> {
    let unfit = match forecast.unfit_count {
        0 => String::new(),
        count => format!(", {count} cannot be sent"),
    };
    let first = forecast.sample.as_ref().map(|sample| format!("first: {sample}\n")).unwrap_or_default();
    let (to_send, rows) = (forecast.to_send, forecast.rows);
    let text = format!("{to_send} of {rows} rows would be sent to {}{unfit}\n{first}", order.method);
    let problem = |(line, reason): &(u64, String)| Problem {
        code: "import.row-unfit".to_owned(),
        field: None,
        value: Some(line.to_string()),
        message: format!("line {line}: {reason}"),
        hint: None,
    };
    let problems = forecast.unfit.iter().map(problem).collect();
    let exit = if forecast.unfit_count == 0 { Exit::Done } else { Exit::Partial };
    Ok(Answer::new(text, &Planned { method: &order.method, forecast })?.problems(problems).exit(exit))
}

#[derive(Serialize)]
struct Ended<'a> {
    method: &'a str,
    outcomes: &'a std::path::Path,
    #[serde(flatten)]
    tally: &'a Tally,
}

/// The answer of a run.
pub(super) fn outcome(
    context: &Context,
    order: &Order,
    tally: &Tally,
    stopped: Option<&CallError>,
) -> Result<Answer, Failure> {
    let text = format!(
        "{} done, {} rejected, {} unknown, {} not sent; see {}\n",
        tally.ok,
        tally.rejected,
        tally.unknown,
        tally.not_sent,
        order.outcomes.display()
    );
    if tally.found > 0 {
        context.out.note(format!("{} rows whose answer was lost were found in the portal", tally.found));
    }
    if tally.left > 0 {
        context.out.note(format!("{} rows are left for the next run", tally.left));
    }
    let mut problems = Vec::new();
    if tally.unknown > 0 {
        problems.push(Problem {
            code: "import.outcome-unknown".to_owned(),
            field: None,
            value: Some(tally.unknown.to_string()),
            message: format!("nobody knows whether {} rows were executed", tally.unknown),
            hint: Some(match order.key {
                Some(_) => "run again later, or look at the reasons in the outcome file".to_owned(),
                None => "look them up in the portal; with --key FIELD the next run does".to_owned(),
            }),
        });
    }
    let exit = match stopped {
        Some(error) => {
            problems.push(Problem {
                code: error.code().to_owned(),
                field: None,
                value: None,
                message: format!("stopped: {}", output::chain(error)),
                hint: error.hint().or_else(|| Some("run again; it continues".to_owned())),
            });
            Failure::exit_of(error.kind())
        }
        None if tally.is_complete() => Exit::Done,
        None => Exit::Partial,
    };
    let ended = Ended { method: &order.method, outcomes: &order.outcomes, tally };
    Ok(Answer::new(text, &ended)?.problems(problems).exit(exit))
}
