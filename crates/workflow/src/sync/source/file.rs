//! CSV and JSON lines of a file.

use std::path::PathBuf;

use super::outlet::{self, Plan, Stop};
use super::table::{self, Origin};
use super::watch::{self, Watched};
use super::{Opened, Opening, SourceError, SourceSettings, encoding};
use crate::delimited::Layout;
use crate::lines::Lines;

pub(super) async fn open(
    settings: &SourceSettings,
    opening: &Opening<'_>,
    plan: Plan,
) -> Result<Opened, SourceError> {
    let path = path_of(settings, opening);
    let encoding = encoding::named(settings.encoding.as_deref())?;
    let layout = layout(settings);
    let is_json = settings.is_json();
    outlet::open(plan, move |outlet| {
        let failed = |error| Stop::Failed(watch::failed(&path, error));
        let (reader, guess) =
            encoding::utf8(Watched::open(&path).map_err(failed)?, encoding).map_err(failed)?;
        if let Some(guess) = guess {
            outlet.guess(guess);
        }
        let place = path.clone();
        let origin = Origin {
            what: format!("`{}`", path.display()),
            failed: Box::new(move |error| watch::failed(&place, error)),
        };
        let lines = Lines::of(reader);
        if is_json { table::json(lines, &origin, outlet) } else { table::csv(lines, layout, &origin, outlet) }
    })
    .await
}

/// The file of the settings, seen from the mapping's folder.
pub(super) fn path_of(settings: &SourceSettings, opening: &Opening<'_>) -> PathBuf {
    opening.folder.join(settings.path.clone().unwrap_or_default())
}

pub(super) fn layout(settings: &SourceSettings) -> Layout {
    Layout {
        delimiter: settings.delimiter.and_then(|c| u8::try_from(c).ok()),
        columns: settings.columns.clone(),
    }
}
