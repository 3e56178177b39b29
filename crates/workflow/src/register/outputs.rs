//! Where the rows of a register go: one output, or one per own company.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use data_processor::ProcessedInvoice;

use super::RegisterRow;
use super::tally::Tally;
use crate::Error;
use crate::render::Renderer;

/// Opens the renderer of an output by its name.
pub type OpenRenderer = Box<dyn FnMut(&Path) -> Result<Renderer, Error> + Send>;

/// The outputs of a register. None of them has its name before all of them are complete.
pub struct Outputs {
    splitting: Option<Splitting>,
    parts: BTreeMap<Seller, Part>,
}

/// One output and what it counted.
pub(super) struct Part {
    pub(super) renderer: Renderer,
    pub(super) tally: Tally,
}

struct Splitting {
    path: PathBuf,
    open: OpenRenderer,
}

/// Whose output: the name's last part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Seller {
    /// The only output there is.
    All,
    Inn(String),
    /// A company without INN, by id.
    Company(u64),
    /// Invoices without a seller, and those of which nobody knows it.
    Nobody,
}

impl fmt::Debug for Outputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.parts.keys()).finish()
    }
}

impl Outputs {
    /// Everything into one.
    #[must_use]
    pub fn one(renderer: Renderer) -> Self {
        let part = Part { renderer, tally: Tally::default() };
        Self { splitting: None, parts: BTreeMap::from([(Seller::All, part)]) }
    }

    /// One per own company: `FILE.xlsx` becomes `FILE-7707083893.xlsx`; `FILE-company-5.xlsx` for a company without
    /// INN, `FILE-no-seller.xlsx` for invoices without a company. Files are opened as the companies appear.
    ///
    /// # Errors
    /// When such a file exists already and `replace` is not set.
    pub fn per_seller(path: &Path, replace: bool, open: OpenRenderer) -> Result<Self, Error> {
        if !replace && let Some(path) = existing_part(path) {
            return Err(Error::OutputExists { path });
        }
        Ok(Self { splitting: Some(Splitting { path: path.to_owned(), open }), parts: BTreeMap::new() })
    }

    /// The tally that an invoice enters.
    pub(super) fn tally_of(&mut self, invoice: &ProcessedInvoice) -> Result<&mut Tally, Error> {
        let seller = invoice.seller();
        let inn = seller.and_then(|seller| seller.inn());
        Ok(&mut self.part(inn, seller.map(data_processor::Party::id))?.tally)
    }

    /// Writes a row and counts it.
    pub(super) fn write(&mut self, mut row: RegisterRow) -> Result<(), Error> {
        let part = self.part(row.my_inn.as_deref(), row.my_company_id)?;
        part.renderer.row(&mut row)?;
        part.tally.note(row);
        Ok(())
    }

    /// What all outputs counted, and the outputs.
    pub(super) fn close(self) -> (Tally, Vec<Part>) {
        let mut whole = Tally::default();
        let parts: Vec<Part> = self.parts.into_values().collect();
        for part in &parts {
            whole.merge(&part.tally);
        }
        (whole, parts)
    }

    fn part(&mut self, inn: Option<&str>, company: Option<u64>) -> Result<&mut Part, Error> {
        let seller = match (&self.splitting, inn, company) {
            (None, ..) => Seller::All,
            // It becomes a part of a file name.
            (_, Some(inn), _) if !inn.is_empty() && inn.bytes().all(|byte| byte.is_ascii_digit()) => {
                Seller::Inn(inn.to_owned())
            }
            (_, _, Some(id)) => Seller::Company(id),
            (_, _, None) => Seller::Nobody,
        };
        if let (Some(Splitting { path, open }), false) =
            (&mut self.splitting, self.parts.contains_key(&seller))
        {
            let renderer = open(&named(path, &seller.suffix()))?;
            self.parts.insert(seller.clone(), Part { renderer, tally: Tally::default() });
        }
        // Without splitting there is the one output, with it the part was just made.
        Ok(self.parts.entry(seller).or_insert_with(|| Part {
            renderer: Renderer::json_lines(Box::new(std::io::sink())),
            tally: Tally::default(),
        }))
    }
}

impl Seller {
    fn suffix(&self) -> String {
        match self {
            Self::All | Self::Nobody => "no-seller".to_owned(),
            Self::Inn(inn) => inn.clone(),
            Self::Company(id) => format!("company-{id}"),
        }
    }
}

/// `FILE-SUFFIX.xlsx`.
fn named(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push("-");
    name.push(suffix);
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

/// A file that one of the outputs would replace, as far as can be told before the companies are known.
fn existing_part(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let stem = format!("{}-", path.file_stem()?.to_str()?);
    let found =
        std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).find(|found| {
            let suffix = found.file_stem().and_then(|name| name.to_str()?.strip_prefix(&stem));
            let is_part = suffix.is_some_and(|suffix| {
                let number = suffix.strip_prefix("company-").unwrap_or(suffix);
                suffix == "no-seller"
                    || !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            });
            is_part && found.extension() == path.extension()
        })?;
    Some(path.with_file_name(found.file_name()?))
}
