//! How a method lists: where its rows stand, what its key is called, how it pages.

use crate::error::Error;
use crate::params::{Param, Params};

/// How a method's rows are walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// Rows above the last key, without counting.
    Keyset,
    /// Counted offsets, for methods without a usable key.
    Offsets,
    /// Everything in one answer.
    Whole,
}

/// How a method lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Profile {
    pub(super) wrapper: Option<&'static str>,
    /// The key's name in conditions and order.
    pub(super) key: &'static str,
    /// The key's name in rows.
    pub(super) row_key: &'static str,
    pub(super) paging: Paging,
}

impl Profile {
    /// From sections 5 and 6 of the wire reference (paging families, methods without keyset).
    pub(super) fn of(method: &str) -> Self {
        let keyset = |wrapper, key, row_key| Self { wrapper, key, row_key, paging: Paging::Keyset };
        let other = |wrapper, paging| Self { wrapper, key: "ID", row_key: "ID", paging };
        match method.to_ascii_lowercase().as_str() {
            "crm.item.list" => keyset(Some("items"), "id", "id"),
            "crm.item.productrow.list" => keyset(Some("productRows"), "id", "id"),
            "tasks.task.list" => keyset(Some("tasks"), "ID", "id"),
            "crm.requisite.link.list" | "crm.timeline.comment.list" | "user.get" | "user.search" => {
                other(None, Paging::Offsets)
            }
            "crm.status.list" | "crm.currency.list" => other(None, Paging::Whole),
            "crm.category.list" => other(Some("categories"), Paging::Whole),
            _ => keyset(None, "ID", "ID"),
        }
    }

    /// The parameters of a keyset page, without the condition on the key: refuses what would be overwritten.
    pub(super) fn prepare(&self, method: &str, params: &Params) -> Result<Params, Error> {
        let refuse = |reason: &str| Error::ListParams {
            method: method.to_owned(),
            key: self.key.to_owned(),
            reason: reason.to_owned(),
        };
        params.check().map_err(|source| Error::Params { method: method.to_owned(), source })?;
        let mut prepared = Params::new();
        for (name, value) in params.iter() {
            match (name.to_ascii_lowercase().as_str(), value) {
                ("order", order) if !self.is_own_order(order) => {
                    return Err(refuse("rows come in the order of the key; remove the order"));
                }
                ("start", Param::Number(start)) if start != "0" && start != "-1" => {
                    return Err(refuse("a list begins at its first row; use a condition instead of start"));
                }
                ("order" | "start", _) => {}
                ("filter", Param::Map(filter)) if filter.get(&self.condition()).is_some() => {
                    return Err(refuse(
                        "the condition on the key is the list's own; write it as >= instead of >",
                    ));
                }
                ("select", Param::List(fields)) if !self.selects_key(fields) => {
                    let mut fields = fields.clone();
                    fields.push(Param::from(self.row_key));
                    prepared.put(name, Param::List(fields));
                }
                _ => prepared.put(name, value.clone()),
            }
        }
        prepared.put("order", Params::new().set(self.key, "ASC"));
        prepared.put("start", -1);
        Ok(prepared)
    }

    /// `prepared` with the condition that begins a page.
    pub(super) fn page(&self, prepared: &Params, above: impl Into<Param>) -> Params {
        let mut page = prepared.clone();
        let name = prepared.iter().map(|(name, _)| name).find(|name| name.eq_ignore_ascii_case("filter"));
        let name = name.unwrap_or("filter").to_owned();
        let filter = match prepared.get(&name) {
            Some(Param::Map(filter)) => filter.clone(),
            _ => Params::new(),
        };
        page.put(name, filter.set(self.condition(), above));
        page
    }

    fn condition(&self) -> String {
        format!(">{}", self.key)
    }

    fn is_own_order(&self, order: &Param) -> bool {
        let Param::Map(order) = order else { return false };
        let ascending =
            |value: &Param| matches!(value, Param::Text(text) if text.eq_ignore_ascii_case("asc"));
        order.is_empty() || (order.len() == 1 && order.get(self.key).is_some_and(ascending))
    }

    fn selects_key(&self, fields: &[Param]) -> bool {
        fields.is_empty()
            || fields
                .iter()
                .any(|field| matches!(field, Param::Text(text) if text == "*" || text == self.row_key))
    }
}
