//! Whether the fields that a list is asked for exist: a portal drops a condition on an unknown field without a word, and
//! the rows of everybody would pass for those that were meant.

use b24_client::{Client, Params};

use super::ExportError;
use crate::fields::{close_to, of_method};

/// Checks the names of fields against those the portal has, with one request. Methods whose fields cannot be asked for
/// pass.
///
/// # Errors
/// A field that the portal does not have, or the portal does not tell its fields.
pub async fn check_fields(
    client: &Client,
    method: &str,
    params: &Params,
    names: &[String],
) -> Result<(), ExportError> {
    let Some((family, _)) = method.trim().rsplit_once('.') else { return Ok(()) };
    let fields = of_method(client, &format!("{family}.fields"), params)
        .await
        .map_err(|source| ExportError::Portal { source: Box::new(source), kept: None })?;
    let Some(fields) = fields else { return Ok(()) };
    let original = params.get("useOriginalUfNames").is_some();
    let known = || {
        let upper = fields.iter().filter(|_| original).map(|field| field.upper_name.as_str());
        fields.iter().map(|field| field.name.as_str()).chain(upper)
    };
    match names.iter().find(|name| !known().any(|field| field == *name)) {
        None => Ok(()),
        Some(name) => Err(ExportError::FieldUnknown { field: name.clone(), close: close_to(name, known()) }),
    }
}
