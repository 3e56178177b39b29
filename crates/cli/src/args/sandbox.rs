//! `b24 sandbox`.

use std::path::PathBuf;

use clap::Subcommand;

/// The sandbox.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Serve an emulated portal on 127.0.0.1 until Ctrl-C; prints its webhook first
    Serve(ServeArgs),
}

/// `b24 sandbox serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Port; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8024)]
    pub(crate) port: u16,
    /// Also serve HTTPS on this port; 0 takes a free one
    #[arg(long, value_name = "N")]
    pub(crate) tls_port: Option<u16>,
    /// Certificate for HTTPS (PEM); without it the sandbox makes its own
    #[arg(long, value_name = "FILE", requires = "tls_key", requires = "tls_port")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The same number makes the same portal
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many invoices in all
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) invoices: u32,
    /// How many deals in all
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub(crate) deals: u32,
    /// How many contacts in all [default: follows the invoices]
    #[arg(long, value_name = "N")]
    pub(crate) contacts: Option<u32>,
    /// Fields, enumerations, funnels and stages of a portal, as `b24 fields pull` writes them
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// Requests per second that leak from the bucket; 0 switches the limit off
    #[arg(long, value_name = "R", default_value_t = 2.0, value_parser = non_negative)]
    pub(crate) rate: f64,
    /// Size of the bucket
    #[arg(long, value_name = "B", default_value_t = 50)]
    pub(crate) burst: u32,
    /// Latency of every request
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// Time that every command takes, and every item of a command that creates several
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) command_latency_ms: u64,
    /// Seconds of operating time a method may use in ten minutes
    #[arg(long, value_name = "S", value_parser = non_negative)]
    pub(crate) operating_limit: Option<f64>,
    /// Seconds one request may execute
    #[arg(long, value_name = "S", value_parser = non_negative)]
    pub(crate) execution_cap_s: Option<f64>,
    /// Faults to inject (TOML: `[[fault]]` tables with method, nth or every, do)
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
}

/// A number of seconds or requests: finite and not below zero.
fn non_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err("give a number, zero or more".to_owned()),
    }
}
