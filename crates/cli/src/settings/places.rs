//! Where configuration and state lie.

use std::path::PathBuf;

use super::environment::Environment;
use crate::args::Globals;
use crate::code::Code;
use crate::failure::Failure;

/// The config file and the state folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Places {
    /// `config.toml`.
    pub(crate) config: PathBuf,
    /// The folder for what is remembered between runs.
    pub(crate) state: PathBuf,
}

impl Places {
    /// Flag over environment over the platform's folders.
    ///
    /// # Errors
    /// The platform names no such folder (no home folder).
    pub(crate) fn resolve(globals: &Globals, environment: &Environment) -> Result<Self, Failure> {
        let config = match globals.config.as_deref().or(environment.config()) {
            Some(path) => path.to_owned(),
            None => dirs::config_dir()
                .map(|folder| folder.join("b24").join("config.toml"))
                .ok_or_else(|| no_folder("config", "--config FILE or B24_CONFIG"))?,
        };
        let state = match &globals.state_dir {
            Some(path) => path.clone(),
            // Only Linux has a state folder of its own; elsewhere local application data is the place.
            None => dirs::state_dir()
                .or_else(dirs::data_local_dir)
                .map(|folder| folder.join("b24"))
                .ok_or_else(|| no_folder("state", "--state-dir DIR"))?,
        };
        Ok(Self { config, state })
    }
}

fn no_folder(which: &str, flag: &str) -> Failure {
    Failure::new(Code::NoFolder, format!("finding the {which} folder"))
        .because("this user has no home folder")
        .advise(format!("give {flag}"))
}
