//! The examples are what they say they are.

use std::path::{Path, PathBuf};

use workflow::sync::source::{self, Opening};
use workflow::sync::value::{DateFormat, DecimalMark, RowFormat};
use workflow::sync::{Mapping, Record};

use crate::sync_source::stage::runtime;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// Every mapping below `examples`.
fn mappings() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(examples()).unwrap().map(|folder| folder.unwrap().path());
    let files =
        folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()));
    files.filter(|file| file.extension().is_some_and(|end| end == "toml")).collect()
}

fn parsed(path: &Path) -> Mapping {
    let text = std::fs::read_to_string(path).unwrap();
    Mapping::parse(&text).unwrap_or_else(|error| panic!("{}: {error}; {}", path.display(), error.hint()))
}

#[test]
fn every_mapping_of_the_examples_can_be_read() {
    let all = mappings();
    assert!(all.len() >= 2, "{all:?}");
    for path in all {
        let mapping = parsed(&path);
        mapping.source.check().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

fn receptions(change: impl FnOnce(&mut Mapping)) -> (Vec<Record>, usize) {
    let folder = examples().join("clinic");
    let mut mapping = parsed(&folder.join("mapping.toml"));
    change(&mut mapping);
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let opening = Opening { folder: &folder, cursor: None, now, environment: &|_| None };
    runtime().block_on(async {
        let mut opened = source::open(&mapping.source, &opening).await.unwrap();
        assert!(opened.guesses.is_empty(), "{:?}", opened.guesses);
        let page = opened.source.next_page().await.unwrap();
        assert!(page.is_last && page.rejects.is_empty(), "{:?}", page.rejects);
        (page.records, opened.columns.len())
    })
}

#[test]
fn the_clinic_has_forty_receptions_with_keys_of_their_own_in_both_encodings() {
    let (utf8, columns) = receptions(|_| {});
    assert_eq!((utf8.len(), columns), (40, 18));
    let keys: std::collections::BTreeSet<_> = utf8.iter().map(|record| record.get("id").unwrap()).collect();
    assert_eq!(keys.len(), 40);
    let (windows, _) = receptions(|mapping| {
        mapping.source.path = Some("receptions-1251.csv".into());
        mapping.source.encoding = Some("windows-1251".to_owned());
    });
    assert_eq!(utf8, windows);
}

#[test]
fn the_clinic_fits_the_sandbox_and_every_reception_is_wanted() {
    let facts = crate::sync_draft::facts();
    let folder = examples().join("clinic");
    for (file, records) in [("mapping.toml", receptions(|_| {}).0), ("mapping-sqlcmd.toml", Vec::new())] {
        let mapping = parsed(&folder.join(file));
        let format = RowFormat {
            decimal_mark: DecimalMark::Comma,
            date_format: DateFormat::parse("dd.mm.yyyy"),
            zone: mapping.source.time_zone().unwrap(),
        };
        let resolved = mapping.resolve(&facts, &format).unwrap_or_else(|findings| panic!("{findings:#?}"));
        let mut phones = std::collections::BTreeSet::new();
        let mut warnings = Vec::new();
        for record in &records {
            let wanted = resolved.transform(record).unwrap_or_else(|reject| panic!("{reject:?}"));
            assert!(wanted.stage.is_some() && wanted.comment.is_some() && wanted.cursor.is_some());
            phones.extend(wanted.contact.into_iter().flat_map(|contact| contact.phones));
            warnings.extend(wanted.warnings.into_iter().map(|warning| warning.code));
        }
        assert_eq!(records.is_empty(), phones.is_empty());
        assert!(warnings.iter().all(|code| code == "sync.phone-invalid"), "{warnings:?}");
        assert_eq!(records.is_empty(), warnings.is_empty(), "one number of the example is bad on purpose");
    }
}
