//! One stored value and how the two method families show it.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use super::field::Kind;
use crate::value::{Map, Value};

/// A phone, an e-mail, a site or a messenger of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Multifield {
    pub(crate) id: u64,
    /// `PHONE`, `EMAIL`, `WEB` or `IM`.
    pub(crate) kind: &'static str,
    pub(crate) value_type: Cow<'static, str>,
    pub(crate) value: String,
}

/// A stored value; which one a column holds follows from its [`Kind`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Flag(bool),
    Int(i64),
    Decimal(Decimal),
    Text(Cow<'static, str>),
    Day(Date),
    /// Local time of the portal.
    Moment(DateTime),
    Ids(Vec<i64>),
    Multi(Vec<Multifield>),
    /// The values of a user field that has several.
    List(Vec<Cell>),
}

impl Cell {
    pub(crate) fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn id(id: u64) -> Self {
        Self::Int(i64::try_from(id).unwrap_or(i64::MAX))
    }

    /// `None` becomes [`Cell::Null`].
    pub(crate) fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, cell)
    }

    /// The number, 0 for everything else.
    pub(crate) fn as_int(&self) -> i64 {
        match self {
            Self::Int(n) => *n,
            Self::Flag(flag) => i64::from(*flag),
            _ => 0,
        }
    }

    /// The text, empty for everything else.
    pub(crate) fn as_text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    pub(crate) fn as_decimal(&self) -> Decimal {
        match self {
            Self::Decimal(number) => *number,
            Self::Int(n) => Decimal::from(*n),
            _ => Decimal::ZERO,
        }
    }

    pub(crate) fn as_flag(&self) -> bool {
        matches!(self, Self::Flag(true))
    }

    pub(crate) fn as_day(&self) -> Option<Date> {
        if let Self::Day(day) = self { Some(*day) } else { None }
    }

    pub(crate) fn as_moment(&self) -> Option<DateTime> {
        if let Self::Moment(at) = self { Some(*at) } else { None }
    }

    /// The form of the controllers: typed scalars, `null` when empty.
    pub(crate) fn typed(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Flag(flag) => yes_no(flag),
            Self::Int(n) => Value::Int(n),
            Self::Decimal(number) => number_value(number),
            Self::Text(text) => Value::Text(text),
            Self::Day(day) => day_text(day).into(),
            Self::Moment(moment) => moment_text(moment).into(),
            Self::Ids(ids) => Value::List(ids.into_iter().map(Value::Int).collect()),
            Self::Multi(fields) => Value::List(fields.into_iter().map(typed_multifield).collect()),
            Self::List(cells) => Value::List(cells.into_iter().map(Self::typed).collect()),
        }
    }

    /// The legacy form: scalars as strings, `""` for empty dates.
    pub(crate) fn stringy(self, kind: Kind) -> Value {
        match self {
            Self::Null if matches!(kind, Kind::Day | Kind::Moment) => "".into(),
            Self::Flag(flag) if kind == Kind::UserFlag => if flag { "1" } else { "0" }.into(),
            Self::Int(n) => n.to_string().into(),
            Self::Decimal(number) if kind == Kind::Money => format!("{:.2}", number.round_dp(2)).into(),
            Self::Decimal(number) => number.normalize().to_string().into(),
            Self::Ids(ids) => Value::List(ids.into_iter().map(|id| id.to_string().into()).collect()),
            Self::List(cells) => {
                let one = if let Kind::Many(one) = kind { *one } else { kind };
                Value::List(cells.into_iter().map(|cell| cell.stringy(one)).collect())
            }
            other => other.typed(),
        }
    }
}

/// `Y` or `N`.
pub(crate) fn yes_no(flag: bool) -> Value {
    if flag { "Y" } else { "N" }.into()
}

/// A JSON number without a needless fraction.
pub(crate) fn number_value(number: Decimal) -> Value {
    let number = number.normalize();
    match i64::try_from(number) {
        Ok(whole) if number.is_integer() => Value::Int(whole),
        _ => Value::Number(number.to_string()),
    }
}

fn typed_multifield(field: Multifield) -> Value {
    let mut map = Map::new();
    map.push("id", Value::Int(i64::try_from(field.id).unwrap_or(i64::MAX)));
    map.push("valueType", Value::Text(field.value_type));
    map.push("value", field.value);
    map.push("typeId", field.kind);
    map.into()
}

/// The legacy list of one kind of multifield; `None` when there is none.
pub(crate) fn legacy_multifields(fields: &[Multifield], kind: &str) -> Option<Value> {
    let list: Vec<Value> = fields
        .iter()
        .filter(|field| field.kind == kind)
        .map(|field| {
            let mut map = Map::new();
            map.push("ID", field.id.to_string());
            map.push("VALUE_TYPE", Value::Text(field.value_type.clone()));
            map.push("VALUE", field.value.clone());
            map.push("TYPE_ID", field.kind);
            map.into()
        })
        .collect();
    (!list.is_empty()).then_some(Value::List(list))
}

/// A date as both families print it: local midnight plus the server's offset (`ConvertDate` of the REST module).
pub(crate) fn day_text(day: Date) -> String {
    format!("{:04}-{:02}-{:02}T03:00:00+03:00", day.year(), day.month(), day.day())
}

/// A moment in the portal's zone.
pub(crate) fn moment_text(at: DateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+03:00",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}
