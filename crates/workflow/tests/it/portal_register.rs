//! The register of a portal: the sandbox over real sockets, judged by the sandbox's own model.

use std::fs;
use std::path::Path;

use b24_client::{Call, Client, Pace, Params, Token, Webhook};
use b24_sandbox::{Basis, FaultPlan, Sandbox, SandboxBuilder};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use workflow::PortalUser;
use workflow::register::{Outputs, Selection};
use workflow::render::Renderer;
use workflow::source::portal::{DateFields, PortalInvoices};
use workflow::{Period, Register, register};

pub(crate) const ALL: (Date, Date) = (date(2025, 1, 1), date(2026, 12, 31));

async fn start(builder: SandboxBuilder) -> (Sandbox, Client) {
    let sandbox = builder.start().await.unwrap();
    let webhook: Webhook = sandbox.webhook().parse().unwrap();
    let client = Client::builder(webhook).build().unwrap();
    (sandbox, client)
}

/// A portal without limits and a client that knows it.
pub(crate) async fn unhurried(builder: SandboxBuilder) -> (Sandbox, Client) {
    let sandbox = builder.rate(0.0).start().await.unwrap();
    let webhook: Webhook = sandbox.webhook().parse().unwrap();
    let client = Client::builder(webhook).pace(Pace::UNLIMITED).build().unwrap();
    (sandbox, client)
}

pub(crate) fn user() -> PortalUser {
    PortalUser { id: 1, name: "Администратор".to_owned(), administrator: true }
}

pub(crate) async fn make(
    client: &Client,
    period: (Date, Date),
    output: &Path,
) -> Result<Register, workflow::Error> {
    select(client, &Selection::of_period(Period::new(period.0, period.1).unwrap()), output).await
}

pub(crate) async fn select(
    client: &Client,
    selection: &Selection,
    output: &Path,
) -> Result<Register, workflow::Error> {
    let mut source = PortalInvoices::open(client.clone(), user(), selection, &DateFields::default()).await?;
    let renderer = Renderer::for_path(output, false, "2026-11-20T12:00:00Z".parse().unwrap())?;
    register::run(&mut source, selection, Outputs::one(renderer), None, &mut |_| {}).await
}

pub(crate) fn rows(output: &Path) -> Vec<Map<String, Value>> {
    fs::read_to_string(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The row of one invoice.
pub(crate) fn rows_of(output: &Path, id: u64) -> Map<String, Value> {
    rows(output).into_iter().find(|row| row["id"] == id).unwrap()
}

/// Decimals are equal as numbers, everything else as it stands.
fn same(ours: &Value, model: &Value) -> bool {
    match (ours, model) {
        (Value::String(a), Value::String(b)) => {
            a == b || matches!((a.parse::<Decimal>(), b.parse::<Decimal>()), (Ok(a), Ok(b)) if a == b)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            b.iter().all(|(key, b)| a.get(key).is_some_and(|a| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Every row and every total of the model, compared with ours.
fn assert_equals_model(register: &Register, rows: &[Map<String, Value>], model: &Value) {
    let expected = model["rows"].as_array().unwrap();
    assert_eq!(rows.len(), expected.len(), "rows");
    for (row, expected) in rows.iter().zip(expected) {
        for (key, value) in expected.as_object().unwrap() {
            assert!(same(&row[key], value), "invoice {}, {key}: {} instead of {value}", row["id"], row[key]);
        }
    }
    for (what, ours) in [
        ("totals", serde_json::to_value(&register.totals).unwrap()),
        ("group_totals", serde_json::to_value(&register.group_totals).unwrap()),
        ("undated", serde_json::to_value(&register.undated).unwrap()),
    ] {
        assert!(same(&ours, &model[what]), "{what}\n{ours:#}\ninstead of\n{:#}", model[what]);
    }
}

#[tokio::test]
async fn for_ten_seeds_every_row_and_total_equals_the_model_by_every_date() {
    let half = (date(2025, 11, 1), date(2026, 4, 30));
    for seed in 1..=10 {
        let (sandbox, client) = unhurried(Sandbox::builder().seed(seed).invoices(250)).await;
        let folder = tempfile::tempdir().unwrap();
        for (period, basis, model) in [
            (ALL, workflow::Basis::Invoice, Basis::Invoice),
            (half, workflow::Basis::Shipped, Basis::Shipped),
            (half, workflow::Basis::Paid, Basis::Paid),
        ] {
            let output = folder.path().join(format!("{basis}.jsonl"));
            let selection =
                Selection { basis, ..Selection::of_period(Period::new(period.0, period.1).unwrap()) };
            let register = select(&client, &selection, &output).await.unwrap();
            assert!(register.is_complete(), "{:?}", register.shown);
            assert_eq!(
                register.difference_to_count(),
                Some(0),
                "every invoice the portal counted is accounted for"
            );
            let model = serde_json::to_value(sandbox.register_model(period.0, period.1, model)).unwrap();
            assert_equals_model(&register, &rows(&output), &model);
            assert_eq!(register.counts.undated > 0, basis != workflow::Basis::Invoice, "seed {seed}");
        }
    }
}

#[tokio::test]
async fn a_part_of_the_period_gives_exactly_its_invoices() {
    let (sandbox, client) = start(Sandbox::builder().seed(4).invoices(400).rate(0.0)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("r.jsonl");
    let quarter = (date(2026, 1, 1), date(2026, 3, 31));
    let register = make(&client, quarter, &output).await.unwrap();
    let model = serde_json::to_value(sandbox.register_model(quarter.0, quarter.1, Basis::Invoice)).unwrap();
    assert!(register.counts.invoices > 0 && register.counts.invoices < 400);
    assert_equals_model(&register, &rows(&output), &model);
}

#[tokio::test]
async fn a_thousand_invoices_take_at_most_thirty_requests() {
    let (sandbox, client) = start(Sandbox::builder().invoices(1000)).await;
    client.call(b24_client::crm::profile()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let register = make(&client, ALL, &folder.path().join("r.xlsx")).await.unwrap();
    assert_eq!(register.counts.invoices, 1000);
    let journal = sandbox.journal();
    assert_eq!(journal.rejected, 0, "503 or 429");
    assert!(journal.requests <= 30, "{} requests", journal.requests);
}

#[tokio::test]
async fn an_invoice_of_ten_thousand_rows_is_complete_and_its_pages_come_in_batches() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(40)).await;
    let rows: Vec<Params> = (0..10_000)
        .map(|n| {
            Params::new()
                .set("productName", format!("Позиция {n}"))
                .set("price", "0.03")
                .set("quantity", 1)
                .set("taxRate", 22)
        })
        .collect();
    let set = Params::new().set("ownerType", "SI").set("ownerId", 1).set("productRows", rows);
    client.call(Call::<Token>::write("crm.item.productrow.set", set)).await.unwrap();
    let before = sandbox.journal().requests;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("r.jsonl");
    let register = make(&client, ALL, &output).await.unwrap();
    assert!(register.is_complete(), "{:?}", register.shown);
    let row = rows_of(&output, 1);
    // 10,000 lines of 0.03 with VAT of 0.01 each: one rounding per line.
    assert_eq!((row["gross"].as_str(), row["vat"].as_str()), (Some("300.00"), Some("100.00")));
    let requests = sandbox.journal().requests - before;
    assert!(requests <= 12, "{requests} requests for 200 pages of rows");
}

#[tokio::test]
async fn ten_thousand_invoices_take_at_most_two_hundred_and_thirty_requests() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(10_000)).await;
    client.call(b24_client::crm::profile()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let register = make(&client, ALL, &folder.path().join("r.jsonl")).await.unwrap();
    assert_eq!(register.counts.invoices, 10_000);
    let journal = sandbox.journal();
    assert!(journal.requests <= 230, "{} requests", journal.requests);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_registers_at_once_through_one_client_meet_no_503() {
    let (sandbox, client) = start(Sandbox::builder().invoices(100)).await;
    let folder = tempfile::tempdir().unwrap();
    let registers = (0..8).map(|n| {
        let (client, output) = (client.clone(), folder.path().join(format!("{n}.jsonl")));
        tokio::spawn(async move { make(&client, ALL, &output).await.unwrap() })
    });
    for register in registers.collect::<Vec<_>>() {
        let register = register.await.unwrap();
        assert!(register.is_complete());
        assert_eq!(register.counts.invoices, 100);
    }
    assert_eq!(sandbox.journal().rejected, 0);
    let first = fs::read(folder.path().join("0.jsonl")).unwrap();
    for n in 1..8 {
        assert!(fs::read(folder.path().join(format!("{n}.jsonl"))).unwrap() == first, "register {n} differs");
    }
}

#[tokio::test]
async fn rows_that_the_portal_refuses_make_a_gap_and_leave_the_rest_alone() {
    let (sandbox, client) = start(Sandbox::builder().invoices(60).rate(0.0)).await;
    // The third product row command is refused, inside its batch.
    let fault = "[[fault]]\nmethod = \"crm.item.productrow.list\"\nnth = 3\ndo = \"401\"\n";
    sandbox.inject(fault.parse::<FaultPlan>().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("r.jsonl");
    let register = make(&client, ALL, &output).await.unwrap();
    assert_eq!((register.counts.invoices, register.counts.gaps), (60, 1));
    assert!(!register.is_complete());
    let gap = rows(&output).into_iter().find(|row| row["status"] == "gap").unwrap();
    assert_eq!(gap["problems"][0]["code"], "register.gap-rows");
    assert!(gap["number"].is_string(), "what is known of it is told: {gap:?}");
}

#[tokio::test]
async fn a_list_that_cannot_be_continued_is_an_error_and_leaves_no_file() {
    let (sandbox, client) = start(Sandbox::builder().invoices(60).rate(0.0)).await;
    let fault = "[[fault]]\nmethod = \"crm.item.list\"\nnth = 2\ndo = \"401\"\n";
    sandbox.inject(fault.parse::<FaultPlan>().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let error = make(&client, ALL, &folder.path().join("r.xlsx")).await.unwrap_err();
    assert!(!error.code().is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no half file");
}

#[tokio::test]
async fn an_empty_period_says_what_there_is_outside() {
    let (_sandbox, client) = start(Sandbox::builder().invoices(60).rate(0.0)).await;
    let folder = tempfile::tempdir().unwrap();
    let empty = (date(2020, 1, 1), date(2020, 12, 31));
    let register = make(&client, empty, &folder.path().join("r.jsonl")).await.unwrap();
    let outside = register.outside.unwrap();
    assert_eq!(outside.invoices, 60);
    let (first, last) = outside.invoice_dates.unwrap();
    assert!(first >= ALL.0 && last <= ALL.1 && first < last);
}
