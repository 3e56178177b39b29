//! `b24 sync run`: plan and apply for schedulers, once or again and again.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use workflow::sync::apply::Applied;
use workflow::sync::journal::RunKind;
use workflow::sync::plan::Shown as Names;

use super::apply::{exit_of, write};
use super::desk::{Desk, Shown, Task, Tools};
use super::plan::{PlanData, guesses, order, problems, summary};
use super::told;
use crate::args::RunArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, Problem};
use crate::signals;

/// One mapping's run, as the document has it.
#[derive(Debug, Serialize)]
struct OneRun {
    mapping: PathBuf,
    /// `null` when there is no plan.
    plan: Option<PlanData>,
    /// `null` when nothing was written.
    applied: Option<Applied>,
    /// Why the run ended early.
    error: Option<Ended>,
}

#[derive(Debug, Serialize)]
struct Ended {
    code: &'static str,
    message: String,
}

#[derive(Debug, Default, Serialize)]
struct Data {
    runs: Vec<OneRun>,
}

/// Runs each mapping once.
pub(super) async fn once(context: &Context, args: &RunArgs, patient: bool) -> Result<Answer, Failure> {
    let tasks = args.mappings.iter().map(|path| Task::read(path)).collect::<Result<Vec<_>, _>>()?;
    let desk = Desk::open(context, true)?;
    let tools = Tools::new(context, &desk.portal);
    let (mut data, mut text, mut exit) = (Data::default(), String::new(), Exit::Done);
    let mut problems = Vec::new();
    for task in &tasks {
        let ran = one(context, args, (&desk, &tools, task), patient).await;
        let (run, said, ended, found) = match ran {
            Ok(ran) => ran,
            // One source that fails keeps no other from being read; a single one is the whole command.
            Err(failure) if tasks.len() == 1 => return Err(failure),
            Err(failure) => failed(context, task, &failure),
        };
        if tasks.len() > 1 {
            text.extend([task.path.display().to_string().as_str(), "\n"]);
        }
        text += &said;
        exit = worse(exit, ended);
        data.runs.push(run);
        problems.extend(found);
    }
    Ok(Answer::new(text, &data)?.exit(exit).problems(problems))
}

type Ran = (OneRun, String, Exit, Vec<Problem>);

async fn one(
    context: &Context,
    args: &RunArgs,
    (desk, tools, task): (&Desk, &Tools<'_>, &Task),
    patient: bool,
) -> Result<Ran, Failure> {
    let session = desk.session(task, tools, patient);
    let planned = {
        let progress = Shown::new(context, "planned");
        let made =
            session.plan(RunKind::Run, order(&args.selection), &mut |event| progress.take(event)).await;
        made?
    };
    guesses(context, &planned);
    let text = summary(&planned, &Names::new(&planned.rules, &planned.facts));
    let run = |applied| OneRun {
        mapping: task.path.clone(),
        plan: Some(PlanData::new(&planned, Vec::new())),
        applied,
        error: None,
    };
    if !planned.guards.is_empty() {
        return Ok((run(None), text, Exit::Refused, problems(desk, &planned)?));
    }
    let applied = write(context, &session, &planned).await?;
    let exit = exit_of(&applied);
    let text = text + &told::applied(&applied);
    Ok((run(Some(applied)), text, exit, problems(desk, &planned)?))
}

fn failed(context: &Context, task: &Task, failure: &Failure) -> Ran {
    context.out.explain(failure);
    let error = Ended { code: failure.code(), message: failure.attempted().to_owned() };
    let run = OneRun { mapping: task.path.clone(), plan: None, applied: None, error: Some(error) };
    (run, String::new(), failure.exit(), Vec::new())
}

/// What the run as a whole ends with: what needs a person first.
fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Done => 0,
        Exit::Partial => 1,
        Exit::Unreachable => 2,
        _ => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// Runs again and again until it is asked to stop; the run under way is ended first, a second request ends it at once.
pub(in crate::commands) async fn every(
    context: &Context,
    args: &RunArgs,
    pause: Duration,
) -> Result<Answer, Failure> {
    // Wrong mappings and settings are told at once, not every two minutes.
    args.mappings.iter().try_for_each(|path| Task::read(path).map(drop))?;
    let mut stop = tokio::spawn(signals::stop_requested());
    loop {
        let asked_to_stop = {
            let cycle = once(context, args, false);
            tokio::pin!(cycle);
            tokio::select! {
                biased;
                answered = &mut cycle => {
                    tell(context, answered)?;
                    false
                }
                _ = &mut stop => {
                    context.out.insist("stopping when this run has ended; once more to stop now");
                    let now = tokio::spawn(signals::stop_requested());
                    tokio::select! {
                        answered = &mut cycle => tell(context, answered)?,
                        _ = now => return Err(Failure::interrupted()),
                    }
                    true
                }
            }
        };
        if asked_to_stop {
            return Ok(Answer::printed(Exit::Done));
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = &mut stop => return Ok(Answer::printed(Exit::Done)),
        }
    }
}

/// Prints a cycle; what fails now is tried again with the next one.
fn tell(context: &Context, answered: Result<Answer, Failure>) -> Result<(), Failure> {
    match answered {
        Ok(answer) => context.out.answer(&answer, &context.stats()),
        Err(failure) => {
            context.out.failure(&failure, &context.stats());
            Ok(())
        }
    }
}
