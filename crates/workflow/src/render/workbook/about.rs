//! The sheet that says what the run was and whether it is complete.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::looks::Looks;
use crate::Register;
use crate::render::cell::{self, Place};

pub(super) fn write(
    sheet: &mut Worksheet,
    looks: &Looks,
    register: &Register,
    now: Timestamp,
) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 46.0)?.set_column_width(1, 90.0)?;
    for (row, (title, value)) in (0..).zip(facts(register, now)) {
        cell::text(sheet, Place { row, column: 0, format: looks.text(true) }, title)?;
        cell::text(sheet, Place { row, column: 1, format: looks.text(false) }, &value)?;
    }
    Ok(())
}

fn facts(register: &Register, now: Timestamp) -> Vec<(&'static str, String)> {
    let origin = &register.origin;
    let counts = &register.counts;
    let mut facts = vec![
        ("Что это", "Реестр по счетам на оплату; не книга продаж".to_owned()),
        ("Портал", origin.portal.clone().unwrap_or_else(|| "файл необработанных счетов".to_owned())),
    ];
    if let Some(user) = &origin.user {
        let rights = if user.administrator {
            "администратор"
        } else {
            "не администратор: видны только доступные ему счета, полноту проверить нельзя"
        };
        facts.push(("Пользователь", format!("{} {} ({rights})", user.id, user.name)));
    }
    if let Some(period) = origin.period {
        let (from, to) = (period.from().strftime("%d.%m.%Y"), period.to().strftime("%d.%m.%Y"));
        facts.push(("Период (обе даты включительно)", format!("{from} – {to}")));
        facts.push(("Основание периода", "дата счёта".to_owned()));
    }
    if let Some(counted) = origin.counted {
        facts.push(("Счетов на портале в начале выгрузки", counted.to_string()));
    }
    facts.extend([
        ("Счетов в реестре", counts.invoices.to_string()),
        ("из них оплачено", counts.paid.to_string()),
        ("из них не оплачено", counts.open.to_string()),
        ("из них отменено", counts.cancelled.to_string()),
        ("из них отклонено (не прочитаны)", counts.rejected.to_string()),
        ("из них получено не полностью", counts.gaps.to_string()),
        ("с предупреждениями", counts.warned.to_string()),
        ("Реестр полон", completeness(register)),
        ("Поля дат отгрузки и оплаты", date_fields(origin)),
        (
            "Сформировано (UTC)",
            now.to_zoned(TimeZone::fixed(Offset::UTC)).strftime("%d.%m.%Y %H:%M:%S").to_string(),
        ),
        ("Программа", format!("b24 {}", env!("CARGO_PKG_VERSION"))),
    ]);
    facts
}

fn completeness(register: &Register) -> String {
    if !register.is_complete() {
        return "НЕТ: часть счетов не прочитана, см. лист «Проблемы»".to_owned();
    }
    match register.difference_to_count() {
        Some(difference) if difference != 0 => {
            format!("да, но за время выгрузки число счетов на портале изменилось на {difference}")
        }
        _ => "да".to_owned(),
    }
}

fn date_fields(origin: &crate::source::Origin) -> String {
    if origin.date_fields.is_empty() {
        "не найдены".to_owned()
    } else {
        origin.date_fields.join(", ")
    }
}
