//! `b24 fields pull`.

use std::path::PathBuf;

use serde::Serialize;
use workflow::structure::{Structure, StructureCounts};

use crate::args::PullArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;

#[derive(Serialize)]
struct Pulled {
    output: PathBuf,
    #[serde(flatten)]
    counts: StructureCounts,
}

/// Saves the portal's structure.
pub(super) async fn run(context: &Context, args: &PullArgs) -> Result<Answer, Failure> {
    let session = context.session().await?;
    let structure = Structure::pull(&session.client).await?;
    let output = structure.save(&args.output, args.force)?;
    let counts = structure.counts();
    let text = format!(
        "{}: {} fields, {} funnels, {} stages, {} directories\n",
        output.display(),
        counts.fields,
        counts.funnels,
        counts.stages,
        counts.directories
    );
    Answer::new(text, &Pulled { output, counts })
}
