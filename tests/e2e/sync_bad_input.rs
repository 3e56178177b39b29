//! Bad input of a sync, through the binary: each is told with its place and what to do, once, and the rest goes on.

use std::fmt::Write as _;
use std::io::{Seek as _, SeekFrom, Write as _};

use serde_json::Value;

use crate::clinic::{Clinic, MAPPING, visits};
use crate::stage::{Ran, done, run, wait_until_by};

/// The mapping with a date.
fn dated() -> String {
    MAPPING.replace("\"Врач\" = \"doctor\"", "\"Врач\" = \"doctor\"\n\"Начало приёма\" = \"start\"")
}

const HEADING: &str = "id,patient,phone,doctor,amount,status,comment,start\n";

/// A line of the file.
fn row(id: &str, name: &str, phone: &str, amount: &str, start: &str) -> String {
    format!("{id},{name},{phone},Орлов,{amount},Запланирован,осмотр,{start}\n")
}

/// What a run says of single rows: record or line, code, message and hint.
fn told(ran: &Ran) -> String {
    let lines = ran.stderr.lines().filter(|line| line.starts_with("warning: "));
    lines.collect::<Vec<_>>().join("\n")
}

fn file(clinic: &Clinic, rows: &[String]) {
    clinic.stage.home.write("visits.csv", &format!("{HEADING}{}", rows.concat()));
}

#[test]
fn each_bad_row_is_put_aside_with_its_place_and_what_to_do_and_the_rest_goes_on() {
    let clinic = Clinic::new();
    clinic.map(&dated());
    let good = row("1", "Иванова Анна", "8 900 000-00-01", "100", "2026-03-01");
    let long = "Ы".repeat(300);
    let bad = [
        good.clone(),
        row("2", "Петров Олег", "8 900 000-00-02", "много", "2026-03-01"),
        row("3", "Петров Олег", "8 900 000-00-03", "100", "завтра"),
        row("", "Петров Олег", "8 900 000-00-04", "100", "2026-03-01"),
        row("5", "Петров Олег", "8 900 000-00-05", "100", "2026-03-01"),
        row("5", "Петров Олег", "8 900 000-00-05", "100", "2026-03-01"),
        row("6", &long, "8 900 000-00-06", "100", "2026-03-01"),
        row("7", "Сидорова Вера", "позвонить мужу", "100", "2026-03-01"),
    ];
    file(&clinic, &bad);
    let ran = run(&mut clinic.sync(&["run", "m.toml"]));
    assert_eq!(ran.code, 3, "{ran:?}");
    insta::assert_snapshot!(told(&ran), @r#"
    warning: sync.number-unreadable: T1_2, line 3: `Сумма`: not an amount or number; correct it in the source, or set `decimal_mark` of [source]
    warning: sync.date-unreadable: T1_3, line 4: `Начало приёма`: not a date with a time; correct it in the source, or set `date_format` of [source], such as "dd.mm.yyyy"
    warning: sync.key-missing: line 5: the column `id` is empty, and it holds the key; give the row a key in the source, or leave it out there
    warning: sync.text-too-long: T1_6, line 8: 300 characters, and the portal takes 50; shorten it in the source
    warning: sync.key-duplicate: T1_5, line 6: the key stands in line 7, too; make the source give one row per key: aggregate what multiplies its rows
    warning: sync.key-duplicate: T1_5, line 7: the key stands in line 6, too; make the source give one row per key: aggregate what multiplies its rows
    "#);
    assert!(ran.stdout.contains("warnings: 1; `b24 sync plan --unchanged`"), "{ran:?}");
    let plan = done(&mut clinic.sync(&["plan", "m.toml", "--unchanged"])).stdout;
    assert!(
        plan.contains("warning: phone: no telephone number") && plan.contains("[sync.phone-invalid]"),
        "{plan}"
    );
    // The bad number is a warning at its record, which went on without it.
    assert_eq!(clinic.deals().keys().collect::<Vec<_>>(), ["T1_1", "T1_7"]);
    assert!(clinic.people().contains_key("Сидорова "), "{:?}", clinic.people());
    let listed = done(&mut clinic.sync(&["rejects", "list"])).stdout;
    assert!(
        listed.contains("ЫЫЫ*** (300 characters)") && listed.contains("shorten it in the source"),
        "{listed}"
    );
    // Told once.
    let again = run(&mut clinic.sync(&["run", "m.toml"]));
    assert_eq!((again.code, told(&again).as_str()), (0, ""), "{again:?}");
    // Mended, and asked for.
    let mended: Vec<String> = (2..=6)
        .map(|n| {
            row(
                &n.to_string(),
                &format!("Петров{n} Олег"),
                &format!("8 900 000-00-0{n}"),
                "100",
                "2026-03-01",
            )
        })
        .collect();
    file(&clinic, &[vec![good], mended, vec![bad[7].clone()]].concat());
    done(&mut clinic.sync(&["rejects", "retry", "--all"]));
    clinic.run_clean();
    assert_eq!(clinic.deals().len(), 7);
    let left = done(&mut clinic.sync(&["rejects", "list", "--json"])).json()["data"].clone();
    assert_eq!(left, Value::Array(Vec::new()));
}

/// A column that is gone from the file is no empty column: `policy = "clear"` would empty a field of every deal.
#[test]
fn a_column_of_the_mapping_that_the_source_lacks_ends_the_run_before_anything_is_planned() {
    let clinic = Clinic::new();
    clinic.map(
        &MAPPING.replace("\"Врач\" = \"doctor\"", "\"Врач\" = { column = \"doctor\", policy = \"clear\" }"),
    );
    clinic.record(&visits(3));
    clinic.run_clean();
    let path = clinic.stage.home.path().join("visits.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("doctor", "doktor", 1)).unwrap();
    for command in ["plan", "run"] {
        let ran = run(&mut clinic.sync(&[command, "m.toml", "--json"]));
        let document = ran.json();
        let error = &document["error"];
        let error = if error.is_null() { &document["data"]["runs"][0]["error"] } else { error };
        assert_eq!((ran.code, error["code"].as_str()), (4, Some("sync.column-missing")), "{ran:?}");
    }
    let ran = run(&mut clinic.sync(&["plan", "m.toml"]));
    assert!(ran.stderr.contains("the source has no column `doctor`"), "{ran:?}");
    assert!(ran.stderr.contains("did you mean `doktor`?"), "{ran:?}");
    assert_eq!(clinic.deal("T1_1")["ufCrm_1769008972"], "Орлов С. В.");
}

#[test]
fn a_field_of_the_mapping_that_the_portal_lacks_ends_the_run_with_the_one_that_was_meant() {
    let clinic = Clinic::new();
    clinic.record(&visits(1));
    clinic.map(&MAPPING.replace("\"Врач\"", "\"Вроч\""));
    let ran = run(&mut clinic.sync(&["run", "m.toml"]));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("`Вроч`") && ran.stderr.contains("did you mean `Врач`?"), "{ran:?}");
    assert!(clinic.deals().is_empty());
}

/// The portal demands a field that one record has not.
#[test]
fn a_record_that_the_portal_refuses_is_put_aside_and_sent_again_after_the_mend() {
    let pulled = Clinic::new();
    done(&mut pulled.stage.b24(&["fields", "pull", "-o", "portal.toml"]));
    let text = std::fs::read_to_string(pulled.stage.home.path().join("portal.toml")).unwrap();
    let mut portal: toml::Table = text.parse().unwrap();
    let fields = portal["deal"]["field"].as_array_mut().unwrap();
    let doctor = fields.iter_mut().find(|field| field["title"].as_str() == Some("Врач")).unwrap();
    doctor.as_table_mut().unwrap().insert("required".to_owned(), true.into());
    let portal = toml::to_string(&portal).unwrap();

    let clinic = Clinic::with(|sandbox| sandbox.schema(&portal).unwrap());
    clinic.record(&visits(4));
    let path = clinic.stage.home.path().join("visits.csv");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.replacen("Орлов С. В.", "", 1)).unwrap();
    let ran = clinic.run();
    let problem = ran.json()["problems"][0].clone();
    assert_eq!((ran.code, clinic.deals().len()), (3, 3), "{ran:?}");
    insta::assert_snapshot!(format!("{}\n{}\n{}", problem["code"], problem["message"], problem["hint"]), @r#"
    "sync.deal-refused"
    "T1_1, line 2: CRM_FIELD_ERROR_REQUIRED: Поле \"Врач\" обязательно для заполнения"
    "correct the record in the source, or the mapping"
    "#);
    assert_eq!(clinic.run().code, 0, "what was told is no news");
    std::fs::write(&path, whole).unwrap();
    done(&mut clinic.sync(&["rejects", "retry", "--all"]));
    clinic.run_clean();
    clinic.assert_complete(4);
}

/// The portal takes its time, so that the file changes while it is read.
#[test]
fn a_file_that_shrinks_or_is_replaced_while_it_is_read_counts_for_nothing() {
    for replaced in [false, true] {
        let clinic = Clinic::with(|sandbox| sandbox.latency(std::time::Duration::from_millis(40)));
        clinic.map(&MAPPING.replace("automation = \"run\"", "automation = \"run\"\nbatch_size = 50"));
        clinic.record(&visits(6_000));
        let args = ["--state-dir", "state", "sync", "run", "m.toml", "--json"];
        let mut command = clinic.stage.home.spawn(&args);
        let mut child = command.env("B24_WEBHOOK", clinic.stage.sandbox.webhook()).spawn().unwrap();
        let requests = || clinic.stage.sandbox.journal().requests;
        wait_until_by(&mut child, "the source is being read", || requests() >= 4);
        let path = clinic.stage.home.path().join("visits.csv");
        if replaced {
            let other = clinic.stage.home.write("other.csv", &std::fs::read_to_string(&path).unwrap());
            std::fs::rename(other, &path).unwrap();
        } else {
            std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(2_000).unwrap();
        }
        let ran = Ran::new(&child.wait_with_output().unwrap());
        let document = ran.json();
        let error = &document["error"];
        let error = if error.is_null() { &document["data"]["runs"][0]["error"] } else { error };
        assert_eq!((ran.code, error["code"].as_str()), (4, Some("sync.source-changed")), "{ran:?}");
        assert!(clinic.deals().is_empty(), "nothing of the run counts");
        clinic.record(&visits(20));
        clinic.run_clean();
        clinic.assert_complete(20);
    }
}

#[test]
fn a_journal_of_a_newer_version_is_refused_and_left_as_it_is() {
    let clinic = Clinic::new();
    clinic.record(&visits(2));
    clinic.run_clean();
    let folder = clinic.stage.home.path().join("state").join(clinic.stage.portal().replace(':', "%3A"));
    let path = folder.join("journal.db");
    // The version that a program gives its file stands at byte 60 of every SQLite file.
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(60)).unwrap();
    file.write_all(&99_u32.to_be_bytes()).unwrap();
    drop(file);
    let before = std::fs::read(&path).unwrap();
    let mut said = String::new();
    for command in [&["run", "m.toml"][..], &["plan", "m.toml"], &["status"]] {
        let ran = run(&mut clinic.sync(command));
        assert_eq!(ran.code, 4, "{ran:?}");
        let error: Vec<&str> = ran.stderr.lines().filter(|line| !line.starts_with("portal ")).collect();
        // Writing to a string cannot fail.
        let _fits = writeln!(said, "{}", error.join("\n"));
    }
    let refused = "error[journal.newer-version]: the journal was written by a newer version of b24 (format 99, this one \
                   knows N)\n  try: update b24\n";
    let known = said.split_once("knows ").unwrap().1.split(')').next().unwrap();
    assert_eq!(said, refused.replace('N', known).repeat(3));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
