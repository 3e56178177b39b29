//! `b24 index`, `b24 search`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// The embedding queue.
#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// Store files, folders, records and feeds; a worker makes them searchable
    Add(Box<AddArgs>),
    /// Store deals, contacts, companies, leads, invoices and timeline comments of the portal
    Crm(CrmArgs),
    /// Embed what waits; several workers may run at once
    Work(WorkArgs),
    /// What is ready, waiting and failed, how fast it goes and what it costs
    Status,
    /// Let failed texts wait again
    Retry(PartArgs),
    /// Remove documents from the queue; says which and asks
    Purge(PurgeArgs),
    /// Why the chunks of a document are as they are
    Why(WhyArgs),
}

/// When documents are embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// Before the command ends
    Sync,
    /// Later, by `b24 index work`
    Async,
}

/// What `--mode sync` does when the provider fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnFailureArg {
    /// End; the document is not stored
    Refuse,
    /// Let the document wait for a worker
    Defer,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SearchArg {
    /// Words and vectors
    Hybrid,
    /// Vectors only
    Vector,
    /// Words only
    Text,
}

/// `b24 index add`.
#[derive(Debug, clap::Args)]
pub(crate) struct AddArgs {
    /// Files, folders, patterns in quotes ('docs/**/*.md'), or - for JSON records on stdin, one a line
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// When the documents are embedded
    #[arg(long, value_enum, default_value = "async")]
    pub(crate) mode: ModeArg,
    /// What --mode sync does when the provider fails
    #[arg(long, value_enum, default_value = "refuse")]
    pub(crate) on_failure: OnFailureArg,
    /// Only files that fit: --glob '*.md'; may be given several times
    #[arg(long, value_name = "PATTERN")]
    pub(crate) glob: Vec<String>,
    /// Also hidden files and what .gitignore leaves out
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// The collection the documents go to
    #[arg(long, value_name = "NAME", default_value = "files")]
    pub(crate) collection: String,
    /// Remove documents of these paths whose files are gone
    #[arg(long)]
    pub(crate) prune: bool,
}

/// `b24 index crm`.
#[derive(Debug, clap::Args)]
pub(crate) struct CrmArgs {
    /// Read everything, and remove what the portal has no more; otherwise only what changed
    #[arg(long)]
    pub(crate) full: bool,
    /// Say what there is to read, and read nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `b24 index work`.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkArgs {
    /// Go on when nothing waits any more, until Ctrl-C
    #[arg(long)]
    pub(crate) watch: bool,
    /// Change to the new model although texts that the old one has failed with it
    #[arg(long, conflicts_with = "watch")]
    pub(crate) change_anyway: bool,
}

/// A part of the queue.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PartArgs {
    /// Only this document: its path, file name or title
    #[arg(value_name = "SOURCE")]
    pub(crate) source: Option<String>,
    /// Only this collection; `crm` is everything from the portal
    #[arg(long = "in", value_name = "COLLECTION")]
    pub(crate) collection: Option<String>,
}

/// `b24 index purge`.
#[derive(Debug, clap::Args)]
pub(crate) struct PurgeArgs {
    #[command(flatten)]
    pub(crate) part: PartArgs,
    /// Everything
    #[arg(long, conflicts_with_all = ["source", "collection"])]
    pub(crate) all: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `b24 index why`.
#[derive(Debug, clap::Args)]
pub(crate) struct WhyArgs {
    /// The document: its path, file name or title
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// In this collection; `crm` is everything from the portal
    #[arg(long = "in", value_name = "COLLECTION")]
    pub(crate) collection: Option<String>,
}

/// `b24 search`.
#[derive(Debug, clap::Args)]
pub(crate) struct SearchArgs {
    /// What to look for, in your own words
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// Documents, at most
    #[arg(short = 'k', long = "limit", value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
    /// Only these collections; `crm` is everything from the portal
    #[arg(long = "in", value_name = "COLLECTION,…", value_delimiter = ',')]
    pub(crate) collections: Vec<String>,
    /// Only documents of this day or later, 2026-03-31 or 31.03.2026
    #[arg(long, value_name = "DAY")]
    pub(crate) since: Option<String>,
    /// What is compared
    #[arg(long, value_enum, default_value = "hybrid")]
    pub(crate) mode: SearchArg,
}
