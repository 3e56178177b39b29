//! What the portal says when it refuses, by its code and never by its text.

use std::fmt;

use super::ErrorKind;

/// A refusal of the portal, in its own words without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The code, classified.
    pub code: ApiCode,
    /// The code as it was written; may be empty.
    pub text: String,
    /// The description as it was written, in the portal's language; may be empty.
    pub description: String,
    /// HTTP status of the answer (200 for a command inside a batch).
    pub status: u16,
    /// The whole answer or the command's entry in `result_error`, as JSON text.
    pub body: String,
}

/// The codes a caller may want to tell apart; compared without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiCode {
    /// `QUERY_LIMIT_EXCEEDED`: too many requests; not executed.
    QueryLimit,
    /// `OPERATION_TIME_LIMIT`: the method's execution time is used up; not executed.
    OperationTimeLimit,
    /// `OVERLOAD_LIMIT`: blocked by the vendor.
    Overload,
    /// `INTERNAL_SERVER_ERROR`, `ERROR_UNEXPECTED_ANSWER`.
    Internal,
    /// `expired_token`.
    ExpiredToken,
    /// `insufficient_scope`.
    InsufficientScope,
    /// Wrong or missing credentials, fired user, uninstalled application.
    Credentials,
    /// `PAYMENT_REQUIRED`, `WRONG_LICENSE`.
    Payment,
    /// `ACCESS_DENIED`, `user_access_error`, `allowed_only_intranet_user`, `WRONG_AUTH_TYPE`.
    AccessDenied,
    /// `ERROR_METHOD_NOT_FOUND`.
    MethodNotFound,
    /// `NOT_FOUND`, `OWNER_NOT_FOUND`.
    NotFound,
    /// `INVALID_ARG_VALUE`, `REQUIRED_ARG_MISSING`, `ERROR_ARGUMENT`, `100`.
    Argument,
    /// `PORTAL_DELETED`.
    PortalDeleted,
    /// `ERROR_BATCH_LENGTH_EXCEEDED`, `ERROR_BATCH_METHOD_NOT_ALLOWED`.
    Batch,
    /// `CONNECTION_ERROR`: the portal could not reach its authorization server.
    Connection,
    /// `0` or an empty code.
    None,
    /// Any other code, kept in [`ApiError::text`].
    Other,
}

impl ApiCode {
    /// Classifies the text of a code.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "query_limit_exceeded" => Self::QueryLimit,
            "operation_time_limit" => Self::OperationTimeLimit,
            "overload_limit" => Self::Overload,
            "internal_server_error" | "error_unexpected_answer" => Self::Internal,
            "expired_token" => Self::ExpiredToken,
            "insufficient_scope" => Self::InsufficientScope,
            "no_auth_found"
            | "invalid_credentials"
            | "invalid_token"
            | "authorization_error"
            | "application_not_found"
            | "error_oauth"
            | "not_installed"
            | "invalid_grant"
            | "invalid_client"
            | "method_confirm_waiting"
            | "method_confirm_denied" => Self::Credentials,
            "payment_required" | "wrong_license" => Self::Payment,
            "access_denied" | "user_access_error" | "allowed_only_intranet_user" | "wrong_auth_type" => {
                Self::AccessDenied
            }
            "error_method_not_found" => Self::MethodNotFound,
            "not_found" | "owner_not_found" => Self::NotFound,
            "invalid_arg_value" | "required_arg_missing" | "error_argument" | "100" => Self::Argument,
            "portal_deleted" => Self::PortalDeleted,
            "error_batch_length_exceeded" | "error_batch_method_not_allowed" => Self::Batch,
            "connection_error" => Self::Connection,
            "" | "0" => Self::None,
            _ => Self::Other,
        }
    }

    /// Whether the portal refused before it executed anything, so that even a write may be sent again.
    #[must_use]
    pub fn proves_not_executed(self) -> bool {
        matches!(self, Self::QueryLimit | Self::OperationTimeLimit)
    }

    pub(super) fn area_code(self) -> &'static str {
        match self {
            Self::QueryLimit | Self::OperationTimeLimit | Self::Overload => "client.limit",
            Self::ExpiredToken
            | Self::InsufficientScope
            | Self::Credentials
            | Self::Payment
            | Self::AccessDenied
            | Self::PortalDeleted => "client.authorization",
            Self::MethodNotFound => "client.method-unknown",
            _ => "client.refused",
        }
    }
}

impl ApiError {
    /// What the caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self.code.area_code() {
            "client.authorization" => ErrorKind::Authorization,
            "client.limit" => ErrorKind::Unreachable,
            _ if matches!(self.code, ApiCode::Internal | ApiCode::Connection) => ErrorKind::Unreachable,
            _ if self.status == 401 => ErrorKind::Authorization,
            _ => ErrorKind::Refused,
        }
    }

    /// Whether the portal refused an application's token, which another one may cure. A 403 is a matter of rights.
    pub(crate) fn wants_new_token(&self) -> bool {
        self.status == 401
            && (self.code == ApiCode::ExpiredToken || self.text.eq_ignore_ascii_case("invalid_token"))
    }

    /// Whether something may have been executed: an error of the server itself, not a refusal.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        match self.code {
            ApiCode::QueryLimit
            | ApiCode::OperationTimeLimit
            | ApiCode::Overload
            | ApiCode::PortalDeleted
            | ApiCode::Connection
            | ApiCode::Batch => false,
            ApiCode::Internal => true,
            _ => self.status >= 500,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let description = self.description.trim();
        match (self.text.as_str(), description) {
            ("" | "0", "") => write!(f, "status {} without an explanation", self.status),
            ("" | "0", description) => f.write_str(description),
            (code, "") => f.write_str(code),
            (code, description) => write!(f, "{code}: {description}"),
        }
    }
}

impl std::error::Error for ApiError {}
