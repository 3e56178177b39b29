//! Answers to lists: taken apart in one pass, down to the text of every row and its key.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::keyed::{Entries, Key};
use super::rows::{Rows, Shape};
use super::{Answered, Decoded, Piece, decode, present};

/// The pages of a batch's answer, by command key.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    pub(crate) rows: HashMap<String, Result<Rows, String>>,
    pub(crate) error: HashMap<String, Piece>,
    pub(crate) total: HashMap<String, Piece>,
    pub(crate) next: HashMap<String, Piece>,
    pub(crate) time: HashMap<String, Piece>,
}

/// Decodes the text of an answer to a batch of pages.
pub(crate) fn decode_pages(text: &Arc<String>, status: u16, shape: Shape) -> Decoded {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let frame = Frame { text, shape }.deserialize(&mut deserializer);
    match frame.and_then(|frame| deserializer.end().map(|()| frame)) {
        Ok(Framed { parts: Some(parts), error: None, time }) => {
            let by_key = |entries: Entries<'_>| {
                let entries = entries.into_iter();
                entries.map(|(key, value)| (key.into_owned(), Piece::of(text, value.get()))).collect()
            };
            Decoded::Answered(Answered {
                result: Piece::of(text, text),
                maps: None,
                pages: Some(Box::new(Pages {
                    rows: parts.rows.into_iter().map(|(key, rows)| (key.into_owned(), rows)).collect(),
                    error: by_key(parts.error),
                    total: by_key(parts.total),
                    next: by_key(parts.next),
                    time: by_key(parts.time),
                })),
                total: None,
                next: None,
                repeated: false,
                time: time.and_then(|time| serde_json::from_str(time.get()).ok()),
            })
        }
        _ => match decode(text, status) {
            Decoded::Answered(_) => Decoded::Alien("it has no results and no errors of commands".to_owned()),
            other => other,
        },
    }
}

#[derive(Default)]
struct Framed<'a> {
    parts: Option<Parts<'a>>,
    error: Option<&'a RawValue>,
    time: Option<&'a RawValue>,
}

#[derive(Default)]
struct Parts<'a> {
    known: bool,
    rows: Vec<(Cow<'a, str>, Result<Rows, String>)>,
    error: Entries<'a>,
    total: Entries<'a>,
    next: Entries<'a>,
    time: Entries<'a>,
}

#[derive(Clone, Copy)]
struct Frame<'t> {
    text: &'t Arc<String>,
    shape: Shape,
}

impl<'de> DeserializeSeed<'de> for Frame<'_> {
    type Value = Framed<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Frame<'_> {
    type Value = Framed<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut framed = Framed::default();
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "result" => {
                    let parts = map.next_value_seed(PartsSeed(self))?;
                    framed.parts = parts.known.then_some(parts);
                }
                "error" => framed.error = map.next_value::<Present<'_>>()?.0,
                "time" => framed.time = map.next_value::<Present<'_>>()?.0,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(framed)
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Present<'a>(#[serde(borrow, deserialize_with = "present")] Option<&'a RawValue>);

struct PartsSeed<'t>(Frame<'t>);

impl<'de> DeserializeSeed<'de> for PartsSeed<'_> {
    type Value = Parts<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PartsSeed<'_> {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the maps of a batch")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut parts = Parts::default();
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "result" => {
                    parts.known = true;
                    parts.rows = map.next_value_seed(Results(self.0))?;
                }
                "result_error" => {
                    parts.known = true;
                    parts.error = map.next_value()?;
                }
                "result_total" => parts.total = map.next_value()?,
                "result_next" => parts.next = map.next_value()?,
                "result_time" => parts.time = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(parts)
    }
}

/// The results of the commands: an object, a list where the keys are 0..n, `[]` or nothing at all.
struct Results<'t>(Frame<'t>);

impl<'de> DeserializeSeed<'de> for Results<'_> {
    type Value = Vec<(Cow<'de, str>, Result<Rows, String>)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Results<'_> {
    type Value = Vec<(Cow<'de, str>, Result<Rows, String>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("results of commands")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut results = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            results.push((key, map.next_value_seed(self.0.shape.seed(self.0.text))?));
        }
        Ok(results)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut results = Vec::new();
        while let Some(rows) = seq.next_element_seed(self.0.shape.seed(self.0.text))? {
            results.push((Cow::Owned(results.len().to_string()), rows));
        }
        Ok(results)
    }
}
