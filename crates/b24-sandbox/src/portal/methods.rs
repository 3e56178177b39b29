//! Which methods there are and what scope they need.

use super::entity::Entity;
use super::store::Store;
use super::{
    Session, categories, comments, currencies, duplicates, import, item, legacy, payments, product_rows,
    requisites, statuses, system, users,
};
use crate::method::{Caller, Refusal, Reply};
use crate::value::Map;

type Answer = Result<Reply, Refusal>;

/// What runs a method.
#[derive(Clone, Copy)]
pub(super) enum Method {
    Read(fn(&Session<'_>) -> Answer),
    Write(fn(&mut Store, &Map, &Caller) -> Answer),
    ReadOf(fn(&Session<'_>, Entity) -> Answer, Entity),
    WriteOf(fn(&mut Store, &Map, &Caller, Entity) -> Answer, Entity),
}

use Method::{Read, ReadOf, Write, WriteOf};

const METHODS: &[(&str, Method)] = &[
    ("crm.item.list", Read(item::list)),
    ("crm.item.get", Read(item::get)),
    ("crm.item.fields", Read(item::fields)),
    ("crm.item.add", Write(item::add)),
    ("crm.item.update", Write(item::update)),
    ("crm.item.import", Write(import::one)),
    ("crm.item.batchimport", Write(import::many)),
    ("crm.item.delete", Write(item::delete)),
    ("crm.item.payment.list", Read(payments::list)),
    ("crm.item.productrow.list", Read(product_rows::list)),
    ("crm.item.productrow.set", Write(product_rows::set)),
    ("crm.requisite.list", Read(requisites::list)),
    ("crm.requisite.get", Read(requisites::get)),
    ("crm.requisite.preset.list", Read(requisites::presets)),
    ("crm.requisite.link.list", Read(requisites::links)),
    ("crm.requisite.link.get", Read(requisites::link)),
    ("crm.requisite.bankdetail.list", Read(requisites::banks)),
    ("crm.status.list", Read(statuses::list)),
    ("crm.category.list", Read(categories::list)),
    ("crm.currency.list", Read(currencies::list)),
    ("crm.duplicate.findbycomm", Read(duplicates::find)),
    ("crm.timeline.comment.add", Write(comments::add)),
    ("crm.timeline.comment.update", Write(comments::update)),
    ("crm.timeline.comment.delete", Write(comments::delete)),
    ("crm.timeline.comment.get", Read(comments::get)),
    ("crm.timeline.comment.list", Read(comments::list)),
    ("user.get", Read(users::get)),
    ("user.current", Read(users::me)),
    ("profile", Read(users::profile)),
    ("scope", Read(system::scope)),
    ("server.time", Read(system::time)),
    ("app.info", Read(system::app)),
];

/// What runs a method, by its name in lower case.
pub(super) fn find(method: &str) -> Option<Method> {
    METHODS.iter().find(|(name, _)| *name == method).map(|(_, found)| *found).or_else(|| per_entity(method))
}

/// `crm.deal.list` and its like.
fn per_entity(method: &str) -> Option<Method> {
    let (name, verb) = method.strip_prefix("crm.")?.split_once('.')?;
    let entity =
        Entity::ALL.into_iter().find(|entity| *entity != Entity::Invoice && entity.name() == name)?;
    Some(match verb {
        "list" => ReadOf(legacy::list, entity),
        "get" => ReadOf(legacy::get, entity),
        "fields" => ReadOf(legacy::fields, entity),
        "add" => WriteOf(legacy::add, entity),
        "update" => WriteOf(legacy::update, entity),
        "delete" => WriteOf(legacy::delete, entity),
        _ => return None,
    })
}

/// The scope a method needs; the smallest of those that allow it.
pub(super) fn scope(method: &str) -> Option<&'static str> {
    if method.starts_with("crm.") {
        Some("crm")
    } else if method.starts_with("user.") {
        Some("user_brief")
    } else {
        None
    }
}
