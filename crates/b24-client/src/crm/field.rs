//! The fields of an entity, user fields included.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::call::Call;
use crate::params::Params;
use crate::wire::{Id, Token};

/// A field of an entity.
#[expect(clippy::struct_excessive_bools, reason = "the portal describes a field by its flags")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Field {
    /// Name in the API, such as `ufCrm_1772717712`.
    #[serde(skip)]
    pub name: String,
    /// Type, such as `string`, `date`, `enumeration`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What users call it.
    pub title: String,
    /// Original name, such as `UF_CRM_1772717712`. Never derive one name from the other.
    pub upper_name: String,
    /// Label of a user field in the older methods, whose `title` is the code.
    pub form_label: Option<String>,
    /// Label of a user field in lists, for fields without one in forms.
    pub list_label: Option<String>,
    /// Directory of a field of the type `crm_status`, such as `SOURCE`.
    pub status_type: Option<String>,
    /// Settings of a user field, unread: their shape depends on the type.
    pub settings: Token,
    /// Whether it must be given.
    pub is_required: bool,
    /// Whether it cannot be written.
    pub is_read_only: bool,
    /// Whether it holds a list.
    pub is_multiple: bool,
    /// Whether users made it.
    pub is_dynamic: bool,
    /// The values of an enumeration.
    pub items: Vec<Choice>,
}

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Choice {
    /// Number of the value.
    #[serde(rename = "ID")]
    pub id: Id,
    /// What users see.
    #[serde(rename = "VALUE")]
    pub value: String,
}

/// The fields of an entity, in the portal's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// All fields, in the portal's order.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// The field of this name in the API.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.name == name)
    }

    /// The field of this original name.
    #[must_use]
    pub fn by_upper_name(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.upper_name == name)
    }

    /// The fields users call so, without regard to case.
    pub fn titled<'a>(&'a self, title: &str) -> impl Iterator<Item = &'a Field> {
        let title = title.trim().to_lowercase();
        self.0.iter().filter(move |field| field.label().trim().to_lowercase() == title)
    }
}

impl Field {
    /// What users call it, in the older and the newer methods.
    #[must_use]
    pub fn label(&self) -> &str {
        let labels = [self.form_label.as_deref(), self.list_label.as_deref()];
        labels.into_iter().flatten().find(|label| !label.is_empty()).unwrap_or(&self.title)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapOrEmptyList;
        impl<'de> serde::de::Visitor<'de> for MapOrEmptyList {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the fields of an entity")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, Box<RawValue>>()? {
                    let field: Field = serde_json::from_str(raw.get())
                        .map_err(|error| serde::de::Error::custom(format!("{name}: {error}")))?;
                    let upper_name =
                        if field.upper_name.is_empty() { name.clone() } else { field.upper_name.clone() };
                    fields.push(Field { name, upper_name, ..field });
                }
                Ok(Fields(fields))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Fields, A::Error> {
                match seq.next_element::<serde::de::IgnoredAny>()? {
                    None => Ok(Fields::default()),
                    Some(_) => Err(serde::de::Error::custom("a list where the fields should be")),
                }
            }
        }
        deserializer.deserialize_any(MapOrEmptyList)
    }
}

/// The fields of `crm.item.*` for an entity type.
#[must_use]
pub fn item_fields(entity_type: impl Into<u32>) -> Call<Fields> {
    Call::read("crm.item.fields", Params::new().set("entityTypeId", entity_type.into())).within("fields")
}

/// The fields of an older family: `deal`, `contact`, `company`, `lead`.
#[must_use]
pub fn entity_fields(entity: &str) -> Call<Fields> {
    Call::read(format!("crm.{entity}.fields"), Params::new())
}
