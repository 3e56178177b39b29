//! The workbook of `b24 report invoices`, read by openpyxl and by LibreOffice, equals the sandbox's model.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

use super::office::Office;
use super::python::Python;
use super::{Check, Stage, script};
use crate::portal::Portal;
use crate::program;

const SEEDS: [u32; 3] = [1, 2, 3];
const FROM: &str = "2025-01-01";
const TO: &str = "2026-12-31";

/// Two checks for each seed, one for each reader.
pub(super) fn checks(stage: &Stage, python: Option<&Python>, office: Option<&Office>) -> Vec<Check> {
    let names = |reader: &str| SEEDS.map(|seed| format!("register of seed {seed}, read by {reader}"));
    let (openpyxl, libreoffice) = (names("openpyxl"), names("LibreOffice"));
    let Some(python) = python else {
        return openpyxl.into_iter().chain(libreoffice).map(Check::skipped).collect();
    };

    let written = SEEDS.map(|seed| Register::write(stage, seed));
    let mut checks = Vec::new();
    for (name, register) in openpyxl.into_iter().zip(&written) {
        let read = |register: &Register| register.check_workbook(stage, python);
        checks.push(Check::of(name, available(register).and_then(read)));
    }
    let Some(office) = office else {
        checks.extend(libreoffice.into_iter().map(Check::skipped));
        return checks;
    };
    let sheets = stage.folder.join("sheets");
    let converted = convert(office, &written, &sheets);
    for (name, register) in libreoffice.into_iter().zip(&written) {
        let ready = available(&converted).and_then(|()| available(register));
        checks
            .push(Check::of(name, ready.and_then(|register| register.check_sheets(stage, python, &sheets))));
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

/// Converts all workbooks at once: starting LibreOffice takes longer than converting.
fn convert(office: &Office, written: &[Result<Register>], sheets: &Path) -> Result<()> {
    if sheets.exists() {
        fs::remove_dir_all(sheets).context("could not remove the sheets of an earlier run")?;
    }
    let workbooks: Vec<PathBuf> =
        written.iter().flatten().map(|register| register.workbook.clone()).collect();
    if workbooks.is_empty() { Ok(()) } else { office.to_csv(&workbooks, sheets) }
}

/// Several checks stand on one preparation; each of them fails with its reason.
fn available<T>(prepared: &Result<T>) -> Result<&T> {
    prepared.as_ref().map_err(|error| anyhow!("{error:#}"))
}
