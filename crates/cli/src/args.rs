//! What was typed: the command line as clap types.

mod index;
mod list;
mod portal;
mod report;
mod sandbox;
mod sync;

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use self::index::{
    AddArgs, CrmArgs, IndexCommand, ModeArg, OnFailureArg, PartArgs, PurgeArgs, SearchArg, SearchArgs,
    WhyArgs, WorkArgs,
};
pub(crate) use self::list::ListArgs;
pub(crate) use self::portal::{BatchArgs, FieldsArgs, FieldsCommand, ImportArgs, PullArgs};
pub(crate) use self::report::{
    BasisArg, CsvArg, DiffArgs, InvoicesArgs, LanguageArg, LayoutArg, ReportCommand,
};
pub(crate) use self::sandbox::{SandboxCommand, ServeArgs};
pub(crate) use self::sync::{
    ApplyArgs, CheckArgs, ChosenArgs, ForgetArgs, HistoryArgs, InitArgs, PlanArgs, RejectsCommand,
    RevertArgs, RunArgs, SelectionArgs, SourceArgs, StateCommand, SyncCommand,
};
use crate::code::Code;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// The fastest and the safest way to work with a Bitrix24 portal from the command line.
#[derive(Debug, Parser)]
#[command(name = "b24", version, arg_required_else_help = true, after_long_help = Exit::list(), max_term_width = 110)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Globals {
    /// Profile of the config file to use (also `B24_PROFILE`)
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Config file (also `B24_CONFIG`)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for what b24 remembers between runs
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// Print one JSON document on stdout (described in docs/json.md)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing on stderr but warnings and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole tour on the built-in sandbox; writes real files and says what to look at
    Demo(DemoArgs),
    /// Create, show and find the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check portal, user, rights, scopes, our companies, funnels, invoices, clock and limits
    Doctor,
    /// Let an application into the portal: prints the address to open, takes the code, stores the tokens, runs doctor
    Login,
    /// List the fields of an entity with their types and values, or save the portal's structure
    Fields(FieldsArgs),
    /// Make reports
    #[command(subcommand)]
    Report(ReportCommand),
    /// Call any REST method
    Call(CallArgs),
    /// Read every row of a list method, to stdout or into a file
    List(ListArgs),
    /// Run named commands of a file as one batch, each with its own outcome
    Batch(BatchArgs),
    /// Send the rows of a file to an *.add or *.update method, never twice, with one outcome per row
    Import(ImportArgs),
    /// Store documents and make them searchable
    #[command(subcommand)]
    Index(IndexCommand),
    /// Find documents by words and meaning
    Search(SearchArgs),
    /// Keep deals and contacts in step with a business system: planned first, nothing lost, nothing twice
    #[command(subcommand)]
    Sync(SyncCommand),
    /// List what the journal of sync and the embedding queue keep of a person, then erase it
    Forget(ForgetArgs),
    /// Print the completion script of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one page per command into a folder
    Man {
        /// Folder for the pages
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// A local Bitrix24 portal for trying things out
    #[command(subcommand)]
    Sandbox(SandboxCommand),
}

/// `b24 demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Folder for the files
    #[arg(long, value_name = "DIR", default_value = "b24-demo")]
    pub(crate) out: PathBuf,
    /// Replace files in it that the demo did not write, or that were edited since
    #[arg(long)]
    pub(crate) force: bool,
}

/// `b24 config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Ask for a webhook without echo (or read it from stdin), store it owner-only, run doctor
    Init {
        /// Replace the address of a profile that exists already; its other keys stay
        #[arg(long)]
        force: bool,
    },
    /// Show the profiles, limits and report settings; secrets are masked
    Show,
    /// Say where the configuration and the state lie
    Path,
}

/// Entities with fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Entity {
    /// Deals
    Deal,
    /// Contacts
    Contact,
    /// Companies
    Company,
    /// Leads
    Lead,
    /// Smart invoices
    Invoice,
}

/// `b24 call`.
#[derive(Debug, clap::Args)]
pub(crate) struct CallArgs {
    /// The method, for example crm.deal.list
    pub(crate) method: String,
    /// A parameter; nested keys in brackets: `-p 'filter[>ID]=5'`, `-p 'select[]=ID'`
    #[arg(short, long = "param", value_name = "KEY=VALUE")]
    pub(crate) param: Vec<String>,
    /// Parameters as a JSON object, from a file or from stdin (-); `-p` is added on top
    #[arg(long, value_name = "FILE|-")]
    pub(crate) params: Option<PathBuf>,
}

/// Reads the command line. Help, version and usage errors are printed here and end the run.
///
/// # Errors
/// The exit code, when there is nothing to run.
pub(crate) fn parse() -> Result<Args, Exit> {
    Args::try_parse().map_err(|error| {
        output::clap_message(&error);
        if !error.use_stderr() {
            return Exit::Done;
        }
        if std::env::args_os().any(|arg| arg == OsStr::new("--json")) {
            let first_line = error.to_string();
            let first_line = first_line.lines().next().unwrap_or_default().trim_start_matches("error: ");
            let failure = Failure::new(Code::Usage, "reading the command line")
                .because(first_line)
                .advise("see `b24 --help`");
            output::failure_document(&failure);
        }
        Exit::Usage
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }
}
