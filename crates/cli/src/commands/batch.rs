//! `b24 batch`.

mod shown;

use std::path::Path;

use workflow::command_file::{self, CommandFile, Syntax};

use self::shown::{Chunk, Row};
use crate::args::BatchArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::{Answer, table};

/// Runs the commands of a file, or shows the requests they become.
pub(super) async fn run(context: &Context, args: &BatchArgs) -> Result<Answer, Failure> {
    let text = input::text_of(&args.file, "the commands")?;
    let file = CommandFile::parse(&text, syntax(&args.file))
        .map_err(|error| Failure::of_commands(&args.file, &error))?;
    // The builder's own refusals come before the portal is asked anything.
    let chunks = command_file::preview(&file, args.halt)
        .await
        .map_err(|error| Failure::of_commands(&args.file, &error))?;
    if args.dry_run {
        let chunks = Chunk::all(&file, &chunks);
        let rows = chunks.iter().flat_map(Chunk::cells);
        context.out.note(format!(
            "{} commands in {} requests; nothing was sent",
            file.commands().len(),
            chunks.len()
        ));
        return Answer::new(table(["REQUEST", "FORM", "COMMAND", "METHOD"], rows), &chunks);
    }
    let portal = context.portal()?;
    for command in file.commands() {
        portal.allow(command.method())?;
    }
    let session = context.connect(&portal).await?;
    let ran = command_file::run(&session.client, &file, args.halt).await;
    let ran = ran.map_err(|error| Failure::of_commands(&args.file, &error))?;
    let rows: Vec<Row> = ran.into_iter().map(Row::from).collect();
    let failed = rows.iter().filter(|row| !row.is_ok()).count();
    context.out.note(format!("{} commands: {} done, {failed} not", rows.len(), rows.len() - failed));
    let text = table(["COMMAND", "METHOD", "OUTCOME", "RESULT"], rows.iter().map(Row::cells));
    let exit = if failed == 0 { Exit::Done } else { Exit::Partial };
    let problems = rows.iter().filter_map(Row::problem).collect();
    Ok(Answer::new(text, &rows)?.problems(problems).exit(exit))
}

/// By the name of the file; what has another name, and stdin, tells by its first character.
fn syntax(path: &Path) -> Option<Syntax> {
    let extension = path.extension()?.to_str()?;
    match extension.to_ascii_lowercase().as_str() {
        "toml" => Some(Syntax::Toml),
        "json" => Some(Syntax::Json),
        _ => None,
    }
}
