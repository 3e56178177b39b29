//! Telephone numbers: read as people write them, kept in E.164, looked up as the portal compares them.

mod cell;
mod number;

use serde::{Deserialize, Serialize};

pub use cell::parse_cell;

/// A telephone number in E.164 with its extension apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Phone {
    e164: String,
    extension: Option<String>,
}

/// A text that is no telephone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BadPhone {
    /// The part of the cell; personal data.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Phone {
    /// Reads one number.
    ///
    /// # Errors
    /// A text that is no number which can be called from everywhere, with the reason.
    pub fn parse(text: &str) -> Result<Self, BadPhone> {
        let (digits, extension) = number::split_extension(text);
        match number::e164(digits) {
            Ok(e164) => Ok(Self { e164, extension }),
            Err(reason) => Err(BadPhone { text: text.trim().to_owned(), reason }),
        }
    }

    /// The number in E.164, such as `+79991234567`.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// Digits to dial after the call is answered.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// The distinct forms, as the portal compares them, under which people may have entered this number. At most three:
    /// `7…`, ten digits without a country, and `8…` for the known slip `+8…`; one for numbers outside the zone +7.
    #[must_use]
    pub fn search_forms(&self) -> Vec<String> {
        search_forms(&self.e164)
    }

    /// Whether a number as the portal keeps it is this one.
    #[must_use]
    pub fn is(&self, stored: &str) -> bool {
        let stored = portal_form(stored);
        self.search_forms().iter().any(|form| portal_form(form) == stored)
    }

    /// The number with its middle hidden, `+7999***4567`.
    #[must_use]
    pub fn masked(&self) -> String {
        super::masking::phone(&self.e164)
    }
}

/// As [`Phone::search_forms`], for a number that is in E.164 already.
#[must_use]
pub fn search_forms(e164: &str) -> Vec<String> {
    let digits = e164.trim_start_matches('+');
    match digits.strip_prefix('7') {
        Some(national) if national.len() == 10 => {
            vec![digits.to_owned(), national.to_owned(), format!("+8{national}")]
        }
        _ => vec![digits.to_owned()],
    }
}

/// The form in which the portal indexes and compares numbers (`NormalizePhone` of main/tools.php; wire reference 6.6).
#[must_use]
pub fn portal_form(raw: &str) -> String {
    let raw = raw.trim();
    let slip = raw.starts_with("+8") && raw.chars().count() >= 10;
    let opened = if slip { raw.replacen('+', "00", 1) } else { raw.to_owned() };
    let kept: String = opened.chars().filter(|c| c.is_ascii_digit() || "#*,;".contains(*c)).collect();
    if kept.len() < 10 {
        return kept;
    }
    let kept = kept.as_str();
    let national = if ["80", "81", "82"].iter().any(|start| kept.starts_with(start)) {
        kept.to_owned()
    } else if let Some(rest) = kept.strip_prefix("00").or_else(|| kept.strip_prefix("011")) {
        rest.to_owned()
    } else if let Some(rest) = kept.strip_prefix('8') {
        format!("7{rest}")
    } else {
        kept.strip_prefix('0').unwrap_or(kept).to_owned()
    };
    let end = national.find([';', '#', ',']).unwrap_or(national.len());
    national[..end].to_owned()
}
