//! `b24 sync plan`.

use std::path::{Path, PathBuf};

use serde::Serialize;
use workflow::OutputFile;
use workflow::sync::apply::Finding;
use workflow::sync::journal::RunKind;
use workflow::sync::plan::{
    Counts, Guard, PlanHeader, PlanWorkbook, PlanWriter, Robots, Selection, Shown as Names, diff,
};
use workflow::sync::run::{PlanOrder, Planned};

use super::desk::{Desk, Shown, Task, Tools};
use super::{shown, told};
use crate::args::{PlanArgs, SelectionArgs};
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer, Problem};

/// Entries that are in memory at once.
const PAGE: u32 = 500;

/// A plan as the document has it.
#[derive(Debug, Serialize)]
pub(super) struct PlanData {
    /// Number of its run in the journal.
    pub(super) run: String,
    source: String,
    portal: String,
    counts: Counts,
    robots: Robots,
    guards: Vec<Guard>,
    rejects: u64,
    new_rejects: u64,
    cursor: Option<String>,
    is_everything: bool,
    /// What looking up took, deals and contacts apart.
    finding: Finding,
    outputs: Vec<PathBuf>,
}

impl PlanData {
    pub(super) fn new(planned: &Planned, outputs: Vec<PathBuf>) -> Self {
        Self {
            run: planned.run.to_string(),
            source: planned.rules.name.clone(),
            portal: planned.rules.portal.clone(),
            counts: planned.counts.clone(),
            robots: planned.robots.clone(),
            guards: planned.guards.clone(),
            rejects: planned.rejects,
            new_rejects: planned.new_rejects,
            cursor: planned.cursor.clone(),
            is_everything: planned.is_everything,
            finding: planned.finding,
            outputs,
        }
    }
}

/// What is asked for on the command line.
pub(super) fn order(args: &SelectionArgs) -> PlanOrder {
    PlanOrder { selection: Selection::new(args.limit, args.only.iter().cloned()), full: args.full }
}

/// Plans, shows, saves; writes nothing to the portal.
pub(super) async fn run(context: &Context, args: &PlanArgs) -> Result<Answer, Failure> {
    let outputs = args.output.iter().map(|path| Form::of(path)).collect::<Result<Vec<_>, _>>()?;
    let task = Task::read(&args.mapping)?;
    // A place that cannot be written to is told before the source is read.
    outputs.iter().try_for_each(|form| form.try_out(args.force))?;
    let desk = Desk::open(context, false)?;
    let tools = Tools::new(context, &desk.portal);
    let session = desk.session(&task, &tools, false);
    let planned = {
        let progress = Shown::new(context, "records");
        let made =
            session.plan(RunKind::Plan, order(&args.selection), &mut |event| progress.take(event)).await;
        made?
    };
    let names = Names::new(&planned.rules, &planned.facts);
    guesses(context, &planned);
    if !context.out.wants_json() {
        show(&desk, &planned, &names, args.unchanged)?;
    }
    let saved = outputs
        .iter()
        .map(|form| form.save(&desk, &planned, &names, args.force))
        .collect::<Result<_, _>>()?;
    let data = PlanData::new(&planned, saved);
    let changes = planned.counts.create + planned.counts.update > 0;
    let left = planned.new_rejects > 0 || planned.counts.unknown > 0;
    let exit = match () {
        () if left => Exit::Partial,
        () if args.detailed_exit_code && changes => Exit::Changes,
        () => Exit::Done,
    };
    let text = summary(&planned, &names) + &saved_text(&data.outputs);
    Ok(Answer::new(text, &data)?.exit(exit).problems(problems(&desk, &planned)?))
}

fn saved_text(outputs: &[PathBuf]) -> String {
    outputs.iter().map(|path| format!("saved: {}\n", path.display())).collect::<Vec<_>>().concat()
}

/// Counts, robots and guards.
pub(super) fn summary(planned: &Planned, names: &Names) -> String {
    let rejects = match planned.rejects {
        0 => String::new(),
        rejects => format!("{} cannot be used: b24 sync rejects list\n", told::many(rejects, "row")),
    };
    told::counts(&planned.counts)
        + &told::robots(&planned.robots, names)
        + &rejects
        + &format!("dates and times are on the clocks of {}\n", names.zone())
        + &told::guards(&planned.guards)
}

/// What the mapping leaves open is said, never silently used.
pub(super) fn guesses(context: &Context, planned: &Planned) {
    for guess in &planned.guesses {
        context.out.note(format!("guessed: {} = {} ({})", guess.setting, guess.value, guess.reason));
    }
}

/// Rows that this run tells about first, what the portal refused of them included once it is written, and guards.
pub(super) fn problems(desk: &Desk, planned: &Planned) -> Result<Vec<Problem>, Failure> {
    let stored = desk.journal.rejects(Some(&planned.rules.name))?;
    let new = stored.iter().filter(|reject| reject.is_news_of(planned.run));
    let mut problems: Vec<Problem> = new
        .map(|stored| Problem {
            code: stored.reject.code.clone(),
            field: stored.reject.field.clone(),
            value: shown::value(&stored.reject),
            message: match &stored.reject.key {
                Some(key) => format!("{key}, line {}: {}", stored.reject.line, stored.reject.message),
                None => format!("line {}: {}", stored.reject.line, stored.reject.message),
            },
            hint: Some(stored.reject.hint.clone()),
        })
        .collect();
    problems.extend(planned.guards.iter().map(|guard| Problem {
        code: guard.code().to_owned(),
        field: None,
        value: None,
        message: guard.to_string(),
        hint: Some("look at the plan; when it is right, raise [guards] of the mapping".to_owned()),
    }));
    Ok(problems)
}

/// Every entry of a plan, page by page.
fn each(
    desk: &Desk,
    planned: &Planned,
    mut with: impl FnMut(&workflow::sync::Entry) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let page = desk.journal.pending(planned.run, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.position;
        page.iter().try_for_each(|spooled| with(&spooled.entry))?;
    }
}

pub(super) fn show(desk: &Desk, planned: &Planned, names: &Names, unchanged: bool) -> Result<(), Failure> {
    each(desk, planned, |entry| {
        if entry.symbol() == '=' && !unchanged {
            return Ok(());
        }
        output::data(&(diff(entry, names).join("\n") + "\n"))
    })?;
    output::data("\n")
}

/// A file that a plan is saved as.
enum Form {
    Json(PathBuf),
    Workbook(PathBuf),
}

impl Form {
    fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Ok(Self::Json(path.to_owned())),
            Some("xlsx") => Ok(Self::Workbook(path.to_owned())),
            _ => Err(Failure::new(Code::Usage, format!("saving the plan as {}", path.display()))
                .because("the name ends neither in .json nor in .xlsx")
                .advise("choose plan.json for `sync apply`, plan.xlsx for people")),
        }
    }

    fn try_out(&self, force: bool) -> Result<(), Failure> {
        let (Self::Json(path) | Self::Workbook(path)) = self;
        OutputFile::create(path, force).map(drop).map_err(Failure::from)
    }

    fn save(&self, desk: &Desk, planned: &Planned, names: &Names, force: bool) -> Result<PathBuf, Failure> {
        let header = PlanHeader::new(&planned.rules, clock::now());
        let (rules, guards) = (&planned.rules, planned.guards.clone());
        match self {
            Self::Json(path) => {
                let mut writer = PlanWriter::create(path, force, &header, rules)?;
                each(desk, planned, |entry| Ok(writer.add(entry)?))?;
                Ok(writer.finish(guards)?)
            }
            Self::Workbook(path) => {
                let (portal, names) = (desk.client.portal(), names.clone());
                let made = PlanWorkbook::create(path, force, header, &portal, names, rules);
                let mut workbook = made?;
                each(desk, planned, |entry| Ok(workbook.add(entry)?))?;
                let stored = desk.journal.rejects(Some(&rules.name))?;
                let aside: Vec<_> = stored.into_iter().map(|one| shown::masked(one).reject).collect();
                Ok(workbook.finish(&guards, &aside)?)
            }
        }
    }
}
