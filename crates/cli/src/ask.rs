//! What a person is asked: secrets, without echo on a terminal (a script gives them on stdin), and a yes.

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

/// Asks for a yes on a terminal.
///
/// # Errors
/// Nobody is there to be asked, or the terminal cannot be read.
pub(crate) fn agreed(context: &Context, question: &str, advice: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(Code::NotConfirmed, "asking for confirmation")
            .because("there is no terminal to ask on")
            .advise(advice));
    }
    context.out.insist(format!("{question} [y/N]"));
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Failure::file("asking for confirmation", &error))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes" | "д" | "да"))
}
