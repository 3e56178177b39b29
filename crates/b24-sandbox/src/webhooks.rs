//! The webhooks of the sandbox, and its application.

use crate::method::Refusal;

/// Who may call what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Webhook {
    /// The user it acts for.
    pub(crate) user_id: u32,
    /// The secret part of the address; an application has tokens instead.
    pub(crate) code: Option<&'static str>,
    /// What it may touch.
    pub(crate) scopes: &'static [&'static str],
}

/// All webhooks and the application; a position in this table identifies one.
pub(crate) const WEBHOOKS: [Webhook; 4] = [
    Webhook { user_id: 1, code: Some("sandbox"), scopes: &["crm", "user_brief", "user"] },
    Webhook { user_id: 2, code: Some("restricted"), scopes: &["crm", "user_brief", "user"] },
    Webhook { user_id: 1, code: Some("noscope"), scopes: &["user_brief"] },
    Webhook { user_id: 1, code: None, scopes: &["crm", "user_brief", "user"] },
];

/// The position of the application, which acts for the administrator.
pub(crate) const APPLICATION: usize = 3;

/// The position of the webhook with this user and code.
///
/// # Errors
///
/// 401 `INVALID_CREDENTIALS`, as a live portal answers.
pub(crate) fn authenticate(user: &str, code: &str) -> Result<usize, Refusal> {
    let known = WEBHOOKS.iter().position(|w| user.parse() == Ok(w.user_id) && w.code == Some(code));
    known.ok_or_else(invalid_credentials)
}

/// The answer to a wrong code.
pub(crate) fn invalid_credentials() -> Refusal {
    Refusal::with_status(401, "INVALID_CREDENTIALS", "Invalid request credentials")
}

/// The answer to a call outside the webhook's scopes.
pub(crate) fn insufficient_scope() -> Refusal {
    let text = "The request requires higher privileges than provided by the webhook token";
    Refusal::with_status(401, "insufficient_scope", text)
}

impl Webhook {
    /// Whether the webhook covers the scope. `user_brief` is enough for the methods of `user`.
    pub(crate) fn covers(&self, scope: Option<&str>) -> bool {
        scope.is_none_or(|s| self.scopes.contains(&s) || (s == "user" && self.scopes.contains(&"user_brief")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_matching_pair_of_user_and_code_is_let_in() {
        assert_eq!(authenticate("1", "sandbox"), Ok(0));
        assert_eq!(authenticate("2", "restricted"), Ok(1));
        assert_eq!(authenticate("2", "sandbox"), Err(invalid_credentials()));
        assert_eq!(authenticate("1", "Sandbox"), Err(invalid_credentials()));
        assert_eq!(authenticate("x", ""), Err(invalid_credentials()));
    }

    #[test]
    fn a_webhook_without_crm_may_still_read_users() {
        assert!(!WEBHOOKS[2].covers(Some("crm")));
        assert!(WEBHOOKS[2].covers(Some("user")));
        assert!(WEBHOOKS[2].covers(None));
    }
}
