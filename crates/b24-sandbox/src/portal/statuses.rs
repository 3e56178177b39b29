//! Reference books: `crm.status.list`, and what a stage means.

use super::Session;
use super::args;
use crate::method::{Refusal, Reply};
use crate::value::{Map, Value};

/// One entry of a book.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    id: u32,
    pub(super) book: &'static str,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) sort: u32,
    system: bool,
    color: &'static str,
    /// `S` success, `F` failure, `None` in progress.
    pub(crate) semantics: Option<&'static str>,
}

const fn stage(
    (id, sort): (u32, u32),
    book: &'static str,
    code: &'static str,
    name: &'static str,
    color: &'static str,
    semantics: Option<&'static str>,
) -> Status {
    Status { id, book, code, name, sort, system: semantics.is_some(), color, semantics }
}

const fn entry(id: u32, book: &'static str, code: &'static str, name: &'static str) -> Status {
    Status { id, book, code, name, sort: id % 100 * 10, system: false, color: "", semantics: None }
}

pub(super) const INVOICE_BOOK: &str = "SMART_INVOICE_STAGE_3";

pub(super) const STATUSES: &[Status] = &[
    Status { system: true, ..stage((201, 100), INVOICE_BOOK, "DT31_3:N", "Новый", "#39A8EF", None) },
    stage((202, 110), INVOICE_BOOK, "DT31_3:S", "Отправлен", "#2FC6F6", None),
    stage((205, 120), INVOICE_BOOK, "DT31_3:UC_K7Q2ZD", "На согласовании", "#FFA900", None),
    stage((203, 130), INVOICE_BOOK, "DT31_3:P", "Оплачен", "#7BD500", Some("S")),
    stage((204, 140), INVOICE_BOOK, "DT31_3:D", "Не оплачен", "#FF5752", Some("F")),
    Status { system: true, ..stage((301, 10), "DEAL_STAGE", "NEW", "Новая", "#39A8EF", None) },
    stage((302, 20), "DEAL_STAGE", "PREPARATION", "Подготовка документов", "#2FC6F6", None),
    stage((303, 30), "DEAL_STAGE", "PREPAYMENT_INVOICE", "Счёт на предоплату", "#55D0E0", None),
    stage((304, 40), "DEAL_STAGE", "EXECUTING", "В работе", "#47E4C2", None),
    stage((305, 50), "DEAL_STAGE", "FINAL_INVOICE", "Финальный счёт", "#FFA900", None),
    stage((306, 60), "DEAL_STAGE", "WON", "Сделка успешна", "#7BD500", Some("S")),
    stage((307, 70), "DEAL_STAGE", "LOSE", "Сделка провалена", "#FF5752", Some("F")),
    Status {
        system: false,
        ..stage((308, 80), "DEAL_STAGE", "APOLOGY", "Анализ причины провала", "#FF5752", Some("F"))
    },
    Status { system: true, ..stage((311, 10), "DEAL_STAGE_1", "C1:NEW", "Заявка", "#39A8EF", None) },
    stage((312, 20), "DEAL_STAGE_1", "C1:PREPARATION", "Договор", "#2FC6F6", None),
    stage((313, 30), "DEAL_STAGE_1", "C1:EXECUTING", "Обслуживание", "#47E4C2", None),
    stage((314, 40), "DEAL_STAGE_1", "C1:WON", "Выполнено", "#7BD500", Some("S")),
    stage((315, 50), "DEAL_STAGE_1", "C1:LOSE", "Отказ", "#FF5752", Some("F")),
    Status {
        system: true, ..stage((331, 10), "DEAL_STAGE_4", "C4:NEW", "Приём назначен", "#39A8EF", None)
    },
    stage((332, 20), "DEAL_STAGE_4", "C4:UC_TREAT", "Лечение", "#2FC6F6", None),
    stage((333, 30), "DEAL_STAGE_4", "C4:UC_TREATED", "Лечение завершено", "#55D0E0", None),
    stage((334, 40), "DEAL_STAGE_4", "C4:PREPAYMENT_INVOICE", "План лечения представлен", "#47E4C2", None),
    stage((335, 50), "DEAL_STAGE_4", "C4:FINAL_INVOICE", "Предоплата получена", "#FFA900", None),
    stage((336, 60), "DEAL_STAGE_4", "C4:EXECUTING", "Лист ожидания", "#C4BAED", None),
    stage((337, 70), "DEAL_STAGE_4", "C4:WON", "Счёт выдан", "#7BD500", Some("S")),
    stage((338, 80), "DEAL_STAGE_4", "C4:LOSE", "Приём отменён", "#FF5752", Some("F")),
    Status {
        system: false,
        ..stage((339, 90), "DEAL_STAGE_4", "C4:APOLOGY", "Анализ потери", "#FF5752", Some("F"))
    },
    Status { system: true, ..stage((321, 10), "STATUS", "NEW", "Не обработан", "#39A8EF", None) },
    stage((322, 20), "STATUS", "IN_PROCESS", "В работе", "#2FC6F6", None),
    stage((323, 30), "STATUS", "PROCESSED", "Обработан", "#55D0E0", None),
    stage((324, 40), "STATUS", "CONVERTED", "Качественный лид", "#7BD500", Some("S")),
    stage((325, 50), "STATUS", "JUNK", "Некачественный лид", "#FF5752", Some("F")),
    entry(401, "SOURCE", "CALL", "Звонок"),
    entry(402, "SOURCE", "EMAIL", "Электронная почта"),
    entry(403, "SOURCE", "WEB", "Веб-сайт"),
    entry(404, "SOURCE", "ADVERTISING", "Реклама"),
    entry(405, "SOURCE", "PARTNER", "Существующий клиент"),
    entry(406, "SOURCE", "RECOMMENDATION", "По рекомендации"),
    entry(411, "DEAL_TYPE", "SALE", "Продажа"),
    entry(412, "DEAL_TYPE", "COMPLEX", "Комплексная продажа"),
    entry(413, "DEAL_TYPE", "SERVICE", "Услуга"),
    entry(421, "CONTACT_TYPE", "CLIENT", "Клиенты"),
    entry(422, "CONTACT_TYPE", "SUPPLIER", "Поставщики"),
    entry(431, "COMPANY_TYPE", "CUSTOMER", "Клиент"),
    entry(432, "COMPANY_TYPE", "SUPPLIER", "Поставщик"),
    entry(433, "COMPANY_TYPE", "OTHER", "Другое"),
    entry(441, "INDUSTRY", "MANUFACTURING", "Производство"),
    entry(442, "INDUSTRY", "CONSULTING", "Консалтинг"),
    entry(443, "INDUSTRY", "OTHER", "Другое"),
    entry(451, "EMPLOYEES", "EMPLOYEES_1", "менее 50"),
    entry(452, "EMPLOYEES", "EMPLOYEES_2", "50-250"),
    entry(461, "HONORIFIC", "HNR_RU_1", "г-н"),
    entry(462, "HONORIFIC", "HNR_RU_2", "г-жа"),
];

impl Status {
    /// An entry of a book of the portal's own.
    pub(super) fn of_portal(id: u32, book: &'static str, code: &'static str, name: &'static str) -> Self {
        Self { sort: id % 1000 * 10, ..entry(id, book, code, name) }
    }

    pub(super) fn number(self) -> u32 {
        self.id
    }

    /// The same as a stage.
    pub(super) fn meaning(self, semantics: Option<&'static str>) -> Self {
        let color = match semantics {
            Some("S") => "#7BD500",
            Some(_) => "#FF5752",
            None => "#39A8EF",
        };
        Self { color, semantics, ..self }
    }

    /// The funnel of a stage; the deals' first one is no record of its own.
    fn category(&self) -> Option<&'static str> {
        match self.book.strip_prefix("DEAL_STAGE_") {
            Some(id) => Some(id),
            None => self.book.strip_prefix("SMART_INVOICE_STAGE_"),
        }
    }

    fn value(&self, key: &str) -> Value {
        match key {
            "ID" => self.id.to_string().into(),
            "ENTITY_ID" => self.book.into(),
            "STATUS_ID" => self.code.into(),
            "NAME" => self.name.into(),
            "NAME_INIT" if self.system => self.name.into(),
            "NAME_INIT" => "".into(),
            "SORT" => self.sort.to_string().into(),
            "SYSTEM" => if self.system { "Y" } else { "N" }.into(),
            "CATEGORY_ID" => self.category().map_or(Value::Null, Value::from),
            "COLOR" => {
                if self.color.is_empty() {
                    Value::Null
                } else {
                    self.color.into()
                }
            }
            "SEMANTICS" => self.semantics.map_or(Value::Null, Value::from),
            _ => Value::Null,
        }
    }

    fn row(&self) -> Value {
        let mut map = Map::new();
        for key in KEYS {
            map.push(*key, self.value(key));
        }
        if self.book == "STATUS" || self.book.starts_with("DEAL_STAGE") {
            let mut extra = Map::new();
            extra.push(
                "SEMANTICS",
                match self.semantics {
                    Some("S") => "success",
                    Some(_) if self.code.ends_with("APOLOGY") => "apology",
                    Some(_) => "failure",
                    None => "process",
                },
            );
            extra.push("COLOR", self.color);
            map.push("EXTRA", extra);
        }
        map.into()
    }
}

const KEYS: &[&str] = &[
    "ID",
    "ENTITY_ID",
    "STATUS_ID",
    "NAME",
    "NAME_INIT",
    "SORT",
    "SYSTEM",
    "CATEGORY_ID",
    "COLOR",
    "SEMANTICS",
];
const FILTER_KEYS: &[&str] =
    &["ID", "ENTITY_ID", "STATUS_ID", "NAME", "SORT", "SYSTEM", "CATEGORY_ID", "SEMANTICS"];

/// `crm.status.list`: exact keys only, no paging.
pub(super) fn list(session: &Session<'_>) -> Result<Reply, Refusal> {
    let mut found: Vec<&Status> = session.store.schema.statuses.iter().collect();
    for (key, wanted) in
        args::tolerant_array(session.params, "filter")?.map(args::entries).unwrap_or_default()
    {
        if !FILTER_KEYS.contains(&key.as_ref()) {
            continue;
        }
        let Some(wanted) = args::text(wanted) else {
            if matches!(key.as_ref(), "ENTITY_ID" | "STATUS_ID" | "SORT" | "SEMANTICS") {
                return Err(Refusal::legacy(format!("Filter by {key} must be a string")));
            }
            let any = args::texts(wanted);
            found.retain(|status| any.iter().any(|one| same(&status.value(&key), one)));
            continue;
        };
        found.retain(|status| same(&status.value(&key), &wanted));
    }
    let order = args::tolerant_array(session.params, "order")?.map(args::entries).unwrap_or_default();
    let (key, down) = order.first().map_or(("SORT".into(), false), |(key, direction)| {
        (key.to_string(), args::text(direction).is_some_and(|d| d.eq_ignore_ascii_case("desc")))
    });
    found.sort_by_cached_key(|status| match status.value(&key) {
        Value::Text(text) if matches!(key.as_str(), "ID" | "SORT") => {
            (text.parse().unwrap_or(0_i64), String::new())
        }
        Value::Text(text) => (0, text.into_owned()),
        _ => (0, String::new()),
    });
    if down {
        found.reverse();
    }
    let total = found.len() as u64;
    let rows = found.into_iter().map(Status::row).collect::<Vec<_>>();
    Ok(Reply { result: rows.into(), next: None, total: Some(total), rows: total })
}

fn same(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Text(text) => text.to_lowercase() == wanted.to_lowercase(),
        _ => wanted.is_empty(),
    }
}
