//! From records and comments to documents.

use embed_queue::Document;
use embed_queue::format::{self, Format};
use embed_queue::split::{self, Sizes};
use jiff::Timestamp;
use serde_json::Value;

use super::comments::{Comment, owner};
use super::entity::Record;
use super::{COMMENTS, Entity, EntitySurvey};

/// Fields that name a record rather than say something about it.
const NAMES: [&str; 4] = ["title", "lastName", "name", "secondName"];

/// The allowed fields with their titles, one a line.
pub(super) fn of_record(
    found: &EntitySurvey,
    record: &Record,
    fields: &[String],
    site: &str,
    sizes: Sizes,
) -> Document {
    let mut lines = Vec::new();
    for name in fields {
        let Some(text) = record.fields.get(name).and_then(|value| shown(found, name, value)) else {
            continue;
        };
        let label = found.field(name).map_or(name.as_str(), |field| field.label());
        lines.push(if NAMES.contains(&name.as_str()) { text } else { format!("{label}: {text}") });
    }
    let text = lines.join("\n");
    let document =
        Document::new(found.entity.collection(), &record.id.to_string()).titled(&title(found, record));
    let document = document.with("url", found.entity.kind().card(site, record.id)).with("id", record.id);
    let contacts = record.contacts();
    let document = if contacts.is_empty() { document } else { document.with("contacts", contacts) };
    dated(document, record.moment("updatedTime")).pieces(split::plain(&text, sizes))
}

/// A comment is found by its own words; its record is its title.
pub(super) fn of_comment(
    found: &EntitySurvey,
    record: &Record,
    comment: &Comment,
    site: &str,
    sizes: Sizes,
) -> Document {
    let source = format!("{}{}", owner(found.entity, record.id), comment.id);
    let document = Document::new(COMMENTS, &source)
        .titled(&title(found, record))
        .with("url", found.entity.kind().card(site, record.id))
        .with("entity", found.entity.name())
        .with("id", record.id);
    dated(document, comment.created.as_deref().and_then(|created| created.parse().ok()))
        .pieces(split::plain(&plain(comment.text.as_deref().unwrap_or_default()), sizes))
}

fn dated(document: Document, at: Option<Timestamp>) -> Document {
    match at.and_then(|at| Timestamp::from_second(at.as_second()).ok()) {
        Some(at) => document.with("date", at.to_string()),
        None => document,
    }
}

fn title(found: &EntitySurvey, record: &Record) -> String {
    let text =
        |name: &str| record.fields.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let name = match found.entity {
        Entity::Contact => [text("lastName"), text("name"), text("secondName")].join(" "),
        Entity::Lead | Entity::Deal | Entity::Company | Entity::Invoice => text("title").to_owned(),
    };
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { format!("{} {}", found.entity.name(), record.id) } else { name }
}

/// A value in words: choices by their texts, lists one after the other; nothing where there is nothing to read.
fn shown(found: &EntitySurvey, name: &str, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => choice(found, name, text).unwrap_or_else(|| plain(text)),
        Value::Number(number) => {
            let number = number.to_string();
            choice(found, name, &number).unwrap_or(number)
        }
        Value::Array(values) => {
            values.iter().filter_map(|value| shown(found, name, value)).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => return None,
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn choice(found: &EntitySurvey, name: &str, id: &str) -> Option<String> {
    let choices = &found.field(name)?.items;
    choices.iter().find(|choice| choice.id.get().to_string() == id).map(|choice| choice.value.clone())
}

/// Texts of the portal are written with marks in brackets (`[b]…[/b]`), some of them as web pages.
pub(super) fn plain(text: &str) -> String {
    let text = without_marks(text);
    if !text.contains("</") && !text.contains("<br") {
        return text;
    }
    let whole = Sizes { target: usize::MAX / 8, limit: usize::MAX / 8, overlap: 0, crumbs: 0 };
    let pieces = format::text(Format::Html, &text, whole).pieces;
    pieces.into_iter().map(|piece| piece.content).collect::<Vec<_>>().join("\n")
}

/// Marks that the portal's editor writes; other brackets are the writer's own.
const MARKS: [&str; 22] = [
    "b", "i", "u", "s", "p", "url", "user", "img", "list", "*", "quote", "code", "color", "size", "font",
    "table", "tr", "td", "th", "left", "center", "right",
];

fn without_marks(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        let (before, from) = rest.split_at(start);
        clean.push_str(before);
        let inside = from[1..].find([']', '[', '\n']).filter(|end| from[1 + end..].starts_with(']'));
        let mark = inside.map(|end| &from[1..=end]);
        let name = mark.map(|mark| mark.trim_start_matches('/').split(['=', ' ']).next().unwrap_or_default());
        match (mark, name) {
            (Some(mark), Some(name)) if MARKS.contains(&name.to_lowercase().as_str()) => {
                if matches!(name.to_lowercase().as_str(), "p" | "*" | "tr" | "td" | "th") {
                    clean.push('\n');
                }
                rest = &from[mark.len() + 2..];
            }
            _ => {
                clean.push('[');
                rest = &from[1..];
            }
        }
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn marks_of_the_editor_go_and_brackets_of_the_writer_stay() {
        for (text, clean) in [
            ("[b]Оплачен[/b] счёт [77]", "Оплачен счёт [77]"),
            ("[url=https://a.ru]договор[/url] [не забыть", "договор [не забыть"),
            ("[USER=1]Анна[/USER], см. [a[b]c[/b]]", "Анна, см. [ac]"),
            ("<p>Отгрузка</p><p>в&nbsp;среду</p>", "Отгрузка\n\nв среду"),
            ("a < b", "a < b"),
            ("[", "["),
        ] {
            assert_eq!(plain(text), clean);
        }
    }
}
