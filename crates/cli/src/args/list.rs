//! `b24 list`.

use std::path::PathBuf;

/// `b24 list`.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// The list method, for example crm.deal.list
    pub(crate) method: String,
    /// A condition: `--filter '>=DATE_CREATE=2026-01-01'`, `--filter STAGE_ID=NEW`, `--filter '@ID=5,6,7'`
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) filter: Vec<String>,
    /// Fields to read, for example ID,TITLE; the key is always read
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Another order than by the key: `--order DATE_CREATE=desc`; read by counted offsets
    #[arg(long, value_name = "FIELD=asc|desc")]
    pub(crate) order: Vec<String>,
    /// Any other parameter of the method: `-p entityTypeId=31`
    #[arg(short, long = "param", value_name = "KEY=VALUE")]
    pub(crate) param: Vec<String>,
    /// Stop after this many rows
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// File to write, .jsonl or .csv; without it rows go to stdout as JSONL
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Go on with an interrupted export into the same file, from its last row
    #[arg(long, requires = "output")]
    pub(crate) resume: bool,
    /// Replace an existing file, or begin an interrupted export anew
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}
