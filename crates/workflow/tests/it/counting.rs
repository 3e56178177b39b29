//! What is counted, and for whom: selections, files per own company, payments that cannot be had.

use std::fs;
use std::path::Path;

use b24_client::{Client, crm};
use b24_sandbox::{Basis as ModelBasis, FaultPlan, Sandbox};
use calamine::{Data, Reader as _, Xlsx, open_workbook};
use jiff::civil::date;
use workflow::register::{self, Outputs, Selection};
use workflow::render::Renderer;
use workflow::source::portal::{DateFields, PortalInvoices};
use workflow::source::raw_file::RawFile;
use workflow::{Basis, Error, Period, Register};

use crate::portal_register::{ALL, rows, select, unhurried, user};
use crate::raw_register::{HEADER, invoice, whole};

fn all() -> Selection {
    Selection::of_period(Period::new(ALL.0, ALL.1).unwrap())
}

#[tokio::test]
async fn an_own_company_is_chosen_by_inn_id_or_name() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(120)).await;
    let model = sandbox.register_model(ALL.0, ALL.1, ModelBasis::Invoice);
    let one = model.rows.iter().find(|row| row.my_inn.is_some()).unwrap();
    let expected = model.rows.iter().filter(|row| row.my_inn == one.my_inn).count() as u64;
    let folder = tempfile::tempdir().unwrap();
    let inn = one.my_inn.clone().unwrap();
    let name = one.my_company.clone().unwrap().to_uppercase();
    let quoted = name.replacen('"', "«", 1).replacen('"', "»", 1);
    let card = card(&client, one.my_company_id.unwrap()).await;
    assert!(card.contains('«') && quoted.contains('«'), "{card}, {quoted}");
    let texts =
        [inn, one.my_company_id.unwrap().to_string(), name, quoted, card.replace(['«', '»'], "“"), card];
    for (n, asked) in texts.into_iter().enumerate() {
        let selection = Selection { my_companies: vec![asked.clone()], ..all() };
        let output = folder.path().join(format!("{n}.jsonl"));
        let register = select(&client, &selection, &output).await.unwrap();
        assert_eq!(register.counts.invoices, expected, "{asked}");
        assert_eq!(register.counts.kept_out, 120 - expected);
        assert_eq!(register.difference_to_count(), Some(0));
        assert!(rows(&output).iter().all(|row| row["my_inn"].as_str() == one.my_inn.as_deref()));
    }
}

/// The title of a company's card.
async fn card(client: &Client, id: u64) -> String {
    let own = client.call(crm::my_companies()).await.unwrap();
    own.into_iter().find(|company| company.id.get() == id).unwrap().title.unwrap()
}

#[tokio::test]
async fn an_own_company_that_the_portal_does_not_have_is_refused_with_those_it_has() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(20)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("x.jsonl");
    for asked in ["вектор", "5001000017", "77"] {
        let selection = Selection { my_companies: vec!["1".to_owned(), asked.to_owned()], ..all() };
        let error = select(&client, &selection, &output).await.unwrap_err();
        assert_eq!(error.code(), "register.filter-unknown", "{asked}");
        assert!(error.to_string().contains(asked), "{error}");
        let hint = error.hint().unwrap();
        assert!(hint.contains(&card(&client, 1).await) && hint.contains("INN "), "{hint}");
        assert!(!output.exists());
    }
    // Who sees no requisites of ours, or no company, gets what was asked for all the same.
    for method in ["crm.requisite.list", "crm.company.list"] {
        let fault = format!("[[fault]]\nmethod = \"{method}\"\nnth = 1\ndo = \"401\"\n");
        sandbox.inject(fault.parse::<FaultPlan>().unwrap());
        let selection = Selection { my_companies: vec!["вектор".to_owned()], ..all() };
        let register = select(&client, &selection, &output).await.unwrap();
        assert_eq!(register.counts.invoices, 0, "{method}");
        fs::remove_file(&output).unwrap();
    }
}

#[tokio::test]
async fn choosing_own_companies_takes_no_request_of_its_own() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(60)).await;
    let folder = tempfile::tempdir().unwrap();
    let mut counts = Vec::new();
    for my_companies in [Vec::new(), vec!["1".to_owned(), "2".to_owned()]] {
        let before = sandbox.journal().requests;
        let output = folder.path().join(format!("{}.jsonl", my_companies.len()));
        select(&client, &Selection { my_companies, ..all() }, &output).await.unwrap();
        counts.push(sandbox.journal().requests - before);
    }
    assert_eq!(counts[0], counts[1]);
}

#[tokio::test]
async fn clients_stages_and_currencies_are_selected_and_the_rest_is_kept_out() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(150)).await;
    let model = sandbox.register_model(ALL.0, ALL.1, ModelBasis::Invoice);
    let inn = model.rows.iter().find_map(|row| row.inn.clone()).unwrap();
    let spaced = format!("{} {}", &inn[..4], &inn[4..]);
    let count =
        |is: &dyn Fn(&b24_sandbox::RegisterRow) -> bool| model.rows.iter().filter(|r| is(r)).count() as u64;
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (Selection { counterparties: vec![spaced], ..all() }, count(&|row| row.inn.as_ref() == Some(&inn))),
        (Selection { stages: vec!["оплачен".into()], ..all() }, count(&|row| row.stage == "Оплачен")),
        (Selection { stages: vec!["DT31_3:D".into()], ..all() }, count(&|row| row.status == "cancelled")),
        (Selection { currencies: vec!["cny".into()], ..all() }, count(&|row| row.currency == "CNY")),
    ];
    for (n, (selection, expected)) in cases.into_iter().enumerate() {
        let output = folder.path().join(format!("{n}.jsonl"));
        let register = select(&client, &selection, &output).await.unwrap();
        assert_eq!(register.counts.invoices, expected, "{selection:?}");
    }
    for selection in [
        Selection { stages: vec!["нет такой".into()], ..all() },
        Selection { currencies: vec!["XXX".into()], ..all() },
    ] {
        let error = select(&client, &selection, &folder.path().join("x.jsonl")).await.unwrap_err();
        assert_eq!(error.code(), "register.filter-unknown");
        assert!(error.hint().unwrap().contains(if selection.stages.is_empty() {
            "RUB"
        } else {
            "Оплачен"
        }));
    }
}

#[tokio::test]
async fn payments_the_portal_refuses_leave_the_day_of_the_stage_and_a_note() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(300)).await;
    let fault = "[[fault]]\nmethod = \"crm.item.payment.list\"\nevery = 1\ndo = \"401\"\n";
    sandbox.inject(fault.parse::<FaultPlan>().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("r.jsonl");
    let register = select(&client, &all(), &output).await.unwrap();
    assert!(register.is_complete(), "{:?}", register.shown);
    let asked = rows(&output).into_iter().filter(|row| row["paid_by"] == "stage").count() as u64;
    assert!(asked > 0);
    assert_eq!(register.problems.get("invoice.payments-unknown"), Some(&asked));
}

#[tokio::test]
async fn one_file_per_own_company_all_of_them_or_none() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(160)).await;
    let model = sandbox.register_model(ALL.0, ALL.1, ModelBasis::Invoice);
    let folder = tempfile::tempdir().unwrap();
    let register = split(&client, folder.path(), false).await.unwrap();
    let mut expected: Vec<(String, usize)> = Vec::new();
    for group in &model.totals {
        let name = format!("реестр-{}.jsonl", group.my_inn.as_deref().unwrap_or("no-seller"));
        if !expected.iter().any(|(known, _)| *known == name) {
            let rows = model.rows.iter().filter(|row| row.my_inn == group.my_inn).count();
            expected.push((name, rows));
        }
    }
    expected.sort();
    assert!(expected.len() > 2, "{expected:?}");
    let mut found: Vec<(String, usize)> = register
        .outputs
        .iter()
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), rows(path).len()))
        .collect();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), expected.len(), "and nothing else");
    assert_eq!(register.counts.invoices, 160, "the register speaks of all of them");

    let again = split(&client, folder.path(), false).await.unwrap_err();
    assert_eq!(again.code(), "output.exists");
    split(&client, folder.path(), true).await.unwrap();
}

async fn split(client: &Client, folder: &Path, replace: bool) -> Result<Register, Error> {
    let open = move |path: &Path| Renderer::for_path(path, replace, "2026-11-20T12:00:00Z".parse().unwrap());
    let outputs = Outputs::per_seller(&folder.join("реестр.jsonl"), replace, Box::new(open))?;
    let mut source = PortalInvoices::open(client.clone(), user(), &all(), &DateFields::default()).await?;
    register::run(&mut source, &all(), outputs, None, &mut |_| {}).await
}

#[test]
fn a_file_that_cannot_be_opened_leaves_none_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("raw.jsonl");
    let other = invoice(2, "2026-02-02", "122").replace("7707083893", "7830002293");
    fs::write(&input, whole(&[HEADER.to_owned(), invoice(1, "2026-02-01", "122"), other])).unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    // A folder stands where the second file would go.
    fs::create_dir(out.join("r-7830002293.csv")).unwrap();
    let open = |path: &Path| Renderer::for_path(path, true, "2026-11-20T12:00:00Z".parse().unwrap());
    let outputs = Outputs::per_seller(&out.join("r.csv"), true, Box::new(open)).unwrap();
    let mut source = RawFile::open(&input).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let selection = Selection::default();
    let made = runtime.block_on(register::run(&mut source, &selection, outputs, None, &mut |_| {}));
    assert_eq!(made.unwrap_err().code(), "output.not-writable");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "only the folder that was there");
}

#[test]
fn invoices_without_a_seller_are_a_group_and_a_file_of_their_own_and_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("raw.jsonl");
    let seller = r#""seller":{"kind":"company","id":1,"title":"ООО Ромашка","requisite":{"id":1,"company_name":"ООО \"Ромашка\"","inn":"7707083893","kpp":"770701001"}},"#;
    let nobody = invoice(2, "2026-02-02", "122").replace(seller, "");
    fs::write(&input, whole(&[HEADER.to_owned(), invoice(1, "2026-02-01", "122"), nobody])).unwrap();
    let open = |path: &Path| Renderer::for_path(path, false, "2026-11-20T12:00:00Z".parse().unwrap());
    let outputs = Outputs::per_seller(&folder.path().join("r.csv"), false, Box::new(open)).unwrap();
    let mut source = RawFile::open(&input).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let selection = Selection::default();
    let register =
        runtime.block_on(register::run(&mut source, &selection, outputs, None, &mut |_| {})).unwrap();
    let names: Vec<_> =
        register.outputs.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["r-7707083893.csv", "r-no-seller.csv"]);
    assert_eq!((register.totals[0].my_company.as_deref(), register.totals[0].count), (None, 1));
    assert_eq!(register.problems.get("invoice.seller-missing"), Some(&1));
    assert_eq!(register.group_totals[0].count, 2);
}

#[test]
fn an_invoice_without_the_deciding_date_is_told_with_its_sum_and_is_in_no_total() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("raw.jsonl");
    let shipped = |id, on: &str| {
        invoice(id, "2026-02-01", "122")
            .replace("\"currency\"", &format!("\"shipped_on\":\"{on}\",\"currency\""))
    };
    let lines = [
        HEADER.to_owned(),
        shipped(1, "2026-02-10"),
        shipped(2, "2026-05-10"),
        invoice(3, "2026-02-03", "50"),
        invoice(4, "2026-05-03", "70"),
        invoice(5, "2026-02-05", "9").replace("\"semantics\":\"S\"", "\"semantics\":\"F\""),
    ];
    fs::write(&input, whole(&lines)).unwrap();
    let output = folder.path().join("r.jsonl");
    let period = Period::new(date(2026, 2, 1), date(2026, 2, 28)).unwrap();
    let selection = Selection { basis: Basis::Shipped, ..Selection::of_period(period) };
    let renderer = Renderer::for_path(&output, false, "2026-11-20T12:00:00Z".parse().unwrap()).unwrap();
    let mut source = RawFile::open(&input).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outputs = Outputs::one(renderer);
    let register =
        runtime.block_on(register::run(&mut source, &selection, outputs, None, &mut |_| {})).unwrap();
    let ids: Vec<u64> = rows(&output).iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [1]);
    assert_eq!((register.counts.undated, register.counts.kept_out), (2, 2));
    let undated = &register.undated[0];
    assert_eq!((undated.count, undated.gross.as_str()), (1, "50.00"));
    assert_eq!((undated.cancelled.count, undated.cancelled.gross.as_str()), (1, "9.00"));
    assert_eq!(register.totals[0].gross, "122.00");
    assert_eq!(register.problems.get("register.not-shipped"), Some(&2));
}

#[test]
fn a_file_that_cannot_get_its_name_takes_the_names_of_the_others_back() {
    let second = "r-7830002293.csv";
    for replace in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("raw.jsonl");
        let other = invoice(2, "2026-02-02", "122").replace("7707083893", "7830002293");
        fs::write(&input, whole(&[HEADER.to_owned(), invoice(1, "2026-02-01", "122"), other])).unwrap();
        let out = folder.path().join("out");
        fs::create_dir(&out).unwrap();
        let first = out.join("r-7707083893.csv");
        if replace {
            fs::write(&first, "of yesterday").unwrap();
        }
        let open = move |path: &Path| {
            let renderer = Renderer::for_path(path, replace, "2026-11-20T12:00:00Z".parse().unwrap());
            if path.ends_with(second) {
                // While the register is made, a folder comes to stand where the second file would go.
                fs::create_dir_all(path.join("inside")).unwrap();
            }
            renderer
        };
        let outputs = Outputs::per_seller(&out.join("r.csv"), replace, Box::new(open)).unwrap();
        let mut source = RawFile::open(&input).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let made =
            runtime.block_on(register::run(&mut source, &Selection::default(), outputs, None, &mut |_| {}));
        let error = made.unwrap_err();
        assert!(error.to_string().contains(second), "{error}");
        let mut left: Vec<_> = fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let expected: &[&str] = if replace { &["r-7707083893.csv", second] } else { &[second] };
        assert_eq!(left, expected, "replace: {replace}");
        assert!(out.join(second).join("inside").is_dir(), "what stood in the way is untouched");
        if replace {
            assert_eq!(fs::read_to_string(&first).unwrap(), "of yesterday");
        }
    }
}

#[tokio::test]
async fn names_that_the_portal_refuses_are_asked_for_once_and_told_once() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(3_000)).await;
    let quiet = tempfile::tempdir().unwrap();
    let named = select(&client, &all(), &quiet.path().join("r.jsonl")).await.unwrap();
    assert!(named.remarks.is_empty());
    let before = sandbox.journal().requests;
    sandbox
        .inject("[[fault]]\nmethod = \"user.get\"\nevery = 1\ndo = \"401\"\n".parse::<FaultPlan>().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("r.xlsx");
    let register = select(&client, &all(), &output).await.unwrap();
    assert!(register.is_complete(), "a name is missing, no invoice");
    let [remark] = &register.remarks[..] else { panic!("{:?}", register.remarks) };
    assert_eq!((remark.code, remark.severity), ("register.names-missing", "warning"));
    assert!(
        remark.message.contains("numbers stand instead") && remark.hint.contains("user_brief"),
        "{remark:?}"
    );
    let asked = sandbox.journal().requests - before;
    assert!(
        asked <= before + 1,
        "{asked} requests instead of {before}: once more in the first window, and no more"
    );
    let facts = sheet(&output, "Сведения");
    let told = facts.iter().find(|row| row[0] == "Обратите внимание").unwrap();
    assert!(
        told[1].starts_with("имена ответственных не получены, вместо них — номера пользователей: "),
        "{told:?}"
    );
    let numbers = sheet(&output, "Реестр");
    let place = numbers[0].iter().position(|title| title == "Ответственный").unwrap();
    assert!(numbers[1][place].starts_with("№ "), "{:?}", numbers[1]);
}

fn sheet(path: &Path, name: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let text = |row: &[Data]| row.iter().map(ToString::to_string).collect();
    book.worksheet_range(name).unwrap().rows().map(text).collect()
}
