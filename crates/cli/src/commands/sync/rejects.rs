//! `b24 sync rejects`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use workflow::OutputFile;
use workflow::sync::journal::StoredReject;

use super::{Place, shown, source};
use crate::args::{ChosenArgs, RejectsCommand};
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Answer, table};

pub(super) fn run(context: &Context, command: &RejectsCommand) -> Result<Answer, Failure> {
    let place = Place::find(context)?;
    match command {
        RejectsCommand::List(args) => list(&place, source(args)?.as_deref()),
        RejectsCommand::Retry(chosen) => retry(&place, chosen),
        RejectsCommand::Drop(chosen) => drop_them(&place, chosen),
        RejectsCommand::Export { source: args, output, force } => {
            export(&place, source(args)?.as_deref(), output, *force)
        }
    }
}

/// A reject that was masked.
#[derive(Serialize)]
struct Shown<'a> {
    id: i64,
    source: &'a str,
    code: &'a str,
    key: Option<&'a str>,
    line: u64,
    field: Option<&'a str>,
    value: Option<&'a str>,
    message: &'a str,
    hint: &'a str,
    first_run: String,
    first_at: jiff::Timestamp,
    last_at: jiff::Timestamp,
    times: u32,
}

impl<'a> From<&'a StoredReject> for Shown<'a> {
    fn from(stored: &'a StoredReject) -> Self {
        let reject = &stored.reject;
        Self {
            id: stored.id,
            source: &stored.source,
            code: &reject.code,
            key: reject.key.as_deref(),
            line: reject.line,
            field: reject.field.as_deref(),
            value: reject.value.as_deref(),
            message: &reject.message,
            hint: &reject.hint,
            first_run: stored.first_run.to_string(),
            first_at: stored.first_at,
            last_at: stored.last_at,
            times: stored.times,
        }
    }
}

fn all(place: &Place, source: Option<&str>) -> Result<Vec<StoredReject>, Failure> {
    place.look()?.rejects(source).map_err(Failure::from)
}

fn list(place: &Place, source: Option<&str>) -> Result<Answer, Failure> {
    let stored: Vec<StoredReject> = all(place, source)?.into_iter().map(shown::masked).collect();
    let shown: Vec<Shown<'_>> = stored.iter().map(Shown::from).collect();
    if shown.is_empty() {
        return Answer::new("nothing is put aside\n", &shown);
    }
    let rows = shown.iter().map(|reject| {
        let place = reject.key.map_or_else(|| format!("line {}", reject.line), str::to_owned);
        [
            reject.id.to_string(),
            place,
            reject.code.to_owned(),
            reject.field.unwrap_or_default().to_owned(),
            reject.value.unwrap_or_default().to_owned(),
            format!("{}; {}", reject.message, reject.hint),
        ]
    });
    Answer::new(table(["number", "record", "code", "field", "value", "what to do"], rows), &shown)
}

/// The numbers that are meant.
fn chosen(place: &Place, args: &ChosenArgs) -> Result<Vec<i64>, Failure> {
    let stored = all(place, None)?;
    let wanted = |reject: &&StoredReject| {
        args.all || args.numbers.contains(&reject.id) || args.code.as_ref() == Some(&reject.reject.code)
    };
    let numbers: Vec<i64> = stored.iter().filter(wanted).map(|reject| reject.id).collect();
    match args.numbers.iter().find(|number| !numbers.contains(number)) {
        Some(missing) => Err(Failure::new(Code::Usage, format!("choosing the reject {missing}"))
            .because("there is none with this number")
            .advise("see `b24 sync rejects list`")),
        None => Ok(numbers),
    }
}

fn none(args: &ChosenArgs) -> String {
    match &args.code {
        Some(code) => {
            format!("no row is put aside with the code `{code}`; `b24 sync rejects list` shows what is\n")
        }
        None => "nothing is put aside\n".to_owned(),
    }
}

#[derive(Serialize)]
struct Count {
    rejects: u64,
}

fn retry(place: &Place, args: &ChosenArgs) -> Result<Answer, Failure> {
    let numbers = chosen(place, args)?;
    let rejects = place.open()?.retry_rejects(&numbers, clock::now())?;
    let text = match rejects {
        0 => none(args),
        1 => "1 row is read again by the next run\n".to_owned(),
        _ => format!("{rejects} rows are read again by the next run\n"),
    };
    Answer::new(text, &Count { rejects })
}

fn drop_them(place: &Place, args: &ChosenArgs) -> Result<Answer, Failure> {
    let numbers = chosen(place, args)?;
    let rejects = place.open()?.drop_rejects(&numbers)?;
    let text = match rejects {
        0 => none(args),
        1 => "1 row is forgotten\n".to_owned(),
        _ => format!("{rejects} rows are forgotten\n"),
    };
    Answer::new(text, &Count { rejects })
}

#[derive(Serialize)]
struct Exported<'a> {
    output: PathBuf,
    rejects: usize,
    portal: &'a str,
}

fn export(place: &Place, source: Option<&str>, path: &Path, force: bool) -> Result<Answer, Failure> {
    let stored = all(place, source)?;
    let attempted = || format!("writing {}", path.display());
    let bytes = match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => delimited(&stored),
        Some("jsonl") => Ok(json_lines(&stored)),
        _ => {
            return Err(Failure::new(Code::Usage, attempted())
                .because("the name ends neither in .csv nor in .jsonl")
                .advise("choose one of them"));
        }
    };
    let bytes = bytes.map_err(|error| Failure::file(attempted(), &error))?;
    let mut file = OutputFile::create(path, force)?;
    file.file().write_all(&bytes).map_err(|error| Failure::file(attempted(), &error))?;
    let output = file.commit()?;
    let text =
        format!("{}: rows that were put aside, with personal data: {}\n", output.display(), stored.len());
    Answer::new(text, &Exported { output, rejects: stored.len(), portal: &place.portal })
}

fn json_lines(stored: &[StoredReject]) -> Vec<u8> {
    let lines = stored.iter().filter_map(|reject| serde_json::to_string(reject).ok());
    lines.map(|line| line + "\n").collect::<String>().into_bytes()
}

/// For a Russian Excel: UTF-8 with a mark, semicolons.
fn delimited(stored: &[StoredReject]) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record([
        "number", "source", "key", "line", "code", "field", "value", "message", "hint", "row",
    ])?;
    for StoredReject { id, source, reject, row, .. } in stored {
        let value = |text: &Option<String>| guarded(text.as_deref().unwrap_or_default());
        writer.write_record([
            &id.to_string(),
            source,
            &value(&reject.key),
            &reject.line.to_string(),
            &reject.code,
            &value(&reject.field),
            &value(&reject.value),
            &reject.message,
            &reject.hint,
            &value(row),
        ])?;
    }
    writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

/// A text that a spreadsheet would take for a formula.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}
