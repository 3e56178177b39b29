//! What every command gets: where to print, what is meant by the settings, a way to the portal.

use crate::args::Globals;
use crate::failure::Failure;
use crate::output::{Output, Stats};
use crate::settings::{Environment, Places, Settings};

/// The surroundings of a command.
#[derive(Debug)]
pub(crate) struct Context {
    /// The only way to print.
    pub(crate) out: Output,
    globals: Globals,
    environment: Environment,
}

impl Context {
    /// The surroundings of this run.
    pub(crate) fn new(globals: &Globals, environment: Environment) -> Self {
        Self { out: Output::new(globals, environment.no_color()), globals: globals.clone(), environment }
    }

    /// Reads the settings: flag over environment over file over default.
    ///
    /// # Errors
    /// A file that cannot be read or has an unknown key.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Settings::load(&self.globals, &self.environment)
    }

    /// Where config and state lie, whatever the config file says.
    ///
    /// # Errors
    /// The platform names no such folder.
    pub(crate) fn places(&self) -> Result<Places, Failure> {
        Places::resolve(&self.globals, &self.environment)
    }

    /// What the run has cost so far.
    pub(crate) fn stats(&self) -> Stats {
        Stats::default()
    }
}
