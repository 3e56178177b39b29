//! `b24 sync init`: a commented mapping from the source's columns and the live fields.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use workflow::OutputFile;
use workflow::sync::PortalFacts;
use workflow::sync::draft::{DraftOrder, draft};
use workflow::sync::facts::FactsAnswer;

use crate::args::InitArgs;
use crate::clock;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;
use crate::settings;
use workflow::PortalUser;

#[derive(Debug, Serialize)]
struct Drafted {
    output: PathBuf,
    /// What is left to decide, most important first.
    decisions: Vec<String>,
}

pub(super) async fn run(context: &Context, args: &InitArgs) -> Result<Answer, Failure> {
    // The place is wrong before the portal is asked anything.
    let mut file = OutputFile::create(&args.output, args.force)?;
    let client = context.client(&context.portal()?)?;
    let read = PortalFacts::read(&client).await?;
    let FactsAnswer { facts, profile } = read;
    context.out.note(format!("portal {}, {}", client.portal().name(), PortalUser::from(&profile)));
    let stem = args.source.file_stem().map_or_else(|| "source".into(), |stem| stem.to_string_lossy());
    let order = DraftOrder {
        source: &args.source,
        folder: args.output.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new(".")),
        name: args.name.as_deref().unwrap_or(&stem),
        zone: &args.zone,
        now: clock::now(),
        environment: &settings::variable,
    };
    let drafted = draft(&order, &facts).await?;
    let written = file.file().write_all(drafted.text.as_bytes());
    written.map_err(|error| Failure::file(format!("writing {}", args.output.display()), &error))?;
    let output = file.commit()?;
    let left: Vec<String> = drafted.decisions.iter().map(|decision| format!("- {decision}\n")).collect();
    let text = format!(
        "{}: a draft with comments. Left to decide:\n{}Then: b24 sync check {}\n",
        output.display(),
        left.concat(),
        output.display()
    );
    Answer::new(text, &Drafted { output, decisions: drafted.decisions })
}
