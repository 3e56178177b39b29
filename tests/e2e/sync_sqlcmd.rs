//! The clinic's example for MS SQL, with a program in the place of `sqlcmd` that prints what the real one prints.
//!
//! Options and output: learn.microsoft.com/sql/tools/sqlcmd/sqlcmd-utility, and `pkg/sqlcmd/format.go` of
//! github.com/microsoft/go-sqlcmd, which mimics the ODBC program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::clinic::{Clinic, KEY};
use crate::stage::{Ran, run};

const MAPPING: &str = include_str!("../../examples/clinic/mapping-sqlcmd.toml");
const QUERY: &str = include_str!("../../examples/clinic/receptions.sql");

/// Notes how it was called, then does as `sqlcmd` does: options with an optional number have no space before it; without
/// `-I` the methods of XML fail; without `-y 0` there is a heading with dashes, and a long value is cut; without
/// `SET NOCOUNT ON` the number of rows follows. The file `rows` is what the server answers, `fails` what it refuses.
const SQLCMD: &str = r#"#!/bin/sh
printf '%s\n' "$@" > argv
printf '%s\n' "$B24_CURSOR" >> cursors
quoted=no whole=no utf8=no file=
while [ $# -gt 0 ]; do
  case "$1" in
    -I) quoted=yes ;;
    -b|-C|-r0|-r1) ;;
    -y) [ "$2" = 0 ] && whole=yes; shift ;;
    -f) [ "$2" = 65001 ] && utf8=yes; shift ;;
    -i) file=$2; shift ;;
    -S|-d|-U) shift ;;
    *) echo "Sqlcmd: '$1': Unexpected argument. Enter '-?' for help." >&2; exit 1 ;;
  esac
  shift
done
[ -r "$file" ] || { echo "Sqlcmd: '$file': Invalid filename." >&2; exit 1; }
[ -n "$SQLCMDPASSWORD" ] || { echo "Login failed for user 'b24_reader'." >&2; exit 1; }
if grep -q '\.value(' "$file" && [ $quoted = no ]; then
  echo "Msg 1934, Level 16, State 1: SELECT failed because of 'QUOTED_IDENTIFIER'." >&2; exit 1
fi
if [ -r fails ]; then cat rows; cat fails >&2; exit 1; fi
show() { if [ $utf8 = yes ]; then cat; else tr -c '\000-\177' '?'; fi; }
if [ $whole = yes ]; then show < rows; else
  printf '%s\n' ' ' '----------------'; cut -c1-256 rows | show
fi
grep -q 'SET NOCOUNT ON' "$file" || printf '\n(%s rows affected)\n' "$(wc -l < rows)"
"#;

/// A clinic whose records come from `sqlcmd`.
struct Office {
    clinic: Clinic,
}

impl Office {
    fn new() -> Self {
        let office = Self { clinic: Clinic::new() };
        let home = &office.clinic.stage.home;
        home.write("mapping-sqlcmd.toml", MAPPING);
        home.write("receptions.sql", QUERY);
        let program = home.write("sqlcmd", SQLCMD);
        fs::set_permissions(program, fs::Permissions::from_mode(0o700)).unwrap();
        office
    }

    fn folder(&self) -> &Path {
        self.clinic.stage.home.path()
    }

    /// What the server answers.
    fn answers(&self, text: &str) {
        self.clinic.stage.home.write("rows", text);
    }

    fn sync(&self, args: &[&str]) -> Ran {
        let path = format!("{}:/usr/bin:/bin", self.folder().display());
        run(self.clinic.sync(args).env("PATH", path).env("SQLCMDPASSWORD", "secret"))
    }

    fn run(&self) -> Ran {
        self.sync(&["run", "mapping-sqlcmd.toml", "--json"])
    }

    fn noted(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.folder().join(name)).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn keys(&self) -> Vec<String> {
        let rows: Value = serde_json::from_str(&self.clinic.stage.sandbox.rows("deal").unwrap()).unwrap();
        let keys = rows["changed"].as_array().unwrap().iter().filter_map(|deal| deal[KEY].as_str());
        let mut keys: Vec<String> = keys.filter(|key| key.starts_with("F1_")).map(str::to_owned).collect();
        keys.sort();
        keys
    }
}

/// A reception as `FOR JSON PATH, INCLUDE_NULL_VALUES` writes it: a slash is escaped, what is missing is null.
fn reception(id: u32, changed: &str) -> String {
    let services = format!("Снимок 1\\/2, {}", "консультация, ".repeat(30));
    format!(
        r#"{{"id":{id},"start":"2026-11-02T11:00:00","end":"2026-11-02T12:00:00","card":"{id}","surname":"Иванова","name":"Ёлка","patronymic":null,"phone":"8 900 000 11 {id}","guardian":null,"doctor":"Соколова Марина Игоревна","speciality":"Ортодонт","branch":"Северный","chair":"2","services":"{services}","amount":"3900.00","status":"Запланирован","comment":"Первая строка\r\nвторая","changed":"{changed}"}}"#
    )
}

fn error(ran: &Ran) -> Value {
    ran.json()["error"].clone()
}

#[test]
fn the_example_starts_sqlcmd_as_it_says_and_reads_what_that_prints() {
    let office = Office::new();
    // The program in Go begins with an empty heading and ends with an empty line, on Windows with CRLF.
    let rows = [reception(10, "2026-11-02T13:01:13"), reception(11, "2026-11-02T14:00:00.123")];
    office.answers(&format!("\r\n\r\n{}\r\n{}\r\n\r\n", rows[0], rows[1]));
    let checked = office.sync(&["check", "mapping-sqlcmd.toml"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let ran = office.run();
    assert_eq!(ran.code, 0, "{ran:?}");
    let argv = "-S tcp:clinic-server,1433 -d IDENT -U b24_reader -I -b -r1 -y 0 -f 65001 -i receptions.sql";
    assert_eq!(office.noted("argv").join(" "), argv);
    assert_eq!(office.keys(), ["F1_10", "F1_11"]);
    let why = office.sync(&["why", "F1_10"]);
    assert_eq!(why.code, 0, "{why:?}");
    // Nothing new is the usual case: an empty answer, from the cursor on, less the overlap.
    office.answers("\n");
    let ran = office.run();
    assert_eq!((ran.code, office.keys().len()), (0, 2), "{ran:?}");
    let cursors = office.noted("cursors");
    assert_eq!(cursors.first().unwrap(), "2026-11-01T00:00:00", "`initial`, for `check` and the first run");
    assert_eq!(cursors.last().unwrap(), "2026-11-02T13:45:00");
}

#[test]
fn what_sqlcmd_does_not_bring_to_its_end_counts_for_nothing() {
    let office = Office::new();
    let row = reception(10, "2026-11-02T13:01:13");
    office.answers(&format!("{row}\n"));
    let fails = office
        .clinic
        .stage
        .home
        .write("fails", "Msg 208, Level 16, State 1\nInvalid object name 'Receptions'.\n");
    let ran = office.run();
    assert_eq!((ran.code, error(&ran)["code"].as_str()), (4, Some("sync.source-command-failed")), "{ran:?}");
    assert!(ran.stdout.contains("Invalid object name 'Receptions'."), "{ran:?}");
    fs::remove_file(fails).unwrap();
    office.answers(&format!("{row}\n{}", row.replace("\"id\":10", "\"id\":11")));
    let ran = office.run();
    assert_eq!((ran.code, error(&ran)["code"].as_str()), (4, Some("sync.source-command-cut")), "{ran:?}");
    assert_eq!(office.keys(), Vec::<String>::new());
    assert_eq!(office.sync(&["state", "show", "--json"]).json()["data"]["cursors"], Value::Array(Vec::new()));
    office.answers(&format!("{row}\n"));
    assert_eq!((office.run().code, office.keys().len()), (0, 1));
}

#[test]
fn no_text_of_the_database_comes_into_the_query_with_the_cursor() {
    let office = Office::new();
    let evil = reception(11, "2026-11-03T10:00:00'; DROP TABLE Receptions; --");
    office.answers(&format!("{}\n{evil}\n", reception(10, "2026-11-02T13:01:13")));
    let ran = office.run();
    assert_eq!(
        (ran.code, &ran.json()["problems"][0]["code"]),
        (3, &"sync.cursor-malformed".into()),
        "{ran:?}"
    );
    let typed = "2026-11-03' OR 1=1 --";
    let ran = office.sync(&["state", "set", "mapping-sqlcmd.toml", "--cursor", typed]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("on the clocks of Europe/Moscow, such as"), "{ran:?}");
    office.run();
    for cursor in office.noted("cursors") {
        assert!(cursor.chars().all(|c| c.is_ascii_digit() || "-:T".contains(c)), "{cursor}");
    }
}

#[test]
fn what_sqlcmd_prints_as_csv_is_read_with_the_settings_that_the_docs_name() {
    let office = Office::new();
    let columns = r#"["id", "name", "comment"]"#;
    let mapping = format!(
        r#"
name = "rows"
automation = "run"
[source]
kind = "command"
command = ["./print"]
output = "csv"
encoding = "utf-8"
delimiter = ";"
columns = {columns}
null = "NULL"
zone = "Europe/Moscow"
[key]
column = "id"
prefix = "F1_"
field = "Внешний ключ"
[deal]
funnel = "Клиника"
[deal.fields]
"Название" = "name"
"Комментарий клиники" = "comment"
"#
    );
    office.clinic.stage.home.write("csv.toml", &mapping);
    // `-W -s ";" -h -1`, SET NOCOUNT ON: no heading, no dashes, no number of rows, an empty line at the end.
    let program =
        office.clinic.stage.home.write("print", "#!/bin/sh\nprintf '10;Иванова;NULL\\n11;Ким;да\\n\\n'\n");
    fs::set_permissions(program, fs::Permissions::from_mode(0o700)).unwrap();
    let ran = office.sync(&["plan", "csv.toml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("+ F1_10") && ran.stdout.contains("Комментарий клиники: да"), "{ran:?}");
    assert!(!ran.stdout.contains("NULL"), "{ran:?}");
}
