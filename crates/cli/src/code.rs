//! The kebab codes of the command line's own failures; those of the libraries pass through unchanged.

use crate::exit::Exit;

/// A failure of the command line itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// A bug in b24.
    Bug,
    /// Ctrl-C or a request to terminate.
    Interrupted,
    /// The command line is wrong.
    Usage,
    /// The system refused threads or files at the start.
    Runtime,
    /// Standard output cannot be written.
    Stdout,
    /// A file or folder cannot be read or written.
    FileAccess,
    /// The user has no home folder.
    NoFolder,
    /// An environment variable is no text.
    Environment,
    /// An access other than read and write.
    Access,
    /// `B24_LOG` cannot be read.
    LogFilter,
    /// A key of the config file is not known.
    UnknownKey,
    /// A value of the config file is wrong, or the file is no TOML.
    Value,
    /// No webhook and no profile to take one from.
    NoPortal,
    /// The chosen profile does not exist.
    NoProfile,
    /// The profile exists already.
    ProfileExists,
    /// The profile names neither webhook nor application, or several.
    ProfileIncomplete,
    /// The webhook is no webhook address.
    Webhook,
    /// A portal, an authorization server or an accepted host is no host.
    Server,
    /// The chosen portal is reached by a webhook, which needs no login.
    NoApplication,
    /// What was given at a login holds no code.
    LoginGiven,
    /// The webhook in the environment belongs to another portal than the chosen profile.
    AnotherPortal,
    /// The profile allows only methods known to only read.
    ReadOnly,
    /// A `-p` is no `key=value`, or its brackets do not close.
    Parameter,
    /// `--params` is no JSON object.
    ParamsJson,
    /// A file is there already and may not be replaced.
    Exists,
    /// Nothing was synchronised with this portal from here yet.
    NoJournal,
    /// The journal knows no record with this key or deal.
    RecordUnknown,
    /// Something has to be confirmed, and nobody is there to be asked.
    NotConfirmed,
    /// An interrupted export that cannot be gone on with.
    Resume,
    /// The embedder's settings are wrong, or it is not there.
    Embedder,
    /// The embedding provider cannot be reached.
    EmbedderUnavailable,
    /// Personal data would go to a host that is not allowed to have it.
    PersonalData,
}

impl Code {
    /// Area and name, as printed.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Bug => "cli.bug",
            Self::Interrupted => "cli.interrupted",
            Self::Usage => "cli.usage",
            Self::Runtime => "cli.runtime",
            Self::Stdout => "output.stdout",
            Self::FileAccess => "file.access",
            Self::NoFolder => "settings.no-folder",
            Self::Environment => "settings.environment",
            Self::Access => "settings.access",
            Self::LogFilter => "settings.log-filter",
            Self::UnknownKey => "settings.unknown-key",
            Self::Value => "settings.value",
            Self::NoPortal => "settings.no-portal",
            Self::NoProfile => "settings.no-profile",
            Self::ProfileExists => "settings.profile-exists",
            Self::ProfileIncomplete => "settings.profile-incomplete",
            Self::Webhook => "settings.webhook",
            Self::Server => "settings.server",
            Self::NoApplication => "login.no-application",
            Self::LoginGiven => "login.code",
            Self::AnotherPortal => "settings.another-portal",
            Self::ReadOnly => "access.read-only",
            Self::Parameter => "call.parameter",
            Self::ParamsJson => "call.params-json",
            Self::Exists => "file.exists",
            Self::NoJournal => "sync.no-journal",
            Self::RecordUnknown => "sync.record-unknown",
            Self::NotConfirmed => "cli.not-confirmed",
            Self::Resume => "list.resume-mismatch",
            Self::Embedder => "index.embedder",
            Self::EmbedderUnavailable => "index.embedder-unavailable",
            Self::PersonalData => "index.personal-data",
        }
    }

    /// How a run with this failure ends.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Bug => Exit::Bug,
            Self::Interrupted => Exit::Interrupted,
            Self::Usage | Self::Parameter | Self::ParamsJson => Exit::Usage,
            Self::EmbedderUnavailable => Exit::Unreachable,
            _ => Exit::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    const ALL: [Code; 32] = [
        Code::Bug,
        Code::Interrupted,
        Code::Usage,
        Code::Runtime,
        Code::Stdout,
        Code::FileAccess,
        Code::NoFolder,
        Code::Environment,
        Code::Access,
        Code::LogFilter,
        Code::UnknownKey,
        Code::Value,
        Code::NoPortal,
        Code::NoProfile,
        Code::ProfileExists,
        Code::ProfileIncomplete,
        Code::Webhook,
        Code::Server,
        Code::NoApplication,
        Code::LoginGiven,
        Code::AnotherPortal,
        Code::ReadOnly,
        Code::Parameter,
        Code::ParamsJson,
        Code::Exists,
        Code::NoJournal,
        Code::RecordUnknown,
        Code::NotConfirmed,
        Code::Resume,
        Code::Embedder,
        Code::EmbedderUnavailable,
        Code::PersonalData,
    ];

    #[test]
    fn every_code_is_listed_once_with_its_exit_code() {
        let listed: Vec<String> =
            ALL.iter().map(|code| format!("{} {}", code.exit().number(), code.code())).collect();
        insta::assert_snapshot!(listed.join("\n"), @"
        1 cli.bug
        130 cli.interrupted
        2 cli.usage
        4 cli.runtime
        4 output.stdout
        4 file.access
        4 settings.no-folder
        4 settings.environment
        4 settings.access
        4 settings.log-filter
        4 settings.unknown-key
        4 settings.value
        4 settings.no-portal
        4 settings.no-profile
        4 settings.profile-exists
        4 settings.profile-incomplete
        4 settings.webhook
        4 settings.server
        4 login.no-application
        4 login.code
        4 settings.another-portal
        4 access.read-only
        2 call.parameter
        2 call.params-json
        4 file.exists
        4 sync.no-journal
        4 sync.record-unknown
        4 cli.not-confirmed
        4 list.resume-mismatch
        4 index.embedder
        5 index.embedder-unavailable
        4 index.personal-data
        ");
    }
}
