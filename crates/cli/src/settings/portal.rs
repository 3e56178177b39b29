//! Which portal a run talks to, and what it may do there.

use std::fs;
use std::path::{Path, PathBuf};

use b24_client::{Origin, Webhook};

use super::Settings;
use super::access::Access;
use super::entrance::Entrance;
use super::owner_only;
use super::profile::{Profile, SecretText};
use crate::code::Code;
use crate::failure::Failure;

/// The portal of a run.
#[derive(Debug)]
pub(crate) struct Portal {
    /// Its address and what opens it.
    pub(crate) entrance: Entrance,
    /// The host it may have after a rename.
    pub(crate) accept_host: Option<String>,
    /// What calls may do.
    pub(crate) access: Access,
    /// Certificates to trust beside the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// The file of the limiter that all runs against this portal share.
    pub(crate) limiter: PathBuf,
    /// Where to change the access, for messages.
    pub(crate) access_setting: String,
    /// What the user should know about the settings.
    pub(crate) warnings: Vec<String>,
}

impl Portal {
    /// The portal as messages name it: host, and port when it is not the usual one.
    pub(crate) fn name(&self) -> &str {
        self.entrance.portal().name()
    }

    /// The journal of what was synchronised with this portal, beside what else is remembered of it.
    pub(crate) fn journal(&self) -> PathBuf {
        self.limiter.with_file_name("journal.db")
    }
}

impl Settings {
    /// The portal: the webhook of the environment, or a profile's.
    ///
    /// # Errors
    /// No portal is named, the profile does not exist or is incomplete, the webhook is malformed, or the environment
    /// and the chosen profile mean different portals.
    pub(crate) fn portal(&self) -> Result<Portal, Failure> {
        match (self.environment.webhook(), &self.chosen_profile) {
            (Some(text), None) => self.of_environment(text, None),
            (Some(text), Some(name)) => self.of_environment(text, Some(name)),
            (None, Some(name)) => self.of_profile(name),
            (None, None) => self.of_profile(&self.only_profile()?),
        }
    }

    /// Whether neither the environment nor a profile could name a portal.
    pub(crate) fn names_no_portal(&self) -> bool {
        self.environment.webhook().is_none() && self.chosen_profile.is_none() && self.file.profiles.is_empty()
    }

    /// The portal of a profile, whatever the environment says.
    ///
    /// # Errors
    /// The profile does not exist or is incomplete, its webhook is malformed.
    pub(crate) fn of_profile(&self, name: &str) -> Result<Portal, Failure> {
        let profile = self.profile(name)?;
        let entrance = if profile.is_application() {
            Entrance::Application(self.application(name, profile)?)
        } else {
            let (text, source) = self.webhook_text(name, profile)?;
            Entrance::Webhook(parse(&text, &source)?)
        };
        let given = profile.access.unwrap_or_else(|| default_access(entrance.portal()));
        // The environment may narrow a profile, never widen it.
        let narrowed = self.environment.access() == Some(Access::Read);
        let access = if narrowed { Access::Read } else { given };
        let key = format!("access = \"write\" in [profile.{name}] of {}", self.places.config.display());
        let access_setting = match (narrowed, given) {
            (false, _) => key,
            (true, Access::Write) => "unset B24_ACCESS, which says read".to_owned(),
            (true, Access::Read) => format!("unset B24_ACCESS, which says read, and set {key}"),
        };
        Ok(Portal {
            limiter: self.limiter_of(entrance.portal()),
            accept_host: Self::accept_host(name, profile)?,
            warnings: self.open_files(profile, &entrance),
            entrance,
            access,
            ca_file: profile.ca_file.as_deref().map(|path| self.beside_config(path)),
            access_setting,
        })
    }

    fn of_environment(&self, text: &SecretText, chosen: Option<&str>) -> Result<Portal, Failure> {
        let webhook = parse(text, "B24_WEBHOOK")?;
        let profile = match chosen {
            None => None,
            Some(name) => {
                let of_profile = self.of_profile(name)?;
                if of_profile.name() != webhook.identity() {
                    return Err(Failure::new(Code::AnotherPortal, "choosing the portal")
                        .because(format!(
                            "B24_WEBHOOK is for {}, profile `{name}` for {}",
                            webhook.identity(),
                            of_profile.name()
                        ))
                        .advise("unset B24_WEBHOOK, or choose no profile"));
                }
                Some((self.profile(name)?, of_profile))
            }
        };
        let (given, ca_file, accept_host) = profile.map_or((None, None, None), |(profile, portal)| {
            (profile.access, portal.ca_file, portal.accept_host)
        });
        let access = self.environment.access().or(given).unwrap_or_else(|| default_access(webhook.origin()));
        let access_setting = "B24_ACCESS=write".to_owned();
        let limiter = self.limiter_of(webhook.origin());
        let (entrance, warnings) = (Entrance::Webhook(webhook), Vec::new());
        Ok(Portal { entrance, accept_host, access, ca_file, limiter, access_setting, warnings })
    }

    /// The portal counts requests by address, not by webhook: whoever talks to it from here shares one limiter. It lies
    /// in the folder of the first profile of that portal; without a profile, in a folder named by the portal.
    fn limiter_of(&self, portal: &Origin) -> PathBuf {
        let of_portal = |(name, profile): &(&String, &Profile)| {
            let other = match &profile.portal {
                Some(address) => address.parse::<Origin>().ok(),
                None => self
                    .webhook_text(name, profile)
                    .and_then(|(text, source)| parse(&text, &source))
                    .ok()
                    .map(|webhook| webhook.origin().clone()),
            };
            other.is_some_and(|other| other.name() == portal.name())
        };
        let profile = self.file.profiles.iter().find(of_portal);
        self.places.state_of(profile.map_or(portal.name(), |(name, _)| name)).join("limiter.lock")
    }

    /// The folder for what is remembered between runs: of the chosen profile, of the first profile of the portal, of the
    /// portal itself, or `default` when no portal is named.
    ///
    /// # Errors
    /// The chosen profile does not exist, the webhook is malformed, or there are several profiles to choose from.
    pub(crate) fn state_folder(&self) -> Result<PathBuf, Failure> {
        if let Some(name) = &self.chosen_profile {
            self.profile(name)?;
            return Ok(self.places.state_of(name));
        }
        if let Some(text) = self.environment.webhook() {
            let limiter = self.limiter_of(parse(text, "B24_WEBHOOK")?.origin());
            return Ok(limiter.parent().map(Path::to_owned).unwrap_or_default());
        }
        if self.file.profiles.is_empty() {
            return Ok(self.places.state_of("default"));
        }
        Ok(self.places.state_of(&self.only_profile()?))
    }

    /// The one profile there is, or the one named `default`.
    fn only_profile(&self) -> Result<String, Failure> {
        let names: Vec<&String> = self.file.profiles.keys().collect();
        match names.as_slice() {
            [] => Err(Failure::new(Code::NoPortal, "choosing the portal")
                .because(format!(
                    "B24_WEBHOOK is not set and {} has no profile",
                    self.places.config.display()
                ))
                .advise("run `b24 config init`, or set B24_WEBHOOK to the address of an incoming webhook")),
            [only] => Ok((*only).clone()),
            _ if self.file.profiles.contains_key("default") => Ok("default".to_owned()),
            several => Err(Failure::new(Code::NoPortal, "choosing the portal")
                .because(format!("{} has several profiles", self.places.config.display()))
                .advise(format!("choose one with --profile: {}", join(several)))),
        }
    }

    fn profile(&self, name: &str) -> Result<&Profile, Failure> {
        self.file.profiles.get(name).ok_or_else(|| {
            let names: Vec<&String> = self.file.profiles.keys().collect();
            let advice = if names.is_empty() {
                format!("run `b24 config init --profile {name}`")
            } else {
                format!("choose one of: {}", join(&names))
            };
            Failure::new(Code::NoProfile, format!("choosing the profile `{name}`"))
                .because(format!("{} has no [profile.{name}]", self.places.config.display()))
                .advise(advice)
        })
    }

    fn webhook_text(&self, name: &str, profile: &Profile) -> Result<(SecretText, String), Failure> {
        let incomplete = |cause: &str| {
            Failure::new(Code::ProfileIncomplete, format!("reading the profile `{name}`"))
                .because(cause)
                .advise(format!("give [profile.{name}] webhook or webhook_file, or portal and client_id"))
        };
        match (&profile.webhook, &profile.webhook_file) {
            (Some(text), None) => Ok((text.clone(), format!("the webhook of profile `{name}`"))),
            (None, Some(file)) => {
                let path = self.beside_config(file);
                let attempted = || format!("reading the webhook file {}", path.display());
                let text = fs::read_to_string(&path).map_err(|error| Failure::file(attempted(), &error))?;
                Ok((SecretText::from(text), format!("the webhook in {}", path.display())))
            }
            (None, None) => Err(incomplete("it names no webhook and no application")),
            (Some(_), Some(_)) => Err(incomplete("it names both webhook and webhook_file")),
        }
    }

    /// Relative paths in the config file start at its folder.
    pub(super) fn beside_config(&self, path: &Path) -> PathBuf {
        self.places.config.parent().unwrap_or(Path::new("")).join(path)
    }

    /// Warnings about files with a secret that others can read.
    fn open_files(&self, profile: &Profile, entrance: &Entrance) -> Vec<String> {
        let files = match (entrance, &profile.webhook_file) {
            (Entrance::Webhook(_), Some(file)) => vec![("a webhook", self.beside_config(file))],
            (Entrance::Webhook(_), None) => vec![("a webhook", self.places.config.clone())],
            (Entrance::Application(installed), _) => {
                let secret = profile.client_secret_file.as_deref().map(|file| self.beside_config(file));
                let secret = secret.map(|file| ("a client secret", file));
                secret.into_iter().chain([("tokens", installed.tokens.clone())]).collect()
            }
        };
        let open = files.into_iter().filter(|(_, path)| owner_only::is_open_to_others(path));
        open.map(|(what, path)| {
            let path = path.display();
            format!("{path} holds {what} and other users can read it; run: chmod 600 '{path}'")
        })
        .collect()
    }
}

/// Parses a webhook and refuses plain `http` for anything but this machine.
///
/// # Errors
/// The text is no webhook address; it never appears in the failure.
pub(crate) fn parse(text: &SecretText, source: &str) -> Result<Webhook, Failure> {
    let malformed = |cause: String, advice: &str| {
        Failure::new(Code::Webhook, format!("reading {source}")).because(cause).advise(advice)
    };
    let webhook: Webhook = text.expose().parse().map_err(|error: b24_client::WebhookError| {
        malformed(
            error.to_string(),
            "copy the address of the incoming webhook: https://PORTAL/rest/USER/CODE/",
        )
    })?;
    if webhook.is_plain() && !webhook.is_loopback() {
        return Err(malformed(
            format!("http:// would send the secret unprotected to {}", webhook.host()),
            "use https://; http:// is for portals on this machine only",
        ));
    }
    Ok(webhook)
}

/// A portal on this machine is there for trying things out.
fn default_access(portal: &Origin) -> Access {
    if portal.is_loopback() { Access::Write } else { Access::Read }
}

fn join(names: &[&String]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}
