//! What is wrong with a record, in words. Personal data is masked here, once.

use crate::person::masking;
use crate::person::phone::BadPhone;
use crate::sync::mapping::choices::Choices;
use crate::sync::mapping::error::{closest, suggestion};
use crate::sync::mapping::reading::ReadingProblem;
use crate::sync::mapping::resolved::{FieldRule, StageSource};
use crate::sync::record::Record;
use crate::sync::reject::Reject;
use crate::sync::value::{ValueKind, ValueProblem};

/// The record that something is wrong with.
pub(super) struct Refusal<'r> {
    pub(super) record: &'r Record,
    pub(super) key: Option<String>,
}

/// A value as it may be shown beside a message: it is needed to correct it, so only long ones are cut.
fn shown(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { masking::text(text) }
}

impl Refusal<'_> {
    fn reject(
        &self,
        code: &str,
        field: &str,
        value: Option<String>,
        message: String,
        hint: String,
    ) -> Reject {
        Reject {
            code: code.to_owned(),
            key: self.key.clone(),
            line: self.record.line(),
            field: Some(field.to_owned()),
            value,
            message,
            hint,
        }
    }

    pub(super) fn key_missing(&self, column: &str) -> Box<Reject> {
        let message = format!("the column `{column}` is empty, and it holds the key");
        let hint = "give the row a key in the source, or leave it out there".to_owned();
        Box::new(self.reject("sync.key-missing", column, None, message, hint))
    }

    pub(super) fn column_missing(&self, column: &str) -> Box<Reject> {
        let message = format!("there is no column `{column}`");
        let hint = suggestion(column, self.record.columns());
        Box::new(self.reject("sync.column-missing", column, None, message, hint))
    }

    pub(super) fn value_missing(&self, place: &str, title: &str) -> Box<Reject> {
        let message = format!("`{title}` is required, and there is no value");
        let hint = "fill it in the source, or remove `required` from the mapping".to_owned();
        Box::new(self.reject("sync.value-missing", place, None, message, hint))
    }

    pub(super) fn too_long(&self, place: &str, text: &str, limit: usize) -> Box<Reject> {
        let length = text.chars().count();
        let message = format!("{length} characters, and the portal takes {limit}");
        let hint = "shorten it in the source".to_owned();
        Box::new(self.reject("sync.text-too-long", place, Some(masking::text(text)), message, hint))
    }

    pub(super) fn bad_phone(&self, column: &str, bad: &BadPhone) -> Reject {
        let message = format!("no telephone number: {}", bad.reason);
        let hint = "correct it in the source; the record goes on without this number".to_owned();
        self.reject("sync.phone-invalid", column, Some(masking::phone(&bad.text)), message, hint)
    }

    pub(super) fn rounded(&self, place: &str, rule: &FieldRule, text: &str) -> Reject {
        let digits = rule.field.scale.unwrap_or(0);
        let message = format!("the portal keeps {digits} digits after the point of `{}`", rule.field.title);
        let hint = "the value is rounded, half away from zero; round it in the source to choose".to_owned();
        self.reject("sync.amount-rounded", place, Some(shown(text)), message, hint)
    }

    pub(super) fn default_stage(&self, column: &str, status: &str) -> Reject {
        let message =
            format!("the status `{}` is not in [stages.map]; the default stage is taken", shown(status));
        let hint = "add it to [stages.map]".to_owned();
        self.reject("sync.status-unknown", column, Some(shown(status)), message, hint)
    }

    pub(super) fn unknown_stage(&self, column: &str, status: &str, source: &StageSource) -> Box<Reject> {
        let known: Vec<String> = source.map.keys().cloned().collect();
        let message = format!("the status `{}` is not in [stages.map]", shown(status));
        let hint = match closest(status, &known) {
            Some(close) => {
                format!("add it to [stages.map] (there is `{close}`), or set `default` of [stages]")
            }
            None => "add it to [stages.map], or set `default` of [stages]".to_owned(),
        };
        Box::new(self.reject("sync.status-unknown", column, Some(shown(status)), message, hint))
    }

    /// A text that a field cannot hold.
    pub(super) fn unfit(
        &self,
        place: &str,
        rule: &FieldRule,
        text: &str,
        personal: bool,
        problem: &ReadingProblem,
    ) -> Box<Reject> {
        let title = &rule.field.title;
        let message = format!("`{title}`: {problem}");
        let hint = match problem {
            ReadingProblem::Value(problem) => value_hint(problem).to_owned(),
            ReadingProblem::Unknown(Some(close)) => {
                format!("did you mean `{close}`? `values` of the mapping says which text is which value")
            }
            ReadingProblem::Unknown(None) => {
                let examples = rule.reading.choices.as_ref().map(Choices::examples);
                format!("it has {}; add the text to `values` of the mapping", examples.unwrap_or_default())
            }
            ReadingProblem::Several(values) => {
                format!("say in `values` of the mapping which of {} is meant", values.join(", "))
            }
            ReadingProblem::TooLong { limit, .. } => format!("add max_length = {limit} to cut it"),
            ReadingProblem::TooManyBytes { .. } => "add max_length = 30000 to cut it".to_owned(),
        };
        let hidden = personal || rule.field.kind == ValueKind::Text && rule.reading.choices.is_none();
        let value = if hidden { masking::text(text) } else { shown(text) };
        Box::new(self.reject(code(problem), place, Some(value), message, hint))
    }
}

fn code(problem: &ReadingProblem) -> &'static str {
    match problem {
        ReadingProblem::Value(ValueProblem::Integer | ValueProblem::Decimal) => "sync.number-unreadable",
        ReadingProblem::Value(ValueProblem::Date | ValueProblem::Instant | ValueProblem::Gap) => {
            "sync.date-unreadable"
        }
        ReadingProblem::Value(ValueProblem::Flag) => "sync.flag-unreadable",
        ReadingProblem::Unknown(_) => "sync.value-unknown",
        ReadingProblem::Several(_) => "sync.value-ambiguous",
        ReadingProblem::TooLong { .. } | ReadingProblem::TooManyBytes { .. } => "sync.text-too-long",
    }
}

fn value_hint(problem: &ValueProblem) -> &'static str {
    match problem {
        ValueProblem::Integer | ValueProblem::Decimal => {
            "correct it in the source, or set `decimal_mark` of [source]"
        }
        ValueProblem::Date | ValueProblem::Instant => {
            "correct it in the source, or set `date_format` of [source], such as \"dd.mm.yyyy\""
        }
        ValueProblem::Gap => {
            "the clocks were put forward over this time; correct it, or the time zone of [source]"
        }
        ValueProblem::Flag => "write yes or no, да or нет, 1 or 0; or say in `values` which text is which",
    }
}
