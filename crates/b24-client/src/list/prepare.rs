//! The parameters of a list: what the caller gave is respected or refused, never overwritten.

use super::profile::{Order, Paging, Profile};
use crate::error::Error;
use crate::params::{Param, Params};

/// Parameters without the conditions of a single page, and the range of keys they leave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Prepared {
    pub(super) params: Params,
    pub(super) paging: Paging,
    /// Keys above this one.
    pub(super) low: u64,
    /// Keys up to this one.
    pub(super) high: Option<u64>,
    /// Whether rows come in the order of their key.
    pub(super) by_key: bool,
    /// Name of the parameter with the conditions.
    filter: String,
}

/// Reads the caller's parameters.
pub(super) fn prepare(profile: &Profile, method: &str, params: &Params) -> Result<Prepared, Error> {
    let refuse = |reason: &str| Error::ListParams {
        method: method.to_owned(),
        key: profile.key.to_owned(),
        reason: reason.to_owned(),
    };
    params.check().map_err(|source| Error::Params { method: method.to_owned(), source })?;
    if params.is_positional() {
        return Err(refuse("give the parameters by name; they are put into their positions"));
    }
    let find = |name: &str| params.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
    if find("start").is_some() {
        return Err(refuse("where a page starts is the list's own affair; remove start"));
    }
    let own_order = find("order").or_else(|| find("sort")).is_some_and(|(_, order)| !is_by(order, profile));
    let paging = match profile.paging {
        Paging::Keyset if own_order && profile.positions.is_some() => {
            return Err(refuse("rows come in the order of the key; remove the order"));
        }
        Paging::Keyset if own_order => Paging::Offsets,
        paging => paging,
    };
    let filter = find("filter").map_or_else(|| profile.name("filter"), |(name, _)| name.to_owned());
    let mut prepared =
        Prepared { params: Params::new(), paging, low: 0, high: None, by_key: !own_order, filter };
    for (name, value) in params.iter() {
        match (name.to_ascii_lowercase().as_str(), value) {
            ("order", _) if !own_order && paging == Paging::Keyset => {}
            ("filter", value) if paging == Paging::Keyset => {
                let conditions = prepared.bounds(profile, value).map_err(|reason| refuse(&reason))?;
                prepared.params.put(name, conditions);
            }
            ("select", Param::List(fields)) if !selects_key(fields, profile) => {
                let mut fields = fields.clone();
                fields.extend(profile.row_key.map(Param::from));
                prepared.params.put(name, Param::List(fields));
            }
            _ => prepared.params.put(name, value.clone()),
        }
    }
    prepared.arrange(profile, own_order);
    prepared.by_key &= match profile.order {
        Order::By(names) => matches!(names, [name] if *name == profile.key || Some(*name) == profile.row_key),
        Order::TwoTexts(_) => true,
        Order::Fixed => false,
    };
    Ok(prepared)
}

impl Prepared {
    /// The conditions without those that say where the list begins and ends.
    fn bounds(&mut self, profile: &Profile, conditions: &Param) -> Result<Params, String> {
        let conditions = match conditions {
            Param::Map(conditions) => conditions,
            Param::List(items) if items.is_empty() => return Ok(Params::new()),
            _ => return Err("the filter is no set of conditions".to_owned()),
        };
        let mut rest = Params::new();
        for (name, value) in conditions.iter() {
            if name != profile.above() && name != profile.up_to() {
                rest.put(name, value.clone());
                continue;
            }
            let number = match value {
                Param::Number(text) | Param::Text(text) => text.trim().parse::<u64>().ok(),
                _ => None,
            };
            let number = number.ok_or_else(|| format!("the condition {name} is no whole number"))?;
            if name == profile.above() {
                self.low = number;
            } else {
                self.high = Some(number);
            }
        }
        Ok(rest)
    }

    /// Adds order and start, as the method wants them.
    fn arrange(&mut self, profile: &Profile, own_order: bool) {
        if self.paging == Paging::Keyset {
            let key = Params::new().set(profile.key, "ASC");
            self.params.put(profile.name("order"), key);
            if profile.positions.is_none() {
                self.params.put("start", -1);
            }
        } else if self.paging == Paging::Offsets && !own_order {
            match profile.order {
                Order::By(names) => {
                    let order: Params = names.iter().map(|name| (*name, "ASC")).collect();
                    self.params.put("order", order);
                }
                Order::TwoTexts(name) => {
                    self.params.put("SORT", name);
                    self.params.put("ORDER", "ASC");
                }
                Order::Fixed => {}
            }
        }
    }

    /// The parameters of a page of keys above `low` and up to `high`.
    pub(super) fn keys(&self, profile: &Profile, low: impl Into<Param>, high: Option<u64>) -> Params {
        let mut conditions = match self.params.get(&self.filter) {
            Some(Param::Map(conditions)) => conditions.clone(),
            _ => Params::new(),
        };
        conditions.put(profile.above(), low);
        if let Some(high) = high {
            conditions.put(profile.up_to(), high);
        }
        let mut page = self.params.clone();
        page.put(self.filter.clone(), conditions);
        match profile.positions {
            Some(names) => in_positions(names, &page),
            None => page,
        }
    }

    /// The parameters of the page at an offset.
    pub(super) fn offset(&self, offset: u64) -> Params {
        let mut page = self.params.clone();
        if self.paging == Paging::Offsets {
            page.put("start", offset);
        }
        page
    }

    /// The parameters of a page that begins with the largest key; only keys are asked for.
    pub(super) fn largest(&self, profile: &Profile, low: u64) -> Params {
        let mut page = self.keys(profile, low, self.high);
        let select =
            page.iter().map(|(name, _)| name.to_owned()).find(|name| name.eq_ignore_ascii_case("select"));
        if let Some(key) = profile.row_key {
            page.put(select.unwrap_or_else(|| profile.name("select")), [key]);
        }
        page.put(profile.name("order"), Params::new().set(profile.key, "DESC"));
        page
    }
}

/// The parameters in the order of their positions; what is not given keeps its place with the method's page size.
fn in_positions(names: &[&str], params: &Params) -> Params {
    let mut placed = Params::new();
    for name in names {
        let given = params.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        match given {
            Some((_, value)) => placed.put(*name, value.clone()),
            None if *name == "PARAMS" => {
                let pages = Params::new().set("nPageSize", super::PAGE).set("iNumPage", 1);
                placed.put(*name, Params::new().set("NAV_PARAMS", pages));
            }
            None => {}
        }
    }
    placed
}

/// Whether an order is the list's own: ascending by its key.
fn is_by(order: &Param, profile: &Profile) -> bool {
    let ascending = |value: &Param| matches!(value, Param::Text(text) if text.eq_ignore_ascii_case("asc"));
    match order {
        Param::Map(order) => {
            order.is_empty() || (order.len() == 1 && order.get(profile.key).is_some_and(ascending))
        }
        Param::List(items) => items.is_empty(),
        Param::Text(text) => text.eq_ignore_ascii_case(profile.key),
        _ => false,
    }
}

fn selects_key(fields: &[Param], profile: &Profile) -> bool {
    fields.is_empty()
        || profile.row_key.is_none()
        || fields.iter().any(
            |field| matches!(field, Param::Text(text) if text == "*" || Some(text.as_str()) == profile.row_key),
        )
}
