//! `[deal]` and the tables of its fields.

use super::Case;
use super::trial::{ROW, Trial};

/// The field «Название» as a table.
const TITLE: &str = "\"Название\" = \"title\"";
/// Stages belong to a funnel.
const STAGES: (&str, &str) = ("[stages]\ncolumn = \"status\"\ndefault = \"Приём назначен\"\n", "");

pub(super) const CASES: &[Case] = &[
    ("deal.funnel", |t| t.compare(&[STAGES], &[STAGES, ("\"Клиника\"", "\"Общая\"")], "Воронка: Общая")),
    ("deal.closed", |t| {
        t.run(&[]);
        t.move_to("C4:APOLOGY");
        t.rows(&ROW.replace("Кабинет", "Иное"));
        let closed = |policy| format!("[deal]\nclosed = \"{policy}\"");
        t.compare(&[], &[("[deal]", &closed("new-suffixed-key"))], "Внешний ключ: K_1_2");
        t.compare(&[], &[("[deal]", &closed("new-same-key"))], "Внешний ключ: K_1\n");
        t.compare(&[("[deal]", &closed("new-same-key"))], &[("[deal]", &closed("skip"))], "sync.deal-closed");
    }),
    ("deal.adopt", |t| {
        t.run(&[]);
        let contact = format!("fields[contactId]={}", t.last("contact")["id"]);
        t.call("crm.item.add", &["entityTypeId=2", "fields[categoryId]=4", &contact]);
        t.rows(&ROW.replacen('1', "2", 1));
        t.shows(&[("[deal]", "[deal]\nadopt = true")], "taken over: it had no key");
    }),
    ("deal.fields", |t| {
        t.shows(&[("\"Сумма\"", "\"Врач\" = \"extra\"\n\"Сумма\"")], "Врач: лишнее");
    }),
    ("deal.fields.column", |t| {
        t.shows(&[(TITLE, "\"Название\" = { column = \"extra\" }")], "Название: лишнее");
    }),
    ("deal.fields.template", |t| {
        t.shows(
            &[(TITLE, "\"Название\" = { template = \"№ {id}[ ({title})]\" }")],
            "Название: № 1 (Кабинет)",
        );
    }),
    ("deal.fields.value", |t| {
        t.shows(&[(TITLE, "\"Название\" = { value = \"Одно для всех\" }")], "Название: Одно для всех");
    }),
    ("deal.fields.policy", |t| {
        let policy = |policy| format!("\"Название\" = {{ column = \"title\", policy = \"{policy}\" }}");
        t.run(&[]);
        t.rows(&ROW.replace("Кабинет", "Иное"));
        let changed = "Название: Кабинет → Иное";
        t.compare(&[(TITLE, &policy("create-only"))], &[(TITLE, &policy("always"))], changed);
        t.compare(&[(TITLE, &policy("if-empty"))], &[(TITLE, &policy("clear"))], changed);
        t.rows(&ROW.replace("осмотр", "").replace("1234.5", ""));
        let sum = |policy| format!("\"Сумма\" = {{ column = \"amount\", policy = \"{policy}\" }}");
        let amount = "\"Сумма\" = \"amount\"";
        t.compare(&[(amount, &sum("always"))], &[(amount, &sum("clear"))], "Сумма: 1234.5 →");
    }),
    ("deal.fields.required", |t| {
        t.rows(&ROW.replace("Кабинет", ""));
        t.shows(&[(TITLE, "\"Название\" = { column = \"title\", required = true }")], "sync.value-missing");
    }),
    ("deal.fields.empty", |t| {
        t.rows(&ROW.replace("Кабинет", ""));
        t.shows(&[(TITLE, "\"Название\" = { column = \"title\", empty = \"Без имени\" }")], "Без имени");
    }),
    ("deal.fields.max_length", |t| {
        t.hides(&[(TITLE, "\"Название\" = { column = \"title\", max_length = 4 }")], "Кабинет");
    }),
    ("deal.fields.cut_at", |t| {
        t.rows(&ROW.replace("Кабинет", "\"осмотр, снимок, чистка\""));
        let cut = |at| format!("\"Название\" = {{ column = \"title\", max_length = 20{at} }}");
        let services = "Название: осмотр, снимок…";
        t.compare(&[(TITLE, &cut(""))], &[(TITLE, &cut(", cut_at = \",\""))], services);
    }),
    ("deal.fields.split", |t| {
        t.rows(&ROW.replace("лишнее", "1;2"));
        let watchers = |split| format!("{TITLE}\n\"Наблюдатели\" = {{ column = \"extra\"{split} }}");
        let both = "\"texts\":[\"1\",\"2\"]";
        t.compare(&[(TITLE, &watchers(""))], &[(TITLE, &watchers(", split = \";\""))], both);
    }),
    ("deal.fields.currency", |t| {
        // The sandbox has no such field of its own.
        crate::stage::done(&mut t.clinic.stage.b24(&["fields", "pull", "-o", "portal.toml"]));
        let portal = std::fs::read_to_string(t.clinic.stage.home.path().join("portal.toml")).unwrap();
        let field = "[[deal.field]]\ncode = \"ufCrmPrice\"\noriginal = \"UF_CRM_PRICE\"\ntitle = \"Цена\"\n\
                     type = \"money\"\nuser_made = true\n\n";
        let portal = portal.replacen("[[deal.field]]", &format!("{field}[[deal.field]]"), 1);
        let t = Trial::on(|sandbox| sandbox.schema(&portal).unwrap());
        let price = |currency| format!("{TITLE}\n\"Цена\" = {{ column = \"amount\"{currency} }}");
        t.compare(&[(TITLE, &price(""))], &[(TITLE, &price(", currency = \"KZT\""))], "1234.5|KZT");
    }),
    ("deal.fields.values", |t| {
        let branch = |values| format!("{TITLE}\n\"Филиал\" = {{ column = \"extra\"{values} }}");
        let known = branch(", values = { \"лишнее\" = \"Северный\" }");
        t.compare(&[(TITLE, &branch(""))], &[(TITLE, &known)], "Филиал: Северный");
    }),
];
