//! A plan as a workbook: how much of what on the first sheet, then every change with what is there and what it becomes.

mod rows;
mod sheet;

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Url, Workbook, XlsxError};

use self::rows::{Row, put_aside, rows, said, word};
use self::sheet::Faces;
use super::shown::Shown;
use super::{Guard, PlanError, PlanHeader, Tally};
use crate::OutputFile;
use crate::sync::mapping::Resolved;
use crate::sync::{Entry, Reject};

/// Columns of the changes with their widths; the last one, for programs, is not printed.
const COLUMNS: [(&str, f64); 10] = [
    ("Действие", 17.0),
    ("Ключ", 14.0),
    ("Строка", 8.0),
    ("Карточка", 16.0),
    ("Поле", 22.0),
    ("Сейчас", 28.0),
    ("Станет", 34.0),
    ("Пояснение", 38.0),
    ("Что делать", 38.0),
    ("Код", 26.0),
];
/// Columns of the rows that were put aside.
const ASIDE: [(&str, f64); 7] = [
    ("Строка", 8.0),
    ("Ключ", 14.0),
    ("Поле", 22.0),
    ("Значение", 28.0),
    ("Пояснение", 46.0),
    ("Что делать", 46.0),
    ("Код", 26.0),
];
/// Columns of the first sheet.
const SUMMARY: [(&str, f64); 2] = [("", 50.0), ("", 40.0)];
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
            faces: Faces::new(),
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

    /// Writes the first sheet and the rows that were put aside, and gives the file its name.
    ///
    /// # Errors
    /// When the file cannot be written or named.
    pub fn finish(mut self, guards: &[Guard], aside: &[Reject]) -> Result<PathBuf, PlanError> {
        let written = self.end_sheet().and_then(|()| self.put_aside(aside));
        written.and_then(|()| self.summary(guards, aside.len())).map_err(PlanError::Workbook)?;
        self.workbook.save_to_writer(self.output.file()).map_err(PlanError::Workbook)?;
        self.output.commit().map_err(|source| PlanError::Output(Box::new(source)))
    }

    fn next_sheet(&mut self) -> Result<(), XlsxError> {
        if self.sheet > 0 {
            self.end_sheet()?;
        }
        self.sheet += 1;
        let name = if self.sheet == 1 {
            "Изменения".to_owned()
        } else {
            format!("Изменения {}", self.sheet)
        };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        self.row = 1;
        sheet::begin(sheet.set_name(name)?, &COLUMNS, 2, &self.faces)
    }

    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        sheet::end(sheet, COLUMNS.len(), self.row - 1)
    }

    fn write(&mut self, entry: &Entry, row: &Row<'_>) -> Result<(), XlsxError> {
        if self.row >= ROWS {
            self.next_sheet()?;
        }
        let (at, action) = (self.row, word(entry));
        let (face, line) = if action.starts_with('!') {
            (&self.faces.alarm, &self.faces.alarm_number)
        } else {
            (&self.faces.text, &self.faces.value)
        };
        let texts: [(u16, &str); 8] = [
            (0, action),
            (1, &entry.key),
            (4, row.field),
            (5, &row.before),
            (6, &row.after),
            (7, &row.remark),
            (8, row.action),
            (9, row.code),
        ];
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        sheet.set_row_height(at, sheet::height(&texts, &COLUMNS))?;
        for (column, text) in texts {
            sheet.write_string_with_format(at, column, cut(text), face)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "no source has more lines than a double can count")]
        sheet.write_number_with_format(at, 2, entry.line as f64, line)?;
        let card = row.card.map(|(kind, id)| {
            let name = match kind {
                "deal" => "Сделка",
                "lead" => "Лид",
                _ => "Контакт",
            };
            (format!("{name} {id}"), format!("{}/crm/{kind}/details/{id}/", self.site))
        });
        match card {
            Some((name, url)) if at < LINKS => {
                sheet.write_url_with_format(at, 3, Url::new(url).set_text(name), &self.faces.link)?
            }
            Some((name, _)) => sheet.write_string_with_format(at, 3, name, face)?,
            None => sheet.write_blank(at, 3, face)?,
        };
        self.row += 1;
        Ok(())
    }

    /// Rows of the source that cannot be used, on a sheet of their own.
    fn put_aside(&mut self, aside: &[Reject]) -> Result<(), XlsxError> {
        if aside.is_empty() {
            return Ok(());
        }
        let sheet = self.workbook.add_worksheet_with_constant_memory()?.set_name("Отложено")?;
        sheet::begin(sheet, &ASIDE, 2, &self.faces)?;
        let mut last = 0;
        for (at, reject) in (1..ROWS).zip(aside) {
            let (field, value, remark, action) = put_aside(reject, &self.shown);
            let texts: [(u16, &str); 6] = [
                (1, reject.key.as_deref().unwrap_or_default()),
                (2, field),
                (3, &value),
                (4, &remark),
                (5, action),
                (6, &reject.code),
            ];
            sheet.set_row_height(at, sheet::height(&texts, &ASIDE))?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "no source has more lines than a double can count"
            )]
            sheet.write_number_with_format(at, 0, reject.line as f64, &self.faces.value)?;
            for (column, text) in texts {
                sheet.write_string_with_format(at, column, cut(text), &self.faces.text)?;
            }
            last = at;
        }
        sheet::end(sheet, ASIDE.len(), last)
    }

    fn summary(&mut self, guards: &[Guard], aside: usize) -> Result<(), XlsxError> {
        let mut lines = self.origin();
        lines.extend(guards.iter().map(|guard| Line::text("ПЛАН ОСТАНОВЛЕН", stopped_by(guard))));
        lines.extend(self.counted(aside));
        lines.extend(self.started());
        let sheet = self.workbook.worksheet_from_index(0)?;
        sheet::upright(sheet, &SUMMARY)?;
        sheet.write_string_with_format(0, 0, "План синхронизации", &self.faces.title)?;
        for (row, Line { label, value, is_head }) in (2_u32..).zip(&lines) {
            let (left, right) = if *is_head {
                (&self.faces.head, &self.faces.head)
            } else {
                (&self.faces.text, &self.faces.value)
            };
            sheet.set_row_height(row, sheet::height(&[(0, label), (1, value)], &SUMMARY))?;
            sheet.write_string_with_format(row, 0, label, left)?;
            match value.parse::<u32>() {
                Ok(number) => sheet.write_number_with_format(row, 1, number, right)?,
                Err(_) => sheet.write_string_with_format(row, 1, value, right)?,
            };
        }
        Ok(())
    }

    /// What the plan was made from.
    fn origin(&self) -> Vec<Line> {
        vec![
            Line::text("Источник", self.header.name.clone()),
            Line::text("Портал", self.header.portal.clone()),
            Line::text("Составлен", self.shown.moment(self.header.created_at)),
            Line::text("Все даты и время — по часовому поясу", self.shown.zone().to_owned()),
        ]
    }

    /// How much of what, and why something is left.
    fn counted(&self, aside: usize) -> Vec<Line> {
        let counts = self.tally.counts();
        let mut lines = vec![Line::head("Записей всего", counts.total())];
        let numbers = [
            ("+ новых сделок", counts.create),
            ("* изменений", counts.update),
            ("= без изменений", counts.unchanged),
            ("- пропущено по правилам", counts.skipped),
            ("! решает человек", counts.conflict),
            ("! портал не ответил", counts.unknown),
        ];
        lines.extend(numbers.map(|(label, number)| Line::number(label, number)));
        if aside > 0 {
            lines.push(Line::text("Строк источника отложено (лист «Отложено»)", aside.to_string()));
        }
        if !counts.reasons.is_empty() {
            lines.push(Line::head("Не пишется, потому что", counts.reasons.values().sum()));
            lines.extend(counts.reasons.iter().map(|(code, number)| Line::number(said(code).0, *number)));
        }
        let others = [
            ("Новых контактов", counts.contacts_create),
            ("Изменений контактов", counts.contacts_update),
            ("Комментариев", counts.comments),
            ("Предупреждений", counts.warnings),
        ];
        lines.push(Line::text("", String::new()));
        lines.extend(others.map(|(label, number)| Line::number(label, number)));
        lines
    }

    /// What the writes start on the portal.
    fn started(&self) -> Vec<Line> {
        let robots = self.tally.robots();
        let mut lines = vec![Line::head("Записи запускают роботов и процессы", robots.total())];
        for (stage, number) in &robots.by_stage {
            let stage = if stage.is_empty() {
                "первая стадия воронки".to_owned()
            } else {
                self.shown.stage(stage)
            };
            lines.push(Line::number(&format!("Роботы стадии «{stage}»"), *number));
        }
        let others = [
            ("Меняются сделки", robots.changed_deals),
            ("Создаются и меняются контакты", robots.contacts),
            ("Лиды получают статус", robots.leads),
        ];
        let others = others.into_iter().filter(|(_, number)| *number > 0);
        lines.extend(others.map(|(label, number)| Line::number(label, number)));
        lines
    }
}

/// A line of the first sheet.
struct Line {
    label: String,
    value: String,
    is_head: bool,
}

impl Line {
    fn text(label: &str, value: String) -> Self {
        Self { label: label.to_owned(), value, is_head: false }
    }

    fn number(label: &str, number: u64) -> Self {
        Self::text(label, number.to_string())
    }

    fn head(label: &str, number: u64) -> Self {
        Self { is_head: true, ..Self::number(label, number) }
    }
}

/// A text as long as a cell holds.
fn cut(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| text.get(..end).unwrap_or_default())
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
