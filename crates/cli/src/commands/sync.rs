//! `b24 sync`: the mapping, the plan and the journal as commands.

mod apply;
mod check;
mod desk;
mod history;
mod init;
mod plan;
mod rejects;
mod run;
mod shown;
mod state;
mod status;
mod told;
mod tour;
mod why;

use std::fs;
use std::path::{Path, PathBuf};

use b24_client::Client;
use workflow::sync::{Journal, Mapping};

use crate::args::{SourceArgs, SyncCommand};
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;
use crate::settings::{Portal, create_owner_only};

pub(super) use run::every;
pub(super) use tour::{CLINIC_FILES, Clinic, tour};

/// Starts a subcommand.
pub(super) async fn run(context: &Context, command: &SyncCommand) -> Result<Answer, Failure> {
    match command {
        SyncCommand::Init(args) => init::run(context, args).await,
        SyncCommand::Check(args) => check::run(context, args).await,
        SyncCommand::Plan(args) => plan::run(context, args).await,
        SyncCommand::Apply(args) => apply::run(context, args).await,
        SyncCommand::Run(args) => run::once(context, args, true).await,
        SyncCommand::Revert(args) => apply::revert(context, args).await,
        SyncCommand::Status(source) => status::run(context, source),
        SyncCommand::Rejects(command) => rejects::run(context, command),
        SyncCommand::History(args) => history::run(context, args),
        SyncCommand::Why { record } => why::run(context, record),
        SyncCommand::State(command) => state::run(context, command),
    }
}

/// The journal of the chosen portal, and whose it is.
pub(super) struct Place {
    path: PathBuf,
    portal: String,
}

impl Place {
    /// Finds it; nothing is sent.
    ///
    /// # Errors
    /// The settings name no portal.
    pub(super) fn find(context: &Context) -> Result<Self, Failure> {
        let portal = context.portal()?;
        let client = portal.client(&context.settings()?.file.limits)?;
        Ok(Self::of(&portal, &client))
    }

    fn of(portal: &Portal, client: &Client) -> Self {
        Self { path: portal.journal(), portal: client.identity() }
    }

    /// Opens it for reading, also while a run is writing.
    ///
    /// # Errors
    /// There is none yet, or it cannot be read.
    pub(super) fn look(&self) -> Result<Journal, Failure> {
        self.journal()?.ok_or_else(|| {
            Failure::new(Code::NoJournal, format!("reading the journal of {}", self.portal))
                .because(format!(
                    "there is none at {}: nothing was synchronised from here yet",
                    self.path.display()
                ))
                .advise("run `b24 sync plan MAPPING.toml`, or choose another profile or --state-dir")
        })
    }

    /// The same, none if there is none yet.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn journal(&self) -> Result<Option<Journal>, Failure> {
        Journal::look(&self.path, &self.portal).map_err(Failure::from)
    }

    /// Opens it for writing; no run may be writing.
    ///
    /// # Errors
    /// It cannot be written, or a run holds it.
    pub(super) fn open(&self) -> Result<Journal, Failure> {
        if let Some(folder) = self.path.parent() {
            let attempted = || format!("creating the folder {}", folder.display());
            create_owner_only(folder).map_err(|error| Failure::file(attempted(), &error))?;
        }
        Journal::open(&self.path, &self.portal, clock::now()).map_err(Failure::from)
    }
}

/// Reads a mapping.
///
/// # Errors
/// The file cannot be read, or is no mapping.
pub(super) fn mapping(path: &Path) -> Result<Mapping, Failure> {
    let attempted = || format!("reading the mapping {}", path.display());
    let text = fs::read_to_string(path).map_err(|error| Failure::file(attempted(), &error))?;
    Mapping::parse(text.trim_start_matches('\u{feff}')).map_err(|error| Failure::of_mapping(path, &error))
}

/// The mapping of the source that is meant; none means all.
fn chosen(args: &SourceArgs) -> Result<Option<Mapping>, Failure> {
    args.mapping.as_deref().map(mapping).transpose()
}

/// The source that is meant; none means all.
fn source(args: &SourceArgs) -> Result<Option<String>, Failure> {
    Ok(chosen(args)?.map(|mapping| mapping.name))
}
