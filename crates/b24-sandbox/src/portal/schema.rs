//! What the records of a portal look like: fields, funnels, stages and directories; the built-in ones, or a file's.

mod fields;
mod file;

use super::cell::Cell;
use super::entity::Entity;
use super::field::Field;
use super::statuses::{INVOICE_BOOK, STATUSES, Status};

/// A funnel and the directory of its stages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Funnel {
    pub(super) entity: Entity,
    pub(super) id: i64,
    pub(super) name: &'static str,
    book: &'static str,
}

const fn funnel(entity: Entity, id: i64, name: &'static str, book: &'static str) -> Funnel {
    Funnel { entity, id, name, book }
}

const FUNNELS: &[Funnel] = &[
    funnel(Entity::Invoice, 3, "Общая", INVOICE_BOOK),
    funnel(Entity::Deal, 0, "Общая", "DEAL_STAGE"),
    funnel(Entity::Deal, 1, "Сервис и обслуживание", "DEAL_STAGE_1"),
    funnel(Entity::Deal, 4, "Клиника", "DEAL_STAGE_4"),
    funnel(Entity::Lead, 0, "", "STATUS"),
];

/// The structure of one portal. A file's parts live as long as the process: there is one per sandbox started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    /// In the order of [`Entity::ALL`].
    fields: [&'static [Field]; 5],
    pub(super) statuses: &'static [Status],
    pub(super) funnels: &'static [Funnel],
    from_file: bool,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            fields: Entity::ALL.map(Entity::built_in_fields),
            statuses: STATUSES,
            funnels: FUNNELS,
            from_file: false,
        }
    }
}

impl Schema {
    /// The columns of an entity in the order of a full row.
    pub(crate) fn fields(self, entity: Entity) -> &'static [Field] {
        let place = Entity::ALL.into_iter().position(|known| known == entity);
        place.map_or(&[], |at| self.fields[at])
    }

    pub(crate) fn column(self, entity: Entity, column: &str) -> Option<&'static Field> {
        self.fields(entity).iter().find(|field| field.column == column)
    }

    fn funnels_of(self, entity: Entity) -> impl Iterator<Item = &'static Funnel> {
        self.funnels.iter().filter(move |funnel| funnel.entity == entity)
    }

    /// The funnel that new elements come to.
    pub(super) fn first_funnel(self, entity: Entity) -> i64 {
        self.funnels_of(entity).next().map_or(0, |funnel| funnel.id)
    }

    /// The book of an entity's stages in a funnel; `None` for entities without stages.
    pub(crate) fn stage_book(self, entity: Entity, category: i64) -> Option<&'static str> {
        let named = self.funnels_of(entity).find(|funnel| funnel.id == category);
        named.or_else(|| self.funnels_of(entity).next()).map(|funnel| funnel.book)
    }

    /// The first stage of a book.
    pub(crate) fn first_stage(self, book: &str) -> &'static str {
        self.statuses.iter().find(|status| status.book == book).map_or("", |status| status.code)
    }

    /// An entry of a book.
    pub(crate) fn find(self, book: &str, code: &str) -> Option<&'static Status> {
        self.statuses.iter().find(|status| status.book == book && status.code == code)
    }

    /// A stage by its code, which is unique among the stages of one entity type.
    pub(crate) fn stage_of(self, entity: Entity, code: &str) -> Option<&'static Status> {
        self.funnels_of(entity).find_map(|funnel| self.find(funnel.book, code))
    }

    /// A value of a seeded element as this portal can have it: funnels and stages that a file does not have become the
    /// first ones that mean the same.
    pub(super) fn fitted(
        self,
        entity: Entity,
        column: &str,
        value: Cell,
        category: impl Fn() -> Cell,
    ) -> Cell {
        if !self.from_file {
            return value;
        }
        let known = |id: i64| self.funnels_of(entity).any(|funnel| funnel.id == id);
        match column {
            "CATEGORY_ID" if !known(value.as_int()) => Cell::Int(self.first_funnel(entity)),
            "STAGE_ID" | "STATUS_ID" | "PREVIOUS_STAGE_ID" => {
                let book = self.stage_book(entity, category().as_int()).unwrap_or_default();
                if value.as_text().is_empty() || self.find(book, value.as_text()).is_some() {
                    return value;
                }
                let meant =
                    Self::default().stage_of(entity, value.as_text()).and_then(|stage| stage.semantics);
                let same = |status: &&Status| status.book == book && status.semantics == meant;
                let stage =
                    self.statuses.iter().find(same).map_or(self.first_stage(book), |stage| stage.code);
                Cell::text(stage)
            }
            _ => value,
        }
    }
}
