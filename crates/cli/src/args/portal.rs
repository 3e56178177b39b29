//! `b24 batch`, `b24 import`, `b24 fields`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Entity;

/// `b24 batch`.
#[derive(Debug, clap::Args)]
pub(crate) struct BatchArgs {
    /// TOML or JSON with [command.NAME] tables of method and params, or - for stdin
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    /// Stop at the first command that fails
    #[arg(long)]
    pub(crate) halt: bool,
    /// Show the requests it becomes; nothing is sent
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `b24 import`.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The method, ending in .add or .update, for example crm.deal.add
    pub(crate) method: String,
    /// The rows: CSV with a heading (UTF-8; commas, semicolons, tabs or bars), or .jsonl with one object per line
    pub(crate) file: PathBuf,
    /// Sends a column as another field; COLUMN=- leaves it out
    #[arg(long, value_name = "COLUMN=FIELD")]
    pub(crate) map: Vec<String>,
    /// A parameter of every call beside the fields, for example `-p entityTypeId=31`
    #[arg(short, long = "param", value_name = "KEY=VALUE")]
    pub(crate) param: Vec<String>,
    /// The field with the record's key in the system the rows come from: rows whose answer was lost are looked up by it
    #[arg(long, value_name = "FIELD")]
    pub(crate) key: Option<String>,
    /// What became of every row, and what the next run continues from [default: FILE.outcomes.jsonl]
    #[arg(long, value_name = "FILE")]
    pub(crate) outcomes: Option<PathBuf>,
    /// Check the file and say what would be sent; nothing is written
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Send at most so many rows in this run
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Also send rows again that the portal rejected in an earlier run
    #[arg(long)]
    pub(crate) retry_rejected: bool,
}

/// `b24 fields`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct FieldsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<FieldsCommand>,
    /// The entity
    #[arg(required = true)]
    pub(crate) entity: Option<Entity>,
    /// Only fields whose code, title or values contain this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) find: Option<String>,
}

/// `b24 fields pull`.
#[derive(Debug, Subcommand)]
pub(crate) enum FieldsCommand {
    /// Save fields, their values, funnels and stages of deals, contacts, companies, leads and invoices; no records
    Pull(PullArgs),
}

/// `b24 fields pull`.
#[derive(Debug, clap::Args)]
pub(crate) struct PullArgs {
    /// The file, TOML
    #[arg(short, long, value_name = "FILE.toml", default_value = "portal.toml")]
    pub(crate) output: PathBuf,
    /// Replace a file that exists already
    #[arg(long)]
    pub(crate) force: bool,
}
