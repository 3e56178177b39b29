//! `b24 report`.

use std::path::PathBuf;

use clap::Subcommand;

/// The reports.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// The register of smart invoices: exact sums, VAT by rate, totals, problems
    Invoices(InvoicesArgs),
}

/// `b24 report invoices`.
#[derive(Debug, clap::Args)]
pub(crate) struct InvoicesArgs {
    /// A year, quarter or month: 2026, 2026-Q1, 2026-03
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["from", "to"])]
    pub(crate) period: Option<String>,
    /// First day, 2026-03-31 or 31.03.2026
    #[arg(long, value_name = "DAY", requires = "to")]
    pub(crate) from: Option<String>,
    /// Last day, included
    #[arg(long, value_name = "DAY", requires = "from")]
    pub(crate) to: Option<String>,
    /// Make the report from raw rows that --save-raw wrote, without asking the portal
    #[arg(long, value_name = "RAW.jsonl", conflicts_with = "save_raw")]
    pub(crate) input: Option<PathBuf>,
    /// Also keep the raw rows as they came from the portal
    #[arg(long, value_name = "RAW.jsonl")]
    pub(crate) save_raw: Option<PathBuf>,
    /// The file to write: .xlsx, .csv or .jsonl; `-` writes JSON lines to stdout [default: `register_FROM_TO.xlsx`]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace files that exist already
    #[arg(long)]
    pub(crate) force: bool,
}
