//! Typed calls of the CRM and the records they return, as they are on the wire.
//!
//! Amounts are [`Token`](crate::Token)s: the JSON text, unread. Identifiers are [`Id`](crate::Id)s: 0 is "none".

mod comment;
mod company;
mod entity_type;
mod field;
mod invoice;
mod payment;
mod portal;
mod product_row;
mod requisite;
mod row;
mod stage;

pub use comment::{Comment, CommentOrder, timeline_comments};
pub use company::{Company, Contact, companies_by_id, contacts_by_id, my_companies};
pub use entity_type::EntityType;
pub use field::{Choice, Field, Fields, entity_fields, item_fields};
pub use invoice::{Invoice, invoice_count, invoices};
pub use payment::{Payment, payments};
pub use portal::{AppScope, Profile, User, app_info, profile, scope, server_time, users_by_id};
pub use product_row::{ProductRow, product_rows};
pub use requisite::{Requisite, RequisiteLink, requisite_links, requisites_by_id, requisites_of};
pub use row::Row;
pub use stage::{Category, Currency, Status, categories, currencies, statuses};
