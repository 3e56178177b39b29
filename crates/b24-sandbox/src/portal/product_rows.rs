//! `crm.item.productrow.*` (wire reference, section 6.2).

use rust_decimal::Decimal;

use super::args;
use super::cell::{Cell, number_value, yes_no};
use super::currencies::rate_of;
use super::entity::Entity;
use super::field::{
    Field,
    Kind::{Double, Integer, Text},
    field,
};
use super::filter::strict::{self, Names};
use super::item::visible;
use super::listing::{OrderBy, Past, Start, Table, page};
use super::naming::upper_snake;
use super::product_row::{Discount, ProductRow, rounded};
use super::store::Store;
use super::{Session, write};
use crate::method::{Caller, Refusal, Reply};
use crate::value::{Map, Value};

const FIELDS: &[Field] = &[
    field("ID", "id", Integer, ""),
    field("OWNER_ID", "ownerId", Integer, ""),
    field("OWNER_TYPE", "ownerType", Text, ""),
    field("PRODUCT_ID", "productId", Integer, ""),
    field("PRODUCT_NAME", "productName", Text, ""),
    field("PRICE", "price", Double, ""),
    field("QUANTITY", "quantity", Double, ""),
    field("TAX_RATE", "taxRate", Double, ""),
    field("SORT", "sort", Integer, ""),
];

struct RowNames;

impl Names for RowNames {
    fn find(&self, _prefix: &str, name: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == name)
    }

    fn shown(&self, name: &str) -> String {
        upper_snake(name)
    }
}

/// The rows of one owner.
struct OwnedRows {
    owner: Entity,
    owner_id: u64,
    /// By identifier.
    list: Vec<ProductRow>,
}

impl OwnedRows {
    fn of(store: &Store, owner: Entity, owner_id: u64) -> Self {
        let mut list = store.product_rows(owner, owner_id);
        list.sort_by_key(|row| row.id);
        Self { owner, owner_id, list }
    }

    fn row(&self, id: u64) -> Option<&ProductRow> {
        self.list.binary_search_by_key(&id, |row| row.id).ok().map(|place| &self.list[place])
    }
}

impl Table for OwnedRows {
    fn cell(&self, id: u64, field: &'static Field) -> Cell {
        let Some(row) = self.row(id) else { return Cell::Null };
        match field.column {
            "ID" => Cell::id(id),
            "OWNER_ID" => Cell::id(self.owner_id),
            "OWNER_TYPE" => Cell::text(self.owner.short_code()),
            "PRODUCT_ID" => Cell::id(row.product_id),
            "PRODUCT_NAME" => Cell::text(row.name.clone()),
            "PRICE" => Cell::Decimal(row.price),
            "QUANTITY" => Cell::Decimal(row.quantity),
            "TAX_RATE" => Cell::maybe(row.tax_rate, Cell::Decimal),
            _ => Cell::Int(i64::from(row.sort)),
        }
    }

    fn has(&self, id: u64) -> bool {
        self.row(id).is_some()
    }

    fn scan(&self, (low, high): (u64, u64), down: bool) -> Box<dyn Iterator<Item = u64> + '_> {
        let ids = self.list.iter().map(|row| row.id).filter(move |id| (low..=high).contains(id));
        if down { Box::new(ids.rev()) } else { Box::new(ids) }
    }
}

fn owner_type(value: &Value) -> Result<Entity, Refusal> {
    let code = args::text(value).unwrap_or_default();
    Entity::ALL
        .into_iter()
        .find(|entity| entity.has_product_rows() && entity.short_code() == code)
        .ok_or_else(|| {
            Refusal::coded("ENTITY_TYPE_NOT_SUPPORTED", format!("Entity type '{code}' is not supported"))
        })
}

fn owner(session: &Session<'_>, entity: Entity, id: &Value) -> Result<u64, Refusal> {
    let id = args::positive(id).filter(|_| !args::is_array(id)).unwrap_or(0);
    if !session.store.has(entity, id) {
        return Err(Refusal::coded("OWNER_NOT_FOUND", "Owner was not found"));
    }
    if !visible(session, entity, id) {
        return Err(Refusal::coded("ACCESS_DENIED", "Access denied"));
    }
    Ok(id)
}

fn rendered(row: &ProductRow, owner: Entity, owner_id: u64, to_account: Decimal) -> Value {
    let prices = row.prices();
    let discount_type = match row.discount {
        Discount::Absolute(_) => 1,
        Discount::Percent(_) => 2,
    };
    let mut map = Map::new();
    map.push("id", Cell::id(row.id).typed());
    map.push("ownerId", Cell::id(owner_id).typed());
    map.push("ownerType", owner.short_code());
    map.push("productId", Cell::id(row.product_id).typed());
    map.push("productName", Value::Text(row.name.clone()));
    map.push("price", number_value(row.price));
    map.push("priceAccount", number_value(rounded(row.price * to_account, 2)));
    map.push("priceExclusive", number_value(prices.exclusive));
    map.push("priceNetto", number_value(prices.netto));
    map.push("priceBrutto", number_value(prices.brutto));
    map.push("quantity", number_value(row.quantity));
    map.push("discountTypeId", Value::Int(discount_type));
    map.push("discountRate", number_value(prices.discount_rate));
    map.push("discountSum", number_value(prices.discount_sum));
    map.push("taxRate", row.tax_rate.map_or(Value::Null, number_value));
    map.push("taxIncluded", yes_no(row.tax_included));
    map.push("customized", "Y");
    map.push("measureCode", row.measure_code);
    map.push("measureName", Value::Text(row.measure_name.clone()));
    map.push("sort", row.sort);
    map.push("xmlId", "");
    map.push("type", row.kind);
    map.push("storeId", Value::Null);
    map.into()
}

fn all_rendered(store: &Store, entity: Entity, id: u64, rows: &[&ProductRow]) -> Value {
    let rate = rate_of(store.cell(entity, id, "CURRENCY_ID").as_text());
    let list: Vec<Value> = rows.iter().map(|row| rendered(row, entity, id, rate)).collect();
    let mut result = Map::new();
    result.push("productRows", list);
    result.into()
}

fn order(params: &Map) -> Result<Vec<OrderBy>, Refusal> {
    let entries = args::optional_array(params, "order")?.map(args::entries).unwrap_or_default();
    let key = |(name, direction): &(std::borrow::Cow<'_, str>, &Value)| {
        let field = RowNames.find("", name).ok_or_else(|| {
            let text = format!("Invalid order: field '{}' is not allowed in order", upper_snake(name));
            Refusal::coded("INVALID_ARG_VALUE", text)
        })?;
        let down = args::text(direction).is_some_and(|text| text.eq_ignore_ascii_case("desc"));
        Ok(OrderBy { field, down })
    };
    entries.iter().map(key).collect()
}

/// `crm.item.productrow.list`: one owner, named by exactly `=ownerType` and `=ownerId`.
pub(super) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    let filter = args::optional_array(session.params, "filter")?;
    let entries = filter.map(args::entries).unwrap_or_default();
    let given = |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
    let (Some(code), Some(id)) = (given("=ownerType"), given("=ownerId")) else {
        return Err(Refusal::coded(
            "REQUIRED_ARG_MISSING",
            "Required arguments: filter[=ownerType], filter[=ownerId]",
        ));
    };
    let entity = owner_type(code)?;
    let id = owner(session, entity, id)?;
    let compiled = strict::compile(&RowNames, filter)?;
    let order = order(session.params)?;
    let table = OwnedRows::of(session.store, entity, id);
    let found = page(&table, &compiled, &order, Start::of(session.params.get("start")), Past::Empty);
    let rows: Vec<&ProductRow> = found.ids.iter().filter_map(|id| table.row(*id)).collect();
    let result = all_rendered(session.store, entity, id, &rows);
    Ok(Reply { result, next: found.next, total: found.total, rows: rows.len() as u64 })
}

fn parse(value: &Value, id: u64, at: usize) -> ProductRow {
    let entries = args::entries(value);
    let given = |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
    let text = |key: &str| given(key).and_then(args::text).map(std::borrow::Cow::into_owned);
    let number = |key: &str, limit| text(key).map(|text| write::within(write::number(&text), limit));
    let count = |key: &str| given(key).and_then(args::positive).and_then(|n| u32::try_from(n).ok());
    let absolute = count("discountTypeId") == Some(1);
    ProductRow {
        id,
        product_id: given("productId").and_then(args::positive).unwrap_or(0),
        name: text("productName").unwrap_or_default().into(),
        price: number("price", write::MONEY).unwrap_or_default(),
        quantity: rounded(number("quantity", 99_999_999).unwrap_or(Decimal::ONE), 4),
        // A form cannot say null: an empty string is cast to 0 %.
        tax_rate: given("taxRate")
            .filter(|value| **value != Value::Null)
            .and(number("taxRate", 1000))
            .map(|rate| rate.max(Decimal::ZERO)),
        tax_included: text("taxIncluded").is_some_and(|flag| flag == "Y"),
        discount: if absolute {
            Discount::Absolute(number("discountSum", write::MONEY).unwrap_or_default())
        } else {
            Discount::Percent(number("discountRate", 100).unwrap_or_default())
        },
        measure_code: count("measureCode").unwrap_or(796),
        measure_name: text("measureName").unwrap_or_else(|| "шт".to_owned()).into(),
        sort: count("sort").unwrap_or_else(|| u32::try_from((at + 1) * 10).unwrap_or(0)),
        kind: count("type").unwrap_or(1),
    }
}

/// `crm.item.productrow.set`: replaces all rows and recalculates the owner.
pub(super) fn set(store: &mut Store, params: &Map, caller: &Caller) -> Result<Reply, Refusal> {
    let entity = owner_type(args::required(params, "ownerType")?)?;
    let id = args::required(params, "ownerId")?;
    args::required(params, "productRows")?;
    let Some(rows) = args::optional_array(params, "productRows")? else {
        return Err(Refusal::coded("INVALID_ARG_VALUE", "productRows must be an array"));
    };
    let id = owner(&Session { store, params, caller }, entity, id)?;
    let present = store.product_rows(entity, id);
    let mut next = Vec::new();
    for (at, (_, value)) in args::entries(rows).into_iter().enumerate() {
        let named =
            args::entries(value).iter().find(|(key, _)| key == "id").and_then(|(_, v)| args::positive(v));
        let kept = named.filter(|row_id| present.iter().any(|row| row.id == *row_id));
        let row_id = kept.unwrap_or_else(|| store.next_row());
        next.push(parse(value, row_id, at));
    }
    let emptied = next.is_empty() && !store.cell(entity, id, "IS_MANUAL_OPPORTUNITY").as_flag();
    store.put_rows(entity, id, next);
    if emptied {
        store.put(entity, id, "OPPORTUNITY", Cell::Decimal(Decimal::ZERO));
    }
    write::recalculate(store, entity, id);
    write::touch(store, entity, id, caller);
    let rows = store.product_rows(entity, id);
    let result = all_rendered(store, entity, id, &rows.iter().collect::<Vec<_>>());
    Ok(Reply { rows: rows.len() as u64, ..Reply::of(result) })
}
