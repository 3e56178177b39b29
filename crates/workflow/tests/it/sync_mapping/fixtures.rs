//! A small portal and a mapping that fits it.

use std::sync::Arc;

use workflow::sync::facts::{Choice, FieldFact, Funnel, Semantics, Stage, UserFact};
use workflow::sync::value::{DateFormat, DecimalMark, RowFormat};
use workflow::sync::{Mapping, PortalFacts, Record, Resolved};

pub(super) const MAPPING: &str = r#"
name = "clinic"
automation = "run"

[source]
kind = "csv"
path = "receptions.csv"
zone = "Europe/Moscow"

[key]
column = "id"
prefix = "F1_"
field = "Внешний ключ"

[deal.fields]
"Название" = "{surname} {name}[ {patronymic}]"
"Сумма" = { column = "amount", policy = "if-empty" }
"Начало приёма" = "start"
"Филиал" = { column = "branch", values = { "ЦО" = "Центральный" } }
"Услуги" = { column = "services", max_length = 30, cut_at = ",", empty = "Не указаны", policy = "create-only" }
UF_CRM_NOTE = { column = "comment", policy = "clear" }
"Ответственный" = "registrar"

[contact]
phone = ["phone", "phone2"]
last_name = "surname"
first_name = "name"
second_name = "patronymic"

[contact.fields]
"Тип контакта" = { value = "Клиенты" }

[stages]
column = "status"
final = ["WON", "LOSE"]
protected = ["В работе"]

[stages.map]
"Запланирован" = "Новая"
"Завершен (счет выдан)" = "Сделка успешна"

[comment]
template = """
Приём {start}
Врач: {doctor}
"""
"#;

fn field(name: &str, original: &str, title: &str, kind: &str) -> FieldFact {
    FieldFact {
        name: name.to_owned(),
        original: original.to_owned(),
        title: title.to_owned(),
        kind: kind.to_owned(),
        user_made: original.starts_with("UF_"),
        ..FieldFact::default()
    }
}

fn stage(id: &str, name: &str, semantics: Semantics) -> Stage {
    Stage { id: id.to_owned(), name: name.to_owned(), semantics }
}

fn stages(prefix: &str) -> Vec<Stage> {
    vec![
        stage(&format!("{prefix}NEW"), "Новая", Semantics::Open),
        stage(&format!("{prefix}EXECUTING"), "В работе", Semantics::Open),
        stage(&format!("{prefix}WON"), "Сделка успешна", Semantics::Success),
        stage(&format!("{prefix}LOSE"), "Сделка провалена", Semantics::Failure),
    ]
}

pub(super) fn facts() -> PortalFacts {
    let choice = |id, text: &str| Choice { id, text: text.to_owned() };
    let branch = FieldFact {
        choices: vec![choice(44, "Центральный"), choice(45, "Северный")],
        ..field("ufCrm_1769008947", "UF_CRM_1769008947", "Филиал", "enumeration")
    };
    let kind = FieldFact {
        directory: Some("CONTACT_TYPE".to_owned()),
        ..field("typeId", "TYPE_ID", "Тип контакта", "crm_status")
    };
    let user = |id, name: &str| UserFact { id, name: name.to_owned() };
    PortalFacts {
        portal: "portal.example".to_owned(),
        deal: vec![
            FieldFact { read_only: true, ..field("id", "ID", "ID", "integer") },
            field("title", "TITLE", "Название", "string"),
            field("opportunity", "OPPORTUNITY", "Сумма", "double"),
            field("stageId", "STAGE_ID", "Стадия сделки", "crm_status"),
            field("assignedById", "ASSIGNED_BY_ID", "Ответственный", "user"),
            field("ufCrm_1721244482250", "UF_CRM_1721244482250", "Внешний ключ", "string"),
            field("ufCrm_1769008900", "UF_CRM_1769008900", "Начало приёма", "datetime"),
            field("ufCrmServices", "UF_CRM_SERVICES", "Услуги", "string"),
            field("ufCrmNote", "UF_CRM_NOTE", "Примечание", "string"),
            field("ufCrmNote2", "UF_CRM_NOTE_2", "Примечание", "string"),
            FieldFact { multiple: true, ..field("ufCrmTags", "UF_CRM_TAGS", "Метки", "string") },
            branch,
        ],
        contact: vec![
            field("lastName", "LAST_NAME", "Фамилия", "string"),
            field("name", "NAME", "Имя", "string"),
            field("secondName", "SECOND_NAME", "Отчество", "string"),
            field("fm", "FM", "Множественные поля", "crm_multifield"),
            field("originId", "ORIGIN_ID", "Идентификатор во внешнем источнике", "string"),
            kind,
        ],
        funnels: vec![
            Funnel { id: 0, name: "Общая".to_owned(), stages: stages("") },
            Funnel { id: 4, name: "Клиника".to_owned(), stages: stages("C4:") },
        ],
        directories: [(
            "CONTACT_TYPE".to_owned(),
            vec![
                stage("CLIENT", "Клиенты", Semantics::Open),
                stage("SUPPLIER", "Поставщики", Semantics::Open),
            ],
        )]
        .into(),
        users: Some(vec![user(1, "Попов Илья"), user(2, "Орлова Анна"), user(3, "Орлова Анна")]),
    }
}

pub(super) fn format() -> RowFormat {
    RowFormat {
        decimal_mark: DecimalMark::Comma,
        date_format: DateFormat::parse("dd.mm.yyyy HH:MM"),
        zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(3)),
    }
}

pub(super) fn mapping(text: &str) -> Mapping {
    Mapping::parse(text).unwrap()
}

pub(super) fn resolved() -> Resolved {
    mapping(MAPPING).resolve(&facts(), &format()).unwrap()
}

/// A record with these cells and `base` for what they leave out.
pub(super) fn record(cells: &[(&str, &str)]) -> Record {
    let usual = [
        ("id", "1001"),
        ("surname", "Семёнова"),
        ("name", "Анна"),
        ("patronymic", "Петровна"),
        ("phone", "8 999 123-45-67"),
        ("phone2", ""),
        ("amount", "1 800,50"),
        ("start", "02.11.2026 09:30"),
        ("branch", "северный"),
        ("services", "Осмотр"),
        ("comment", ""),
        ("registrar", "Илья Попов"),
        ("status", "Запланирован"),
        ("doctor", ""),
    ];
    let columns: Arc<[String]> = usual.iter().map(|(column, _)| (*column).to_owned()).collect();
    let value = |(column, value): &(&str, &str)| {
        let own = cells.iter().find(|(name, _)| name == column).map(|(_, own)| *own);
        Some(own.unwrap_or(value).to_owned()).filter(|text| !text.is_empty())
    };
    Record::new(2, columns, usual.iter().map(value).collect())
}
