//! What stands before `[deal]`: the mapping itself, `[source]`, `[source.cursor]`, `[key]`.

use super::Case;
use super::trial::{HEADING, ROW};

/// What another kind of source has no use for.
const CSV: (&str, &str) = ("kind = \"csv\"\npath = \"rows.csv\"\n", "");
const TEXT: (&str, &str) = ("encoding = \"utf-8\"\ndelimiter = \",\"\n", "");

/// Russian letters in Windows-1251.
fn in_1251(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        'ё' => 0xB8,
        'А'..='я' => u8::try_from(u32::from(c) - 0x410 + 0xC0).unwrap(),
        _ => u8::try_from(c).unwrap(),
    };
    text.chars().map(byte).collect()
}

/// The source is a program that prints.
fn program(lines: &str) -> [(&str, &str); 2] {
    [(CSV.0, lines), TEXT]
}

const SERVER: &str = "kind = \"postgres\"\nhost = \"127.0.0.1\"\nport = PORT\ndatabase = \"clinic\"\nuser = \"reader\"\n\
                      query = \"SELECT 1 AS id\"\n";

pub(super) const CASES: &[Case] = &[
    ("name", |t| {
        t.run(&[("name = \"keys\"", "name = \"другая\"")]);
        assert_eq!(t.last("contact")["originatorId"], "b24:другая");
    }),
    ("automation", |t| t.hides(&[("\"run\"", "\"skip\"")], "writes start robots and business processes")),
    ("batch_size", |t| {
        let rows: String = (1..=30).map(|n| ROW.replacen('1', &n.to_string(), 1)).collect();
        t.rows(&rows);
        t.plan(&[]);
        let requests = || t.clinic.stage.sandbox.journal().requests;
        let one = requests();
        t.plan(&[]);
        let whole = requests() - one;
        t.plan(&[("batch_size = 500", "batch_size = 3")]);
        assert!(requests() - one - whole >= whole + 9, "ten windows instead of one");
    }),
    ("source.kind", |t| {
        t.clinic.stage.home.write("rows.jsonl", "{\"id\":1,\"title\":\"Из JSON\",\"phone\":\"\"}\n");
        let jsonl = "kind = \"jsonl\"\npath = \"rows.jsonl\"\n";
        t.shows(&[(CSV.0, jsonl), ("delimiter = \",\"\n", "")], "Из JSON");
    }),
    ("source.zone", |t| t.shows(&[("Europe/Moscow", "Asia/Vladivostok")], "2026-04-03T00:00:00Z")),
    ("source.path", |t| {
        t.clinic.stage.home.write("other.csv", &format!("{HEADING}{}", ROW.replace("Кабинет", "Соседний")));
        t.shows(&[("rows.csv", "other.csv")], "Соседний");
    }),
    ("source.encoding", |t| {
        let path = t.clinic.stage.home.path().join("rows.csv");
        std::fs::write(path, in_1251(&format!("{HEADING}{ROW}"))).unwrap();
        t.shows(&[("\"utf-8\"", "\"windows-1251\"")], "Название: Кабинет");
    }),
    ("source.delimiter", |t| {
        t.clinic.stage.home.write("rows.csv", &format!("{HEADING}{ROW}").replace(',', ";"));
        t.shows(&[("delimiter = \",\"", "delimiter = \";\"")], "Название: Кабинет");
    }),
    ("source.columns", |t| {
        t.clinic.stage.home.write("rows.csv", ROW);
        let columns = HEADING.trim().replace(',', "\", \"");
        let lines = format!("delimiter = \",\"\ncolumns = [\"{columns}\"]");
        t.shows(&[("delimiter = \",\"", &lines)], "Название: Кабинет");
    }),
    ("source.null", |t| {
        t.rows(&ROW.replace("Кабинет", "NULL"));
        t.hides(&[("zone =", "null = \"NULL\"\nzone =")], "Название: NULL");
    }),
    ("source.decimal_mark", |t| {
        t.rows(&ROW.replace("1234.5", "\"1234,5\""));
        t.shows(&[("\"point\"", "\"comma\"")], "Сумма: 1234.5");
    }),
    ("source.date_format", |t| t.shows(&[("dd.mm.yyyy", "mm.dd.yyyy")], "2026-03-04T07:00:00Z")),
    ("source.sheet", |t| {
        let report = ["report", "invoices", "--period", "2026", "-o", "r.xlsx"];
        crate::stage::done(&mut t.clinic.stage.b24(&report));
        let xlsx = |sheet| format!("kind = \"xlsx\"\npath = \"r.xlsx\"\n{sheet}");
        let (first, rows) = (xlsx(""), xlsx("sheet = \"Строки\"\n"));
        t.compare(&[(CSV.0, &first), TEXT], &[(CSV.0, &rows), TEXT], "Наименование товара");
    }),
    ("source.query", |t| {
        // An empty file is a database without tables.
        t.clinic.stage.home.write("rows.db", "");
        let sqlite = "kind = \"sqlite\"\npath = \"rows.db\"\nquery = \"\"\"SELECT 1 AS id, 'Из запроса' AS title, '' AS amount,\n\
                      '' AS start, '' AS phone, '' AS person, '' AS status, '' AS note\"\"\"\n";
        t.shows(&[(CSV.0, sqlite), TEXT], "Название: Из запроса");
    }),
    ("source.host", |t| {
        let nowhere = SERVER.replace("127.0.0.1", "nowhere.invalid").replace("PORT", "1");
        t.shows(&[(CSV.0, &nowhere), TEXT], "nowhere.invalid");
    }),
    ("source.port", |t| assert!(t.server_hears(SERVER).contains("application_name"))),
    ("source.database", |t| assert!(t.server_hears(SERVER).contains("database\0clinic\0"))),
    ("source.user", |t| assert!(t.server_hears(SERVER).contains("user\0reader\0"))),
    ("source.password_env", |t| {
        // The tests' program has an environment of its own; HOME is in it.
        let heard = t.server_hears(&format!("{SERVER}password_env = \"TZ\"\n"));
        assert!(heard.ends_with("UTC\0"), "{heard}");
    }),
    ("source.password_file", |t| {
        t.clinic.stage.home.write("password", "geheim\n");
        let heard = t.server_hears(&format!("{SERVER}password_file = \"password\"\n"));
        assert!(heard.ends_with("geheim\0"), "{heard}");
    }),
    ("source.ca_file", |t| {
        let authority = t.clinic.stage.sandbox.ca_file().unwrap().display();
        let heard = t.server_hears(&format!("{SERVER}ca_file = '{authority}'\n"));
        assert!(heard.ends_with("TLS, please"), "{heard}");
    }),
    ("source.command", |t| {
        t.clinic.stage.home.write("printed.csv", &format!("{HEADING}{}", ROW.replace("Кабинет", "Печать")));
        let lines = "kind = \"command\"\noutput = \"csv\"\ncommand = [\"cat\", \"printed.csv\"]\n";
        t.shows(&program(lines), "Название: Печать");
    }),
    ("source.output", |t| {
        t.clinic.stage.home.write("printed", "{\"id\":1,\"title\":\"Из JSON\"}\n");
        let lines =
            |output| format!("kind = \"command\"\noutput = \"{output}\"\ncommand = [\"cat\", \"printed\"]\n");
        t.compare(&program(&lines("csv")), &program(&lines("jsonl")), "Из JSON");
    }),
    ("source.cursor.column", |t| {
        t.rows(&ROW.replace("лишнее", "05.04.2026"));
        let cursor = |column| {
            format!(
                "[source.cursor]\ncolumn = \"{column}\"\ntype = \"time\"\ninitial = \"2026-04-04\"\n\n[key]"
            )
        };
        t.compare(&[("[key]", &cursor("start"))], &[("[key]", &cursor("extra"))], "+ K_1");
    }),
    ("source.cursor.type", |t| {
        let cursor = |kind| format!("[source.cursor]\ncolumn = \"id\"\ntype = \"{kind}\"\n\n[key]");
        t.compare(&[("[key]", &cursor("number"))], &[("[key]", &cursor("time"))], "sync.cursor-malformed");
    }),
    ("source.cursor.overlap", |t| {
        let cursor = |overlap| {
            format!("[source.cursor]\ncolumn = \"start\"\ntype = \"time\"\noverlap = \"{overlap}\"\n\n[key]")
        };
        t.run(&[("[key]", &cursor("1m"))]);
        let late = ROW.replacen('1', "2", 1).replace("10:00", "09:55");
        t.rows(&format!("{ROW}{late}"));
        t.compare(&[("[key]", &cursor("1m"))], &[("[key]", &cursor("6m"))], "+ K_2");
    }),
    ("source.cursor.initial", |t| {
        let cursor =
            "[source.cursor]\ncolumn = \"start\"\ntype = \"time\"\ninitial = \"2026-04-04\"\n\n[key]";
        t.hides(&[("[key]", cursor)], "+ K_1");
    }),
    ("source.cursor.format", |t| {
        let lines = "kind = \"command\"\noutput = \"csv\"\ncommand = [\"sh\", \"-c\", \"printf 'id,title,amount,start,phone,person,status,note\\\\n1,с %s,,2026-04-03,,,,\\\\n' \\\"$B24_CURSOR\\\"\"]\n";
        let cursor = |format| {
            format!(
                "[source.cursor]\ncolumn = \"start\"\ntype = \"time\"\ninitial = \"2026-04-02\"\noverlap = \"0s\"\n{format}\n[key]"
            )
        };
        let (plain, spelled) = (cursor(""), cursor("format = \"%d/%m/%y\"\n"));
        let edits = |cursor| [program(lines)[0], TEXT, ("[key]", cursor)];
        t.compare(&edits(plain.as_str()), &edits(spelled.as_str()), "Название: с 02/04/26");
    }),
    ("key.column", |t| t.shows(&[("column = \"id\"", "column = \"title\"")], "+ K_Кабинет")),
    ("key.prefix", |t| t.shows(&[("\"K_\"", "\"Z9_\"")], "+ Z9_1")),
    ("key.field", |t| t.shows(&[("\"Внешний ключ\"", "\"Услуги\"")], "Услуги: K_1")),
];
