//! The frame around every result: decoded from text, so that no number passes through a float.

mod keyed;
mod piece;

pub(crate) use keyed::{BatchMaps, Entries, Rows};
pub(crate) use piece::Piece;

use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::client::Time;
use crate::error::{ApiCode, ApiError};

/// A successful answer. The result is a piece of the answer's text.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) result: Piece,
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<u64>,
    pub(crate) time: Option<Time>,
}

/// What an answer's text turns out to be.
#[derive(Debug)]
pub(crate) enum Decoded {
    Answered(Answered),
    Refused(ApiError),
    /// No portal writes this.
    Alien(String),
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error_description: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    total: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    next: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    time: Option<&'a RawValue>,
}

/// A key that is there, whatever it holds: `null` is a result, too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Decodes the text of an answer. The presence of `error` decides, not the status and not its value.
pub(crate) fn decode(text: &Arc<String>, status: u16) -> Decoded {
    let wire: Wire<'_> = match serde_json::from_str(text) {
        Ok(wire) => wire,
        Err(error) => return Decoded::Alien(what_it_is(text, &error)),
    };
    match (wire.error, wire.result) {
        (Some(error), result) if result.is_none() || error.get() != "null" => {
            Decoded::Refused(refusal(error, wire.error_description, status, text))
        }
        (_, Some(result)) => Decoded::Answered(Answered {
            result: Piece::of(text, result.get()),
            total: wire.total.and_then(count),
            next: wire.next.and_then(count).filter(|next| *next > 0),
            time: wire.time.and_then(|time| serde_json::from_str(time.get()).ok()),
        }),
        _ => Decoded::Alien("JSON without result and without error".to_owned()),
    }
}

/// An entry of `result_error`.
pub(crate) fn command_refusal(entry: &RawValue) -> ApiError {
    #[derive(Deserialize)]
    struct Entry<'a> {
        #[serde(borrow, default, deserialize_with = "present")]
        error: Option<&'a RawValue>,
        #[serde(borrow, default, deserialize_with = "present")]
        error_description: Option<&'a RawValue>,
    }
    let fields = serde_json::from_str::<Entry<'_>>(entry.get()).ok();
    let code = fields.as_ref().and_then(|fields| fields.error).unwrap_or(entry);
    refusal(code, fields.and_then(|fields| fields.error_description), 200, entry.get())
}

/// `error` is a text, a number, `null`, or an object with `code` and `message`.
fn refusal(error: &RawValue, description: Option<&RawValue>, status: u16, body: &str) -> ApiError {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Nested {
        code: String,
        message: String,
    }
    let nested: Nested = serde_json::from_str(error.get()).unwrap_or_default();
    let text = scalar(error).unwrap_or(nested.code);
    let description = description.and_then(scalar).unwrap_or(nested.message);
    ApiError { code: ApiCode::of(&text), text, description, status, body: body.to_owned() }
}

fn scalar(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str(raw.get()).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(raw.get().to_owned()),
    }
}

/// A count, as a number or as a text.
pub(crate) fn count(raw: &RawValue) -> Option<u64> {
    scalar(raw)?.trim().parse().ok()
}

fn what_it_is(text: &str, error: &serde_json::Error) -> String {
    let start = text.trim_start();
    if start.is_empty() {
        "it is empty".to_owned()
    } else if start.starts_with('<') {
        "it is a web page".to_owned()
    } else if error.is_eof() {
        "the JSON is cut off".to_owned()
    } else {
        "it is no JSON of the REST interface".to_owned()
    }
}
