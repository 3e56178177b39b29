//! Exports into a file: whole, interrupted at any moment, and gone on with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use b24_client::{Client, Error, Params, RawPage};
use b24_sandbox::{FaultPlan, Sandbox};
use futures::{Stream, StreamExt as _, stream};
use serde_json::Value;
use tokio::sync::Notify;
use workflow::export::{self, Event, Export, ExportError, Exported, Kept, Order};

use crate::portal_register::unhurried;

/// Enough for the part file to be written several times.
const DEALS: u32 = 20_000;

fn order(client: &Client, output: &Path) -> Order {
    Order {
        portal: client.portal().name().to_owned(),
        method: "crm.deal.list".to_owned(),
        params: Params::new().set("select", ["ID", "TITLE"]),
        columns: Vec::new(),
        limit: None,
        output: output.to_owned(),
        resume: false,
        replace: false,
    }
}

fn resumed(client: &Client, output: &Path) -> Order {
    Order { resume: true, ..order(client, output) }
}

fn rest(client: &Client, export: &Export) -> impl Stream<Item = Result<RawPage, Error>> + Send + use<> {
    stream::iter(export.rest().map(|list| client.pages(list))).flatten()
}

async fn run(client: &Client, order: Order) -> Result<Exported, ExportError> {
    let mut export = Export::open(order)?;
    let pages = rest(client, &export);
    export.run(pages, &mut |_| {}).await
}

/// The file of an export that nothing interrupts.
async fn whole(client: &Client, output: &Path) -> String {
    let exported = run(client, order(client, output)).await.unwrap();
    let text = fs::read_to_string(output).unwrap();
    fs::remove_file(output).unwrap();
    let heading = u64::from(output.extension().is_some_and(|ending| ending == "csv"));
    assert_eq!(exported.rows + heading, text.lines().count() as u64);
    text
}

/// An export whose future is dropped when so many pages were taken, as Ctrl-C does.
async fn dropped(client: &Client, order: Order, pages: usize) -> Option<Kept> {
    let mut export = Export::open(order).unwrap();
    let taken = Arc::new(Notify::new());
    let tell = Arc::clone(&taken);
    let stuck = stream::once(async move {
        tell.notify_one();
        std::future::pending().await
    });
    let some = rest(client, &export).take(pages).chain(stuck);
    let mut unheard = |_| {};
    tokio::select! {
        ended = export.run(some, &mut unheard) => panic!("it came to an end: {ended:?}"),
        () = taken.notified() => {}
    }
    export.keep()
}

fn beside(output: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", output.display()))
}

fn state(output: &Path) -> Value {
    serde_json::from_slice(&fs::read(beside(output, ".part.state")).unwrap()).unwrap()
}

fn left(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    fs::read_dir(folder).unwrap().map(name).collect()
}

#[tokio::test]
async fn a_dropped_export_goes_on_without_losing_or_repeating_a_row() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(DEALS)).await;
    let folder = tempfile::tempdir().unwrap();
    for name in ["сделки 1.jsonl", "deals.csv"] {
        let output = folder.path().join(name);
        let whole = whole(&client, &output).await;
        let (part, mut rows) = (beside(&output, ".part"), 0);
        // Less and more than is collected before it is written; then once more in the middle of what is left.
        for (order, pages) in
            [(order(&client, &output), 3), (resumed(&client, &output), 150), (resumed(&client, &output), 40)]
        {
            let kept = dropped(&client, order, pages).await.unwrap();
            let text = fs::read_to_string(&part).unwrap();
            assert!(whole.starts_with(&text) && kept.rows > rows, "{name}: {kept:?} after {rows}");
            rows = kept.rows;
            let heading = u64::from(matches!(output.extension(), Some(ending) if ending == "csv"));
            assert_eq!(text.lines().count() as u64, rows + heading);
            assert_eq!(kept, Kept { rows, part: part.clone() });
            assert!(!output.exists());
        }
        assert_eq!(Export::open(resumed(&client, &output)).unwrap().rows(), rows);
        let exported = run(&client, resumed(&client, &output)).await.unwrap();
        assert_eq!(exported.rows, u64::from(DEALS));
        assert!(fs::read_to_string(&output).unwrap() == whole, "{name}: the same file as in one go");
        fs::remove_file(&output).unwrap();
        assert_eq!(left(folder.path()), [""; 0]);
    }
}

#[tokio::test]
async fn whenever_its_process_dies_the_part_file_is_cut_to_its_state_and_gone_on_with() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(DEALS)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("deals.jsonl");
    let (part, kept) = (beside(&output, ".part"), beside(&output, ".part.state"));
    let mut moments: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut export = Export::open(order(&client, &output)).unwrap();
    let pages = rest(&client, &export);
    let mut look = |_| {
        let state = fs::read(&kept).unwrap();
        if moments.last().is_none_or(|(_, last)| *last != state) {
            moments.push((fs::read(&part).unwrap(), state));
        }
    };
    export.run(pages, &mut look).await.unwrap();
    let whole = fs::read(&output).unwrap();
    fs::remove_file(&output).unwrap();
    assert!(moments.len() > 2, "{} moments", moments.len());
    for (mut rows, state) in moments {
        // It died between the rows and their state, in the middle of a row.
        let after = rows.len() + 20;
        rows.extend_from_slice(&whole[rows.len()..after]);
        fs::write(&part, &rows).unwrap();
        fs::write(&kept, &state).unwrap();
        let exported = run(&client, resumed(&client, &output)).await.unwrap();
        assert_eq!(exported.rows, u64::from(DEALS));
        assert!(fs::read(&output).unwrap() == whole, "died after {after} bytes");
        fs::remove_file(&output).unwrap();
    }
}

#[tokio::test]
async fn rows_of_another_question_never_follow() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(500)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("deals.jsonl");
    assert!(dropped(&client, order(&client, &output), 2).await.is_some());
    let before = (fs::read(beside(&output, ".part")).unwrap(), state(&output));
    let same = || resumed(&client, &output);
    let changed = [
        Order { portal: "other.bitrix24.ru".to_owned(), ..same() },
        Order { method: "crm.contact.list".to_owned(), ..same() },
        Order { params: same().params.set("filter", Params::new().set("STAGE_ID", "NEW")), ..same() },
        Order { params: same().params.set("order", Params::new().set("ID", "DESC")), ..same() },
        Order { params: Params::new().set("select", ["ID"]), ..same() },
    ];
    for order in changed {
        let error = Export::open(order.clone()).unwrap_err();
        assert!(matches!(error, ExportError::Foreign { .. }), "{error:?} of {order:?}");
        assert_eq!(error.code(), "list.resume-mismatch");
        assert_eq!((fs::read(beside(&output, ".part")).unwrap(), state(&output)), before, "left as it was");
    }
    // The spelling of a method's name is no other question.
    let exported = run(&client, Order { method: "CRM.Deal.List".to_owned(), ..same() }).await.unwrap();
    assert_eq!(exported.rows, 500);
}

#[tokio::test]
async fn rows_in_no_order_of_a_key_are_not_gone_on_with() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(500)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("deals.jsonl");
    let by_date = |order: Order| Order {
        params: order.params.set("order", Params::new().set("DATE_CREATE", "DESC")),
        ..order
    };
    assert_eq!(dropped(&client, by_date(order(&client, &output)), 2).await, None);
    let error = Export::open(by_date(resumed(&client, &output))).unwrap_err();
    insta::assert_snapshot!(
        error.to_string().replace(folder.path().to_str().unwrap(), ""),
        @"cannot go on with `/deals.jsonl`: its rows do not come in the order of a key, so nobody knows where to go on"
    );
}

#[tokio::test]
async fn a_part_file_that_lost_rows_or_its_state_is_refused() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(500)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("deals.jsonl");
    assert!(dropped(&client, order(&client, &output), 2).await.is_some());
    let (part, kept) = (beside(&output, ".part"), beside(&output, ".part.state"));
    let rows = fs::read(&part).unwrap();
    fs::write(&part, &rows[..rows.len() - 1]).unwrap();
    let error = Export::open(resumed(&client, &output)).unwrap_err();
    assert!(matches!(&error, ExportError::Short { path } if *path == part), "{error:?}");
    let whole = fs::read(&kept).unwrap();
    fs::write(&kept, &whole[..whole.len() / 2]).unwrap();
    let error = Export::open(resumed(&client, &output)).unwrap_err();
    assert!(matches!(&error, ExportError::State { path, .. } if *path == kept), "{error:?}");
    let anew = Order { replace: true, ..order(&client, &output) };
    assert_eq!(run(&client, anew).await.unwrap().rows, 500);
}

#[tokio::test]
async fn what_is_there_is_replaced_only_on_request() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(500)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("deals.jsonl");
    assert!(dropped(&client, order(&client, &output), 2).await.is_some());
    let error = Export::open(order(&client, &output)).unwrap_err();
    assert!(matches!(error, ExportError::Interrupted { .. }), "{error:?}");
    run(&client, resumed(&client, &output)).await.unwrap();
    for again in [order(&client, &output), resumed(&client, &output)] {
        let error = Export::open(again).unwrap_err();
        assert!(matches!(error, ExportError::Exists { .. }), "{error:?}");
    }
    let error = Export::open(order(&client, &folder.path().join("deals.xlsx"))).unwrap_err();
    assert!(matches!(error, ExportError::Format { .. }), "{error:?}");
    assert_eq!(left(folder.path()), ["deals.jsonl"]);
    let anew = Order { replace: true, limit: Some(60), ..order(&client, &output) };
    assert_eq!(run(&client, anew).await.unwrap().rows, 60);
    assert_eq!(fs::read_to_string(&output).unwrap().lines().count(), 60);
}

#[tokio::test]
async fn a_portal_that_fails_leaves_what_it_delivered() {
    let (sandbox, client) = unhurried(Sandbox::builder().deals(DEALS)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("deals.jsonl");
    let whole = whole(&client, &output).await;
    let fault: FaultPlan = "[[fault]]\nmethod = \"batch\"\nnth = 4\ndo = \"401\"\n".parse().unwrap();
    sandbox.inject(fault);
    let error = run(&client, order(&client, &output)).await.unwrap_err();
    let ExportError::Portal { kept: Some(kept), .. } = error else { panic!("{error:?}") };
    let rows = fs::read_to_string(beside(&output, ".part")).unwrap();
    assert_eq!(rows.lines().count() as u64, kept);
    assert!(whole.starts_with(&rows));
    run(&client, resumed(&client, &output)).await.unwrap();
    assert!(fs::read_to_string(&output).unwrap() == whole, "the same file as in one go");
}

#[tokio::test]
async fn a_limit_counts_the_rows_of_all_runs() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(500)).await;
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("deals.csv");
    let limited = |order: Order| Order { limit: Some(100), columns: vec!["TITLE".to_owned()], ..order };
    assert!(dropped(&client, limited(order(&client, &output)), 1).await.is_some());
    let exported = run(&client, limited(resumed(&client, &output))).await.unwrap();
    assert_eq!(exported.rows, 100);
    // A heading and the rows.
    assert_eq!(fs::read_to_string(&output).unwrap().lines().count(), 101);
    fs::remove_file(&output).unwrap();

    assert!(dropped(&client, limited(order(&client, &output)), 2).await.is_some());
    let mut export = Export::open(limited(resumed(&client, &output))).unwrap();
    assert!(export.rest().is_none(), "nothing is left to ask for");
    assert_eq!(export.run(stream::empty(), &mut |_| {}).await.unwrap().rows, 100);
}

#[tokio::test]
async fn a_writer_gets_the_lines_of_a_file() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(500)).await;
    let folder = tempfile::tempdir().unwrap();
    let whole = whole(&client, &folder.path().join("deals.jsonl")).await;
    let (mut out, mut events) = (Vec::new(), Vec::new());
    let list = b24_client::List::new("crm.deal.list", order(&client, folder.path()).params);
    let mut hear = |event| events.push(event);
    let exported = export::to_writer(client.pages(list), &mut out, &mut hear).await.unwrap();
    assert_eq!(exported.rows, 500);
    assert!(out == whole.as_bytes());
    let read = |event: &Event| if let Event::Read { rows } = event { *rows } else { 0 };
    assert_eq!(events.iter().map(read).sum::<u64>(), 500);
}

#[tokio::test]
async fn a_list_that_is_refused_before_its_first_row_leaves_nothing_behind() {
    let (_sandbox, client) = unhurried(Sandbox::builder().deals(60)).await;
    let folder = tempfile::tempdir().unwrap();
    for name in ["items.jsonl", "items.csv"] {
        let output = folder.path().join(name);
        let asked = |params| Order { method: "crm.item.list".to_owned(), params, ..order(&client, &output) };
        let error = run(&client, asked(Params::new())).await.unwrap_err();
        assert!(matches!(error, ExportError::Portal { kept: None, .. }), "{error:?}");
        assert_eq!(left(folder.path()), [""; 0]);
        let exported = run(&client, asked(Params::new().set("entityTypeId", 2))).await.unwrap();
        assert_eq!(exported.rows, 60);
        fs::remove_file(&output).unwrap();
    }
}
