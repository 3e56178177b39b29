//! `b24 config init`: asks for a webhook, stores it owner-only, checks the portal.

use std::fs;
use std::io;
use std::path::Path;

use super::edit;
use crate::ask;
use crate::code::Code;
use crate::commands::doctor;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Answer;
use crate::settings::{self, ConfigFile, SecretText};

/// Name of the profile when none is chosen.
const DEFAULT: &str = "default";

const INTRODUCTION: &str = "Address of the incoming webhook, as the portal shows it (it is not echoed):";

/// Stores the webhook in a profile, then runs doctor on it.
pub(super) async fn run(context: &Context, force: bool) -> Result<Answer, Failure> {
    let settings = context.settings()?;
    let name = settings.chosen_profile().unwrap_or(DEFAULT);
    let path = &settings.places.config;
    if settings.file.profiles.contains_key(name) && !force {
        return Err(Failure::new(Code::ProfileExists, format!("creating the profile `{name}`"))
            .because(format!("{} has it already", path.display()))
            .advise("add --force to replace its address, or choose another name with --profile NAME"));
    }
    let text = ask::secret(context, "webhook", INTRODUCTION)?;
    settings::parse_webhook(&text, "the webhook")?;
    let before = store(path, name, &text)?;
    let portal = context.settings()?.of_profile(name)?;
    let checked = doctor::check(context, &portal).await;
    if checked.as_ref().is_err_and(|failure| failure.exit() == Exit::Refused) {
        take_back(path, before)?;
        context.out.note(format!("profile `{name}` is not stored: nothing could be done with this webhook"));
    } else {
        context.out.note(format!("profile `{name}` is stored in {}, readable by you only", path.display()));
    }
    checked
}

/// Stores the webhook, and gives what the file held before.
fn store(path: &Path, name: &str, webhook: &SecretText) -> Result<Option<String>, Failure> {
    let attempted = || format!("writing the config file {}", path.display());
    let old = match fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::file(attempted(), &error)),
    };
    let new = edit::with_profile(old.as_deref().unwrap_or_default(), name, webhook.expose());
    // A file written in a way the edit does not see through (inline tables) is left alone.
    ConfigFile::parse(&new, path).map_err(|_| {
        Failure::new(Code::ProfileExists, attempted())
            .because(format!("the profile `{name}` is written in a way that cannot be replaced safely"))
            .advise(format!("remove the profile `{name}` from the file, then run the command again"))
    })?;
    settings::write_owner_only(path, &new).map_err(|error| Failure::file(attempted(), &error))?;
    Ok(old)
}

/// Makes the file what it was.
fn take_back(path: &Path, before: Option<String>) -> Result<(), Failure> {
    let restored = match before {
        Some(text) => settings::write_owner_only(path, &text),
        None => fs::remove_file(path),
    };
    restored.map_err(|error| Failure::file(format!("restoring the config file {}", path.display()), &error))
}
