//! What a person is asked: secrets, without echo on a terminal (a script gives them on stdin), and yes or no.

use std::io::{self, BufRead as _, IsTerminal as _};

use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::settings::SecretText;

/// Asks for a secret. The introduction is for people only.
///
/// # Errors
/// Terminal or stdin cannot be read.
pub(crate) fn secret(context: &Context, what: &str, introduction: &str) -> Result<SecretText, Failure> {
    let attempted = || format!("asking for the {what}");
    let text = if io::stdin().is_terminal() {
        context.out.note(introduction);
        rpassword::prompt_password(format!("{what}: ")).map_err(|error| Failure::file(attempted(), &error))?
    } else {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map_err(|error| Failure::file(attempted(), &error))?;
        line
    };
    Ok(SecretText::from(text.trim_start_matches('\u{feff}').to_owned()))
}

/// Asks whether to go on; without a terminal nobody is there to answer.
///
/// # Errors
/// The answer is not yes.
pub(crate) fn confirm(context: &Context, question: &str) -> Result<(), Failure> {
    let refused = |cause: &str| {
        Failure::new(Code::NotConfirmed, format!("asking: {question}"))
            .because(cause)
            .advise("answer y, or give --yes if you mean it")
    };
    if !io::stdin().is_terminal() {
        return Err(refused("stdin is no terminal"));
    }
    context.out.insist(format!("{question} [y/N]"));
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::file("reading the answer".to_owned(), &error))?;
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" | "д" | "да" => Ok(()),
        _ => Err(refused("the answer was not yes")),
    }
}
