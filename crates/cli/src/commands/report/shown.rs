//! How the register is to be shown: flag over config file over default.

use workflow::render::{CsvProfile, Language, Layout, Presentation};

use crate::args::{CsvArg, InvoicesArgs, LanguageArg, LayoutArg};
use crate::failure::Failure;
use crate::settings::Report;

/// What flags and the config file choose.
pub(super) fn of(args: &InvoicesArgs, settings: &Report) -> Result<Presentation, Failure> {
    let shown = Presentation::new(
        match args.layout.or(settings.layout) {
            None | Some(LayoutArg::Register) => Layout::Register,
            Some(LayoutArg::Brief) => Layout::Brief,
        },
        match args.lang.or(settings.lang) {
            None | Some(LanguageArg::Ru) => Language::Russian,
            Some(LanguageArg::En) => Language::English,
        },
        match args.csv.or(settings.csv) {
            None | Some(CsvArg::Machine) => CsvProfile::Machine,
            Some(CsvArg::RuExcel) => CsvProfile::RuExcel,
            Some(CsvArg::Cp1251) => CsvProfile::Cp1251,
        },
    );
    shown.columns(&settings.columns).map_err(Failure::from)
}
