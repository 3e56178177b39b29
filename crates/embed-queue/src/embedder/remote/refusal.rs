//! What a provider's refusal means for the queue.

use std::time::Duration;

use jiff::fmt::rfc2822;
use serde_json::Value;

use crate::embedder::EmbedError;

/// Letters of a provider's words that are kept.
const LONGEST: usize = 300;
/// A used-up day is looked at again after this time unless the provider says more.
const DAY: Duration = Duration::from_hours(1);
/// A provider that says nothing about how long.
const MOMENT: Duration = Duration::from_secs(1);
/// Nobody is waited for longer than this in one go.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// A kind of refusal with the provider's words.
pub(super) struct Refusal {
    kind: Kind,
    text: String,
}

enum Kind {
    Rejected,
    Unavailable,
    RetryAfter(Duration),
    QuotaDay(Duration),
    Configuration,
}

impl Refusal {
    /// As the queue understands it.
    pub(super) fn worded(self, word: impl FnOnce(&str) -> String) -> EmbedError {
        let reason = word(&self.text);
        match self.kind {
            Kind::Rejected => EmbedError::Rejected(reason),
            Kind::Unavailable => EmbedError::Unavailable(reason),
            Kind::RetryAfter(after) => EmbedError::RetryAfter { after, reason },
            Kind::QuotaDay(after) => EmbedError::QuotaDay { after, reason },
            Kind::Configuration => EmbedError::Configuration(reason),
        }
    }
}

/// Reads an answer that is not 200, with its headers `Retry-After` and `Date`.
pub(super) fn read(status: u16, (after, date): (Option<&str>, Option<&str>), body: &[u8]) -> Refusal {
    let reply: Value = serde_json::from_slice(body).unwrap_or_default();
    // Gemini's compatible endpoint puts its error into a list.
    let error = reply.get(0).unwrap_or(&reply).get("error").cloned().unwrap_or(Value::Null);
    let message = error["message"].as_str().or(error.as_str()).or(reply["message"].as_str());
    let message = match message {
        Some(message) => message.to_owned(),
        None => String::from_utf8_lossy(body).into_owned(),
    };
    let header = after.and_then(|after| wait(after).or_else(|| until(after, date?)));
    let hint = hint(&error, &message, header);
    let kind = match status {
        429 => too_many(&error, &message, hint),
        400 if is_key(&error, &message) => Kind::Configuration,
        400 | 413 | 422 => Kind::Rejected,
        300..=399 | 401..=407 | 410 => Kind::Configuration,
        _ => hint.map_or(Kind::Unavailable, Kind::RetryAfter),
    };
    let words: Vec<&str> =
        message.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect();
    Refusal { kind, text: words.join(" ").chars().take(LONGEST).collect() }
}

/// Three refusals with one number: for a moment, for today, and for good.
fn too_many(error: &Value, message: &str, hint: Option<Duration>) -> Kind {
    let lower = message.to_lowercase();
    let quotas: Vec<&Value> =
        details(error).filter_map(|detail| detail["violations"].as_array()).flatten().collect();
    let none_at_all = lower.contains("limit: 0")
        || quotas.iter().any(|quota| quota["quotaValue"].as_str() == Some("0"))
        || matches!(error["code"].as_str(), Some("insufficient_quota" | "billing_hard_limit_reached"));
    if none_at_all {
        return Kind::Configuration;
    }
    let of_day = quotas.iter().any(|quota| quota["quotaId"].as_str().is_some_and(|id| id.contains("PerDay")))
        || lower.contains("per day");
    if of_day {
        return Kind::QuotaDay(hint.unwrap_or_default().max(DAY));
    }
    Kind::RetryAfter(hint.unwrap_or(MOMENT))
}

fn is_key(error: &Value, message: &str) -> bool {
    message.contains("API key") || details(error).any(|detail| detail["reason"] == "API_KEY_INVALID")
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error["details"].as_array().into_iter().flatten()
}

/// How long the provider wants to be left alone: its details, the header, its words.
fn hint(error: &Value, message: &str, header: Option<Duration>) -> Option<Duration> {
    let detail = details(error).find_map(|detail| wait(detail["retryDelay"].as_str()?));
    let words = ["retry in ", "try again in "].into_iter().find_map(|mark| {
        let (_, rest) = message.split_once(mark)?;
        wait(rest.split_whitespace().next()?.trim_end_matches(['.', ',']))
    });
    // Whatever says the most is kept: none of them is a reason to come back earlier.
    [detail, header, words].into_iter().flatten().max()
}

/// `46`, `46s`, `46.5s`, `850ms`, `1m12s`, `6h0m0s`.
fn wait(text: &str) -> Option<Duration> {
    let (mut rest, mut seconds) = (text.trim(), 0.0);
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let (unit, length) = match after {
            _ if after.starts_with("ms") => (0.001, 2),
            _ if after.starts_with('h') => (3_600.0, 1),
            _ if after.starts_with('m') => (60.0, 1),
            _ if after.starts_with('s') => (1.0, 1),
            "" => (1.0, 0),
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * unit;
        rest = &after[length..];
    }
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|_| !text.trim().is_empty())
        .map(|wait| wait.min(LONGEST_WAIT))
}

/// Until a date, by the provider's own clock: ours may be wrong.
fn until(date: &str, now: &str) -> Option<Duration> {
    let moment = |text: &str| rfc2822::parse(text.trim()).ok();
    let wait = moment(date)?.timestamp().duration_since(moment(now)?.timestamp());
    Some(Duration::try_from(wait).unwrap_or_default().min(LONGEST_WAIT))
}
