//! A plan as a workbook: how much of what on the first sheet, then every change with what is there and what it becomes.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::shown::Shown;
use super::text::full_name;
use super::texts::russian;
use super::{Guard, PlanError, PlanHeader, Tally};
use crate::OutputFile;
use crate::sync::Entry;
use crate::sync::entry::{Action, Assignment, Change, ContactChoice};
use crate::sync::mapping::Resolved;

const COLUMNS: [(&str, f64); 10] = [
    ("Действие", 15.0),
    ("Ключ", 18.0),
    ("Строка", 9.0),
    ("Карточка", 16.0),
    ("Поле", 28.0),
    ("Сейчас", 40.0),
    ("Станет", 40.0),
    ("Пояснение", 50.0),
    ("Что делать", 50.0),
    ("Код", 26.0),
];
/// Rows of one sheet; the format allows 1,048,576.
const ROWS: u32 = 1_000_000;
/// Links of one sheet; the format allows 65,530.
const LINKS: u32 = 65_000;
/// A cell holds no more characters.
const LONGEST: usize = 32_000;

/// A workbook of a plan that is being made. Rows go to disk as they come.
pub struct PlanWorkbook {
    workbook: Workbook,
    output: OutputFile,
    header: PlanHeader,
    site: String,
    shown: Shown,
    tally: Tally,
    /// Number of the sheet with the changes, and its next row.
    sheet: usize,
    row: u32,
    faces: Faces,
}

impl std::fmt::Debug for PlanWorkbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlanWorkbook").field("output", &self.output).finish_non_exhaustive()
    }
}

struct Faces {
    title: Format,
    head: Format,
    label: Format,
    text: Format,
}

/// One row of the sheet of changes.
struct Row<'a> {
    card: Option<(&'static str, u64)>,
    field: &'a str,
    before: String,
    after: String,
    remark: String,
    action: &'static str,
    code: &'a str,
}

impl PlanWorkbook {
    /// Begins a workbook. The file can be read by its owner only.
    ///
    /// # Errors
    /// When the file exists and `replace` is not set, or cannot be written.
    pub fn create(
        path: &Path,
        replace: bool,
        header: PlanHeader,
        portal: &b24_client::Origin,
        shown: Shown,
        rules: &Resolved,
    ) -> Result<Self, PlanError> {
        let output =
            OutputFile::create(path, replace).map_err(|source| PlanError::Output(Box::new(source)))?;
        let faces = Faces {
            title: Format::new().set_bold().set_font_size(14),
            head: Format::new().set_bold().set_background_color(Color::RGB(0x00FC_E4D6)),
            label: Format::new().set_bold(),
            text: Format::new().set_align(FormatAlign::Top).set_text_wrap(),
        };
        let mut workbook = Workbook::new();
        workbook.add_worksheet().set_name("Сводка").map_err(PlanError::Workbook)?;
        let mut plan = Self {
            workbook,
            output,
            header,
            site: portal.to_string(),
            shown: shown.in_russian(),
            tally: Tally::new(rules),
            sheet: 0,
            row: 0,
            faces,
        };
        plan.next_sheet().map_err(PlanError::Workbook)?;
        Ok(plan)
    }

    /// Adds an entry; one with nothing to do is only counted.
    ///
    /// # Errors
    /// When the rows cannot be written.
    pub fn add(&mut self, entry: &Entry) -> Result<(), PlanError> {
        self.tally.add(entry);
        let rows = rows(entry, &self.shown);
        rows.iter().try_for_each(|row| self.write(entry, row)).map_err(PlanError::Workbook)
    }

    /// Writes the first sheet and gives the file its name.
    ///
    /// # Errors
    /// When the file cannot be written or named.
    pub fn finish(mut self, guards: &[Guard]) -> Result<PathBuf, PlanError> {
        self.summary(guards).map_err(PlanError::Workbook)?;
        self.workbook.save_to_writer(self.output.file()).map_err(PlanError::Workbook)?;
        self.output.commit().map_err(|source| PlanError::Output(Box::new(source)))
    }

    fn next_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheet += 1;
        let name = if self.sheet == 1 {
            "Изменения".to_owned()
        } else {
            format!("Изменения {}", self.sheet)
        };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(1, 0)?.set_landscape().set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(0, 0)?;
        for (column, (title, width)) in (0_u16..).zip(COLUMNS) {
            sheet.set_column_width(column, width)?;
            sheet.write_string_with_format(0, column, title, &self.faces.head)?;
        }
        self.row = 1;
        Ok(())
    }

    fn write(&mut self, entry: &Entry, row: &Row<'_>) -> Result<(), XlsxError> {
        if self.row >= ROWS {
            self.next_sheet()?;
        }
        let (at, face) = (self.row, &self.faces.text);
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        sheet.write_string_with_format(at, 0, word(entry), face)?;
        sheet.write_string_with_format(at, 1, &entry.key, face)?;
        #[expect(clippy::cast_precision_loss, reason = "no source has more lines than a double can count")]
        sheet.write_number_with_format(at, 2, entry.line as f64, face)?;
        if let Some((kind, id)) = row.card {
            let name = match kind {
                "deal" => "Сделка",
                "lead" => "Лид",
                _ => "Контакт",
            };
            let url = format!("{}/crm/{kind}/details/{id}/", self.site);
            if at < LINKS {
                sheet.write_url_with_text(at, 3, url.as_str(), format!("{name} {id}"))?;
            } else {
                sheet.write_string_with_format(at, 3, format!("{name} {id}"), face)?;
            }
        }
        for (column, text) in [
            (4, row.field),
            (5, &row.before),
            (6, &row.after),
            (7, &row.remark),
            (8, row.action),
            (9, row.code),
        ] {
            let text: String = text.chars().take(LONGEST).collect();
            sheet.write_string_with_format(at, column, text, face)?;
        }
        self.row += 1;
        Ok(())
    }

    fn summary(&mut self, guards: &[Guard]) -> Result<(), XlsxError> {
        let (counts, robots) = (self.tally.counts().clone(), self.tally.robots().clone());
        let mut lines: Vec<(String, String)> = vec![
            ("Источник".to_owned(), self.header.name.clone()),
            ("Портал".to_owned(), self.header.portal.clone()),
            ("Составлен".to_owned(), self.shown.moment(self.header.created_at)),
            ("Все даты и время — по часовому поясу".to_owned(), self.shown.zone().to_owned()),
        ];
        let numbers = [
            ("Записей всего", counts.total()),
            ("+ новых сделок", counts.create),
            ("* изменений", counts.update),
            ("= без изменений", counts.unchanged),
            ("- пропущено по правилам", counts.skipped),
            ("! решает человек", counts.conflict),
            ("! портал не ответил", counts.unknown),
            ("Новых контактов", counts.contacts_create),
            ("Изменений контактов", counts.contacts_update),
            ("Комментариев", counts.comments),
            ("Предупреждений", counts.warnings),
        ];
        lines.extend(numbers.map(|(label, number)| (label.to_owned(), number.to_string())));
        for (code, number) in &counts.reasons {
            lines.push((format!("  {}", said(code, code).0), number.to_string()));
        }
        lines.push(("Записи запускают роботов и процессы".to_owned(), robots.total().to_string()));
        for (stage, number) in &robots.by_stage {
            let stage = if stage.is_empty() {
                "первая стадия воронки".to_owned()
            } else {
                self.shown.stage(stage)
            };
            lines.push((format!("  роботы стадии «{stage}»"), number.to_string()));
        }
        let others = [
            ("  меняются сделки", robots.changed_deals),
            ("  создаются и меняются контакты", robots.contacts),
            ("  лиды получают статус", robots.leads),
        ];
        let others = others.into_iter().filter(|(_, number)| *number > 0);
        lines.extend(others.map(|(label, number)| (label.to_owned(), number.to_string())));
        lines.extend(guards.iter().map(|guard| ("План остановлен".to_owned(), stopped_by(guard))));
        let sheet = self.workbook.worksheet_from_index(0)?;
        sheet.set_column_width(0, 44)?.set_column_width(1, 60)?.set_landscape().set_print_fit_to_pages(1, 0);
        sheet.write_string_with_format(0, 0, "План синхронизации", &self.faces.title)?;
        write_lines(sheet, &lines, &self.faces.label)
    }
}

fn write_lines(sheet: &mut Worksheet, lines: &[(String, String)], label: &Format) -> Result<(), XlsxError> {
    for (row, (name, value)) in (2_u32..).zip(lines) {
        sheet.write_string_with_format(row, 0, name, label)?;
        match value.parse::<u32>() {
            Ok(number) => sheet.write_number(row, 1, number)?,
            Err(_) => sheet.write_string(row, 1, value)?,
        };
    }
    Ok(())
}

fn stopped_by(guard: &Guard) -> String {
    match guard {
        Guard::Creates { planned, allowed } => format!("новых сделок {planned}, разрешено {allowed}"),
        Guard::Updates { planned, allowed } => format!("изменений {planned}, разрешено {allowed}"),
        Guard::Share { planned, known, allowed } => {
            format!("изменений {planned} из {known} известных сделок, разрешено {allowed} %")
        }
    }
}

fn word(entry: &Entry) -> &'static str {
    match entry.action {
        Action::Create(_) => "+ создать",
        Action::Update(_) => "* изменить",
        Action::Unchanged { .. } => "= без изменений",
        Action::Skipped { .. } => "- пропустить",
        Action::Conflict { .. } => "! решить",
        Action::Unknown { .. } => "! неизвестно",
    }
}

/// What is said of a reason, and what to do; a reason without a Russian text says it in its own words.
fn said<'a>(code: &str, own: &'a str) -> (&'a str, &'static str) {
    russian(code).unwrap_or((own, ""))
}

impl<'a> Row<'a> {
    /// A field of the card.
    fn field(card: Option<(&'static str, u64)>, field: &'a str, before: String, after: String) -> Self {
        Self { card, field, before, after, remark: String::new(), action: "", code: "" }
    }

    /// Why something is as it is.
    fn reason(card: Option<(&'static str, u64)>, field: &'a str, code: &'a str, own: &str) -> Self {
        let (what, action) = said(code, own);
        Self {
            remark: what.to_owned(),
            action,
            code,
            ..Self::field(card, field, String::new(), String::new())
        }
    }
}

/// The rows of an entry: one for each field, at least one when something is to be said.
fn rows<'a>(entry: &'a Entry, shown: &Shown) -> Vec<Row<'a>> {
    let mut rows = match &entry.action {
        Action::Create(creation) => {
            let mut rows: Vec<Row<'_>> = creation.fields.iter().map(|field| assigned(field, shown)).collect();
            rows.extend(person(&creation.contact, shown));
            rows.extend(creation.lead.map(|lead| {
                Row::field(Some(("lead", lead)), "Лид", String::new(), "привязывается".to_owned())
            }));
            rows.extend(creation.comment.as_deref().map(|text| comment(None, text)));
            rows
        }
        Action::Update(update) => {
            let card = update.deal.map(|deal| ("deal", deal));
            let mut rows: Vec<Row<'_>> =
                update.changes.iter().map(|change| changed(card, change, shown)).collect();
            rows.extend(person(&update.contact, shown));
            rows.extend(update.comment.as_deref().map(|text| comment(card, text)));
            rows
        }
        Action::Unchanged { .. } => Vec::new(),
        Action::Skipped { code, reason, deal } => {
            vec![Row::reason(deal.map(|deal| ("deal", deal)), "", code, reason)]
        }
        Action::Conflict { code, message, links } => {
            let mut row = Row::reason(None, "", code, message);
            for link in links {
                row.remark.extend(["\n", link]);
            }
            vec![row]
        }
        Action::Unknown { reason } => vec![Row::reason(None, "", "sync.look-up-unknown", reason)],
    };
    rows.extend(entry.warnings.iter().map(|warning| {
        let field = warning.field.as_deref().unwrap_or_default();
        Row::reason(None, field, &warning.code, &warning.message)
    }));
    rows
}

fn person<'a>(contact: &'a ContactChoice, shown: &Shown) -> Vec<Row<'a>> {
    match contact {
        ContactChoice::None => Vec::new(),
        ContactChoice::Use { id, changes, link } => {
            let card = Some(("contact", *id));
            let linked =
                link.then(|| Row::field(card, "Контакт", String::new(), "привязывается к сделке".to_owned()));
            linked.into_iter().chain(changes.iter().map(|change| changed(card, change, shown))).collect()
        }
        ContactChoice::Create { phones, name, fields, .. } => {
            let after = format!("{} {}", full_name(name), phones.join(", "));
            let new = Row::field(None, "Новый контакт", String::new(), after.trim().to_owned());
            std::iter::once(new).chain(fields.iter().map(|field| assigned(field, shown))).collect()
        }
    }
}

fn assigned<'a>(field: &'a Assignment, shown: &Shown) -> Row<'a> {
    Row::field(None, &field.title, String::new(), shown.value(&field.name, &field.value))
}

fn changed<'a>(card: Option<(&'static str, u64)>, change: &'a Change, shown: &Shown) -> Row<'a> {
    let side = |value| shown.value(&change.name, value);
    Row::field(card, &change.title, side(&change.before), side(&change.after))
}

fn comment(card: Option<(&'static str, u64)>, text: &str) -> Row<'static> {
    Row::field(card, "Комментарий в ленте", String::new(), text.to_owned())
}
