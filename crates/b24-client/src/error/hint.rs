//! What to do next, in one line.

use super::{ApiCode, Error};
use crate::transport::TransportError;

impl Error {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Webhook(_) => {
                "copy the address from the portal: Developer resources → Other → Inbound webhook; \
                 it looks like https://portal.bitrix24.ru/rest/1/abcdef123456/"
            }
            Self::PlainHttp { .. } => "use the https:// address of the portal",
            Self::Setup { remedy, .. } => return Some(remedy.clone()),
            Self::Params { .. } | Self::ListParams { .. } => "correct the parameters",
            Self::Unreachable { source: TransportError::Untrusted(_), .. } => {
                "name the authority's certificate with `ca_file`, or install the system's certificates"
            }
            Self::Unreachable { .. } => "check the address, the network and the proxy, then try again",
            Self::Lost { .. } => {
                "try again; before sending a write again, look in the portal whether it was executed"
            }
            Self::NotAnAnswer { status: 200..=399, .. } => "check that the address is the portal's own",
            Self::NotAnAnswer { .. } => "try again later; the portal or something before it is in trouble",
            Self::Moved { to, .. } => {
                return Some(format!(
                    "if the portal really was renamed, say accept_host = \"{to}\" in the profile, or make a new webhook there"
                ));
            }
            Self::Login { source, .. } => source.hint(),
            Self::Api { source, .. } => return source.hint().map(str::to_owned),
            Self::Undecodable { .. } => "run the method with `b24 call --json` and compare",
            Self::List { .. } => "run it again; if it repeats, list with a narrower filter",
        };
        Some(text.to_owned())
    }
}

fn api_hint(code: ApiCode) -> Option<&'static str> {
    Some(match code {
        ApiCode::InsufficientScope => "give the webhook the missing scope (crm, user_brief) in the portal",
        ApiCode::Credentials | ApiCode::ExpiredToken => {
            "the webhook is wrong or was deleted: make a new one in the portal"
        }
        ApiCode::AccessDenied => "the webhook's user has no right to this: use a webhook of another user",
        ApiCode::Payment => "the portal's plan does not include the REST API",
        ApiCode::PortalDeleted => "the portal was deleted or is closed",
        ApiCode::MethodNotFound => "check the spelling of the method",
        ApiCode::QueryLimit | ApiCode::OperationTimeLimit => {
            "other programs use up this portal's limits: try later"
        }
        ApiCode::Overload => "the vendor has blocked the portal's REST API: ask Bitrix24 support",
        ApiCode::Internal | ApiCode::Connection => "try again later",
        ApiCode::NotFound | ApiCode::Argument | ApiCode::Batch | ApiCode::None | ApiCode::Other => {
            return None;
        }
    })
}

impl super::ApiError {
    /// What to do next, where the code tells.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        // These an application's call gets, never a webhook's.
        match self.text.to_ascii_lowercase().as_str() {
            "expired_token" | "invalid_token" => {
                Some("the portal refuses the application's token: run `b24 login` again")
            }
            "application_not_found" | "error_oauth" | "not_installed" | "authorization_error" => Some(
                "see in the portal whether the application is installed and its user active, then run `b24 login`",
            ),
            _ => api_hint(self.code),
        }
    }
}
