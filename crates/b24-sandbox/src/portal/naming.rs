//! Names of fields in the controllers, and the quirks of the converter (wire reference, section 6.1.4).

use super::entity::Entity;
use super::field::Field;
use super::filter::strict::Names;
use super::schema::Schema;

/// Whether user fields go by their original names (`useOriginalUfNames`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Naming {
    pub(super) original: bool,
    /// The fields there are.
    pub(super) schema: Schema,
}

impl Naming {
    /// The key under which a field appears in a row.
    pub(super) fn key(self, field: &'static Field) -> &'static str {
        if self.original && field.is_user_field() { field.column } else { field.name }
    }

    /// The field a key of `select`, `order` or `fields` means.
    pub(super) fn field(self, entity: Entity, key: &str) -> Option<&'static Field> {
        let fields = self.schema.fields(entity);
        let named = fields.iter().find(|field| self.key(field) == key);
        named.or_else(|| {
            let column = upper_snake(key);
            fields.iter().find(|field| !field.is_user_field() && field.column == column)
        })
    }

    /// A refused key as the error text shows it.
    pub(super) fn shown(self, name: &str) -> String {
        if self.original && name.starts_with("UF_") { name.to_owned() } else { upper_snake(name) }
    }
}

/// The names an entity's filter may use.
pub(super) struct FilterNames {
    pub(super) entity: Entity,
    pub(super) naming: Naming,
}

impl Names for FilterNames {
    /// Source quirk: the way back to the original name looks for a leading `uf`, so a key with a prefix goes through the
    /// general conversion, which breaks names whose remainder has capitals.
    fn find(&self, prefix: &str, name: &str) -> Option<&'static Field> {
        let verbatim = name.strip_prefix("ufCrm_").unwrap_or("");
        if !prefix.is_empty() && verbatim.contains(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        self.naming.field(self.entity, name)
    }

    fn shown(&self, name: &str) -> String {
        self.naming.shown(name)
    }
}

/// The general conversion from camelCase: `ID` becomes `I_D`.
pub(super) fn upper_snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut before = None;
    for c in name.chars() {
        let starts_word = c.is_ascii_uppercase()
            || c.is_ascii_digit() && before.is_some_and(|b: char| b.is_ascii_alphabetic());
        if starts_word && before.is_some() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
        before = Some(c);
    }
    out
}

/// The name of a user field in the controllers (section 6.1.4).
pub(super) fn user_field_name(original: &str) -> String {
    let rest = original.trim_start_matches("UF_CRM_");
    let word = |part: &str| part[..1].to_uppercase() + &part[1..].to_lowercase();
    let camel = |text: &str| text.split('_').filter(|part| !part.is_empty()).map(word).collect::<String>();
    if !rest.bytes().any(|b| b.is_ascii_digit()) {
        return format!("ufCrm{}", camel(rest));
    }
    match rest.split_once('_') {
        Some((number, tail)) if number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit()) => {
            if tail.bytes().all(|b| b.is_ascii_digit()) {
                return format!("ufCrm{number}_{tail}");
            }
            format!("ufCrm{number}{}", camel(tail))
        }
        _ => format!("ufCrm_{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_fields_are_named_by_the_rules_of_the_converter() {
        assert_eq!(user_field_name("UF_CRM_MY_FIELD"), "ufCrmMyField");
        assert_eq!(user_field_name("UF_CRM_2_1639669411830"), "ufCrm2_1639669411830");
        assert_eq!(user_field_name("UF_CRM_10_CODE"), "ufCrm10Code");
        for field in Entity::ALL.into_iter().flat_map(Entity::built_in_fields).filter(|f| f.is_user_field()) {
            assert_eq!(field.name, user_field_name(field.column));
        }
    }

    #[test]
    fn upper_case_system_names_are_mangled() {
        assert_eq!(upper_snake("ID"), "I_D");
        assert_eq!(upper_snake("parentId2"), "PARENT_ID_2");
        assert_eq!(upper_snake("foo"), "FOO");
    }
}
