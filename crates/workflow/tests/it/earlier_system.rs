//! Defects of an earlier register that are about the wire and the workbook; see `docs/defects.md`.

use b24_client::{Call, Params, Token};
use b24_sandbox::{FaultPlan, Sandbox};
use calamine::{Data, Reader as _, Xlsx, open_workbook};
use jiff::civil::date;

use crate::portal_register::{ALL, make, rows, rows_of, unhurried};
use crate::raw_register;

#[tokio::test]
async fn b9_08_a_throttled_request_is_repeated_and_nothing_is_missing() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(60)).await;
    let fault = "[[fault]]\nmethod = \"batch\"\nnth = 3\ndo = \"503\"\n";
    sandbox.inject(fault.parse::<FaultPlan>().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let register = make(&client, ALL, &folder.path().join("r.jsonl")).await.unwrap();
    assert_eq!((register.counts.invoices, register.is_complete()), (60, true));
    assert!(client.stats().retries > 0, "the fault happened");
}

#[tokio::test]
async fn b9_10_the_list_goes_on_after_its_first_page() {
    let (_sandbox, client) = unhurried(Sandbox::builder().invoices(151)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("r.jsonl");
    make(&client, ALL, &output).await.unwrap();
    let ids: Vec<u64> = rows(&output).iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), 151);
    assert!(ids.is_sorted_by(|a, b| a < b), "each invoice once, in a stable order");
}

#[tokio::test]
async fn b9_11_product_rows_after_the_fiftieth_count() {
    let (_sandbox, client) = unhurried(Sandbox::builder().invoices(40)).await;
    let rows: Vec<Params> = (0..51)
        .map(|_| Params::new().set("productName", "Час").set("price", 122).set("taxRate", 22))
        .collect();
    let set = Params::new().set("ownerType", "SI").set("ownerId", 1).set("productRows", rows);
    client.call(Call::<Token>::write("crm.item.productrow.set", set)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("r.jsonl");
    make(&client, ALL, &output).await.unwrap();
    assert_eq!(rows_of(&output, 1)["vat"], "1122.00");
}

#[tokio::test]
async fn b9_12_the_portal_filters_and_only_the_period_travels() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(700)).await;
    let folder = tempfile::tempdir().unwrap();
    let month = (date(2026, 3, 1), date(2026, 3, 31));
    let register = make(&client, month, &folder.path().join("r.jsonl")).await.unwrap();
    let lists: u64 = register.counts.invoices;
    assert!(lists > 10 && lists < 60, "{lists} invoices in a month");
    // Directories and details included; the whole history would be thousands of rows.
    assert!(sandbox.journal().rows < 900, "{} rows", sandbox.journal().rows);
}

#[tokio::test]
async fn b9_13_two_invoices_of_one_number_keep_their_own_requisites() {
    let (sandbox, client) = unhurried(Sandbox::builder().invoices(40)).await;
    let model = sandbox.register_model(ALL.0, ALL.1, b24_sandbox::Basis::Invoice);
    let first = &model.rows[0];
    let other = model.rows.iter().find(|row| row.inn != first.inn && row.my_inn == first.my_inn).unwrap();
    let fields = Params::new().set("accountNumber", first.number.as_deref().unwrap());
    let update = Params::new().set("entityTypeId", 31).set("id", other.id).set("fields", fields);
    client.call(Call::<Token>::write("crm.item.update", update)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("r.jsonl");
    let register = make(&client, ALL, &output).await.unwrap();
    let (a, b) = (rows_of(&output, first.id), rows_of(&output, other.id));
    assert_eq!(a["number"], b["number"]);
    assert_eq!(a["inn"].as_str(), first.inn.as_deref());
    assert_eq!(b["inn"].as_str(), other.inn.as_deref());
    assert_eq!(register.duplicates(), 1, "and the number is told");
}

#[test]
fn b9_16_dates_are_dates_and_an_inn_is_text_with_its_zeros() {
    let line = raw_register::invoice(1, "2026-02-01", "122").replace("7736207543", "0000000000");
    let made = raw_register::make(&[raw_register::HEADER.to_owned(), line], "r.xlsx", None);
    let mut workbook: Xlsx<_> = open_workbook(&made.path).unwrap();
    let sheet = workbook.worksheet_range("Реестр").unwrap();
    let cells: Vec<&Data> = sheet.rows().nth(1).unwrap().iter().collect();
    assert!(
        cells.iter().any(|cell| matches!(cell, Data::DateTime(day) if day.to_string() == "46054")),
        "{cells:?}"
    );
    assert!(cells.iter().any(|cell| **cell == Data::String("0000000000".to_owned())), "{cells:?}");
    assert!(made.register.problems.contains_key("invoice.inn-malformed"), "nothing but zeros is no INN");
}
