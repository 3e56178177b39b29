//! The sync part of `b24 demo`: the clinic's example is planned, written, and planned again.

use std::fs;
use std::path::{Path, PathBuf};

use b24_client::Client;
use jiff::SignedDuration;
use serde::Serialize;
use workflow::sync::Journal;
use workflow::sync::apply::Applied;
use workflow::sync::journal::RunKind;
use workflow::sync::plan::{Counts, Shown as Names, diff};
use workflow::sync::run::PlanOrder;

use super::desk::{Desk, Task, Tools};
use super::{plan, told};
use crate::clock;
use crate::failure::Failure;

const MAPPING: &str = include_str!("../../../../../examples/clinic/mapping.toml");
const RECEPTIONS: &str = include_str!("../../../../../examples/clinic/receptions.csv");
/// Records of the plan that are shown field by field.
const SHOWN: u32 = 2;

/// The files that it writes.
pub(in crate::commands) const CLINIC_FILES: [&str; 2] = ["clinic/mapping.toml", "clinic/receptions.csv"];

/// What the tour says of the clinic.
#[derive(Debug, Serialize)]
pub(in crate::commands) struct Clinic {
    mapping: PathBuf,
    planned: Counts,
    applied: Applied,
    /// What a second plan finds after the first was written.
    afterwards: Counts,
    #[serde(skip)]
    pub(in crate::commands) text: String,
}

/// Plans and writes the clinic's receptions; the files stay in `folder`, to be looked at and tried again.
///
/// # Errors
/// The files cannot be written, or the example does not fit the sandbox, which is a bug.
pub(in crate::commands) async fn tour(client: &Client, folder: &Path) -> Result<Clinic, Failure> {
    let folder = folder.join("clinic");
    let mapping = folder.join("mapping.toml");
    let write = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|error| Failure::file(format!("writing {}", path.display()), &error))
    };
    let made = fs::create_dir_all(&folder);
    made.map_err(|error| Failure::file(format!("creating the folder {}", folder.display()), &error))?;
    write(&mapping, MAPPING)?;
    write(&folder.join("receptions.csv"), RECEPTIONS)?;
    let state = tempfile::tempdir().map_err(|error| Failure::file("making a temporary folder", &error))?;
    let journal = Journal::open(&state.path().join("journal.db"), &client.identity(), clock::now());
    let journal = journal?;
    let desk = Desk::of_sandbox(client.clone(), journal, SignedDuration::from_secs(1));
    let task = Task::read(&mapping)?;
    let tools = Tools::silent();
    let session = desk.session(&task, &tools, true);
    let first = session.plan(RunKind::Run, PlanOrder::default(), &mut |_| {}).await?;
    let names = Names::new(&first.rules, &first.facts);
    let shown = desk.journal.planned(first.run, 0, SHOWN)?;
    let shown: Vec<String> =
        shown.iter().map(|spooled| diff(&spooled.entry, &names).join("\n") + "\n").collect();
    let applied = session.apply(&first, &mut |_| {}).await?;
    let everything = PlanOrder { full: true, ..PlanOrder::default() };
    let again = session.plan(RunKind::Plan, everything, &mut |_| {}).await?;
    let text = format!(
        "A clinic's receptions ({}), planned (two of them):\n\n{}…\n\n{}\nWritten:\n{}\nPlanned once more: {} to create, {} unchanged.\n",
        mapping.display(),
        shown.concat(),
        plan::summary(&first, &names),
        told::applied(&applied),
        again.counts.create,
        again.counts.unchanged + again.counts.skipped,
    );
    Ok(Clinic { mapping, planned: first.counts, applied, afterwards: again.counts, text })
}
