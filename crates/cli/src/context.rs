//! What every command gets: where to print, what is meant by the settings, a way to the portal.

use std::sync::OnceLock;
use std::time::Duration;

use b24_client::Client;

use crate::args::Globals;
use crate::failure::Failure;
use crate::output::{Output, Stats};
use crate::session::Session;
use crate::settings::{Environment, Places, Portal, Settings};

/// How long an interrupted run waits for tokens that are on their way.
const SETTLING: Duration = Duration::from_secs(5);

/// The surroundings of a command.
#[derive(Debug)]
pub(crate) struct Context {
    /// The only way to print.
    pub(crate) out: Output,
    globals: Globals,
    environment: Environment,
    client: OnceLock<Client>,
}

impl Context {
    /// The surroundings of this run.
    pub(crate) fn new(globals: &Globals, environment: Environment) -> Self {
        Self {
            out: Output::new(globals, environment.no_color()),
            globals: globals.clone(),
            environment,
            client: OnceLock::new(),
        }
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

    /// Which portal this run talks to and what it may do there; nothing is sent yet.
    ///
    /// # Errors
    /// The settings are wrong, or name no portal.
    pub(crate) fn portal(&self) -> Result<Portal, Failure> {
        self.settings()?.portal()
    }

    /// Connects to a portal and says on stderr which one it is and who the user is.
    ///
    /// # Errors
    /// The portal does not answer, or refuses the webhook.
    pub(crate) async fn connect(&self, portal: &Portal) -> Result<Session, Failure> {
        self.enter(self.client(portal)?).await
    }

    /// The client for a portal; nothing is sent yet.
    ///
    /// # Errors
    /// Certificates are missing or unreadable, or nobody has logged in to the application.
    pub(crate) fn client(&self, portal: &Portal) -> Result<Client, Failure> {
        for warning in &portal.warnings {
            self.out.warning(warning);
        }
        let client = portal.client(&self.settings()?.file.limits)?;
        // One run talks to one portal; kept for the statistics at its end.
        Ok(self.client.get_or_init(|| client).clone())
    }

    /// Uses a client for this run, and says on stderr whose eyes it sees with.
    ///
    /// # Errors
    /// The portal does not answer, or refuses the webhook.
    pub(crate) async fn enter(&self, client: Client) -> Result<Session, Failure> {
        let client = self.client.get_or_init(|| client).clone();
        let session = Session::open(client).await?;
        if session.user.administrator {
            self.out.note(session.introduction());
        } else {
            // That completeness cannot be checked is said with `--quiet` too.
            self.out.insist(session.introduction());
        }
        Ok(session)
    }

    /// Connects to the portal of the settings.
    ///
    /// # Errors
    /// As [`Context::portal`] and [`Context::connect`].
    pub(crate) async fn session(&self) -> Result<Session, Failure> {
        self.connect(&self.portal()?).await
    }

    /// Lets an interrupted run store tokens that are on their way: they are given only once.
    pub(crate) async fn settle(&self) {
        if let Some(client) = self.client.get() {
            // Whoever stopped the run does not wait longer for a server that does not answer.
            let _given_up = tokio::time::timeout(SETTLING, client.settle()).await;
        }
    }

    /// What the run has cost so far.
    pub(crate) fn stats(&self) -> Stats {
        self.client.get().map(|client| Stats::of(client.stats(), &client.limits())).unwrap_or_default()
    }
}
