//! The data: the computed base and, over it, what was written since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cell::{Cell, Multifield};
use super::comments::Comments;
use super::defaults::{Birth, default_of};
use super::entity::Entity;
use super::phone::normalised;
use super::product_row::ProductRow;
use super::schema::Schema;
use crate::seed::{Payment, RESTRICTED_USER, ROWS_PER_OWNER, Seed, SeedPlan};

/// Values of an element that differ from the base, or from the defaults of a new one.
#[derive(Debug, Default)]
struct Cells(Vec<(&'static str, Cell)>);

impl Cells {
    fn get(&self, column: &str) -> Option<&Cell> {
        self.0.iter().find(|(name, _)| *name == column).map(|(_, cell)| cell)
    }

    fn put(&mut self, column: &'static str, cell: Cell) {
        match self.0.iter_mut().find(|(name, _)| *name == column) {
            Some((_, slot)) => *slot = cell,
            None => self.0.push((column, cell)),
        }
    }
}

/// What happened to an element since the seed.
#[derive(Debug)]
enum Change {
    /// Of an element of the base.
    Written(Cells),
    Created(Birth, Cells),
    Deleted,
}

/// The changes of one entity type.
#[derive(Debug, Default)]
struct Overlay {
    changes: BTreeMap<u64, Change>,
    last_id: u64,
}

/// All data of a portal.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) seed: Seed,
    pub(crate) schema: Schema,
    overlays: HashMap<Entity, Overlay>,
    rows: HashMap<(Entity, u64), Vec<ProductRow>>,
    pub(super) comments: Comments,
    /// Written phones and e-mails, normalised; entries may be outdated and are checked when read.
    communications: HashMap<String, BTreeSet<(Entity, u64)>>,
    /// Written texts of keys, in lower case; entries may be outdated and are checked when read.
    keys: HashMap<(Entity, &'static str), HashMap<String, BTreeSet<u64>>>,
    last_row: u64,
    last_multifield: u64,
    /// Automations started by writes, by entity and stage.
    pub(super) robots: BTreeMap<&'static str, BTreeMap<String, u64>>,
}

/// Columns that other systems look records up by.
fn is_key(column: &str) -> bool {
    column == "ORIGIN_ID" || column.starts_with("UF_")
}

impl Store {
    pub(super) fn new(plan: SeedPlan, schema: Schema) -> Self {
        let seed = Seed::new(plan);
        let overlay = |entity| (entity, Overlay { changes: BTreeMap::new(), last_id: seed.last_id(entity) });
        let overlays = Entity::ALL.into_iter().map(overlay).collect();
        let last_row = (seed.last_id(Entity::Invoice) + 1) * ROWS_PER_OWNER;
        let last_multifield = Entity::ALL.into_iter().map(|e| seed.last_id(e) + 1).max().unwrap_or(1) * 16;
        Self {
            seed,
            schema,
            overlays,
            rows: HashMap::new(),
            comments: Comments::default(),
            communications: HashMap::new(),
            keys: HashMap::new(),
            last_row,
            last_multifield,
            robots: BTreeMap::new(),
        }
    }

    fn changes(&self, entity: Entity) -> Option<&BTreeMap<u64, Change>> {
        self.overlays.get(&entity).map(|overlay| &overlay.changes).filter(|changes| !changes.is_empty())
    }

    fn change(&self, entity: Entity, id: u64) -> Option<&Change> {
        self.changes(entity)?.get(&id)
    }

    /// Whether the element exists.
    pub(crate) fn has(&self, entity: Entity, id: u64) -> bool {
        match self.change(entity, id) {
            Some(Change::Deleted) => false,
            Some(Change::Written(_) | Change::Created(..)) => true,
            None => self.seed.has(entity, id),
        }
    }

    /// Whether a user may read the element: user 2 only reads what he is responsible for, and the group's companies.
    pub(crate) fn readable(&self, entity: Entity, id: u64, user: u32) -> bool {
        user != RESTRICTED_USER
            || self.cell(entity, id, "ASSIGNED_BY_ID").as_int() == i64::from(RESTRICTED_USER)
            || entity == Entity::Company && self.cell(entity, id, "IS_MY_COMPANY").as_flag()
    }

    /// Identifiers of existing elements between two bounds, both inclusive, in either direction.
    pub(crate) fn ids(
        &self,
        entity: Entity,
        (low, high): (u64, u64),
        down: bool,
    ) -> Box<dyn Iterator<Item = u64> + '_> {
        let base = self.seed.ids(entity, low, high);
        let Some(changes) = self.changes(entity) else {
            return if down { Box::new(base.rev()) } else { Box::new(base) };
        };
        let kept = base.filter(move |id| !matches!(changes.get(id), Some(Change::Deleted)));
        let first_new = self.seed.last_id(entity) + 1;
        let new: Vec<u64> = if low.max(first_new) > high {
            Vec::new()
        } else {
            let range = changes.range(low.max(first_new)..=high);
            range.filter(|(_, change)| !matches!(change, Change::Deleted)).map(|(id, _)| *id).collect()
        };
        if down { Box::new(new.into_iter().rev().chain(kept.rev())) } else { Box::new(kept.chain(new)) }
    }

    /// How many elements exist between two bounds, both inclusive, without looking at each.
    pub(crate) fn count_between(&self, entity: Entity, low: u64, high: u64) -> u64 {
        let base = self.seed.count_between(entity, low, high);
        let Some(changes) = self.changes(entity).filter(|_| low <= high) else { return base };
        changes.range(low..=high).fold(base, |count, (id, change)| match change {
            Change::Deleted if self.seed.has(entity, *id) => count - 1,
            Change::Created(..) => count + 1,
            _ => count,
        })
    }

    /// Elements written or deleted since the seed, ascending; true for those that still exist.
    pub(crate) fn touched(&self, entity: Entity) -> Vec<(u64, bool)> {
        let changes = self.changes(entity).into_iter().flatten();
        changes.map(|(id, change)| (*id, !matches!(change, Change::Deleted))).collect()
    }

    /// One value of an existing element, derived ones included.
    pub(crate) fn cell(&self, entity: Entity, id: u64, column: &str) -> Cell {
        match column {
            "ID" => Cell::id(id),
            "ENTITY_TYPE_ID" => Cell::Int(i64::from(entity.type_id())),
            "HAS_PHONE" => Cell::Flag(self.multifields(entity, id).iter().any(|field| field.kind == "PHONE")),
            "HAS_EMAIL" => Cell::Flag(self.multifields(entity, id).iter().any(|field| field.kind == "EMAIL")),
            "PHONE" | "EMAIL" | "WEB" | "IM" => {
                let fields = self.multifields(entity, id);
                Cell::Multi(fields.into_iter().filter(|field| field.kind == column).collect())
            }
            "STAGE_SEMANTIC_ID" | "STATUS_SEMANTIC_ID" => {
                Cell::text(self.semantics(entity, id).unwrap_or("P"))
            }
            "CLOSED" => Cell::Flag(self.semantics(entity, id).is_some()),
            "IS_NEW" => Cell::Flag(self.raw(entity, id, "STAGE_ID").as_text().ends_with("NEW")),
            "TITLE" if entity == Entity::Invoice => match self.raw(entity, id, column) {
                Cell::Text(title) if !title.is_empty() => Cell::Text(title),
                _ => Cell::text(self.generated_title(id)),
            },
            _ => self.raw(entity, id, column),
        }
    }

    fn raw(&self, entity: Entity, id: u64, column: &str) -> Cell {
        match self.change(entity, id) {
            Some(Change::Deleted) => Cell::Null,
            Some(Change::Created(birth, cells)) => cells.get(column).cloned().unwrap_or_else(|| {
                let first = self.schema.first_funnel(entity);
                let category = cells.get("CATEGORY_ID").map_or(first, Cell::as_int);
                default_of(self.schema, (entity, id), column, *birth, category)
            }),
            Some(Change::Written(cells)) => {
                cells.get(column).cloned().unwrap_or_else(|| self.seeded(entity, id, column))
            }
            None => self.seeded(entity, id, column),
        }
    }

    /// A value of the base as the portal's funnels and stages allow it.
    fn seeded(&self, entity: Entity, id: u64, column: &str) -> Cell {
        let category = || self.raw(entity, id, "CATEGORY_ID");
        self.schema.fitted(entity, column, self.seed.cell(entity, id, column), category)
    }

    /// `S`, `F`, or `None` while in progress.
    pub(crate) fn semantics(&self, entity: Entity, id: u64) -> Option<&'static str> {
        self.schema.stage_of(entity, self.raw(entity, id, entity.stamps().stage).as_text())?.semantics
    }

    /// The name the portal shows for an invoice without a title.
    fn generated_title(&self, id: u64) -> String {
        let number = self.raw(Entity::Invoice, id, "ACCOUNT_NUMBER");
        match self.raw(Entity::Invoice, id, "BEGINDATE").as_day() {
            Some(day) => {
                format!("Счёт №{} от {:02}.{:02}.{}", number.as_text(), day.day(), day.month(), day.year())
            }
            None => format!("Счёт №{}", number.as_text()),
        }
    }

    /// Phones, e-mails and the like of an element.
    pub(crate) fn multifields(&self, entity: Entity, id: u64) -> Vec<Multifield> {
        match self.raw(entity, id, "FM") {
            Cell::Multi(fields) => fields,
            _ => Vec::new(),
        }
    }

    /// The product rows of an element.
    pub(crate) fn product_rows(&self, entity: Entity, id: u64) -> Vec<ProductRow> {
        match self.rows.get(&(entity, id)) {
            Some(rows) => rows.clone(),
            None if entity == Entity::Invoice => self.seed.product_rows(id),
            None => Vec::new(),
        }
    }

    /// The payments of an element; only base invoices have any.
    pub(crate) fn payments(&self, entity: Entity, id: u64) -> Vec<Payment> {
        if entity == Entity::Invoice && self.has(entity, id) { self.seed.payments(id) } else { Vec::new() }
    }

    /// Replaces the product rows of an element.
    pub(super) fn put_rows(&mut self, entity: Entity, id: u64, rows: Vec<ProductRow>) {
        self.rows.insert((entity, id), rows);
    }

    /// A number for a new product row.
    pub(super) fn next_row(&mut self) -> u64 {
        self.last_row += 1;
        self.last_row
    }

    /// A number for a new phone or e-mail.
    pub(super) fn next_multifield(&mut self) -> u64 {
        self.last_multifield += 1;
        self.last_multifield
    }

    /// A new element with defaults only; its identifier.
    pub(super) fn create(&mut self, entity: Entity, birth: Birth) -> u64 {
        let overlay = self.overlays.entry(entity).or_default();
        overlay.last_id += 1;
        overlay.changes.insert(overlay.last_id, Change::Created(birth, Cells::default()));
        overlay.last_id
    }

    /// The last element that was created since the seed and still exists.
    pub(super) fn last_created(&self, entity: Entity) -> Option<u64> {
        let created = |(id, change): (&u64, &Change)| matches!(change, Change::Created(..)).then_some(*id);
        self.changes(entity)?.iter().rev().find_map(created)
    }

    /// Writes one value of an existing element.
    pub(super) fn put(&mut self, entity: Entity, id: u64, column: &'static str, cell: Cell) {
        if let Cell::Multi(fields) = &cell {
            for key in fields.iter().filter_map(|field| normalised(field.kind, &field.value)) {
                self.communications.entry(key).or_default().insert((entity, id));
            }
        }
        if let Cell::Text(text) = &cell
            && is_key(column)
        {
            let keys = self.keys.entry((entity, column)).or_default();
            keys.entry(text.to_lowercase()).or_default().insert(id);
        }
        let changes = &mut self.overlays.entry(entity).or_default().changes;
        match changes.entry(id).or_insert_with(|| Change::Written(Cells::default())) {
            Change::Written(cells) | Change::Created(_, cells) => cells.put(column, cell),
            Change::Deleted => {}
        }
    }

    /// Removes an element.
    pub(super) fn delete(&mut self, entity: Entity, id: u64) {
        self.overlays.entry(entity).or_default().changes.insert(id, Change::Deleted);
        self.rows.remove(&(entity, id));
    }

    /// The elements among which those with one of these texts (in lower case) are: written ones by their text, and all of
    /// the base. `None` for columns that are no keys, and where an empty text also means what was never written.
    pub(super) fn holders(&self, entity: Entity, column: &'static str, texts: &[&str]) -> Option<Vec<u64>> {
        if !is_key(column) || texts.contains(&"") {
            return None;
        }
        let keys = self.keys.get(&(entity, column));
        let written = texts.iter().filter_map(|text| keys?.get(*text)).flatten().copied();
        let seeded = self.seed.ids(entity, 0, u64::MAX).filter(|id| {
            let cell = self.seed.cell(entity, *id, column);
            !cell.as_text().is_empty() && texts.contains(&cell.as_text().to_lowercase().as_str())
        });
        Some(written.chain(seeded).collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// Existing elements with this normalised phone or e-mail, ascending.
    pub(super) fn owners_of(&self, kind: &str, key: &str) -> BTreeSet<(Entity, u64)> {
        let written = self.communications.get(key).into_iter().flatten().copied();
        let candidates: BTreeSet<_> = self.seed.owners_of(key).into_iter().chain(written).collect();
        let owns = |entity, id| {
            self.multifields(entity, id)
                .iter()
                .any(|field| field.kind == kind && normalised(kind, &field.value).as_deref() == Some(key))
        };
        candidates.into_iter().filter(|(entity, id)| self.has(*entity, *id) && owns(*entity, *id)).collect()
    }
}
