//! Records as a look-up brought them.

use b24_client::crm::Row;
use b24_client::{Id, Token};
use serde::Deserialize;

use crate::person::phone::portal_form;
use crate::sync::wanted::PersonName;

/// A deal as it is on the portal.
#[derive(Debug, Clone)]
pub struct LiveDeal {
    /// Its number.
    pub id: u64,
    /// Its external key, trimmed; empty when it has none.
    pub key: String,
    /// Its stage's full id, such as `C4:WON`.
    pub stage: String,
    /// Whether its stage is final for the portal, won or lost.
    pub closed: bool,
    /// Its funnel.
    pub category: u64,
    /// Its main contact.
    pub contact: Option<u64>,
    row: Row,
}

/// A contact as it is on the portal.
#[derive(Debug, Clone)]
pub struct LiveContact {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: PersonName,
    row: Row,
}

/// A lead as it is on the portal.
#[derive(Debug, Clone)]
pub struct LiveLead {
    /// Its number.
    pub id: u64,
    /// Its status, such as `NEW`.
    pub status: String,
    /// Whether its status is final for the portal.
    pub closed: bool,
    /// The contact it belongs to.
    pub contact: Option<u64>,
    /// Where it came from, such as `WEB`; empty when nobody said.
    pub source: String,
    /// The same in words.
    pub source_description: String,
}

#[derive(Deserialize)]
struct Number {
    #[serde(rename = "VALUE", default)]
    value: Option<String>,
}

impl LiveDeal {
    /// Reads a row of `crm.deal.list`; `key` is the upper-case name of the field with the external key.
    ///
    /// # Errors
    /// A row without a number.
    pub fn read(row: Row, key: &str) -> Result<Self, String> {
        let semantics = text(&row, "STAGE_SEMANTIC_ID");
        Ok(Self {
            id: id(&row, "ID").ok_or("a deal without ID")?,
            key: text(&row, key).trim().to_owned(),
            stage: text(&row, "STAGE_ID"),
            closed: matches!(semantics.as_str(), "S" | "F") || text(&row, "CLOSED") == "Y",
            category: id(&row, "CATEGORY_ID").unwrap_or_default(),
            contact: id(&row, "CONTACT_ID"),
            row,
        })
    }

    /// The value of a field by its upper-case name; none when the portal did not send it, as it does with some empty
    /// user fields.
    #[must_use]
    pub fn token(&self, original: &str) -> Option<&Token> {
        self.row.get(original)
    }
}

impl LiveContact {
    /// Reads a row of `crm.contact.list`.
    ///
    /// # Errors
    /// A row without a number.
    pub fn read(row: Row) -> Result<Self, String> {
        let part = |field: &str| text(&row, field).trim().to_owned();
        let name = PersonName { last: part("LAST_NAME"), first: part("NAME"), second: part("SECOND_NAME") };
        Ok(Self { id: id(&row, "ID").ok_or("a contact without ID")?, name, row })
    }

    /// The value of a field by its upper-case name; none when the portal did not send it.
    #[must_use]
    pub fn token(&self, original: &str) -> Option<&Token> {
        self.row.get(original)
    }
}

impl LiveLead {
    /// Reads a row of `crm.lead.list`.
    ///
    /// # Errors
    /// A row without a number.
    pub fn read(row: &Row) -> Result<Self, String> {
        let semantics = text(row, "STATUS_SEMANTIC_ID");
        Ok(Self {
            id: id(row, "ID").ok_or("a lead without ID")?,
            status: text(row, "STATUS_ID"),
            closed: matches!(semantics.as_str(), "S" | "F"),
            contact: id(row, "CONTACT_ID"),
            source: text(row, "SOURCE_ID"),
            source_description: text(row, "SOURCE_DESCRIPTION"),
        })
    }
}

/// The numbers of a row, in the portal's normal form.
///
/// # Errors
/// When the field with the numbers cannot be read.
pub(super) fn phones(row: &Row) -> Result<Vec<String>, String> {
    let Some(token) = row.get("PHONE").filter(|token| !token.is_null()) else { return Ok(Vec::new()) };
    let numbers: Vec<Number> = serde_json::from_str(token.as_json()).map_err(|_| "unreadable PHONE")?;
    Ok(numbers.into_iter().filter_map(|number| number.value).map(|value| portal_form(&value)).collect())
}

/// The number of a row.
pub(super) fn id(row: &Row, field: &str) -> Option<u64> {
    let token = row.get(field)?;
    serde_json::from_str::<Id>(token.as_json()).ok().and_then(Id::some)
}

/// The text of a field, empty when there is none.
pub(super) fn text(row: &Row, field: &str) -> String {
    row.get(field).and_then(Token::text).map(std::borrow::Cow::into_owned).unwrap_or_default()
}
