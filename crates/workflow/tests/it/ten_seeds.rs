//! For ten seeds every cell of the workbook, read back by another program, is what the sandbox's model says.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use b24_sandbox::{Basis, Sandbox};
use calamine::{Data, Reader as _, Xlsx, open_workbook};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use crate::portal_register::{ALL, make, unhurried};

/// Titles of the register with the members of the model that their cells must equal.
const TEXTS: [(&str, &str); 9] = [
    ("Номер", "number"),
    ("Контрагент", "counterparty"),
    ("ИНН", "inn"),
    ("КПП", "kpp"),
    ("Наша организация", "my_company"),
    ("ИНН нашей организации", "my_inn"),
    ("КПП нашей организации", "my_kpp"),
    ("Валюта", "currency"),
    ("Стадия", "stage"),
];
const AMOUNTS: [(&str, &str); 8] = [
    ("Сумма с НДС", "gross"),
    ("НДС", "vat"),
    ("Сумма без НДС", "net"),
    ("НДС портала", "portal_vat"),
    ("Разница", "difference"),
    ("Сумма счёта − сумма позиций", "header_minus_rows"),
    ("Оплачено", "paid_sum"),
    ("Остаток", "remainder"),
];
const DAYS: [(&str, &str); 3] =
    [("Дата счёта", "date"), ("Дата отгрузки", "shipped_on"), ("Дата оплаты", "paid_on")];
/// A column of words: its title, the model's member, and what each word means there.
type Words = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
const WORDS: [Words; 2] = [
    ("Статус", "status", &[("оплачен", "paid"), ("не оплачен", "open"), ("отменён", "cancelled")]),
    (
        "Откуда дата оплаты",
        "paid_by",
        &[("поле счёта", "field"), ("оплата", "payment"), ("по стадии", "stage")],
    ),
];

/// A sheet as rows of cells under titles.
struct Table {
    titles: Vec<String>,
    rows: Vec<Vec<Data>>,
}

impl Table {
    fn of(book: &mut Xlsx<std::io::BufReader<std::fs::File>>, name: &str) -> Self {
        let range = book.worksheet_range(name).unwrap();
        let mut rows = range.rows().map(<[Data]>::to_vec);
        let titles = rows.next().unwrap().iter().map(ToString::to_string).collect();
        Self { titles, rows: rows.collect() }
    }

    fn cell<'a>(&self, row: &'a [Data], title: &str) -> &'a Data {
        let place = self.titles.iter().position(|found| found == title);
        &row[place.unwrap_or_else(|| panic!("no column {title} in {:?}", self.titles))]
    }
}

fn text(cell: &Data) -> Option<String> {
    Some(cell.to_string()).filter(|text| !text.is_empty())
}

/// The amount to the kopeck. The shortest text of a double is the decimal that was written into it.
fn amount(cell: &Data) -> Option<Decimal> {
    text(cell).map(|text| kopecks(Decimal::from_str(&text).unwrap()))
}

fn kopecks(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize()
}

fn of_model(value: &Value) -> Option<Decimal> {
    value.as_str().map(|text| kopecks(Decimal::from_str(text).unwrap()))
}

fn word(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[expect(clippy::cast_possible_truncation, reason = "days of a calendar are small whole numbers")]
fn day(cell: &Data) -> Option<String> {
    let Data::DateTime(day) = cell else {
        assert_eq!(*cell, Data::Empty, "a day is a date or nothing");
        return None;
    };
    let first: Date = date(1899, 12, 30);
    Some(first.checked_add((day.as_f64() as i64).days()).unwrap().to_string())
}

/// Every invoice of the register sheet, cell by cell.
fn register_equals(table: &Table, model: &Value, seed: u64) {
    let wanted = model["rows"].as_array().unwrap();
    let (rows, below) = table.rows.split_at(wanted.len());
    for (at, (row, wanted)) in rows.iter().zip(wanted).enumerate() {
        let cell = |title: &str| table.cell(row, title);
        let place = format!("seed {seed}, invoice {}", wanted["id"]);
        assert_eq!(text(cell("ID")), Some(wanted["id"].to_string()), "{place}");
        assert_eq!(text(cell("№ п/п")), Some((at + 1).to_string()), "{place}");
        for (title, member) in TEXTS {
            let mut expected = word(&wanted[member]);
            if title == "Контрагент" && wanted["is_private_person"] == true {
                expected = expected.map(|name| format!("{name} (физлицо)"));
            }
            if title == "Номер" && expected.is_none() {
                expected = Some(format!("(ID {})", wanted["id"]));
            }
            assert_eq!(text(cell(title)), expected, "{place}, {title}");
        }
        for (title, member) in AMOUNTS {
            assert_eq!(amount(cell(title)), of_model(&wanted[member]), "{place}, {title}");
        }
        for (title, member) in DAYS {
            assert_eq!(day(cell(title)), word(&wanted[member]), "{place}, {title}");
        }
        for (title, member, words) in WORDS {
            let said = text(cell(title));
            let meant = words.iter().find(|(word, _)| Some(*word) == said.as_deref());
            assert_eq!(
                meant.map(|(_, meant)| (*meant).to_owned()),
                word(&wanted[member]),
                "{place}, {title}"
            );
        }
        let month = day(cell("Месяц")).map(|day| day[..7].to_owned());
        assert_eq!(month, word(&wanted["month"]), "{place}, month");
        let manual = text(cell("Сумма вручную")).is_some();
        assert_eq!(Value::Bool(manual), wanted["manual_differs"], "{place}, manual");
        assert_eq!(text(cell("Ставка НДС")).unwrap(), rates(wanted), "{place}, rates");
    }
    totals_below_equal(table, below, model, seed);
}

fn rates(invoice: &Value) -> String {
    let rates: Vec<String> =
        invoice["vat_by_rate"].as_array().unwrap().iter().map(|rate| name(&rate["rate"])).collect();
    if rates.is_empty() { "нет позиций".to_owned() } else { rates.join(", ") }
}

fn name(rate: &Value) -> String {
    rate.as_str().map_or_else(
        || "Без НДС".to_owned(),
        |rate| format!("{} %", Decimal::from_str(rate).unwrap().normalize()),
    )
}

/// Whose total: company, INN, currency.
type Whose = (Option<String>, Option<String>, Option<String>);
/// Number of invoices, gross, net, VAT.
type Sums = (Option<Decimal>, Option<Decimal>, Option<Decimal>, Option<Decimal>);

fn whose_of(group: &Value) -> Whose {
    (word(&group["my_company"]), word(&group["my_inn"]), word(&group["currency"]))
}

fn company(cell: &Data) -> Option<String> {
    text(cell).filter(|name| name != "(организация не указана)")
}

/// The values kept with the formulas below the register.
fn totals_below_equal(table: &Table, below: &[Vec<Data>], model: &Value, seed: u64) {
    let mut found: BTreeMap<Whose, Vec<Sums>> = BTreeMap::new();
    for row in below
        .iter()
        .filter(|row| text(table.cell(row, "Контрагент")).as_deref() == Some("Итого по отобранным строкам"))
    {
        let cell = |title: &str| table.cell(row, title);
        let whose =
            (company(cell("Наша организация")), text(cell("ИНН нашей организации")), text(cell("Валюта")));
        let sums = (
            amount(cell("№ п/п")),
            amount(cell("Сумма с НДС")),
            amount(cell("Сумма без НДС")),
            amount(cell("НДС")),
        );
        found.entry(whose).or_default().push(sums);
    }
    let mut wanted: BTreeMap<Whose, Vec<Sums>> = BTreeMap::new();
    for group in model["totals"].as_array().unwrap().iter().filter(|group| group["count"] != 0) {
        wanted.entry(whose_of(group)).or_default().push(sums_of(group));
    }
    assert_eq!(found, wanted, "seed {seed}, below the register");
    let shown = below
        .iter()
        .find(|row| text(table.cell(row, "Контрагент")).as_deref() == Some("Отобрано счетов"))
        .unwrap();
    assert_eq!(
        amount(table.cell(shown, "№ п/п")),
        Some(model["count"].as_u64().unwrap().into()),
        "seed {seed}"
    );
}

fn sums_of(group: &Value) -> Sums {
    let [gross, net, vat] = ["gross", "net", "vat"].map(|member| of_model(&group[member]));
    (group["count"].as_u64().map(Decimal::from), gross, net, vat)
}

/// The products of each invoice, by rate.
fn lines_equal(table: &Table, model: &Value, seed: u64) {
    type Rates = BTreeMap<(u64, String), [Decimal; 3]>;
    const SUMS: [(&str, &str); 3] = [("Сумма с НДС", "gross"), ("НДС", "vat"), ("Сумма без НДС", "net")];
    let mut found = Rates::new();
    for row in table.rows.iter().filter(|row| row.iter().any(|cell| *cell != Data::Empty)) {
        let id = text(table.cell(row, "ID счёта")).unwrap().parse().unwrap();
        let sums = found.entry((id, text(table.cell(row, "Ставка НДС")).unwrap())).or_default();
        for (sum, (title, _)) in sums.iter_mut().zip(SUMS) {
            *sum = kopecks(*sum + amount(table.cell(row, title)).unwrap());
        }
    }
    let mut wanted = Rates::new();
    for invoice in model["rows"].as_array().unwrap() {
        for rate in invoice["vat_by_rate"].as_array().unwrap() {
            let key = (invoice["id"].as_u64().unwrap(), name(&rate["rate"]));
            wanted.insert(key, SUMS.map(|(_, member)| of_model(&rate[member]).unwrap()));
        }
    }
    assert_eq!(found, wanted, "seed {seed}, product rows");
}

/// One figure of the sheet of totals: company, INN, currency, section, name.
type Figure = (Whose, String, String);

fn totals_equal(table: &Table, model: &Value, seed: u64) {
    let mut found: BTreeMap<Figure, Vec<Sums>> = BTreeMap::new();
    for row in table.rows.iter().filter(|row| text(table.cell(row, "Раздел")).is_some()) {
        let cell = |title: &str| table.cell(row, title);
        let whose = (company(cell("Наша организация")), text(cell("ИНН")), text(cell("Валюта")));
        let figure = (whose, text(cell("Раздел")).unwrap(), text(cell("Показатель")).unwrap());
        let sums = (
            amount(cell("Счетов")),
            amount(cell("Сумма с НДС")),
            amount(cell("Сумма без НДС")),
            amount(cell("НДС")),
        );
        found.entry(figure).or_default().push(sums);
    }
    let mut wanted: BTreeMap<Figure, Vec<Sums>> = BTreeMap::new();
    let groups = model["totals"].as_array().unwrap();
    for group in groups {
        figures(&whose_of(group), group, &mut wanted);
    }
    for group in model["group_totals"].as_array().unwrap() {
        if groups.iter().filter(|other| other["currency"] == group["currency"]).count() > 1 {
            figures(&(Some("По группе".to_owned()), None, word(&group["currency"])), group, &mut wanted);
        }
    }
    for (figure, sums) in &mut wanted {
        sums.sort();
        let mut ours = found.remove(figure).unwrap_or_default();
        ours.sort();
        assert_eq!(ours, *sums, "seed {seed}, {figure:?}");
    }
    assert!(found.is_empty(), "seed {seed}: the model does not have {found:?}");
}

/// Every line that the sheet has for a group.
fn figures(whose: &Whose, group: &Value, wanted: &mut BTreeMap<Figure, Vec<Sums>>) {
    let mut add = |section: &str, name: &str, sums: Sums| {
        wanted.entry((whose.clone(), section.to_owned(), name.to_owned())).or_default().push(sums);
    };
    let tally =
        |value: &Value| (value["count"].as_u64().map(Decimal::from), of_model(&value["gross"]), None, None);
    let sums = |value: &Value| {
        let (_, gross, net, vat) = sums_of(value);
        (None, gross, net, vat)
    };
    add("Всего", "Всего (без отменённых)", sums_of(group));
    if group["cancelled"]["count"] != 0 {
        add("Всего", "Отменено (в итоги не входит)", tally(&group["cancelled"]));
    }
    let all = sums_of(group);
    add("По оплате", "оплачено", tally(&group["paid"]));
    add("По оплате", "не оплачено", tally(&group["open"]));
    add("По оплате", "Итого", (all.0, all.1, None, None));
    for rate in group["by_rate"].as_array().unwrap() {
        add("По ставкам НДС", &name(&rate["rate"]), sums(rate));
    }
    add("По ставкам НДС", "счета без товарных позиций (НДС неизвестен)", tally(&group["without_rows"]));
    let difference = of_model(&group["header_minus_rows"]);
    add("По ставкам НДС", "сумма счёта − сумма позиций", (None, difference, difference, None));
    add("По ставкам НДС", "Итого", (None, all.1, all.2, all.3));
    if group["manual"]["count"] != 0 {
        add("По ставкам НДС", "Справочно: суммы вручную, не по позициям", tally(&group["manual"]));
    }
    for (section, members) in [("По месяцам", "by_month"), ("По контрагентам", "by_counterparty")]
    {
        let members = group[members].as_array().unwrap();
        for part in members {
            let title = match (word(&part["month"]), word(&part["counterparty"]), word(&part["inn"])) {
                (Some(month), ..) => format!("{}.{}", &month[5..], &month[..4]),
                (None, name, inn) => {
                    let name = name.unwrap_or_else(|| "(контрагент не указан)".to_owned());
                    inn.map_or_else(|| name.clone(), |inn| format!("{name}, ИНН {inn}"))
                }
            };
            add(section, &title, sums_of(part));
        }
        if !members.is_empty() {
            add(section, "Итого", all);
        }
    }
}

#[tokio::test]
async fn for_ten_seeds_every_cell_of_the_workbook_is_what_the_model_says() {
    for seed in 1..=10 {
        let (sandbox, client) = unhurried(Sandbox::builder().seed(seed).invoices(250)).await;
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("r.xlsx");
        let register = make(&client, ALL, &output).await.unwrap();
        assert!(register.is_complete(), "{:?}", register.shown);
        let model = serde_json::to_value(sandbox.register_model(ALL.0, ALL.1, Basis::Invoice)).unwrap();
        let mut book: Xlsx<_> = open_workbook(&output).unwrap();
        register_equals(&Table::of(&mut book, "Реестр"), &model, seed);
        lines_equal(&Table::of(&mut book, "Строки"), &model, seed);
        totals_equal(&Table::of(&mut book, "Итоги"), &model, seed);
    }
}
