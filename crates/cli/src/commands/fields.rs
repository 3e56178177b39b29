//! `b24 fields`.

mod pull;

use b24_client::crm::{self, Field, Fields};
use serde::Serialize;

use crate::args::{Entity, FieldsArgs, FieldsCommand};
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Answer, table};

/// A field as the table and the document show it.
#[derive(Debug, Serialize)]
struct Row {
    code: String,
    original: String,
    title: String,
    #[serde(rename = "type")]
    kind: String,
    flags: Vec<&'static str>,
    values: Vec<Value>,
}

/// A value of an enumeration.
#[derive(Debug, Serialize)]
struct Value {
    id: String,
    value: String,
}

/// Lists the fields of an entity.
pub(super) async fn run(context: &Context, args: &FieldsArgs) -> Result<Answer, Failure> {
    match (&args.command, args.entity) {
        (Some(FieldsCommand::Pull(pull)), _) => pull::run(context, pull).await,
        (None, Some(entity)) => list(context, entity, args.find.as_deref()).await,
        // The command line cannot say this.
        (None, None) => {
            Err(Failure::new(Code::Usage, "reading the command line").because("no entity is given"))
        }
    }
}

async fn list(context: &Context, entity: Entity, find: Option<&str>) -> Result<Answer, Failure> {
    let session = context.session().await?;
    let call = match entity {
        Entity::Deal => crm::entity_fields("deal"),
        Entity::Contact => crm::entity_fields("contact"),
        Entity::Company => crm::entity_fields("company"),
        Entity::Lead => crm::entity_fields("lead"),
        Entity::Invoice => crm::item_fields(crm::EntityType::SmartInvoice),
    };
    let fields: Fields = session.client.call(call).await?;
    let all = fields.iter().count();
    let wanted = find.map(str::to_lowercase);
    let rows: Vec<Row> = fields
        .iter()
        .map(Row::from)
        .filter(|row| wanted.as_deref().is_none_or(|text| row.contains(text)))
        .collect();
    context.out.note(match find {
        Some(text) if rows.is_empty() => format!("none of the {all} fields contains `{text}`"),
        Some(_) => format!("{} of {all} fields", rows.len()),
        None => format!("{all} fields"),
    });
    let text = if rows.is_empty() {
        String::new()
    } else {
        table(["CODE", "TITLE", "TYPE", "FLAGS", "VALUES"], rows.iter().map(Row::cells))
    };
    Answer::new(text, &rows)
}

impl From<&Field> for Row {
    fn from(field: &Field) -> Self {
        let flags = [
            (field.is_required, "required"),
            (field.is_read_only, "read-only"),
            (field.is_multiple, "multiple"),
            (field.is_dynamic, "user-made"),
        ];
        let values =
            field.items.iter().map(|item| Value { id: item.id.to_string(), value: item.value.clone() });
        Self {
            code: field.name.clone(),
            original: field.upper_name.clone(),
            title: field.label().to_owned(),
            kind: field.kind.clone(),
            flags: flags.into_iter().filter_map(|(set, name)| set.then_some(name)).collect(),
            values: values.collect(),
        }
    }
}

impl Row {
    /// Whether code, title or a value contains the text, which is in lower case.
    fn contains(&self, text: &str) -> bool {
        let values = self.values.iter().map(|value| &value.value);
        [&self.code, &self.original, &self.title]
            .into_iter()
            .chain(values)
            .any(|part| part.to_lowercase().contains(text))
    }

    fn cells(&self) -> [String; 5] {
        let values: Vec<String> =
            self.values.iter().map(|value| format!("{}={}", value.id, value.value)).collect();
        [self.code.clone(), self.title.clone(), self.kind.clone(), self.flags.join(" "), values.join(", ")]
    }
}
