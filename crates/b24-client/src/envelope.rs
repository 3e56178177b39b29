//! The frame around every result: decoded from text, so that no number passes through a float.

mod keyed;
mod pages;
mod piece;
mod rows;
mod scan;

use keyed::Entries;
pub(crate) use pages::{Pages, decode_pages};
pub(crate) use piece::Piece;
pub(crate) use rows::{Rows, Shape, Wrapper};
pub(crate) use scan::key as row_key;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::client::Time;
use crate::error::{ApiCode, ApiError};

/// A successful answer. The result is a piece of the answer's text.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) result: Piece,
    /// The parts of the result, when it is a batch's.
    pub(crate) maps: Option<Box<Maps>>,
    /// The pages of the result, when it is a batch's of pages.
    pub(crate) pages: Option<Box<Pages>>,
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<u64>,
    pub(crate) time: Option<Time>,
    /// Whether an attempt before this one may have executed something.
    pub(crate) repeated: bool,
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
            maps: None,
            pages: None,
            total: wire.total.and_then(count),
            next: wire.next.and_then(count).filter(|next| *next > 0),
            time: wire.time.and_then(|time| serde_json::from_str(time.get()).ok()),
            repeated: false,
        }),
        _ => Decoded::Alien("JSON without result and without error".to_owned()),
    }
}

/// The maps of a batch's result, by command key.
#[derive(Debug, Clone)]
pub(crate) struct Maps {
    pub(crate) result: HashMap<String, Piece>,
    pub(crate) error: HashMap<String, Piece>,
    pub(crate) total: HashMap<String, Piece>,
    pub(crate) next: HashMap<String, Piece>,
    pub(crate) time: HashMap<String, Piece>,
}

/// Decodes the text of an answer to a batch in one pass, down to the single results.
pub(crate) fn decode_batch(text: &Arc<String>, status: u16) -> Decoded {
    #[derive(Deserialize)]
    struct Frame<'a> {
        #[serde(borrow)]
        result: Parts<'a>,
        #[serde(borrow, default, deserialize_with = "present")]
        error: Option<&'a RawValue>,
        #[serde(borrow, default, deserialize_with = "present")]
        time: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Parts<'a> {
        #[serde(borrow)]
        result: Option<Entries<'a>>,
        #[serde(borrow)]
        result_error: Option<Entries<'a>>,
        #[serde(borrow)]
        result_total: Option<Entries<'a>>,
        #[serde(borrow)]
        result_next: Option<Entries<'a>>,
        #[serde(borrow)]
        result_time: Option<Entries<'a>>,
    }
    let by_key = |entries: Option<Entries<'_>>| {
        let entries = entries.unwrap_or_default().into_iter();
        entries.map(|(key, value)| (key.into_owned(), Piece::of(text, value.get()))).collect()
    };
    match serde_json::from_str::<Frame<'_>>(text) {
        Ok(Frame { result: parts, error: None, time })
            if parts.result.is_some() || parts.result_error.is_some() =>
        {
            Decoded::Answered(Answered {
                result: Piece::of(text, text),
                maps: Some(Box::new(Maps {
                    result: by_key(parts.result),
                    error: by_key(parts.result_error),
                    total: by_key(parts.result_total),
                    next: by_key(parts.result_next),
                    time: by_key(parts.result_time),
                })),
                pages: None,
                total: None,
                next: None,
                time: time.and_then(|time| serde_json::from_str(time.get()).ok()),
                repeated: false,
            })
        }
        _ => match decode(text, status) {
            Decoded::Answered(_) => Decoded::Alien("it has no results and no errors of commands".to_owned()),
            other => other,
        },
    }
}

/// An entry of `result_error`.
pub(crate) fn command_refusal(entry: &str) -> ApiError {
    #[derive(Deserialize)]
    struct Entry<'a> {
        #[serde(borrow, default, deserialize_with = "present")]
        error: Option<&'a RawValue>,
        #[serde(borrow, default, deserialize_with = "present")]
        error_description: Option<&'a RawValue>,
    }
    let fields = serde_json::from_str::<Entry<'_>>(entry).ok();
    let code = fields.as_ref().and_then(|fields| fields.error).unwrap_or(RawValue::NULL);
    refusal(code, fields.and_then(|fields| fields.error_description), 200, entry)
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
fn count(raw: &RawValue) -> Option<u64> {
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
