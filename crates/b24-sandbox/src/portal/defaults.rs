//! What a new element has where its creator said nothing. Computed when read, so that a new element costs no more
//! memory than what was written to it.

use jiff::civil::DateTime;
use rust_decimal::Decimal;

use super::cell::Cell;
use super::entity::Entity;
use super::field::{Field, Kind};
use super::schema::Schema;

/// When and by whom an element was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Birth {
    pub(super) at: DateTime,
    pub(super) by: u32,
}

/// The default of a column of the element `id`, which sits in `category`.
pub(super) fn default_of(
    schema: Schema,
    (entity, id): (Entity, u64),
    column: &str,
    birth: Birth,
    category: i64,
) -> Cell {
    let stamps = entity.stamps();
    let today = birth.at.date();
    match column {
        _ if column == stamps.created || column == stamps.edited => Cell::Moment(birth.at),
        "MOVED_TIME" | "LAST_ACTIVITY_TIME" => Cell::Moment(birth.at),
        _ if [stamps.created_by, stamps.edited_by, stamps.moved_by].contains(&column) => by(birth),
        "ASSIGNED_BY_ID" | "LAST_ACTIVITY_BY" => by(birth),
        _ if column == stamps.stage => schema
            .stage_book(entity, category)
            .map_or(Cell::Null, |book| Cell::text(schema.first_stage(book))),
        "CATEGORY_ID" => Cell::Int(category),
        "OPENED" | "EXPORT" => Cell::Flag(true),
        "IS_MANUAL_OPPORTUNITY"
        | "IS_RECURRING"
        | "IS_RETURN_CUSTOMER"
        | "IS_REPEATED_APPROACH"
        | "HAS_IMOL"
        | "IS_MY_COMPANY" => Cell::Flag(false),
        "CONTACT_IDS" | "OBSERVERS" => Cell::Ids(Vec::new()),
        "OPPORTUNITY" | "TAX_VALUE" | "REVENUE" => Cell::Decimal(Decimal::ZERO),
        "CURRENCY_ID" => Cell::text("RUB"),
        "BEGINDATE" => Cell::Day(today),
        "CLOSEDATE" => Cell::Day(today.saturating_add(jiff::Span::new().days(7))),
        "PREVIOUS_STAGE_ID" => Cell::text(""),
        "SOURCE_DESCRIPTION" if entity == Entity::Invoice => Cell::text(""),
        "ACCOUNT_NUMBER" => Cell::text(id.to_string()),
        "MYCOMPANY_ID" => Cell::Int(1),
        "TITLE" if entity == Entity::Deal => Cell::text(format!("Сделка #{id}")),
        "TITLE" if entity == Entity::Lead => Cell::text(format!("Лид #{id}")),
        _ => match schema.column(entity, column) {
            Some(Field { kind: Kind::Many(_), .. }) => Cell::List(Vec::new()),
            Some(field) if field.kind.zero_when_empty() => Cell::Int(0),
            _ => Cell::Null,
        },
    }
}

fn by(birth: Birth) -> Cell {
    Cell::Int(i64::from(birth.by))
}
