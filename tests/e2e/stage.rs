//! The stage of a test: a home folder, perhaps a portal, and the binary with nothing else around it.

use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use b24_sandbox::{Sandbox, SandboxBuilder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A webhook code that must never be printed.
pub(crate) const SECRET: &str = "verysecretcode42";

/// A home folder of its own.
pub(crate) struct Home {
    folder: TempDir,
    /// Where the platform's folders lie, apart from what a test looks at.
    user: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), user: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("config.toml")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The binary with an empty environment but this home.
    pub(crate) fn b24(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_b24"));
        command.args(args).env_clear().current_dir(self.path()).envs(self.variables());
        command
    }

    /// The same for tests that talk to the process while it runs.
    pub(crate) fn spawn(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_b24"));
        command.args(args).env_clear().current_dir(self.path()).envs(self.variables());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let mut variables = vec![
            ("HOME", self.user.path().to_owned()),
            ("B24_CONFIG", self.config()),
            ("NO_COLOR", PathBuf::from("1")),
            ("COLUMNS", PathBuf::from("100")),
            ("TZ", PathBuf::from("UTC")),
        ];
        // Windows starts no process with sockets without it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            variables.push(("SystemRoot", root.into()));
        }
        variables
    }
}

/// A home and a running sandbox.
pub(crate) struct Stage {
    pub(crate) home: Home,
    pub(crate) sandbox: Sandbox,
    _runtime: Runtime,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|sandbox| sandbox)
    }

    /// A small portal without limits, with further settings.
    pub(crate) fn with(settings: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let runtime = Runtime::new().unwrap();
        let builder = Sandbox::builder().port(0).rate(0.0).invoices(40).deals(60);
        let sandbox = runtime.block_on(settings(builder).start()).unwrap();
        Self { home: Home::new(), sandbox, _runtime: runtime }
    }

    /// The binary with the administrator's webhook.
    pub(crate) fn b24(&self, args: &[&str]) -> Command {
        self.b24_as(&self.sandbox.webhook(), args)
    }

    /// The binary with another webhook.
    pub(crate) fn b24_as(&self, webhook: &str, args: &[&str]) -> Command {
        let mut command = self.home.b24(args);
        command.env("B24_WEBHOOK", webhook);
        command
    }

    /// `127.0.0.1:PORT`, as messages name the portal.
    pub(crate) fn portal(&self) -> String {
        let webhook = self.sandbox.webhook();
        webhook.trim_start_matches("http://").split('/').next().unwrap().to_owned()
    }
}

/// Waits until something has happened; after a minute the test fails and says what has not.
pub(crate) fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The same for what a process does: one that has ended does nothing more.
pub(crate) fn wait_until_by(child: &mut Child, what: &str, mut happened: impl FnMut() -> bool) {
    wait_until(what, || {
        let ended = child.try_wait().unwrap();
        let happened = happened();
        assert!(happened || ended.is_none(), "the process ended ({ended:?}) before: {what}");
        happened
    });
}

/// How a run ended and what it printed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ran = Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        };
        for code in [SECRET, "/rest/1/sandbox", "/rest/2/restricted", "/rest/1/noscope"] {
            assert!(
                !ran.stdout.contains(code) && !ran.stderr.contains(code),
                "a secret was printed: {ran:?}"
            );
        }
        ran
    }

    /// The document on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

/// The text with what differs from run to run and from seed to seed replaced: the portal and names of users.
pub(crate) fn steady(text: &str, portal: &str) -> String {
    let text = text.replace(portal, "PORTAL");
    let is_number = |at: usize| text[at..].starts_with(|c: char| c.is_ascii_digit());
    let Some(number) =
        text.match_indices("user ").map(|(at, word)| at + word.len()).find(|at| is_number(*at))
    else {
        return text;
    };
    let (Some(space), Some(comma)) = (text[number..].find(' '), text[number..].find(',')) else {
        return text;
    };
    format!("{} NAME{}", &text[..number + space], &text[number + comma..])
}

/// Runs to the end.
pub(crate) fn run(command: &mut Command) -> Ran {
    Ran::new(&command.output().unwrap())
}

/// Runs and demands exit code 0.
pub(crate) fn done(command: &mut Command) -> Ran {
    let ran = run(command);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}
