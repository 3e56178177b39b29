//! What became of one command.

use b24_client::Id;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::sending::{Answer, Answers, Verdict, chain};

/// What became of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Executed; the number of what was written.
    Done(u64),
    /// Refused by the portal.
    Refused(String),
    /// Proved not to be executed.
    NotSent(String),
    /// Nobody knows.
    Lost(String),
}

#[derive(Deserialize)]
struct Item {
    item: Numbered,
}

#[derive(Deserialize)]
struct Numbered {
    id: Id,
}

/// One item of an import.
#[derive(Deserialize)]
struct Imported {
    #[serde(default)]
    item: Option<Numbered>,
    #[serde(default)]
    error: Option<Box<RawValue>>,
    #[serde(default)]
    error_description: Option<String>,
}

#[derive(Deserialize)]
struct ImportedItems {
    items: Vec<Imported>,
}

/// What became of commands that each write one thing; `targets` are the numbers of those that were there before.
pub(super) fn fates(answers: Answers, targets: impl IntoIterator<Item = Option<u64>>) -> Vec<Fate> {
    match answers {
        Ok(answers) => {
            answers.into_iter().zip(targets).map(|(answer, target)| fate(answer, target)).collect()
        }
        Err(error) => targets.into_iter().map(|_| Fate::NotSent(chain(&error))).collect(),
    }
}

/// What became of a command that writes one thing; `target` is its number when it was there before.
fn fate(answer: Answer, target: Option<u64>) -> Fate {
    match result(answer) {
        Ok(result) => match target.or_else(|| number(&result)) {
            Some(id) if result.get() != "false" => Fate::Done(id),
            _ => Fate::Lost("the answer does not say what was written".to_owned()),
        },
        Err(fate) => fate,
    }
}

/// What became of the items of an import, one for each that was sent.
pub(super) fn import_fates(answer: Answer, sent: usize) -> Vec<Fate> {
    let result = match result(answer) {
        Ok(result) => result,
        Err(fate) => return vec![fate; sent],
    };
    let unread = || Fate::Lost("the answer does not say what was written".to_owned());
    match serde_json::from_str::<ImportedItems>(result.get()) {
        Ok(answer) if answer.items.len() == sent => answer.items.into_iter().map(imported).collect(),
        _ => vec![unread(); sent],
    }
}

fn imported(item: Imported) -> Fate {
    match (item.item.and_then(|item| item.id.some()), item.error) {
        (Some(id), _) => Fate::Done(id),
        (None, Some(error)) => {
            let code = error.get().trim_matches('"');
            let text = item.error_description.unwrap_or_default();
            Fate::Refused(if code.is_empty() { text } else { format!("{code}: {text}") })
        }
        (None, None) => Fate::Lost("the answer does not say what was written".to_owned()),
    }
}

fn result(answer: Answer) -> Result<Box<RawValue>, Fate> {
    let reply = answer.ok().map_err(|error| match Verdict::of(error) {
        Verdict::NotSent(error) => Fate::NotSent(chain(&error)),
        Verdict::Refused(api) => Fate::Refused(api.to_string()),
        Verdict::Lost(reason) => Fate::Lost(reason),
    })?;
    Ok(reply.result)
}

/// `{"item": {"id": 5}}`, or a plain number.
fn number(result: &RawValue) -> Option<u64> {
    let item = serde_json::from_str::<Item>(result.get()).ok().map(|answer| answer.item.id);
    item.or_else(|| serde_json::from_str::<Id>(result.get()).ok())?.some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_an_import_are_refused_one_by_one() {
        let text = r#"{"items":[{"item":{"id":15}},{"error":"CRM_FIELD_ERROR_REQUIRED","error_description":"Empty"}]}"#;
        let items: ImportedItems = serde_json::from_str(text).unwrap();
        let fates: Vec<Fate> = items.items.into_iter().map(imported).collect();
        assert_eq!(fates, [Fate::Done(15), Fate::Refused("CRM_FIELD_ERROR_REQUIRED: Empty".to_owned())]);
    }

    #[test]
    fn numbers_are_read_from_items_and_from_plain_results() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        assert_eq!(number(&raw(r#"{"item":{"id":7,"title":"x"}}"#)), Some(7));
        assert_eq!(number(&raw("999")), Some(999));
        assert_eq!(number(&raw("true")), None);
        assert_eq!(number(&raw("[]")), None);
    }
}
