//! `fast_bitrix24` lists deals and runs batches on the sandbox, without and with limits.

use std::path::Path;

use anyhow::Result;

use super::python::Python;
use super::{Check, Stage, script};
use crate::portal::Portal;

const DEALS: &str = "10000";

/// So small a bucket that batches sent at once overflow it.
const SMALL_BUCKET: [&str; 4] = ["--rate", "2", "--burst", "3"];

pub(super) fn checks(stage: &Stage, python: Option<&Python>) -> Vec<Check> {
    let names = ["fast_bitrix24 without limits", "fast_bitrix24 with limits"];
    let Some(python) = python else {
        return names.map(Check::skipped).into();
    };
    vec![
        Check::of(names[0], run(stage, python, &["--rate", "0"], &[])),
        Check::of(names[1], run(stage, python, &SMALL_BUCKET, &["--limited"])),
    ]
}

fn run(stage: &Stage, python: &Python, limits: &[&str], flags: &[&str]) -> Result<()> {
    let mut arguments = vec!["--deals".to_owned(), DEALS.to_owned()];
    arguments.extend(limits.iter().map(|&argument| argument.to_owned()));
    let portal = Portal::start(&stage.binary, &arguments, &stage.folder.join("fast_bitrix24-sandbox.log"))?;
    let words: Vec<&Path> =
        [portal.webhook(), DEALS].into_iter().chain(flags.iter().copied()).map(Path::new).collect();
    script(stage, python, "fast_bitrix24_check.py", &words)
}
