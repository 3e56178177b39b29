//! Addresses under `/rest/` (reference, section 1.1).

use percent_encoding::percent_decode_str;

/// What an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/rest/{user}/{code}/{method}[.json][/]`.
    Webhook {
        /// The user's number as written.
        user: String,
        /// The secret as written.
        code: String,
        /// Lower-case name without `.json`.
        method: String,
    },
    /// `/rest/{method}`: a call that would need an OAuth token.
    Token {
        /// Lower-case name without `.json`.
        method: String,
    },
    /// `/rest/api/…`: REST 3.0, which has no CRM.
    Version3,
}

impl Route {
    /// The method asked for, as the journal names it.
    pub(crate) fn method(&self) -> &str {
        match self {
            Self::Webhook { method, .. } | Self::Token { method } => method,
            Self::Version3 => "api",
        }
    }
}

/// Reads a path; `None` when it is not under `/rest/`.
pub(crate) fn route(path: &str) -> Option<Route> {
    let rest = path.strip_prefix("/rest/")?;
    let parts: Vec<String> = rest
        .split('/')
        .filter(|p| !p.is_empty())
        .map(|p| percent_decode_str(p).decode_utf8_lossy().into_owned())
        .collect();
    Some(match parts.as_slice() {
        [first, ..] if first == "api" => Route::Version3,
        [user, code, method @ ..] if user.bytes().all(|b| b.is_ascii_digit()) => {
            Route::Webhook { user: user.clone(), code: code.clone(), method: name(&method.join("/")) }
        }
        method => Route::Token { method: name(&method.join("/")) },
    })
}

fn name(method: &str) -> String {
    let name = method.to_ascii_lowercase();
    name.strip_suffix(".json").map_or_else(|| name.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(method: &str) -> Route {
        Route::Webhook { user: "1".to_owned(), code: "sandbox".to_owned(), method: method.to_owned() }
    }

    #[test]
    fn letter_case_the_suffix_and_a_trailing_slash_do_not_matter() {
        for path in [
            "crm.deal.list",
            "crm.deal.List.json",
            "CRM.DEAL.LIST/",
            "crm.deal.list.json/",
            "crm%2Edeal.list",
        ] {
            assert_eq!(route(&format!("/rest/1/sandbox/{path}")), Some(webhook("crm.deal.list")), "{path}");
        }
        assert_eq!(route("/rest/1/sandbox/crm.item.jsonlist"), Some(webhook("crm.item.jsonlist")));
        assert_eq!(route("/rest/1/sandbox/"), Some(webhook("")));
    }

    #[test]
    fn other_addresses_are_told_apart() {
        assert_eq!(route("/rest/crm.deal.list"), Some(Route::Token { method: "crm.deal.list".to_owned() }));
        assert_eq!(route("/rest/api/1/sandbox/batch"), Some(Route::Version3));
        assert_eq!(route("/sandbox/journal"), None);
        assert_eq!(route("/restaurant/1"), None);
    }
}
