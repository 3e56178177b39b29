//! What is meant: flag over environment over config file over default.

mod access;
mod embedder;
mod entrance;
mod environment;
mod file;
mod index;
mod limits;
mod owner_only;
mod places;
mod portal;
mod profile;
mod report;
mod told;

pub(crate) use self::access::Access;
pub(crate) use self::embedder::Chosen;
pub(crate) use self::entrance::Entrance;
pub(crate) use self::environment::{Environment, variable};
pub(crate) use self::file::ConfigFile;
pub(crate) use self::limits::Limits;
pub(crate) use self::owner_only::{create_folder as create_owner_only, write as write_owner_only};
pub(crate) use self::places::Places;
pub(crate) use self::portal::{Portal, parse as parse_webhook};
pub(crate) use self::profile::SecretText;
pub(crate) use self::report::Report;
pub(crate) use self::told::Told;
use crate::args::Globals;
use crate::failure::Failure;

/// The resolved settings of a run.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where config and state lie.
    pub(crate) places: Places,
    /// What the config file says.
    pub(crate) file: ConfigFile,
    chosen_profile: Option<String>,
    environment: Environment,
}

impl Settings {
    /// Reads the config file and combines it with flags and environment.
    ///
    /// # Errors
    /// No config folder, an unreadable file, an unknown key, a wrong value.
    pub(crate) fn load(globals: &Globals, environment: &Environment) -> Result<Self, Failure> {
        let places = Places::resolve(globals, environment)?;
        Ok(Self {
            file: ConfigFile::read(&places.config)?,
            places,
            chosen_profile: globals.profile.clone().or_else(|| environment.profile().map(str::to_owned)),
            environment: environment.clone(),
        })
    }

    /// The profile that flag or environment choose.
    pub(crate) fn chosen_profile(&self) -> Option<&str> {
        self.chosen_profile.as_deref()
    }
}

#[cfg(test)]
mod tests;
