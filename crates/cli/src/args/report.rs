//! `b24 report`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

/// The reports.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// The register of smart invoices: exact sums, VAT by rate, totals, problems
    Invoices(Box<InvoicesArgs>),
    /// What changed between two registers that b24 wrote: invoices that appeared, vanished or changed, field by field
    Diff(DiffArgs),
}

/// `b24 report diff`.
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// The earlier register: .xlsx, .csv or .jsonl
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The later register
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Exit with 6 when the registers differ
    #[arg(long)]
    pub(crate) detailed_exit_code: bool,
}

/// The date that decides about the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BasisArg {
    /// The date of the invoice
    Invoice,
    /// The date of shipment
    Shipped,
    /// The date of payment
    Paid,
}

/// The sheets of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LayoutArg {
    /// Register, product rows, totals with charts, problems, facts of the run
    Register,
    /// The two sheets of an earlier system, problems, facts of the run
    Brief,
}

/// The language of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LanguageArg {
    /// Russian
    Ru,
    /// English
    En,
}

/// The kinds of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CsvArg {
    /// UTF-8, commas, decimal points, ISO dates, stable column ids
    Machine,
    /// Opens in a Russian Excel: UTF-8 with a mark, semicolons, decimal commas, dd.mm.yyyy
    RuExcel,
    /// As ru-excel in Windows-1251, for older programs
    Cp1251,
}

/// What gets a workbook of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitArg {
    /// Each company of ours
    MyCompany,
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
    /// The date that decides whether an invoice belongs to the period
    #[arg(long, value_enum, default_value = "invoice")]
    pub(crate) basis: BasisArg,
    /// Only invoices of this company of ours: INN, id or name; may be given several times
    #[arg(long, value_name = "X")]
    pub(crate) my_company: Vec<String>,
    /// Only invoices to this client, by INN; may be given several times
    #[arg(long, value_name = "INN")]
    pub(crate) counterparty: Vec<String>,
    /// Only invoices in this stage, by name or id; may be given several times
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Vec<String>,
    /// Only invoices in this currency; may be given several times
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Vec<String>,
    /// The sheets of a workbook [default: register]
    #[arg(long, value_enum)]
    pub(crate) layout: Option<LayoutArg>,
    /// The language of labels [default: ru]
    #[arg(long, value_enum)]
    pub(crate) lang: Option<LanguageArg>,
    /// The kind of a .csv file [default: machine]
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub(crate) csv: Option<CsvArg>,
    /// One file for each company of ours: FILE-INN.xlsx
    #[arg(long, value_enum, value_name = "BY")]
    pub(crate) split: Option<SplitArg>,
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
