//! How times, values and runs are shown to people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use workflow::sync::journal::{JournalError, Retry, StoredReject, Written};
use workflow::sync::run::zone_of;
use workflow::sync::{FieldValue, Journal, Mapping, PortalFacts, Reject, ValueKind, masking};

/// Runs that are asked for the zone of their source; only those of earlier versions do not know it.
const RUNS: u32 = 50;

/// The clocks that times are shown on: those of the source where its zone is known, of this machine otherwise.
/// Every time carries its offset.
#[derive(Debug, Clone)]
pub(super) struct Clocks {
    zone: TimeZone,
    name: Option<String>,
}

impl Clocks {
    fn new(zone: Option<TimeZone>) -> Self {
        let name = zone.as_ref().and_then(TimeZone::iana_name).map(str::to_owned);
        Self { zone: zone.unwrap_or_else(TimeZone::system), name }
    }

    /// Those of a mapping.
    pub(super) fn of_mapping(mapping: &Mapping) -> Self {
        Self::new(mapping.source.time_zone().ok())
    }

    /// Those of a source, as its last runs knew them.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(super) fn of_source(journal: &Journal, source: &str) -> Result<Self, JournalError> {
        Ok(Self::new(journal.runs(Some(source), RUNS)?.iter().find_map(zone_of)))
    }

    /// Those of the mapping that was given, otherwise of the source.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(super) fn chosen(
        journal: &Journal,
        mapping: Option<&Mapping>,
        source: &str,
    ) -> Result<Self, JournalError> {
        match mapping {
            Some(mapping) => Ok(Self::of_mapping(mapping)),
            None => Self::of_source(journal, source),
        }
    }

    /// The source's zone, such as `Europe/Moscow`; none when these are this machine's clocks.
    pub(super) fn zone(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// A moment.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
    }

    /// A column of moments: its heading, with the offset when it is the same everywhere, and its cells.
    pub(super) fn column(&self, name: &str, times: &[Timestamp]) -> (String, Vec<String>) {
        let texts: Vec<String> = times.iter().map(|at| self.moment(*at)).collect();
        let mut offsets: Vec<&str> = texts.iter().filter_map(|text| Some(text.rsplit_once(' ')?.1)).collect();
        offsets.dedup();
        match offsets.as_slice() {
            [offset] => {
                let bare = texts.iter().map(|text| text.trim_end_matches(offset).trim_end().to_owned());
                (format!("{name} ({offset})"), bare.collect())
            }
            _ => (name.to_owned(), texts),
        }
    }

    /// How far a source was read: an instant where its cursor is a time.
    pub(super) fn cursor(&self, value: &str) -> String {
        value.parse::<Timestamp>().map_or_else(|_| value.to_owned(), |at| self.moment(at))
    }
}

/// What users see of stages and enumerations, as far as the journal remembers the portal's fields.
#[derive(Debug, Default)]
pub(super) struct Names(Option<PortalFacts>);

impl Names {
    /// What the journal remembers, however old.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(super) fn known(journal: &Journal) -> Result<Self, JournalError> {
        PortalFacts::known(journal).map(Self)
    }

    /// What a field held.
    pub(super) fn value(
        &self,
        entity: Written,
        (field, value): (&str, &FieldValue),
        clocks: &Clocks,
    ) -> String {
        let text = |text: &String| match value.kind {
            ValueKind::Instant => clocks.cursor(text),
            _ => self.name(entity, field, text).unwrap_or_else(|| text.clone()),
        };
        value.texts.iter().map(text).collect::<Vec<_>>().join(", ")
    }

    fn name(&self, entity: Written, field: &str, text: &str) -> Option<String> {
        let facts = self.0.as_ref()?;
        let fields = match entity {
            Written::Contact => &facts.contact,
            _ => &facts.deal,
        };
        if field == "stageId" {
            let stages = facts.funnels.iter().flat_map(|funnel| &funnel.stages);
            return stages.into_iter().find(|stage| stage.id == text).map(|stage| stage.name.clone());
        }
        let fact = fields.iter().find(|fact| fact.name == field)?;
        let choice = fact.choices.iter().find(|choice| choice.id.to_string() == text);
        let of_directory =
            || facts.directories.get(fact.directory.as_ref()?)?.iter().find(|one| one.id == text);
        choice.map(|choice| choice.text.clone()).or_else(|| of_directory().map(|one| one.name.clone()))
    }
}

/// The counts of a run, kept as JSON, in a few words; what is zero is left out.
pub(super) fn tally(json: Option<&str>) -> String {
    let Some(serde_json::Value::Object(counts)) = json.and_then(|text| serde_json::from_str(text).ok())
    else {
        return String::new();
    };
    let number = |(name, value): (&String, &serde_json::Value)| {
        let count = value.as_u64().filter(|count| *count > 0)?;
        let name = name.replace('_', " ");
        // The names are plural: `comments`, `deals_created`.
        let one = ["comment", "deal", "contact", "reject"].iter().find_map(|noun| {
            let rest = name.strip_prefix(noun)?.strip_prefix('s')?;
            (count == 1).then(|| format!("{noun}{rest}"))
        });
        Some(format!("{count} {}", one.unwrap_or(name)))
    };
    counts.iter().filter_map(number).collect::<Vec<_>>().join(", ")
}

/// The value of a reject without personal data: what holds letters or looks like a telephone number is masked.
pub(super) fn value(reject: &Reject) -> Option<String> {
    let value = reject.value.as_deref()?;
    let digits = value.chars().filter(char::is_ascii_digit).count();
    Some(if value.chars().any(char::is_alphabetic) {
        masking::text(value)
    } else if digits >= 10 {
        masking::phone(value)
    } else {
        value.to_owned()
    })
}

/// A reject without personal data: its value is masked, and the row as it came is left out.
pub(super) fn masked(stored: StoredReject) -> StoredReject {
    let (value, message) = (value(&stored.reject), masking::numbers(&stored.reject.message));
    StoredReject { reject: Reject { value, message, ..stored.reject }, row: None, ..stored }
}

/// A record that waits, without the telephone numbers that the portal may have named.
pub(super) fn masked_reason(retry: Retry) -> Retry {
    Retry { reason: masking::numbers(&retry.reason), ..retry }
}
