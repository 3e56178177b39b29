//! `b24 sync apply` and `b24 sync revert`: a plan is shown, agreed to, written.

use std::path::Path;

use serde::Serialize;
use workflow::sync::Session;
use workflow::sync::apply::Applied;
use workflow::sync::journal::RunKind;
use workflow::sync::plan::{SavedPlan, Shown as Names};
use workflow::sync::run::Planned;

use super::desk::{Desk, Shown, Task, Tools};
use super::plan::{PlanData, guesses, order, problems, show, summary};
use super::{history, told};
use crate::args::{ApplyArgs, RevertArgs};
use crate::ask;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;

/// What was written, as the document has it.
#[derive(Debug, Serialize)]
struct Written {
    plan: PlanData,
    /// `null` when it was not agreed to, or a guard tripped.
    applied: Option<Applied>,
}

/// Writes a saved plan, or plans and writes.
pub(super) async fn run(context: &Context, args: &ApplyArgs) -> Result<Answer, Failure> {
    known(&args.file)?;
    let saved = if is_plan(&args.file) { Some(SavedPlan::open(&args.file)?) } else { None };
    let selection = &args.selection;
    if saved.is_some() && (selection.limit.is_some() || !selection.only.is_empty() || selection.full) {
        return Err(Failure::new(Code::Usage, "applying a saved plan")
            .because("--limit, --only and --full choose what is planned, and this plan is made already")
            .advise("plan again with them: b24 sync plan MAPPING --limit N -o plan.json"));
    }
    let task = Task::read(mapping_of(args, saved.as_ref())?)?;
    let desk = Desk::open(context, true)?;
    let tools = Tools::new(context, &desk.portal);
    let session = desk.session(&task, &tools, true);
    let progress = Shown::new(context, "records");
    let planned = match &saved {
        Some(saved) => session.adopt(saved, &mut |event| progress.take(event)).await,
        None => session.plan(RunKind::Run, order(&args.selection), &mut |event| progress.take(event)).await,
    };
    drop(progress);
    let mut planned = planned?;
    if let Some(saved) = &saved {
        planned.guards.clone_from(&saved.end().guards);
    }
    agreed(context, &desk, &session, planned, args.yes).await
}

/// A workbook or a table is neither.
fn known(path: &Path) -> Result<(), Failure> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("xlsx" | "csv" | "jsonl" | "db" | "sqlite") => {
            Err(Failure::new(Code::Usage, format!("applying {}", path.display()))
                .because("it is neither a mapping (.toml) nor a plan for programs (.json)")
                .advise("b24 sync apply MAPPING.toml, or b24 sync apply plan.json --mapping MAPPING.toml"))
        }
        _ => Ok(()),
    }
}

fn is_plan(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

/// A saved plan knows what it was made of, not where that lies.
fn mapping_of<'a>(args: &'a ApplyArgs, saved: Option<&SavedPlan>) -> Result<&'a Path, Failure> {
    match (saved, &args.mapping) {
        (None, None) => Ok(&args.file),
        (Some(_), Some(mapping)) => Ok(mapping),
        (Some(saved), None) => Err(Failure::new(Code::Usage, "applying a saved plan")
            .because(format!(
                "its mapping, named `{}`, is needed to judge what changed since",
                saved.header().name
            ))
            .advise("give its file: --mapping MAPPING.toml")),
        (None, Some(_)) => Err(Failure::new(Code::Usage, "applying a mapping")
            .because("--mapping belongs to a saved plan")
            .advise("give the mapping alone")),
    }
}

/// Takes a run back.
pub(super) async fn revert(context: &Context, args: &RevertArgs) -> Result<Answer, Failure> {
    let number = history::number_of(&args.run)?;
    let task = Task::read(&args.mapping)?;
    let desk = Desk::open(context, true)?;
    let tools = Tools::new(context, &desk.portal);
    let session = desk.session(&task, &tools, true);
    let planned = session.revert(number).await?;
    if !context.out.wants_json() {
        // What was created is listed, and what goes back is shown, before anybody is asked.
        show(&desk, &planned, &Names::new(&planned.rules, &planned.facts), false)?;
    }
    agreed(context, &desk, &session, planned, args.yes).await
}

/// Shows portal and counts, asks, writes.
async fn agreed(
    context: &Context,
    desk: &Desk,
    session: &Session<'_>,
    planned: Planned,
    yes: bool,
) -> Result<Answer, Failure> {
    let names = Names::new(&planned.rules, &planned.facts);
    let text = summary(&planned, &names);
    guesses(context, &planned);
    let data = |applied| Written { plan: PlanData::new(&planned, Vec::new()), applied };
    if !planned.guards.is_empty() {
        return Ok(Answer::new(text, &data(None))?.exit(Exit::Refused).problems(problems(desk, &planned)?));
    }
    let writes = planned.counts.create + planned.counts.update;
    if writes > 0 && !yes {
        context.out.insist(text.trim_end());
        let question = format!("Write {} to {}?", told::many(writes, "record"), desk.portal);
        if !ask::agreed(context, &question, "look at `b24 sync plan`, then give --yes")? {
            return Answer::new("nothing was written\n", &data(None));
        }
    }
    let applied = write(context, session, &planned).await?;
    let exit = exit_of(&applied);
    let said = if yes || writes == 0 { text } else { String::new() };
    let answer = Answer::new(said + &told::applied(&applied), &data(Some(applied)))?;
    Ok(answer.exit(exit).problems(problems(desk, &planned)?))
}

/// Writes a plan with a progress bar.
pub(super) async fn write(
    context: &Context,
    session: &Session<'_>,
    planned: &Planned,
) -> Result<Applied, Failure> {
    let progress = Shown::new(context, "written");
    let applied = session.apply(planned, &mut |event| progress.take(event)).await;
    let applied = applied?;
    if let Some(stopped) = &applied.stopped {
        context.out.warning(format!("stopped: {}", crate::output::chain(stopped)));
    }
    Ok(applied)
}

/// How a run with this result ends.
pub(super) fn exit_of(applied: &Applied) -> Exit {
    match &applied.stopped {
        Some(error) => Failure::exit_of(error.kind()),
        None if applied.is_partial() => Exit::Partial,
        None => Exit::Done,
    }
}
