//! Documents that LibreOffice writes are indexed by `b24` and found with their headings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;

use super::office::{Office, install_writer};
use super::{Check, Stage};
use crate::program;

const PAGE: &str = "<html><head><meta charset='utf-8'><title>Регламент склада</title></head><body>\
    <h1>Регламент склада</h1><p>Отгрузка идёт по средам.</p>\
    <h2>Приёмка</h2><p>Возвраты принимаем <b>по пятницам</b> до 17:00.</p>\
    <table border=1><tr><th>Товар</th><th>Цена</th></tr><tr><td>Брекеты</td><td>12 200,00</td></tr>\
    <tr><td>Пломба</td><td>3 500</td></tr></table>\
    <h2>Хранение</h2><p>Полка у окна.</p></body></html>";
const TABLE: &str = "Товар,Цена,Дата\nБрекеты,\"12200,50\",31.03.2026\nПломба,3500,01.04.2026\n";
/// Comma separated, in quotes, UTF-8, Russian numbers and dates are recognised.
const CSV: &str = "--infilter=CSV:44,34,76,1,,1049,false,true";
const HTML: &str = "--infilter=HTML (StarWriter)";

/// A file, words to find it by, the headings and a part of what is found.
const FOUND: [(&str, &str, &[&str], &str); 6] = [
    ("page.docx", "возврат", &["Регламент склада", "Приёмка"], "Возвраты принимаем по пятницам до 17:00"),
    ("page.docx", "пломбы", &["Регламент склада", "Приёмка"], "Пломба | 3 500"),
    ("page.odt", "возврат", &["Регламент склада", "Приёмка"], "Возвраты принимаем по пятницам до 17:00"),
    ("page.odt", "пломбы", &["Регламент склада", "Приёмка"], "Пломба | 3 500"),
    ("table.xlsx", "пломбы", &["table"], "Пломба | 3500 | 2026-04-01"),
    ("page.pdf", "возврат", &["стр. 1"], "Возвраты принимаем"),
];

pub(super) fn checks(stage: &Stage, office: Option<&Office>) -> Vec<Check> {
    let name = |file: &str, words: &str| format!("{file} of LibreOffice, «{words}» is found in it");
    let Some(office) = office else {
        return FOUND.iter().map(|(file, words, ..)| Check::skipped(name(file, words))).collect();
    };
    let folder = stage.folder.join("documents");
    let written = write(office, &folder);
    if let Err(error) = &written
        && !program::in_ci()
    {
        crate::console::note(format!("documents of LibreOffice are SKIPPED: {error:#}"));
        return FOUND.iter().map(|(file, words, ..)| Check::skipped(name(file, words))).collect();
    }
    let check = |&(file, words, headings, part): &(&str, &str, &[&str], &str)| {
        let ready = written.as_ref().map_err(|error| anyhow!("{error:#}"));
        let found = ready.and_then(|()| find(stage, &folder, file, words));
        Check::of(name(file, words), found.and_then(|hit| compare(&hit, headings, part)))
    };
    FOUND.iter().map(check).collect()
}

/// Writes the documents; Writer is installed when LibreOffice has it not.
fn write(office: &Office, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).context("could not remove the documents of an earlier run")?;
    }
    fs::create_dir_all(folder).context("could not make the folder of documents")?;
    let (page, table) = (folder.join("page.html"), folder.join("table.csv"));
    fs::write(&page, PAGE).and_then(|()| fs::write(&table, TABLE)).context("could not write documents")?;
    office.convert(&["--convert-to", "xlsx", CSV], &[table], folder)?;
    let odt = |page: &PathBuf| {
        // It ends with success although it could not.
        let converted = office.convert(&["--convert-to", "odt", HTML], std::slice::from_ref(page), folder);
        converted.is_ok() && folder.join("page.odt").exists()
    };
    if !odt(&page) {
        install_writer()?;
        if !odt(&page) {
            bail!("LibreOffice writes no text documents");
        }
    }
    office.convert(&["--convert-to", "docx:MS Word 2007 XML", HTML], &[page], folder)?;
    office.convert(&["--convert-to", "pdf"], &[folder.join("page.odt")], folder)
}

/// The best hit in a queue of this file alone.
fn find(stage: &Stage, folder: &Path, file: &str, words: &str) -> Result<Value> {
    let b24 = |arguments: &[&str]| {
        let mut command = Command::new(&stage.binary);
        command.current_dir(folder).env("B24_CONFIG", folder.join("config.toml"));
        command.arg("--state-dir").arg(folder.join(format!("state-{file}"))).args(arguments);
        program::output(&mut command)
    };
    b24(&["index", "add", file, "--mode", "sync"])?;
    let found = b24(&["search", words, "--mode", "text", "--json"])?;
    let mut found: Value = serde_json::from_str(&found).context("could not read what was found")?;
    Ok(found["data"]["hits"][0].take())
}

fn compare(hit: &Value, headings: &[&str], part: &str) -> Result<()> {
    let snippet = hit["snippet"].as_str().unwrap_or_default();
    if hit["heading"] != serde_json::json!(headings) || !snippet.contains(part) {
        bail!("expected `{part}` under {headings:?}, found {hit}");
    }
    Ok(())
}
