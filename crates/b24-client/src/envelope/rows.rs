//! The rows of one page, each still text: a list, or an object keyed by id, perhaps under a wrapper key.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::keyed::Key;
use super::piece::Piece;
use super::scan;

/// Where rows stand in a result, and what their key is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) wrapper: Wrapper,
    pub(crate) key: Option<&'static str>,
}

/// What stands between a result and its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapper {
    /// Nothing.
    Bare,
    /// An object with the rows under this key.
    Under(&'static str),
    /// Nobody has written it down: nothing, or an object whose only list are the rows.
    Unknown,
}

/// Rows of a page as parts of the answer's text.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) text: Arc<String>,
    parts: Vec<Range<u32>>,
    /// Key of the first and of the last row.
    pub(crate) ends: Option<(u64, u64)>,
    /// What is wrong with the keys, if anything.
    pub(crate) fault: Option<String>,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.parts.len()
    }

    pub(crate) fn truncate(&mut self, rows: usize) {
        self.parts.truncate(rows);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| {
            let range = part.start as usize..part.end as usize;
            self.text.get(range).unwrap_or_default()
        })
    }

    /// Bytes of the text from the first row to the last.
    pub(crate) fn bytes(&self) -> usize {
        match (self.parts.first(), self.parts.last()) {
            (Some(first), Some(last)) => (last.end - first.start) as usize,
            _ => 0,
        }
    }

    /// Takes the page of a single answer apart.
    pub(crate) fn of(page: &Piece, shape: Shape) -> Result<Self, String> {
        let mut deserializer = serde_json::Deserializer::from_str(page.json());
        shape.seed(page.text()).deserialize(&mut deserializer).map_err(|error| error.to_string())?
    }
}

impl Shape {
    pub(super) fn seed(self, text: &Arc<String>) -> Page<'_> {
        Page { text, shape: self }
    }
}

/// Reads one page; a value that is no page is told, not failed on.
pub(super) struct Page<'t> {
    text: &'t Arc<String>,
    shape: Shape,
}

impl Page<'_> {
    fn collect(&self) -> Collect<'_> {
        Collect {
            start: self.text.as_ptr() as usize,
            key: self.shape.key,
            rows: Rows {
                text: Arc::clone(self.text),
                parts: Vec::with_capacity(50),
                ends: None,
                fault: None,
            },
        }
    }

    fn bare(&self) -> Page<'_> {
        Page { text: self.text, shape: Shape { wrapper: Wrapper::Bare, ..self.shape } }
    }

    fn missing(&self) -> String {
        match self.shape.wrapper {
            Wrapper::Under(wrapper) => format!("it has no {wrapper}"),
            Wrapper::Bare | Wrapper::Unknown => "it has no rows".to_owned(),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Page<'_> {
    type Value = Result<Rows, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! no_page {
    ($($visit:ident: $kind:ty),*) => { $(
        fn $visit<E: serde::de::Error>(self, _: $kind) -> Result<Self::Value, E> {
            Ok(Err(self.missing()))
        }
    )* };
}

impl<'de> Visitor<'de> for Page<'_> {
    type Value = Result<Rows, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of rows")
    }

    no_page!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Err(self.missing()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut collect = self.collect();
        while let Some(row) = seq.next_element()? {
            collect.add(row);
        }
        // A list where the wrapper should be is PHP's empty map.
        let misplaced = matches!(self.shape.wrapper, Wrapper::Under(_)) && collect.rows.len() > 0;
        Ok(if misplaced { Err(self.missing()) } else { Ok(collect.rows) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match self.shape.wrapper {
            Wrapper::Bare => {
                let mut collect = self.collect();
                while let Some(Key(_)) = map.next_key()? {
                    collect.add(map.next_value()?);
                }
                Ok(Ok(collect.rows))
            }
            Wrapper::Under(wrapper) => {
                let mut found = Err(self.missing());
                while let Some(Key(key)) = map.next_key()? {
                    if key == wrapper {
                        found = map.next_value_seed(self.bare())?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(found)
            }
            Wrapper::Unknown => {
                let mut members: Vec<(bool, &RawValue)> = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    members.push((key.parse::<u64>().is_ok(), map.next_value()?));
                }
                Ok(self.guess(&members))
            }
        }
    }
}

impl Page<'_> {
    /// The rows of an object that nobody has written down: its only list, or its members when they are keyed by id.
    fn guess(&self, members: &[(bool, &RawValue)]) -> Result<Rows, String> {
        let mut lists = members.iter().filter(|(_, value)| value.get().starts_with('['));
        if let (Some((_, list)), None) = (lists.next(), lists.next()) {
            let mut deserializer = serde_json::Deserializer::from_str(list.get());
            return self.bare().deserialize(&mut deserializer).map_err(|error| error.to_string())?;
        }
        if !members.iter().all(|(numbered, value)| *numbered && value.get().starts_with('{')) {
            return Err("it is not clear where its rows are".to_owned());
        }
        let mut collect = self.collect();
        for (_, row) in members {
            collect.add(row);
        }
        Ok(collect.rows)
    }
}

/// Gathers rows and looks at their keys.
struct Collect<'k> {
    start: usize,
    key: Option<&'k str>,
    rows: Rows,
}

impl Collect<'_> {
    fn add(&mut self, row: &RawValue) {
        let text = row.get();
        let start = (text.as_ptr() as usize).saturating_sub(self.start);
        // An answer is never larger than 64 MiB.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.rows.parts.push(place(start)..place(start + text.len()));
        let Some(name) = self.key else { return };
        match scan::key(text, name) {
            Ok(key) => {
                let last = self.rows.ends.map_or(0, |(_, last)| last);
                if key <= last && self.rows.ends.is_some() && self.rows.fault.is_none() {
                    self.rows.fault = Some(format!("key {name} does not rise: {key} comes after {last}"));
                }
                self.rows.ends = Some((self.rows.ends.map_or(key, |(first, _)| first), key));
            }
            Err(fault) => {
                self.rows.fault.get_or_insert(fault);
            }
        }
    }
}
