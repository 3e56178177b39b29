//! Secrets that a person types in, without echo on a terminal; a script gives them on stdin.

use std::io::{self, BufRead as _, IsTerminal as _};

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
