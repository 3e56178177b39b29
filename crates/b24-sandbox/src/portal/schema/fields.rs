//! The columns of an entity by a file: the system's own stay, the users' are the file's.

use super::file::OfField;
use crate::portal::entity::Entity;
use crate::portal::field::{Field, Kind, field};
use crate::portal::naming::user_field_name;

/// A text of the file for as long as the process lives.
pub(super) fn kept(text: String) -> &'static str {
    text.leak()
}

/// The columns of one entity.
///
/// # Errors
///
/// A field that cannot be one, by its code.
pub(super) fn of(entity: Entity, listed: &[OfField]) -> Result<Vec<Field>, String> {
    let column = |one: &OfField| one.original.clone().unwrap_or_else(|| one.code.clone());
    let system = entity.built_in_fields().iter().filter(|field| !field.is_user_field());
    let mut fields: Vec<Field> = system
        .map(|field| match listed.iter().find(|one| column(one) == field.column) {
            Some(one) => Field { title: kept(one.title.clone()), ..*field },
            None => *field,
        })
        .collect();
    for one in listed.iter().filter(|one| one.kind != "crm_multifield") {
        let name = column(one);
        let known = fields.iter().any(|field| field.column == name);
        if name.starts_with("UF_") && known {
            return Err(format!("{} lists the field {name} twice", entity.name()));
        }
        if known
            || entity.built_in_fields().iter().any(|field| field.name == one.code && !field.is_user_field())
        {
            continue;
        }
        if !name.starts_with("UF_") && (one.user_made || !is_upper(&name)) {
            return Err(format!("{} has the field {name}: user fields begin with UF_", entity.name()));
        }
        fields.push(made(one, name));
    }
    Ok(fields)
}

fn is_upper(name: &str) -> bool {
    !name.bytes().any(|letter| letter.is_ascii_lowercase())
}

fn made(one: &OfField, column: String) -> Field {
    let name = if one.code == column { user_field_name(&column) } else { one.code.clone() };
    let single = kind(one);
    let kind = match single {
        Kind::Ids(_) => single,
        _ if one.multiple => Kind::Many(Box::leak(Box::new(single))),
        _ => single,
    };
    let made = field(kept(column), kept(name), kind, kept(one.title.clone()));
    Field { read_only: one.read_only, required: one.required && one.user_made, ..made }
}

fn kind(one: &OfField) -> Kind {
    match one.kind.as_str() {
        "integer" | "iblock_element" | "iblock_section" | "hlblock" | "file" => Kind::Integer,
        "double" => Kind::Double,
        "boolean" => Kind::UserFlag,
        "char" => Kind::Flag,
        "money" => Kind::Price,
        "date" => Kind::Day,
        "datetime" => Kind::Moment,
        "user" | "employee" => Kind::User,
        "crm_company" => Kind::Company,
        "crm_contact" => Kind::Contact,
        "enumeration" => {
            let choices = one.value.iter().map(|choice| (choice.id, kept(choice.value.clone())));
            Kind::Choice(choices.collect::<Vec<_>>().leak())
        }
        _ => Kind::Text,
    }
}
