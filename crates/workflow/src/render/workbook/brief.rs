//! The two sheets of an earlier system, column by column and colour by colour, with problems and facts beside them.
//!
//! What it did wrong stays away: cancelled and unreadable invoices are listed, sums never mix currencies.

mod faces;
mod sums;

use std::borrow::Cow;
use std::io;

use data_processor::{Line, VatRate};
use jiff::Timestamp;
use rust_xlsxwriter::XlsxError;

use self::faces::{Bottom, BriefFaces, Fill, Kind};
use self::sums::BriefSums;
use super::frame::{Finished, Frame, HEADS_BRIEF};
use super::looks::Looks;
use super::spool::Spool;
use super::{failed_head, remarks, rows};
use crate::Register;
use crate::output::OutputFile;
use crate::register::texts::cell_problem;
use crate::register::{RegisterRow, RowStatus};
use crate::render::labels;
use crate::render::presentation::{Label, Presentation};
use crate::render::sheet::{Held, RowXml, Series, Stub, lines, splice};

/// An empty row and the titles.
const TITLES: u32 = 2;
const TITLE_HEIGHT: u32 = 18;

/// What is written so far.
pub(super) struct BriefBook {
    looks: Looks,
    faces: BriefFaces,
    shown: Presentation,
    now: Timestamp,
    brief: Series,
    full: Series,
    problems: Stub,
    spool: Spool,
    sums: BriefSums,
    /// The last row of each sheet waits: it closes the frame.
    waiting: Option<RegisterRow>,
    waiting_line: Option<(RegisterRow, Line)>,
    /// Whether the invoice that waits has a shaded background among its products.
    shaded: bool,
}

impl BriefBook {
    pub(super) fn new(output: &OutputFile, shown: &Presentation, now: Timestamp) -> Result<Self, XlsxError> {
        let (looks, faces) = Looks::with(BriefFaces::new)?;
        let empty = Frame { looks: &looks, shown, now, finished: None }.write()?;
        let mut heads = Stub::of(&empty, HEADS_BRIEF)?;
        let (Some(problems), Some(full), Some(brief)) = (heads.pop(), heads.pop(), heads.pop()) else {
            return Err(failed_head());
        };
        let start = |head, columns: &[(Label, f64)], header| {
            let (folder, columns) = (output.folder().to_owned(), columns.to_vec());
            Series::start(head, shown.sheet_rows, folder, |xml| {
                xml.open(TITLES - 1, Some(TITLE_HEIGHT));
                xml.skip(1);
                for (title, _) in &columns {
                    xml.text(looks.ids()[header], title.of(shown.language));
                }
                xml.close();
                TITLES
            })
        };
        Ok(Self {
            brief: start(brief.head, &labels::BRIEF_COLUMNS, faces.brief_header())?,
            full: start(full.head, &labels::FULL_COLUMNS, faces.full_header())?,
            problems,
            spool: Spool::new(output.folder())?,
            sums: BriefSums::default(),
            waiting: None,
            waiting_line: None,
            shaded: false,
            looks,
            faces,
            shown: shown.clone(),
            now,
        })
    }

    pub(super) fn row(&mut self, row: &mut RegisterRow) -> io::Result<()> {
        if row.status != RowStatus::Undated {
            self.sums.add(row);
            for line in std::mem::take(&mut row.lines) {
                self.next_line(row, line)?;
            }
            if let Some(mut before) = self.waiting.replace(row.clone()) {
                self.write_brief(&mut before, false)?;
            }
        }
        remarks::note(&mut self.spool, row, self.shown.language)
    }

    pub(super) fn finish(mut self, register: &Register, output: &mut OutputFile) -> Result<(), XlsxError> {
        if let Some(mut last) = self.waiting.take() {
            self.write_brief(&mut last, true)?;
        }
        if let Some((row, line)) = self.waiting_line.take() {
            self.write_full(&row, &line, Bottom::Frame)?;
        }
        self.write_sums()?;
        let people = self.spool.people();
        let head = std::mem::take(&mut self.problems.head);
        let sheet = Series::start(head, self.shown.sheet_rows, output.folder().to_owned(), |xml| {
            rows::problem_titles(xml, &self.looks, &self.shown)
        })?;
        let problems = remarks::write(self.spool, sheet, &self.looks, &self.shown)?;
        let (first, second, third) = (self.brief.sheets(), self.full.sheets(), problems.sheets());
        let finished = Finished {
            register,
            register_rows: &first,
            line_rows: &second,
            problem_rows: &third,
            people: &people,
        };
        let frame = Frame { looks: &self.looks, shown: &self.shown, now: self.now, finished: Some(finished) };
        let book = frame.write()?;
        let large = vec![(0, self.brief), (first.len(), self.full), (first.len() + second.len(), problems)];
        splice(&book, large, &third, self.looks.ids(), output.file())
    }

    /// Writes the line that waited; the next one waits.
    fn next_line(&mut self, row: &RegisterRow, next: Line) -> io::Result<()> {
        let Some((owner, line)) = self.waiting_line.replace((without_problems(row), next)) else {
            return Ok(());
        };
        if owner.id == row.id {
            return self.write_full(&owner, &line, Bottom::Grid);
        }
        self.write_full(&owner, &line, Bottom::Group)?;
        self.shaded = !self.shaded;
        Ok(())
    }

    fn write_brief(&mut self, row: &mut RegisterRow, last: bool) -> io::Result<()> {
        let first = self.brief.is_empty();
        let bottom = if last { Bottom::Frame } else { Bottom::Grid };
        let fill = Fill::of(row);
        let (looks, faces) = (&self.looks, &self.faces);
        let style = |column, kind| looks.ids()[faces.brief(column, kind, fill, first, bottom)];
        let width = labels::BRIEF_COLUMNS[2].1;
        let xml = self.brief.open(lines(row.counterparty.as_deref().unwrap_or_default(), width))?;
        xml.skip(1);
        // A row never is empty: an empty one ends the invoices.
        let number = match (&row.number, row.id) {
            (Some(number), _) => number.as_str().into(),
            (None, Some(id)) => Cow::from(format!("(ID {id})")),
            (None, None) => labels::NOTHING_KNOWN.of(self.shown.language).into(),
        };
        let mut held = vec![match &row.url {
            Some(url) => xml.link(style(0, Kind::Text), style(0, Kind::Text), url, &number),
            None => xml.text(style(0, Kind::Text), &number),
        }];
        held.push(xml.text(style(1, Kind::Text), row.inn.as_deref().unwrap_or_default()));
        held.push(xml.text(style(2, Kind::Text), row.counterparty.as_deref().unwrap_or_default()));
        match row.gross {
            Some(gross) => held.push(xml.decimal(style(3, Kind::Money), gross.value)),
            None => xml.blank(style(3, Kind::Money)),
        }
        match row.portal_vat {
            Some(vat) if vat.value.is_zero() => {
                xml.text(style(4, Kind::Word), labels::BRIEF_NO_VAT.of(self.shown.language));
            }
            Some(vat) => held.push(xml.decimal(style(4, Kind::Money), vat.value)),
            None => xml.blank(style(4, Kind::Money)),
        }
        for (column, day) in (5..).zip([row.date, row.shipped_on, row.paid_on]) {
            match day {
                Some(day) => xml.day(style(column, Kind::Day), day),
                None => xml.blank(style(column, Kind::Day)),
            }
        }
        self.brief.close()?;
        self.note_lost(row, &held, "row")
    }

    fn write_full(&mut self, row: &RegisterRow, line: &Line, bottom: Bottom) -> io::Result<()> {
        let first = self.full.is_empty();
        let (looks, faces, shaded) = (&self.looks, &self.faces, self.shaded);
        let style = |column, kind| looks.ids()[faces.full(column, kind, shaded, first, bottom)];
        let [.., (_, client), (_, product), _, _, _, _] = labels::FULL_COLUMNS;
        let high =
            lines(row.counterparty.as_deref().unwrap_or_default(), client).max(lines(&line.name, product));
        let xml: &mut RowXml = self.full.open(high)?;
        xml.skip(1);
        let whole = line.quantity.fract().is_zero();
        let mut held = vec![
            xml.text(style(0, Kind::Text), row.number.as_deref().unwrap_or_default()),
            xml.text(style(1, Kind::Text), row.inn.as_deref().unwrap_or_default()),
            xml.text(style(2, Kind::Text), row.counterparty.as_deref().unwrap_or_default()),
            xml.text(style(3, Kind::Text), &line.name),
            xml.decimal(style(4, if whole { Kind::Whole } else { Kind::Quantity }), line.quantity),
            xml.decimal(style(5, Kind::Money), line.price),
            xml.decimal(style(6, Kind::Money), line.gross),
        ];
        held.push(match line.rate {
            VatRate::None => xml.text(style(7, Kind::Word), labels::BRIEF_NO_VAT.of(self.shown.language)),
            VatRate::Rate(_) => xml.decimal(style(7, Kind::Money), line.vat),
        });
        self.full.close()?;
        self.note_lost(row, &held, "rows")
    }

    /// Lists what a cell could not hold among the problems of the workbook.
    fn note_lost(&mut self, row: &RegisterRow, held: &[Held], field: &str) -> io::Result<()> {
        if held.iter().all(|held| *held == Held::Exactly) {
            return Ok(());
        }
        let problem = cell_problem(!held.contains(&Held::AsText), field);
        remarks::note_one(&mut self.spool, row, &problem, self.shown.language)
    }

    /// The block of totals, currency by currency.
    fn write_sums(&mut self) -> io::Result<()> {
        let blocks = self.sums.blocks(self.shown.language);
        let rows: usize = blocks.iter().map(|block| block.len() + 1).sum();
        self.brief.make_room(u32::try_from(rows).unwrap_or(u32::MAX))?;
        let mut below = 1;
        for block in blocks {
            for sum in block {
                let xml = self.brief.open_below(below, None);
                xml.skip(3);
                xml.text(self.looks.ids()[self.faces.sum_title(sum.vat)], &sum.title);
                match sum.value {
                    Some(value) => xml.decimal(self.looks.ids()[self.faces.sum(sum.vat)], value),
                    None => xml.text(self.looks.ids()[self.faces.sum(sum.vat)], &sum.text),
                };
                xml.close();
                below += 1;
            }
            below += 1;
        }
        Ok(())
    }
}

fn without_problems(row: &RegisterRow) -> RegisterRow {
    RegisterRow { problems: Vec::new(), lines: Vec::new(), ..row.clone() }
}
