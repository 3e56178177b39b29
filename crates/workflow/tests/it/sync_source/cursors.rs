//! Going on where the last run ended.

use std::cmp::Ordering;
use std::fmt::Write as _;

use proptest::prelude::*;
use workflow::sync::source::compare_cursors;

use crate::sync_source::stage::{Stage, runtime, settings_of};

const CURSOR: &str = "kind = \"csv\"\npath = \"rows.csv\"\n[cursor]\ncolumn = \"at\"\ntype = \"time\"\n";

#[test]
fn a_file_is_read_from_the_cursor_less_the_overlap_on() {
    let stage = Stage::with(
        "rows.csv",
        "id,at\n1,2026-11-01 10:00\n2,2026-11-01 11:00\n3,\n4,2026-11-01 12:00\n5,soon\n",
    );
    let first = stage.read(&format!("{CURSOR}overlap = \"30m\"")).unwrap();
    assert_eq!((first.records.len(), first.cursor.as_deref()), (4, Some("2026-11-01T09:00:00.000000000Z")));
    insta::assert_snapshot!(first.rejected().join("\n"), @"6 sync.cursor-malformed: the cursor column is no time [correct the row, or date_format and decimal_mark of [source]]");
    let next = stage.read_from(&format!("{CURSOR}overlap = \"1h\""), first.cursor.as_deref()).unwrap();
    assert_eq!(next.rows(), ["3: 2 | 2026-11-01 11:00", "4: 3 | -", "5: 4 | 2026-11-01 12:00"]);
    assert_eq!(next.passed_over, 1);
    let initial = stage.read(&format!("{CURSOR}initial = \"2026-11-01T12:00\"")).unwrap();
    assert_eq!(initial.rows(), ["4: 3 | -", "5: 4 | 2026-11-01 12:00"]);
}

#[test]
fn a_row_from_the_future_does_not_move_the_cursor() {
    let stage = Stage::with("rows.csv", "id,at\n1,2026-11-01 10:00\n2,2999-01-01 00:00\n");
    let read = stage.read(CURSOR).unwrap();
    assert_eq!((read.records.len(), read.cursor.as_deref()), (2, Some("2026-11-01T07:00:00.000000000Z")));
    assert_eq!(read.records[1].cursor(), None);
}

#[test]
fn an_hour_that_the_clocks_show_twice_is_read_again() {
    // In Berlin 02:30 comes twice on 25 October 2026; the second time is later, and shows less than 02:50 did.
    let stage =
        Stage::with("rows.csv", "id,at\n1,2026-10-25 02:50\n2,2026-10-25 02:10\n3,2026-10-25 01:10\n");
    let settings = format!("zone = \"Europe/Berlin\"\n{CURSOR}overlap = \"0s\"");
    let read = runtime().block_on(async {
        let settings = toml::from_str(&settings).unwrap();
        let opening = stage.opening(Some("2026-10-25T00:50:00Z"));
        let mut opened = workflow::sync::source::open(&settings, &opening).await.unwrap();
        opened.source.next_page().await.unwrap()
    });
    let ids: Vec<_> = read.records.iter().filter_map(|record| record.get("id")).collect();
    assert_eq!(ids, ["1", "2"]);
}

#[test]
fn a_cursor_that_cannot_be_is_refused() {
    let stage = Stage::with("rows.csv", "id,at\n1,2026-11-01 10:00\n");
    let number = CURSOR.replace("time", "number");
    insta::assert_snapshot!(stage.fails(&CURSOR.replace("\"at\"", "\"changed\"")), @"sync.source-cursor-missing: the source has no column `changed` for the cursor [correct `column` of [source.cursor], or add the column to the source]");
    insta::assert_snapshot!(stage.fails(&format!("{CURSOR}overlap = \"often\"")), @"sync.source-setting: cannot use `cursor.overlap` of [source]: it must be a duration such as `15m` [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(stage.fails(&format!("{number}overlap = \"5m\"")), @"sync.source-setting: cannot use `cursor.overlap` of [source]: it must be a number [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(stage.fails(&format!("{CURSOR}initial = \"long ago\"")), @"sync.source-setting: cannot use `cursor.initial` of [source]: `long ago` is no time [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(stage.fails_from(&number, Some("2026-11-01T07:00:00Z")), @"sync.source-cursor-unfit: cannot go on from the cursor `2026-11-01T07:00:00Z`: it is no number [set it with `b24 sync state set`, or correct `type` of [source.cursor]]");
}

#[test]
fn cursors_are_compared_as_what_they_are() {
    assert_eq!(compare_cursors("9", "10"), Ordering::Less);
    assert_eq!(compare_cursors("10.5", "10.50"), Ordering::Equal);
    let (earlier, later) = ("2026-11-01T07:00:00.000000000Z", "2026-11-01T07:00:00.500000000Z");
    assert_eq!(compare_cursors(earlier, later), Ordering::Less);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Rows come with times that may be late by up to the overlap; whatever was there at a run, nothing stays unread.
    #[test]
    fn runs_with_an_overlap_never_miss_a_row(delays in prop::collection::vec(0_i64..600, 1..1400), runs in 2_usize..5) {
        let stage = Stage::new();
        let start: jiff::Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let at = |index: usize| {
            let seconds = i64::try_from(index).unwrap() - delays[index];
            start.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap()
        };
        let (mut cursor, mut seen) = (None::<String>, std::collections::BTreeSet::new());
        for run in 1..=runs {
            let there = delays.len() * run / runs;
            let mut text = "id,at\n".to_owned();
            for index in 0..there {
                writeln!(text, "{index},{}", at(index)).unwrap();
            }
            std::fs::write(stage.path("rows.csv"), text).unwrap();
            let read = stage.read_from(&format!("{CURSOR}overlap = \"10m\""), cursor.as_deref()).unwrap();
            prop_assert_eq!(read.records.len() as u64 + read.passed_over, there as u64);
            seen.extend(read.records.iter().filter_map(|record| record.get("id").map(str::to_owned)));
            cursor = read.cursor.or(cursor);
            prop_assert_eq!(seen.len(), there);
        }
    }
}

#[test]
fn settings_are_checked_before_anything_is_read() {
    let stage = Stage::new();
    let wrong = |text: &str| {
        let error = settings_of(text).check().unwrap_err();
        format!("{}: {error} [{}]", error.code(), error.hint())
    };
    insta::assert_snapshot!(wrong("kind = \"csv\""), @"sync.source-setting: cannot use `path` of [source]: a source of kind `csv` needs it [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(wrong("kind = \"csv\"\npath = \"x\"\nsheet = \"y\""), @"sync.source-setting: cannot use `sheet` of [source]: a source of kind `csv` has no such key [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(wrong("kind = \"jsonl\"\npath = \"x\"\ndelimiter = \";\""), @"sync.source-setting: cannot use `delimiter` of [source]: a source of kind `jsonl` has no such key [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(wrong("kind = \"csv\"\npath = \"x\"\ndate_format = \"dd.mm\""), @"sync.source-setting: cannot use `date_format` of [source]: `dd.mm` does not say where year, month and day stand [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(wrong("kind = \"command\"\noutput = \"csv\"\ncommand = []"), @"sync.source-setting: cannot use `command` of [source]: it names no program [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(stage.fails("kind = \"csv\"\npath = \"x\"\nencoding = \"klingon\""), @"sync.source-setting: cannot use `encoding` of [source]: `klingon` is no encoding; `utf-8` and `windows-1251` are [correct [source] of the mapping; docs/sync.md lists the keys]");
    let zone: workflow::sync::SourceSettings =
        toml::from_str("kind = \"csv\"\npath = \"x\"\nzone = \"Moscow\"").unwrap();
    insta::assert_snapshot!(zone.check().unwrap_err(), @"cannot use `zone` of [source]: there is no time zone `Moscow`");
}
