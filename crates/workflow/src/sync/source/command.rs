//! What a program prints: the way to systems that b24 does not know.
//!
//! The output is kept in an unnamed file until the program has said that it succeeded; only then is it read.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use super::outlet::{self, Plan, Stop};
use super::query::Bound;
use super::table::{self, Origin};
use super::{Opened, Opening, SourceError, SourceSettings, encoding, file};
use crate::lines::Lines;

/// The program finds here where to go on.
const CURSOR: &str = "B24_CURSOR";

/// So many bytes of stderr are kept, and so many of their lines shown.
const KEPT: usize = 2_000;
const SHOWN: usize = 5;

pub(super) async fn open(
    settings: &SourceSettings,
    opening: &Opening<'_>,
    plan: Plan,
) -> Result<Opened, SourceError> {
    let encoding = encoding::named(settings.encoding.as_deref())?;
    let argv = settings.command.as_deref().unwrap_or_default();
    let program = argv.first().cloned().unwrap_or_default();
    let cursor = plan.bound()?.map(|bound| match bound {
        Bound::Number(number) => number,
        Bound::Time { spelled, .. } => spelled,
    });
    let output = run(argv, opening.folder, cursor).await?;
    let layout = file::layout(settings);
    let is_json = settings.is_json();
    outlet::open(plan, move |outlet| {
        let what = format!("the output of `{program}`");
        let place = what.clone();
        let failed = move |source| SourceError::NotReadable { path: place.clone().into(), source };
        let mut output = output;
        if let Some(line) = cut(&mut output).map_err(&failed)? {
            return Err(Stop::Failed(SourceError::CommandCut { program, line }));
        }
        let (reader, guess) = encoding::utf8(output, encoding).map_err(&failed)?;
        if let Some(guess) = guess {
            outlet.guess(guess);
        }
        let origin = Origin { what, failed: Box::new(failed) };
        let lines = Lines::of(reader);
        if is_json { table::json(lines, &origin, outlet) } else { table::csv(lines, layout, &origin, outlet) }
    })
    .await
}

/// Runs the program to its end; dropped before, it is killed.
async fn run(argv: &[String], folder: &Path, cursor: Option<String>) -> Result<File, SourceError> {
    let [program, arguments @ ..] = argv else { return Err(SourceError::Stopped) };
    let not_started = |source| SourceError::CommandStart { program: program.clone(), source };
    let output = tempfile::tempfile().map_err(not_started)?;
    // A path is one in the mapping's folder, a bare name one of the search path.
    let path = Path::new(program);
    let is_path = path.components().count() > 1;
    let mut command = if is_path { Command::new(folder.join(path)) } else { Command::new(program) };
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    command.stdout(output.try_clone().map_err(not_started)?);
    if folder.is_dir() {
        command.current_dir(folder);
    }
    match cursor {
        Some(cursor) => command.env(CURSOR, cursor),
        None => command.env_remove(CURSOR),
    };
    let mut child = command.spawn().map_err(not_started)?;
    let mut said = Vec::new();
    if let Some(mut stderr) = child.stderr.take() {
        let mut piece = [0_u8; 4096];
        while let Ok(length @ 1..) = stderr.read(&mut piece).await {
            said.extend_from_slice(piece.get(..length).unwrap_or_default());
            said.drain(..said.len().saturating_sub(KEPT));
        }
    }
    let status = child.wait().await.map_err(not_started)?;
    if !status.success() {
        let stderr = last_lines(&said);
        return Err(SourceError::CommandFailed {
            program: program.clone(),
            status: status.to_string(),
            stderr,
        });
    }
    Ok(output)
}

fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default().join("; ")
}

/// The line in which an output ends without its end; leaves the file at its beginning.
fn cut(output: &mut File) -> io::Result<Option<u64>> {
    output.seek(SeekFrom::Start(0))?;
    let (mut lines, mut tail) = (0_u64, [b'\n'; 2]);
    let mut reader = BufReader::new(&mut *output);
    let mut piece = [0_u8; 16 << 10];
    loop {
        let length = reader.read(&mut piece)?;
        let bytes = piece.get(..length).unwrap_or_default();
        for byte in bytes {
            lines += u64::from(*byte == b'\n');
            tail = [tail[1], *byte];
        }
        if bytes.is_empty() {
            break;
        }
    }
    output.seek(SeekFrom::Start(0))?;
    // In UTF-16 a zero follows.
    let is_whole = tail[1] == b'\n' || tail == [b'\n', 0];
    Ok((!is_whole).then_some(lines + 1))
}
