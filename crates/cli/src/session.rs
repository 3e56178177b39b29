//! A connection to the portal of this run: the client, and whose eyes it sees with.

use std::sync::Arc;

use b24_client::{Client, ClientBuilder, FileStore, is_known_read};
use workflow::PortalUser;

use crate::clock;
use crate::code::Code;
use crate::failure::Failure;
use crate::settings::{Access, Entrance, Limits, Portal, create_owner_only};

/// A client whose webhook has proved to be alive.
#[derive(Debug)]
pub(crate) struct Session {
    /// The way to the portal.
    pub(crate) client: Client,
    /// Whose rights the webhook has.
    pub(crate) user: PortalUser,
}

impl Portal {
    /// Refuses a method that may change something on a portal that is only to be read. Nothing is sent before.
    ///
    /// # Errors
    /// The access is `read` and the method is not known to only read.
    pub(crate) fn allow(&self, method: &str) -> Result<(), Failure> {
        if self.access == Access::Write || is_known_read(method) {
            return Ok(());
        }
        Err(Failure::new(Code::ReadOnly, format!("calling {method} on {}", self.name()))
            .because("the access to this portal is read, and this method is not known to only read")
            .advise(format!("if you mean it, allow writing: {}", self.access_setting)))
    }

    /// The client for this portal; nothing is sent yet.
    ///
    /// # Errors
    /// Certificates are missing or unreadable, or nobody has logged in to the application.
    pub(crate) fn client(&self, limits: &Limits) -> Result<Client, Failure> {
        self.builder(limits).build().map_err(Failure::from)
    }

    /// The settings of that client; with an application's it can log in.
    pub(crate) fn builder(&self, limits: &Limits) -> ClientBuilder {
        let builder = match &self.entrance {
            Entrance::Webhook(webhook) => Client::builder(webhook.clone()),
            Entrance::Application(installed) => {
                let store = FileStore::new(&installed.tokens);
                Client::application(installed.application.clone(), Arc::new(store))
            }
        };
        let builder = builder.pace(limits.pace());
        let builder = match &self.accept_host {
            Some(host) => builder.accept_host(host),
            None => builder,
        };
        let builder = match &self.ca_file {
            Some(path) => builder.ca_file(path),
            None => builder,
        };
        // Without that folder the client observes the limits for itself; doctor says so.
        let _not_shared = self.limiter.parent().map(create_owner_only);
        builder.shared_limiter(&self.limiter, clock::now().into())
    }
}

impl Session {
    /// Asks the portal who the webhook's user is: the best proof that it works, and it needs no scope.
    ///
    /// # Errors
    /// The portal does not answer, or refuses the webhook.
    pub(crate) async fn open(client: Client) -> Result<Self, Failure> {
        let profile = client.call(b24_client::crm::profile()).await?;
        Ok(Self { client, user: PortalUser::from(&profile) })
    }

    /// The portal as messages and files name it: host, and port when it is not the usual one.
    pub(crate) fn portal(&self) -> String {
        self.client.portal().name().to_owned()
    }

    /// `portal acme.bitrix24.ru, user 1 Иван Петров, administrator`
    pub(crate) fn introduction(&self) -> String {
        format!("portal {}, {}", self.portal(), self.user)
    }
}
