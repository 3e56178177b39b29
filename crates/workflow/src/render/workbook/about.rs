//! The sheet that says what the run was and whether it is complete.

use jiff::tz::{Offset, TimeZone};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::frame::{Finished, Frame};
use super::looks::{Plain, header};
use crate::Register;
use crate::register::{Counts, GroupTotals};
use crate::render::labels;
use crate::render::presentation::{Label, Language, Layout};
use crate::render::sheet::{SheetRows, sheet_name};

/// An amount as people write it: `1 234 567,50`, `1,234,567.50`.
fn spoken(amount: &str, language: Language) -> String {
    let (mark, gap) = match language {
        Language::Russian => (",", '\u{a0}'),
        Language::English => (".", ','),
    };
    let (sign, amount) = amount.strip_prefix('-').map_or(("", amount), |size| ("-", size));
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(gap);
        }
        grouped.push(digit);
    }
    if fraction.is_empty() { grouped } else { format!("{grouped}{mark}{fraction}") }
}

/// What the register is not.
pub(super) fn nature(language: Language) -> &'static str {
    Label("По счетам на оплату; не книга продаж", "By invoices for payment; not a sales ledger").of(language)
}

/// What the register shows.
pub(super) fn title(register: &Register, language: Language) -> String {
    let name = Label("Реестр счетов", "Register of invoices").of(language);
    match register.origin.period {
        Some(period) => {
            let (from, to) = (period.from().strftime("%d.%m.%Y"), period.to().strftime("%d.%m.%Y"));
            format!("{name} {from} – {to}, {}", labels::basis(register.origin.basis).of(language))
        }
        None => name.to_owned(),
    }
}

/// One line of the sheet; a heading has no value.
pub(super) struct Fact(pub(super) String, pub(super) Option<String>);

impl Fact {
    fn new(title: Label, language: Language, value: impl Into<String>) -> Self {
        Self(title.of(language).to_owned(), Some(value.into()))
    }
}

pub(super) fn write(
    sheet: &mut Worksheet,
    frame: &Frame<'_>,
    finished: &Finished<'_>,
) -> Result<(), XlsxError> {
    let language = frame.shown.language;
    let mut facts = of_run(finished.register, frame.now, language);
    let names = match frame.shown.layout {
        Layout::Register => [labels::SHEET_REGISTER, labels::SHEET_LINES],
        Layout::Brief => [labels::SHEET_BRIEF, labels::SHEET_FULL],
    };
    let kinds = [
        (names[0], finished.register_rows),
        (names[1], finished.line_rows),
        (labels::SHEET_PROBLEMS, finished.problem_rows),
    ];
    facts.extend(kinds.into_iter().filter_map(|(name, rows)| continued(name, rows, language)));
    facts.extend(people(finished.people, language));
    write_facts(sheet, &facts, language)
}

/// Writes lines of titles and values.
pub(super) fn write_facts(
    sheet: &mut Worksheet,
    facts: &[Fact],
    language: Language,
) -> Result<(), XlsxError> {
    let (plain, bold) = (Plain::new(), Plain::bold());
    sheet.set_column_width(0, 46.0)?.set_column_width(1, 84.0)?.set_print_area(
        0,
        0,
        u32::try_from(facts.len()).unwrap_or(0),
        1,
    )?;
    let columns = [Label("Показатель", "Fact"), Label("Значение", "Value")];
    for (column, title) in (0..).zip(columns) {
        sheet.write_string_with_format(0, column, title.of(language), &header())?;
    }
    for (row, Fact(title, value)) in (1..).zip(facts) {
        if let Some(value) = value {
            sheet.write_string_with_format(row, 0, title, &plain.wrapped)?;
            sheet.write_string_with_format(row, 1, value, &plain.wrapped)?;
        } else {
            sheet.write_string_with_format(row, 0, title, &bold.text)?;
            sheet.write_blank(row, 1, &bold.text)?;
        }
    }
    Ok(())
}

/// What every layout says of a run.
pub(super) fn of_run(register: &Register, now: jiff::Timestamp, language: Language) -> Vec<Fact> {
    let origin = &register.origin;
    let fact = |title, value: String| Fact::new(title, language, value);
    let mut facts = vec![fact(Label("Что это", "What it is"), nature(language).to_owned())];
    let file = Label("файл необработанных счетов", "a file of raw invoices").of(language);
    facts.push(fact(Label("Портал", "Portal"), origin.portal.clone().unwrap_or_else(|| file.to_owned())));
    if let Some(user) = &origin.user {
        let rights = if user.administrator {
            Label("администратор", "administrator")
        } else {
            Label(
                "не администратор: видны только доступные ему счета, полноту проверить нельзя",
                "no administrator: sees only invoices open to them, completeness cannot be checked",
            )
        };
        let user = format!("{} {} ({})", user.id, user.name, rights.of(language));
        facts.push(fact(Label("Пользователь", "User"), user));
    }
    if let Some(period) = origin.period {
        let (from, to) = (period.from().strftime("%d.%m.%Y"), period.to().strftime("%d.%m.%Y"));
        let title = Label("Период (обе даты включительно)", "Period (both days included)");
        facts.push(fact(title, format!("{from} – {to}")));
    }
    let basis = labels::basis(origin.basis).of(language).to_owned();
    facts.push(fact(Label("Основание периода", "Basis of the period"), basis));
    let zone = Label(
        "даты портала без пересчёта часовых поясов: день, записанный в счёте",
        "days as the portal shows them, not moved between time zones",
    );
    facts.push(fact(Label("Часовой пояс дат", "Zone of the dates"), zone.of(language).to_owned()));
    facts.push(fact(
        Label("Поля дат отгрузки и оплаты", "Fields of shipment and payment"),
        if origin.date_fields.is_empty() {
            Label("не найдены", "not found").of(language).to_owned()
        } else {
            origin.date_fields.join(", ")
        },
    ));
    let utc = now.to_zoned(TimeZone::fixed(Offset::UTC)).strftime("%d.%m.%Y %H:%M:%S").to_string();
    facts.push(fact(Label("Сформировано (UTC)", "Made (UTC)"), utc));
    facts.push(fact(Label("Программа", "Program"), format!("b24 {}", env!("CARGO_PKG_VERSION"))));
    let title = Label("Обратите внимание", "Please note");
    facts.extend(register.remarks.iter().map(|remark| {
        let (what, remedy) = match language {
            Language::Russian => (&remark.russian.reason, &remark.russian.remedy),
            Language::English => (&remark.message, &remark.hint),
        };
        fact(title, format!("{what}; {remedy}"))
    }));
    facts.extend(counts(register, language));
    facts.extend(control(register, language));
    facts
}

fn counts(register: &Register, language: Language) -> Vec<Fact> {
    let Counts { invoices, paid, open, cancelled, rejected, gaps, warned, undated, kept_out } =
        register.counts;
    let fact = |title, value: u64| Fact::new(title, language, value.to_string());
    let mut facts = vec![Fact(Label("Полнота", "Completeness").of(language).to_owned(), None)];
    facts.push(Fact::new(Label("Реестр полон", "Complete"), language, completeness(register, language)));
    if let Some(counted) = register.origin.counted {
        facts.push(fact(
            Label("Счетов на портале в начале выгрузки", "Invoices on the portal at the start"),
            counted,
        ));
    }
    facts.extend([
        fact(Label("Счетов в реестре", "Invoices in the register"), invoices),
        fact(Label("из них оплачено", "of them paid"), paid),
        fact(Label("из них не оплачено", "of them open"), open),
        fact(Label("из них отменено", "of them cancelled"), cancelled),
        fact(Label("из них отклонено (не прочитаны)", "of them rejected (not readable)"), rejected),
        fact(Label("из них получено не полностью", "of them not fetched completely"), gaps),
        fact(Label("с предупреждениями", "with warnings"), warned),
    ]);
    if undated > 0 {
        facts.push(fact(
            Label("Счетов без даты основания (в реестр не вошли)", "Invoices without the deciding date"),
            undated,
        ));
    }
    if kept_out > 0 {
        facts.push(fact(
            Label("Счетов вне отбора (фильтры, другая дата)", "Invoices outside the selection"),
            kept_out,
        ));
    }
    facts
}

/// The sums that a reader checks against the portal.
fn control(register: &Register, language: Language) -> Vec<Fact> {
    let mut facts = vec![Fact(Label("Контрольные суммы", "Control totals").of(language).to_owned(), None)];
    let sums = |totals: &GroupTotals| {
        format!(
            "{} {}; {} {}; {} {}; {} {}",
            labels::TOTALS_COLUMNS[5].0.of(language),
            totals.count,
            labels::TOTALS_COLUMNS[6].0.of(language),
            spoken(&totals.gross, language),
            labels::TOTALS_COLUMNS[7].0.of(language),
            spoken(&totals.net, language),
            labels::TOTALS_COLUMNS[8].0.of(language),
            spoken(&totals.vat, language),
        )
    };
    for totals in &register.totals {
        let name = totals.my_company.as_deref().unwrap_or(labels::SELLER_UNKNOWN.of(language));
        facts.push(Fact(format!("{name}, {}", totals.currency), Some(sums(totals))));
    }
    for totals in register.group_totals.iter().filter(|_| register.totals.len() > register.group_totals.len())
    {
        let name = labels::OVER_SELLERS.of(language);
        facts.push(Fact(format!("{name}, {}", totals.currency), Some(sums(totals))));
    }
    for undated in &register.undated {
        let title = format!("{}, {}", labels::TOTAL_UNDATED.of(language), undated.currency);
        let (count, gross) = (labels::TOTALS_COLUMNS[5].0, labels::TOTALS_COLUMNS[6].0);
        let value = format!(
            "{} {}; {} {}",
            count.of(language),
            undated.count,
            gross.of(language),
            spoken(&undated.gross, language)
        );
        facts.push(Fact(title, Some(value)));
    }
    facts
}

fn completeness(register: &Register, language: Language) -> String {
    if !register.is_complete() {
        return Label(
            "НЕТ: часть счетов не прочитана, см. лист «Проблемы»",
            "NO: some invoices were not read, see the sheet of problems",
        )
        .of(language)
        .to_owned();
    }
    match register.difference_to_count() {
        Some(difference) if difference != 0 => {
            let text = Label(
                "да, но за время выгрузки число счетов на портале изменилось на",
                "yes, but meanwhile the number of invoices on the portal changed by",
            );
            format!("{} {difference}", text.of(language))
        }
        _ => Label("да", "yes").of(language).to_owned(),
    }
}

/// That a sheet was full and which sheets go on.
pub(super) fn continued(kind: Label, rows: &[SheetRows], language: Language) -> Option<Fact> {
    if rows.len() < 2 {
        return None;
    }
    let name = kind.of(language);
    let title = Label("продолжается на следующих листах", "goes on in further sheets").of(language);
    let sheets = rows
        .iter()
        .enumerate()
        .map(|(number, rows)| format!("{} ({})", sheet_name(name, number), rows.end - rows.first));
    Some(Fact(format!("«{name}» {title}"), Some(sheets.collect::<Vec<_>>().join(", "))))
}

/// Who has how much to correct.
pub(super) fn people(people: &[(Option<String>, u64)], language: Language) -> Vec<Fact> {
    if people.is_empty() {
        return Vec::new();
    }
    let title = Label("Замечаний по ответственным", "Problems by responsible person").of(language);
    let each = people.iter().map(|(name, count)| {
        let name = name.as_deref().unwrap_or(labels::RESPONSIBLE_UNKNOWN.of(language));
        Fact(name.to_owned(), Some(count.to_string()))
    });
    [Fact(title.to_owned(), None)].into_iter().chain(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_write_them() {
        assert_eq!(spoken("-1234567.50", Language::Russian), "-1\u{a0}234\u{a0}567,50");
        assert_eq!(spoken("123.00", Language::Russian), "123,00");
        assert_eq!(spoken("1234567", Language::English), "1,234,567");
    }
}
