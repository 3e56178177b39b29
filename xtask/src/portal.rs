//! A sandbox portal in a process of its own: `b24 sandbox serve`.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::http;
use crate::program;

const STARTS_WITHIN: Duration = Duration::from_mins(2);

/// Runs until it is dropped.
pub(crate) struct Portal {
    child: Child,
    webhook: String,
    host: String,
    /// What it prints after its first line.
    lines: mpsc::Receiver<String>,
}

/// What the sandbox counted since it started.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Journal {
    pub(crate) requests: u64,
    pub(crate) commands: u64,
    pub(crate) rejected: u64,
    pub(crate) robots: u64,
    /// Seconds that it worked on commands.
    pub(crate) work_seconds: f64,
}

impl Portal {
    /// Starts it on a free port and waits for its address; what it says on stderr goes to `log`.
    pub(crate) fn start(binary: &Path, arguments: &[String], log: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args(["sandbox", "serve", "--port", "0"]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(File::create(log).with_context(|| format!("could not write {}", log.display()))?);
        let shown = program::shown(&command);
        let mut child = command.spawn().with_context(|| format!("could not start `{shown}`"))?;
        let lines = lines(&mut child)?;
        // From here on the process ends with this value, also when its first line is not what it should be.
        let mut portal = Self { child, webhook: String::new(), host: String::new(), lines };
        let line = portal.lines.recv_timeout(STARTS_WITHIN);
        let line = line.with_context(|| format!("`{shown}` gave no address, see {}", log.display()))?;
        let (webhook, host) = address(&line).with_context(|| format!("`{shown}` printed `{line}` first"))?;
        (portal.webhook, portal.host) = (webhook, host);
        Ok(portal)
    }

    /// The administrator's webhook; the sandbox's secret is the word "sandbox".
    pub(crate) fn webhook(&self) -> &str {
        &self.webhook
    }

    /// The webhook over TLS and the file with its certificate, when it was started with `--tls-port`.
    pub(crate) fn tls(&self) -> Result<(String, PathBuf)> {
        let line = self.lines.recv_timeout(STARTS_WITHIN).context("the portal gave no address for TLS")?;
        let parts = line.strip_prefix("tls: ").and_then(|rest| rest.split_once(" ca: "));
        let (webhook, file) = parts.with_context(|| format!("expected `tls: … ca: …`, not `{line}`"))?;
        Ok((webhook.to_owned(), PathBuf::from(file)))
    }

    /// `b24` with this portal's webhook and none of the user's own settings.
    pub(crate) fn client(&self, binary: &Path, folder: &Path) -> Command {
        let home = folder.join("home");
        let mut command = Command::new(binary);
        for variable in ["B24_PROFILE", "B24_CONFIG", "B24_ACCESS"] {
            command.env_remove(variable);
        }
        for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"] {
            command.env(variable, &home);
        }
        command.env("B24_WEBHOOK", &self.webhook).stdin(Stdio::null());
        command
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A page of the sandbox's own, such as `/sandbox/journal`.
    pub(crate) fn page(&self, path: &str) -> Result<String> {
        http::get(&self.host, path)
    }

    /// What it was asked so far.
    pub(crate) fn journal(&self) -> Result<Journal> {
        serde_json::from_str(&self.page("/sandbox/journal")?).context("could not read the sandbox's journal")
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The binary that `cargo build` left in a profile's folder.
pub(crate) fn binary(target: &Path, profile: &str) -> PathBuf {
    target.join(profile).join(format!("b24{}", std::env::consts::EXE_SUFFIX))
}

/// The lines of stdout. They are read also when nobody wants them, so that the process never blocks on a full pipe.
fn lines(child: &mut Child) -> Result<mpsc::Receiver<String>> {
    let stdout = child.stdout.take().context("the process has no stdout")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            sender.send(line).ok();
        }
    });
    Ok(receiver)
}

/// Webhook and host of `webhook: http://HOST/rest/1/sandbox/`.
fn address(line: &str) -> Result<(String, String)> {
    let webhook = line.strip_prefix("webhook: ").context("expected `webhook: http://…`")?;
    let host = webhook
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .context("expected an http address")?;
    Ok((webhook.to_owned(), host.0.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells_webhook_and_host() {
        let (webhook, host) = address("webhook: http://127.0.0.1:4711/rest/1/sandbox/").unwrap();
        assert_eq!(
            (webhook.as_str(), host.as_str()),
            ("http://127.0.0.1:4711/rest/1/sandbox/", "127.0.0.1:4711")
        );
    }

    #[test]
    fn another_first_line_is_an_error() {
        assert!(address("listening on 4711").is_err());
        assert!(address("webhook: https://127.0.0.1:4711/rest/1/sandbox/").is_err());
    }
}
