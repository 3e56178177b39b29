//! Which invoices a register is about: period and the date that decides, own companies, clients, stages, currencies.

use data_processor::raw::{RawInvoice, RawParty, RawStage};
use data_processor::{Party, ProcessedInvoice, date, paid_on};
use jiff::civil::Date;
use serde::Serialize;

use crate::source::{Gap, Origin, Part};
use crate::{Basis, Period};

/// What was asked for. An empty list asks for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// The period; none takes every invoice.
    pub period: Option<Period>,
    /// The date that decides about it.
    pub basis: Basis,
    /// Own companies by INN, id or name.
    pub my_companies: Vec<String>,
    /// Clients by INN.
    pub counterparties: Vec<String>,
    /// Stages by name or id.
    pub stages: Vec<String>,
    /// Currencies by code.
    pub currencies: Vec<String>,
}

/// Where an invoice belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the register.
    In,
    /// In no sum, but among the problems: it lacks the deciding date and is dated inside the period.
    Undated,
    /// Somewhere else.
    Out,
}

impl Selection {
    /// Everything dated inside a period.
    #[must_use]
    pub fn of_period(period: Period) -> Self {
        Self { period: Some(period), ..Self::default() }
    }

    /// Without a period, period and basis are those the invoices were fetched for.
    #[must_use]
    pub fn completed_by(self, origin: &Origin) -> Self {
        if self.period.is_some() {
            return self;
        }
        Self { period: origin.period, basis: origin.basis, ..self }
    }

    /// Where a complete invoice belongs.
    pub(crate) fn place(&self, invoice: &RawInvoice) -> Place {
        let asked =
            |texts: &[String], is: &dyn Fn(&str) -> bool| texts.is_empty() || texts.iter().any(|t| is(t));
        let selected =
            asked(&self.currencies, &|code| invoice.currency.as_deref().is_some_and(|c| same(c, code)))
                && asked(&self.stages, &|stage| is_stage(&invoice.stage, stage))
                && asked(&self.counterparties, &|inn| has_inn(invoice.counterparty.as_ref(), inn))
                && asked(&self.my_companies, &|text| is_company(invoice.seller.as_ref(), text));
        if selected { self.place_in_time(invoice) } else { Place::Out }
    }

    /// The same for an invoice of which parts are missing: only what is known keeps it out.
    pub(crate) fn place_of_gap(&self, gap: &Gap, invoice: &RawInvoice) -> Place {
        let payments_lost = gap.missing.iter().any(|missing| missing.part == Part::Payments);
        let known = Self {
            period: self.period.filter(|_| self.basis != Basis::Paid || !payments_lost),
            my_companies: invoice.seller.as_ref().map(|_| self.my_companies.clone()).unwrap_or_default(),
            counterparties: invoice
                .counterparty
                .as_ref()
                .map(|_| self.counterparties.clone())
                .unwrap_or_default(),
            ..self.clone()
        };
        known.place(invoice)
    }

    /// What the dates alone say. A date that cannot be read keeps nothing out.
    pub(crate) fn place_in_time(&self, invoice: &RawInvoice) -> Place {
        let Some(period) = self.period else { return Place::In };
        let own = day(invoice.date.as_deref());
        let in_own = own.is_none_or(|day| period.contains(day));
        let deciding = match self.basis {
            Basis::Invoice => return if in_own { Place::In } else { Place::Out },
            Basis::Shipped => day(invoice.shipped_on.as_deref()),
            Basis::Paid => paid_on(invoice).map(|(day, _)| day),
        };
        match deciding {
            Some(day) if period.contains(day) => Place::In,
            None if in_own => Place::Undated,
            _ => Place::Out,
        }
    }

    /// The day that decides about a processed invoice; none when it lacks it.
    pub(crate) fn day(&self, invoice: &ProcessedInvoice) -> Option<Date> {
        match self.basis {
            Basis::Invoice => Some(invoice.date()),
            Basis::Shipped => invoice.shipped_on(),
            Basis::Paid => invoice.paid_on(),
        }
    }
}

fn day(text: Option<&str>) -> Option<Date> {
    text.and_then(date::civil)
}

/// The card says «Вектор», the requisite "Вектор", and some shells take them away.
const QUOTES: [char; 6] = ['"', '«', '»', '“', '”', '„'];

/// Whether two texts mean the same to a person: case, outer blanks and quotation marks of any kind do not count.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.trim().to_lowercase().replace(QUOTES, "");
    plain(a) == plain(b)
}

pub(crate) fn is_stage(stage: &RawStage, asked: &str) -> bool {
    same(&stage.id, asked) || stage.name.as_deref().is_some_and(|name| same(name, asked))
}

fn has_inn(party: Option<&RawParty>, asked: &str) -> bool {
    let digits = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    let inn = party.and_then(|party| party.requisite.as_ref()?.inn.as_deref());
    inn.is_some_and(|inn| digits(inn) == digits(asked))
}

/// By INN, by id, or by the name of requisite or card.
pub(crate) fn is_company(party: Option<&RawParty>, asked: &str) -> bool {
    let Some(raw) = party else { return false };
    has_inn(party, asked)
        || asked.trim().parse() == Ok(raw.id)
        || raw.title.as_deref().is_some_and(|title| same(title, asked))
        || Party::from_raw(raw.clone()).name().is_some_and(|name| same(name, asked))
}
