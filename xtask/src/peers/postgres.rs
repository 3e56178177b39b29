//! The tests that ask a PostgreSQL server, and the server: found, or installed where apt can do it; used for these tests
//! only, in a folder of its own that goes with it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::Check;
use super::office::{apt, is_root};
use crate::program;
use crate::workspace::Workspace;

/// The tests of records from PostgreSQL find here `PORT:FOLDER`, a server that admits `b24` with a password.
const ADDRESS: &str = "B24_TEST_POSTGRES";

/// The user whom programs of the server run as when this is root: they refuse root.
const SERVANT: &str = "postgres";

/// As the tests know it.
const PASSWORD: &str = "b24 test only";

/// An installed server.
pub(super) struct Programs {
    folder: PathBuf,
}

/// Finds the server's programs, or installs them when this is root on a system with apt.
pub(super) fn prepare() -> Result<Programs> {
    if let Some(folder) = find() {
        return Ok(Programs { folder });
    }
    if !is_root() || !program::exists("apt-get", "--version") {
        bail!("PostgreSQL is not installed (on Debian: apt-get install postgresql)");
    }
    apt(&["update", "-qq"])?;
    apt(&["install", "--yes", "--quiet", "--no-install-recommends", "postgresql", "openssl"])?;
    let folder = find().context("postgresql was installed, but there is no initdb")?;
    Ok(Programs { folder })
}

fn find() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.push(PathBuf::from("/opt/homebrew/bin"));
    folders.push(PathBuf::from("/usr/local/bin"));
    folders.into_iter().rev().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

pub(super) fn checks(workspace: &Workspace, programs: Option<&Programs>) -> Vec<Check> {
    let name = "records from PostgreSQL";
    let Some(programs) = programs else { return vec![Check::skipped(name)] };
    vec![Check::of(name, run(workspace, programs))]
}

fn run(workspace: &Workspace, programs: &Programs) -> Result<()> {
    let server = Server::start(programs)?;
    // The same selection as the tests have, so that nothing is built twice.
    let tests = ["test", "--quiet", "--workspace", "--test", "it", "--", "sync_source::postgres"];
    let mut cargo = program::cargo(&workspace.root, tests);
    program::run(cargo.env(ADDRESS, format!("{}:{}", server.port, server.folder.display())))
}

/// A running server; stopped and removed when it is dropped.
struct Server<'a> {
    programs: &'a Programs,
    folder: PathBuf,
    port: u16,
}

impl<'a> Server<'a> {
    fn start(programs: &'a Programs) -> Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|free| free.local_addr())
            .context("no free port")?
            .port();
        // Not under target: the servant may not be allowed to go there.
        let folder = std::env::temp_dir().join(format!("b24-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        let server = Self { programs, folder, port };
        server.certificate()?;
        fs::write(server.folder.join("password"), PASSWORD).context("could not write the password")?;
        if is_root() {
            program::run(Command::new("chown").args(["-R", SERVANT]).arg(&server.folder))?;
        }
        let password = format!("--pwfile={}", server.folder.join("password").display());
        let manners =
            ["--auth=scram-sha-256", "--username=b24", "--encoding=UTF8", "--locale=C", "--no-sync"];
        server.run("initdb", &[&manners[..], &[password.as_str()]].concat())?;
        let folder = server.folder.display();
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off \
             -c ssl=on -c ssl_cert_file={folder}/server.crt -c ssl_key_file={folder}/server.key"
        );
        let log = format!("{folder}/server.log");
        server.run("pg_ctl", &["start", "--wait", "--silent", "-o", &options, "-l", &log])?;
        Ok(server)
    }

    /// A certificate that is its own authority.
    fn certificate(&self) -> Result<()> {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            "rsa:2048",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        openssl.args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
        openssl.arg("-keyout").arg(self.folder.join("server.key"));
        openssl.arg("-out").arg(self.folder.join("server.crt"));
        program::run(openssl.stdin(Stdio::null()).stderr(Stdio::null()))
    }

    fn run(&self, name: &str, arguments: &[&str]) -> Result<()> {
        let path: &Path = &self.programs.folder.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", SERVANT, "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.arg("-D").arg(self.folder.join("data")).args(arguments);
        program::run(command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir(&self.folder))
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        // It may never have started; what cannot be removed lies in the folder for temporary files.
        drop(self.run("pg_ctl", &["stop", "--silent", "--mode=immediate"]));
        drop(fs::remove_dir_all(&self.folder));
    }
}
