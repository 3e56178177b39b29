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

impl Places {
    /// The folder for what is remembered of one portal: a subfolder named by its profile, or by its identity.
    pub(crate) fn state_of(&self, name: &str) -> PathBuf {
        self.state.join(folder_name(name))
    }
}

/// A name as a folder's name: what some platform would refuse or read as a path is written as its number.
fn folder_name(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let inside = 1..name.len().saturating_sub(1);
    let part = |(at, c): (usize, char)| {
        if plain(c) || (c == '.' && inside.contains(&at)) {
            c.to_string()
        } else {
            format!("%{:02X}", u32::from(c))
        }
    };
    if name.is_empty() { "%".to_owned() } else { name.char_indices().map(part).collect() }
}

fn no_folder(which: &str, flag: &str) -> Failure {
    Failure::new(Code::NoFolder, format!("finding the {which} folder"))
        .because("this user has no home folder")
        .advise(format!("give {flag}"))
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn every_profile_has_a_folder_of_its_own_inside_the_state_folder() {
        let names = ["acme", "мой портал", "acme.bitrix24.ru", "127.0.0.1:8080", "..", "a/b", "C:\\x", ""];
        let folders = names.map(folder_name);
        assert_eq!(
            folders,
            [
                "acme",
                "мой%20портал",
                "acme.bitrix24.ru",
                "127.0.0.1%3A8080",
                "%2E%2E",
                "a%2Fb",
                "C%3A%5Cx",
                "%"
            ]
        );
    }
}
