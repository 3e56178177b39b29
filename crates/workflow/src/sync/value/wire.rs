//! Values as the portal writes and reads them.

use b24_client::Token;
use b24_client::params::Param;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::{FieldValue, ValueKind, trimmed};

/// A value of the portal that does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the portal's value is no {expected}")]
pub struct WireProblem {
    /// What the field holds.
    pub expected: &'static str,
    /// The value's JSON text; may be personal data.
    pub json: String,
}

impl FieldValue {
    /// Reads a value of `crm.item.*` or of the older methods: numbers or texts, `Y`/`N`, `1`/`0`, true or false, lists;
    /// `null`, `""`, `[]` and (but for flags) `false` are empty.
    ///
    /// # Errors
    /// A value that a field of this kind cannot hold.
    pub fn from_wire(kind: ValueKind, multiple: bool, token: &Token) -> Result<Self, WireProblem> {
        let problem = || WireProblem { expected: expected(kind), json: token.as_json().to_owned() };
        let mut texts = Vec::new();
        if token.as_json().starts_with('[') {
            let items: Vec<Box<RawValue>> = serde_json::from_str(token.as_json()).map_err(|_| problem())?;
            for item in items {
                let item: Token = serde_json::from_str(item.get()).map_err(|_| problem())?;
                texts.extend(scalar(kind, &item).map_err(|Misfit| problem())?);
            }
            if !multiple && texts.len() > 1 {
                return Err(problem());
            }
        } else {
            texts.extend(scalar(kind, token).map_err(|Misfit| problem())?);
        }
        Ok(Self { kind, multiple, texts })
    }

    /// What is written to a field of this value's kind by `crm.item.*`; an empty value empties the field.
    #[must_use]
    pub fn to_param(&self) -> Param {
        let written = |text: &String| match self.kind {
            ValueKind::Integer | ValueKind::Decimal => Param::Number(text.clone()),
            ValueKind::Instant => Param::Text(text.replace('Z', "+00:00")),
            ValueKind::Text | ValueKind::Money | ValueKind::Date | ValueKind::Flag => {
                Param::Text(text.clone())
            }
        };
        if self.multiple {
            return Param::List(self.texts.iter().map(written).collect());
        }
        self.texts.first().map_or(Param::Null, written)
    }
}

fn expected(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "text",
        ValueKind::Integer => "whole number",
        ValueKind::Decimal => "decimal number",
        ValueKind::Money => "amount with a currency",
        ValueKind::Date => "date",
        ValueKind::Instant => "moment",
        ValueKind::Flag => "yes or no",
    }
}

/// A scalar that is no value of its kind.
struct Misfit;

/// The canonical text of a scalar; none when it is empty.
fn scalar(kind: ValueKind, token: &Token) -> Result<Option<String>, Misfit> {
    let Some(text) = token.text() else { return if token.is_null() { Ok(None) } else { Err(Misfit) } };
    let text = trimmed(&text);
    if text.is_empty() || (text == "false" && kind != ValueKind::Flag && token.as_json() == "false") {
        return Ok(None);
    }
    canonical(kind, &text).map(Some).ok_or(Misfit)
}

/// The canonical text of a value in the portal's spelling.
fn canonical(kind: ValueKind, text: &str) -> Option<String> {
    match kind {
        ValueKind::Text => Some(text.to_owned()),
        ValueKind::Integer => whole(text),
        ValueKind::Decimal => decimal(text).map(|number| number.to_string()),
        ValueKind::Money => money(text),
        ValueKind::Date => data_processor::date::civil(text).map(|date| date.to_string()),
        ValueKind::Instant => instant(text),
        ValueKind::Flag => match text {
            "Y" | "y" | "1" | "true" => Some("Y".to_owned()),
            "N" | "n" | "0" | "false" => Some("N".to_owned()),
            _ => None,
        },
    }
}

/// A whole number; `5.0` counts, as PHP writes some.
fn whole(text: &str) -> Option<String> {
    let number = decimal(text)?;
    number.is_integer().then(|| number.to_string())
}

/// A decimal without trailing zeros, and without a negative zero.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let number = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()?.normalize();
    Some(if number.is_zero() { Decimal::ZERO } else { number })
}

fn money(text: &str) -> Option<String> {
    let (amount, currency) = text.split_once('|').unwrap_or((text, ""));
    let amount = decimal(amount.trim())?;
    Some(format!("{amount}|{}", currency.trim().to_uppercase()))
}

fn instant(text: &str) -> Option<String> {
    let moment: Timestamp = text.parse().ok()?;
    Some(whole_seconds(moment).to_string())
}

/// The portal keeps seconds.
pub(super) fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}
