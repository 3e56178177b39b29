//! `b24 sync` and `b24 forget`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;

/// `b24 sync`.
#[derive(Debug, Subcommand)]
pub(crate) enum SyncCommand {
    /// Draft a commented mapping from a source's columns and the portal's fields; says what is left to decide
    #[command(after_help = "Example:\n  b24 sync init --source receptions.csv -o mapping.toml")]
    Init(InitArgs),
    /// Prove mappings against the portal's fields, enumerations and stages, and against their sources
    #[command(after_help = "Example:\n  b24 sync check north.toml south.toml")]
    Check(CheckArgs),
    /// Show what would be written, record by record; nothing is written
    #[command(after_help = "Examples:\n  b24 sync plan mapping.toml\n  \
        b24 sync plan mapping.toml -o plan.json -o plan.xlsx\n  \
        b24 sync plan mapping.toml --only F1_2001 --full")]
    Plan(PlanArgs),
    /// Write a saved plan, or plan, ask and write
    #[command(after_help = "Examples:\n  b24 sync apply mapping.toml --limit 2\n  \
        b24 sync apply plan.json --mapping mapping.toml")]
    Apply(ApplyArgs),
    /// Plan and write without asking, for schedulers; a guard of the mapping that trips keeps everything from being written
    #[command(
        after_help = "Examples:\n  b24 sync run mapping.toml\n  b24 sync run north.toml south.toml --every 2m"
    )]
    Run(RunArgs),
    /// Give fields that still hold what a run wrote their old values; what it created is listed
    #[command(
        after_help = "Example:\n  b24 sync history          # which run it was\n  b24 sync revert 12 mapping.toml"
    )]
    Revert(RevertArgs),
    /// One screen: last runs, how far each source was read, what waits, what was put aside
    Status(SourceArgs),
    /// Rows that were put aside: list them, read them again, drop them, save them
    #[command(subcommand)]
    Rejects(RejectsCommand),
    /// The last runs, or one run with what it wrote
    #[command(after_help = "Examples:\n  b24 sync history\n  b24 sync history 12 --limit 200")]
    History(HistoryArgs),
    /// What happened to a record, and why
    #[command(after_help = "Examples:\n  b24 sync why F1_2001\n  \
        b24 sync why https://acme.bitrix24.ru/crm/deal/details/2286/")]
    Why {
        /// Key of the record with its prefix, or the address of its deal
        record: String,
    },
    /// What is remembered between runs
    #[command(subcommand)]
    State(StateCommand),
}

/// `b24 sync init`.
#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// A CSV, JSONL, XLSX or SQLite file, or a TOML file with a `source` table for everything else
    #[arg(long, value_name = "FILE")]
    pub(crate) source: PathBuf,
    /// The mapping
    #[arg(short, long, value_name = "FILE.toml", default_value = "mapping.toml")]
    pub(crate) output: PathBuf,
    /// What the source shall be called; the file's name without it
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Time zone of dates and times without offset
    #[arg(long, value_name = "IANA", default_value = "Europe/Moscow")]
    pub(crate) zone: String,
    /// Replace a file that exists already
    #[arg(long)]
    pub(crate) force: bool,
}

/// `b24 sync check`.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The mappings
    #[arg(value_name = "MAPPING", required = true)]
    pub(crate) mappings: Vec<PathBuf>,
}

/// Which records take part.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SelectionArgs {
    /// Write at most so many records; the cursor stays
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Only the record with this key (with its prefix); may be repeated, the cursor stays
    #[arg(long, value_name = "KEY")]
    pub(crate) only: Vec<String>,
    /// Read the whole source, not only what changed
    #[arg(long)]
    pub(crate) full: bool,
}

/// `b24 sync plan`.
#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    /// The mapping, TOML
    pub(crate) mapping: PathBuf,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Save the plan: .json for `sync apply`, .xlsx for people; may be repeated
    #[arg(short, long, value_name = "FILE.json|FILE.xlsx")]
    pub(crate) output: Vec<PathBuf>,
    /// Replace a file that exists already
    #[arg(long)]
    pub(crate) force: bool,
    /// Also list records with nothing to change
    #[arg(long)]
    pub(crate) unchanged: bool,
    /// End with exit code 6 when there is something to write
    #[arg(long)]
    pub(crate) detailed_exit_code: bool,
}

/// `b24 sync apply`.
#[derive(Debug, clap::Args)]
pub(crate) struct ApplyArgs {
    /// A mapping (.toml), or a plan that was saved (.json)
    #[arg(value_name = "MAPPING|PLAN")]
    pub(crate) file: PathBuf,
    /// The mapping that a saved plan was made with
    #[arg(long, value_name = "MAPPING")]
    pub(crate) mapping: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Write without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `b24 sync run`.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The mappings, one after the other
    #[arg(value_name = "MAPPING", required = true)]
    pub(crate) mappings: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Again and again with this pause (30s, 2m, 1h) until Ctrl-C, which lets the run under way end
    #[arg(long, value_name = "TIME", value_parser = pause)]
    pub(crate) every: Option<Duration>,
}

/// `b24 sync revert`.
#[derive(Debug, clap::Args)]
pub(crate) struct RevertArgs {
    /// Number of the run, as `sync history` shows it
    pub(crate) run: String,
    /// The mapping that it was made with
    pub(crate) mapping: PathBuf,
    /// Write without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A number with `s`, `m` or `h` behind it.
fn pause(text: &str) -> Result<Duration, String> {
    let seconds =
        |number: &str, unit: u64| number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    let found = match text.char_indices().next_back() {
        Some((at, 's')) => seconds(&text[..at], 1),
        Some((at, 'm')) => seconds(&text[..at], 60),
        Some((at, 'h')) => seconds(&text[..at], 3_600),
        _ => None,
    };
    match found {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err("give a number with s, m or h behind it, such as 2m".to_owned()),
    }
}

/// One source, or all.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SourceArgs {
    /// Only the source of this mapping
    #[arg(value_name = "MAPPING")]
    pub(crate) mapping: Option<PathBuf>,
}

/// `b24 sync rejects`.
#[derive(Debug, Subcommand)]
pub(crate) enum RejectsCommand {
    /// Show them; personal data is masked
    List(SourceArgs),
    /// Let the next run read them again, after the source was mended
    #[command(
        after_help = "Examples:\n  b24 sync rejects retry 3 7\n  b24 sync rejects retry --code sync.date-unreadable"
    )]
    Retry(ChosenArgs),
    /// Forget them for good; the source is read no earlier for them
    #[command(after_help = "Examples:\n  b24 sync rejects drop 3\n  b24 sync rejects drop --all")]
    Drop(ChosenArgs),
    /// Save them with the rows as they came, readable by you only
    #[command(
        after_help = "Example:\n  b24 sync rejects export -o rejects.csv    # opens in a Russian Excel"
    )]
    Export {
        #[command(flatten)]
        source: SourceArgs,
        /// The file
        #[arg(short, long, value_name = "FILE.csv|FILE.jsonl")]
        output: PathBuf,
        /// Replace a file that exists already
        #[arg(long)]
        force: bool,
    },
}

/// Some of the rejects.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ChosenArgs {
    /// Numbers, as `rejects list` shows them
    #[arg(value_name = "NUMBER")]
    pub(crate) numbers: Vec<i64>,
    /// All of them
    #[arg(long)]
    pub(crate) all: bool,
    /// Those with this code, as `rejects list` shows it
    #[arg(long, value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// `b24 sync history`.
#[derive(Debug, clap::Args)]
pub(crate) struct HistoryArgs {
    /// Number of a run, as `sync history` shows it
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<String>,
    /// How many runs, or writes of the run
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: u32,
}

/// `b24 sync state`.
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// How far each source was read, and what waits to be read again
    Show(SourceArgs),
    /// Say how far a source was read: the next run begins there, less the overlap
    #[command(after_help = "Example:\n  b24 sync state set mapping.toml --cursor \"2026-11-02 09:30\"")]
    Set {
        /// The mapping of the source
        mapping: PathBuf,
        /// A time on the clocks of the source, or a number, as `type` of [source.cursor] says
        #[arg(long, value_name = "VALUE")]
        cursor: String,
    },
    /// Go back: the next run reads from there on, or everything
    #[command(after_help = "Examples:\n  b24 sync state rewind mapping.toml --from 2026-11-01\n  \
        b24 sync state rewind mapping.toml    # everything, or from `initial` on")]
    Rewind {
        /// The mapping of the source
        mapping: PathBuf,
        /// A time on the clocks of the source, or a number; everything without it
        #[arg(long, value_name = "VALUE")]
        from: Option<String>,
    },
    /// Post comments anew on purpose: the next run that reads the records does
    #[command(
        group(clap::ArgGroup::new("which").required(true)),
        after_help = "Examples:\n  b24 sync state forget-comments F1_2001\n  b24 sync state forget-comments --all"
    )]
    ForgetComments {
        /// Key of the record with its prefix
        #[arg(value_name = "KEY", group = "which")]
        key: Option<String>,
        /// Of all deals
        #[arg(long, group = "which")]
        all: bool,
    },
    /// Take over `comment_hashes.json` of an earlier system, so that its comments are not posted again
    #[command(after_help = "Example:\n  b24 sync state import-comments comment_hashes.json\n\nThe file: \
        {\"2286\": \"d41d8cd98f00b204e9800998ecf8427e\"}")]
    ImportComments {
        /// A JSON object: number of the deal → MD5 of its last comment
        file: PathBuf,
    },
    /// Read the portal's fields, funnels and stages anew with the next run
    ForgetFields,
}

/// `b24 forget`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("who").required(true)))]
pub(crate) struct ForgetArgs {
    /// Everybody with this telephone number, in any spelling
    #[arg(long, value_name = "NUMBER", group = "who")]
    pub(crate) phone: Option<String>,
    /// A contact of the portal by its number, which stands in the address of its card
    #[arg(long, value_name = "ID", group = "who")]
    pub(crate) contact: Option<u64>,
    /// Erase without asking
    #[arg(long)]
    pub(crate) yes: bool,
}
