//! The workbook of `b24 report invoices`, read by openpyxl and by LibreOffice, equals the sandbox's model.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

use super::office::Office;
use super::python::Python;
use super::{Check, Stage, script};
use crate::portal::Portal;
use crate::program;

const SEEDS: [u32; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const FROM: &str = "2025-01-01";
const TO: &str = "2026-12-31";

/// Three checks for each seed: one for each reader, and one of what the other computes.
pub(super) fn checks(stage: &Stage, python: Option<&Python>, office: Option<&Office>) -> Vec<Check> {
    let names = |how: &str| SEEDS.map(|seed| format!("register of seed {seed}, {how}"));
    let openpyxl = names("read by openpyxl");
    let (libreoffice, computed) = (names("read by LibreOffice"), names("computed by LibreOffice"));
    let Some(python) = python else {
        let names = openpyxl.into_iter().chain(libreoffice).chain(computed);
        return names.map(Check::skipped).collect();
    };

    let written = SEEDS.map(|seed| Register::write(stage, seed));
    let mut checks = Vec::new();
    for (name, register) in openpyxl.into_iter().zip(&written) {
        let read = |register: &Register| register.check_workbook(stage, python);
        checks.push(Check::of(name, available(register).and_then(read)));
    }
    let Some(office) = office else {
        checks.extend(libreoffice.into_iter().chain(computed).map(Check::skipped));
        return checks;
    };
    let sheets = stage.folder.join("sheets");
    let stripped: Vec<Result<()>> =
        written.iter().map(|register| available(register)?.strip(stage, python)).collect();
    let converted = convert(office, &written, &sheets);
    for (name, register) in libreoffice.into_iter().zip(&written) {
        let ready = available(&converted).and_then(|()| available(register));
        checks
            .push(Check::of(name, ready.and_then(|register| register.check_sheets(stage, python, &sheets))));
    }
    for ((name, register), stripped) in computed.into_iter().zip(&written).zip(&stripped) {
        let ready =
            available(&converted).and_then(|()| available(stripped)).and_then(|()| available(register));
        let check = |register: &Register| register.check_computed(stage, python, &sheets);
        checks.push(Check::of(name, ready.and_then(check)));
    }
    checks
}

/// A written workbook and the model it must equal.
struct Register {
    name: String,
    workbook: PathBuf,
    model: PathBuf,
}

impl Register {
    fn write(stage: &Stage, seed: u32) -> Result<Self> {
        let name = format!("register-{seed}");
        let file = |extension: &str| stage.folder.join(format!("{name}{extension}"));
        let (workbook, model) = (file(".xlsx"), file(".model.json"));
        let arguments = ["--seed", &seed.to_string(), "--rate", "0"].map(str::to_owned);
        let portal = Portal::start(&stage.binary, &arguments, &file("-sandbox.log"))?;
        let page = portal.page(&format!("/sandbox/model/register?from={FROM}&to={TO}&basis=invoice"))?;
        fs::write(&model, page).with_context(|| format!("could not write {}", model.display()))?;
        let mut report = portal.client(&stage.binary, &stage.folder);
        report.args(["report", "invoices", "--from", FROM, "--to", TO, "--force", "-o"]).arg(&workbook);
        program::run(&mut report)?;
        Ok(Self { name, workbook, model })
    }

    fn check_workbook(&self, stage: &Stage, python: &Python) -> Result<()> {
        script(stage, python, "register_check.py", &[&self.model, Path::new("--xlsx"), &self.workbook])
    }

    fn check_sheets(&self, stage: &Stage, python: &Python, sheets: &Path) -> Result<()> {
        let arguments = [self.model.as_path(), Path::new("--csv"), sheets, Path::new(&self.name)];
        script(stage, python, "register_check.py", &arguments)
    }
}

impl Register {
    /// Copies without the values of formulas, for LibreOffice to compute them; in the second half of the rows is hidden.
    fn copies(&self) -> [PathBuf; 2] {
        ["bare", "half"].map(|kind| self.workbook.with_file_name(format!("{}-{kind}.xlsx", self.name)))
    }

    fn strip(&self, stage: &Stage, python: &Python) -> Result<()> {
        let [bare, half] = self.copies();
        script(stage, python, "register_check.py", &[Path::new("--strip"), &self.workbook, &bare, &half])
    }

    fn check_computed(&self, stage: &Stage, python: &Python, sheets: &Path) -> Result<()> {
        let [bare, half] = ["bare", "half"].map(|kind| format!("{}-{kind}", self.name));
        let names = [Path::new(&bare), Path::new(&half)];
        let arguments = [Path::new("--computed"), &self.workbook, sheets, names[0], names[1]];
        script(stage, python, "register_check.py", &arguments)
    }
}

/// Converts all workbooks at once: starting LibreOffice takes longer than converting.
fn convert(office: &Office, written: &[Result<Register>], sheets: &Path) -> Result<()> {
    if sheets.exists() {
        fs::remove_dir_all(sheets).context("could not remove the sheets of an earlier run")?;
    }
    let workbooks: Vec<PathBuf> = written
        .iter()
        .flatten()
        .flat_map(|register| [register.workbook.clone()].into_iter().chain(register.copies()))
        .collect();
    if workbooks.is_empty() { Ok(()) } else { office.to_csv(&workbooks, sheets) }
}

/// Several checks stand on one preparation; each of them fails with its reason.
fn available<T>(prepared: &Result<T>) -> Result<&T> {
    prepared.as_ref().map_err(|error| anyhow!("{error:#}"))
}
