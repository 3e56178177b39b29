//! `[contact]`, `[stages]`, `[comment]`, `[leads]`, `[guards]`.

use super::Case;
use super::trial::{ROW, Trial};

const NAME: &str = "full_name = \"person\"";
const DEFAULT: &str = "default = \"Приём назначен\"";

/// A part of the name from a column of its own.
fn part(trial: &Trial, key: &str) {
    let lines = format!("match = \"phone\"\n{key} = \"title\"");
    trial.shows(&[(NAME, &lines)], &format!("\"{}\":\"Кабинет\"", key.trim_end_matches("_name")));
}

/// A mapping with `[leads]`.
fn leads(lines: &str) -> String {
    format!("[leads]\nfield = \"Примечание из учётной системы\"\n{lines}\n[guards]")
}

/// The row's deal moved to a stage, then the row says something new.
fn moved(trial: &Trial) {
    trial.run(&[]);
    trial.move_to("C4:EXECUTING");
    trial.rows(&ROW.replace("Кабинет", "Иное").replace("Ждёт", "Лечится"));
}

pub(super) const CASES: &[Case] = &[
    ("contact.phone", |t| {
        t.rows(&ROW.replace("лишнее", "8 900 000-00-02"));
        let phones = "phone = [\"phone\", \"extra\"]";
        t.shows(&[("phone = \"phone\"", phones)], "\"phones\":[\"+79000000001\",\"+79000000002\"]");
    }),
    ("contact.phone_type", |t| {
        t.run(&[(NAME, "full_name = \"person\"\nphone_type = \"WORK\"")]);
        assert_eq!(t.last("contact")["fm"][0]["valueType"], "WORK");
    }),
    ("contact.full_name", |t| t.shows(&[(NAME, "full_name = \"title\"")], "new contact: Кабинет")),
    ("contact.last_name", |t| part(t, "last_name")),
    ("contact.first_name", |t| part(t, "first_name")),
    ("contact.second_name", |t| part(t, "second_name")),
    ("contact.match", |t| {
        t.run(&[]);
        t.rows(&ROW.replacen('1', "2", 1).replace("Анна", "Мария"));
        let by = |by| format!("{NAME}\nmatch = \"{by}\"");
        t.compare(&[(NAME, &by("phone"))], &[(NAME, &by("phone-and-name"))], "new contact: Иванова Мария");
    }),
    ("contact.identity_field", |t| {
        t.run(&[(NAME, "full_name = \"person\"\nidentity_field = \"Номер карты\"")]);
        let contact = t.last("contact");
        assert_eq!(
            (contact["ufCrmCardNumber"].as_str(), contact["originId"].as_str()),
            (Some("K_1"), None),
            "{contact}"
        );
    }),
    ("contact.fields", |t| {
        t.shows(
            &[("[stages]", "[contact.fields]\n\"Номер карты\" = \"extra\"\n\n[stages]")],
            "Номер карты: лишнее",
        );
    }),
    ("stages.column", |t| {
        let map = ("[comment]", "[stages.map]\n\"лишнее\" = \"Лечение\"\n\n[comment]");
        let column = ("column = \"status\"", "column = \"extra\"");
        t.compare(&[map], &[map, column], "Стадия: Лечение");
    }),
    ("stages.map", |t| {
        t.shows(&[("[comment]", "[stages.map]\n\"Ждёт\" = \"Лечение\"\n\n[comment]")], "Стадия: Лечение");
    }),
    ("stages.default", |t| t.shows(&[(DEFAULT, "default = \"Лечение\"")], "Стадия: Лечение")),
    ("stages.update", |t| {
        moved(t);
        t.shows(&[(DEFAULT, "default = \"Лечение\"\nupdate = true")], "→ Лечение");
    }),
    ("stages.final", |t| {
        moved(t);
        t.hides(&[(DEFAULT, &format!("{DEFAULT}\nfinal = [\"Лист ожидания\"]"))], "Кабинет → Иное");
    }),
    ("stages.protected", |t| {
        moved(t);
        let stages = |more| format!("default = \"Лечение\"\nupdate = true\n{more}");
        let (free, protected) = (stages(""), stages("protected = [\"Лист ожидания\"]"));
        t.compare(&[(DEFAULT, &protected)], &[(DEFAULT, &free)], "→ Лечение");
        assert!(t.plan(&[(DEFAULT, &protected)]).contains("Кабинет → Иное"));
    }),
    ("comment.template", |t| t.shows(&[("\"{note}\"", "\"Заметка: {note}\"")], "comment: Заметка: осмотр")),
    ("leads.field", |t| {
        let lead = t.lead();
        t.run(&[("[guards]", &leads(""))]);
        assert_eq!(t.last("deal")["ufCrmSourceNote"], lead.to_string());
    }),
    ("leads.status", |t| {
        t.lead();
        t.run(&[("[guards]", &leads("status = \"JUNK\"\n"))]);
        assert_eq!(t.last("lead")["stageId"], "JUNK");
    }),
    ("leads.closed", |t| {
        let lead = t.lead();
        let linked = format!("\"lead\":{lead}");
        t.compare(&[("[guards]", &leads("closed = [\"NEW\"]\n"))], &[("[guards]", &leads(""))], &linked);
    }),
    ("leads.source", |t| {
        let source = |lines: &str| {
            t.run(&[("[guards]", &leads(lines))]);
            t.last("deal")["sourceId"].clone()
        };
        t.lead();
        let without = source("source = false\n");
        // Another record of the same person: the lead is still open.
        t.rows(&ROW.replacen('1', "2", 1));
        assert_eq!((without.as_str(), source("").as_str()), (None, Some("WEB")));
    }),
    ("guards.creates", |t| t.shows(&[("percent = 100", "percent = 100\ncreates = 0")], "sync.guard-creates")),
    ("guards.updates", |t| {
        t.run(&[]);
        t.rows(&ROW.replace("Кабинет", "Иное"));
        t.shows(&[("percent = 100", "percent = 100\nupdates = 0")], "sync.guard-updates");
    }),
    ("guards.percent", |t| {
        let rows: String = (1..=30).map(|n| ROW.replacen('1', &n.to_string(), 1)).collect();
        t.rows(&rows);
        t.run(&[]);
        t.rows(&rows.replace("Кабинет", "Иное"));
        t.shows(&[("percent = 100", "percent = 99")], "sync.guard-percent");
    }),
];
