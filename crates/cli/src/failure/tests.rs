//! Every library's failures, listed with the exit codes that scripts rely on.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use b24_client::params::ParamsError;
use b24_client::{BatchError, CallError, ErrorKind};
use embed_queue::{EmbedError, StoreFault};
use workflow::export::ExportError;
use workflow::import::ImportError;
use workflow::index::IndexError;
use workflow::period::PeriodError;
use workflow::sync::apply::ApplyError;
use workflow::sync::journal::RunId;
use workflow::sync::look_up::LookUpError;
use workflow::sync::plan::PlanError;
use workflow::sync::{JournalError, MappingError, SourceError, SyncError};

use super::Failure;

/// `EXIT CODE` of each.
fn listed(failures: impl IntoIterator<Item = Failure>) -> String {
    let line = |failure: Failure| {
        assert!(failure.advice().is_some_and(|advice| !advice.is_empty()), "no advice: {failure:?}");
        format!("{} {}\n", failure.exit().number(), failure.code())
    };
    failures.into_iter().map(line).collect()
}

fn text() -> String {
    "x".to_owned()
}

fn path() -> PathBuf {
    PathBuf::from("x")
}

fn broken() -> io::Error {
    io::Error::other("x")
}

fn unreadable() -> serde_json::Error {
    serde_json::from_str::<u8>("x").unwrap_err()
}

fn portal() -> b24_client::Error {
    b24_client::Error::NotAnAnswer {
        method: text(),
        status: 502,
        reason: text(),
        attempts: 1,
        excerpt: text(),
    }
}

fn call() -> CallError {
    CallError::Undecodable { raw: text(), reason: text() }
}

fn batch() -> BatchError {
    BatchError::Reference { position: 0, method: text(), reason: text() }
}

#[test]
fn failures_of_the_client() {
    let answered = |status| b24_client::Error::NotAnAnswer {
        method: text(),
        status,
        reason: text(),
        attempts: 1,
        excerpt: text(),
    };
    insta::assert_snapshot!(listed([
        b24_client::Error::PlainHttp { host: text() }.into(),
        b24_client::Error::Setup { reason: text(), remedy: text() }.into(),
        b24_client::Error::Moved { host: text(), to: text() }.into(),
        b24_client::Error::ListParams { method: text(), key: text(), reason: text() }.into(),
        b24_client::Error::List { method: text(), reason: text() }.into(),
        b24_client::Error::Undecodable { method: text(), reason: text(), raw: text() }.into(),
        answered(403).into(),
        answered(404).into(),
        answered(502).into(),
        ParamsError::EmptyCondition { key: text() }.into(),
    ]), @"
    4 client.plain-http
    4 client.setup
    4 client.portal-moved
    4 client.list-params
    5 client.list-contradiction
    5 client.undecodable
    4 client.not-an-answer
    5 client.not-an-answer
    5 client.not-an-answer
    2 call.parameter
    ");
    let kinds = [
        ErrorKind::Unreachable,
        ErrorKind::Authorization,
        ErrorKind::Configuration,
        ErrorKind::Refused,
        ErrorKind::Protocol,
    ];
    assert_eq!(kinds.map(|kind| Failure::exit_of(kind).number()), [5, 4, 4, 3, 5]);
}

#[test]
fn failures_of_an_embedder_and_of_the_queue_s_file() {
    let store = |fault| embed_queue::Error::Store { doing: "x", fault, file: None, source: broken().into() };
    let wait = Duration::from_secs(1);
    let provider = [
        EmbedError::Rejected(text()),
        EmbedError::Unavailable(text()),
        EmbedError::RetryAfter { after: wait, reason: text() },
        EmbedError::QuotaDay { after: wait, reason: text() },
        EmbedError::Configuration(text()),
    ];
    let asked = provider.map(|source| Failure::from(embed_queue::Error::Query { source }));
    insta::assert_snapshot!(listed(asked), @"
    3 embedder.rejected
    5 embedder.unavailable
    5 embedder.rate-limited
    5 embedder.quota-day
    4 embedder.configuration
    ");
    let faults = [
        StoreFault::Locked,
        StoreFault::ReadOnly,
        StoreFault::DiskFull,
        StoreFault::Damaged,
        StoreFault::Other,
    ];
    insta::assert_snapshot!(listed(faults.map(|fault| Failure::from(store(fault)))), @"
    4 queue.locked
    4 queue.read-only
    4 queue.disk-full
    4 queue.damaged
    4 queue.failed
    ");
}

#[test]
fn failures_of_the_queue_and_of_filling_it() {
    insta::assert_snapshot!(listed([
        embed_queue::Error::Create { path: path(), source: broken() }.into(),
        embed_queue::Error::NewerVersion { found: 2, known: 1 }.into(),
        embed_queue::Error::ForeignFile.into(),
        embed_queue::Error::SpaceMismatch { wanted: text(), active: text() }.into(),
        embed_queue::Error::OtherOwner { wanted: text(), found: text() }.into(),
        embed_queue::Error::NoSpace.into(),
        embed_queue::Error::Stopped.into(),
        embed_queue::Error::EmptyDocument { source_name: text() }.into(),
        IndexError::Path { path: path(), source: broken() }.into(),
        IndexError::Collection { name: text() }.into(),
        IndexError::AnotherPortal { bound: text(), asked: text() }.into(),
        IndexError::Field { entity: "deal", name: text() }.into(),
        IndexError::Clock { text: text() }.into(),
        IndexError::Portal { what: "x", source: Box::new(portal()) }.into(),
        IndexError::Call { what: "x", source: Box::new(call()) }.into(),
        IndexError::Batch { what: "x", source: Box::new(batch()) }.into(),
        IndexError::Queue(embed_queue::Error::ForeignFile).into(),
    ]), @"
    4 queue.create
    4 queue.newer-version
    4 queue.foreign-file
    4 queue.space-mismatch
    4 queue.other-owner
    4 queue.no-space
    4 queue.stopped
    2 document.empty
    2 index.path
    2 index.collection
    4 index.another-portal
    4 index.field-unknown
    5 index.clock
    5 client.not-an-answer
    5 client.undecodable
    1 client.batch-reference-illegal
    4 queue.foreign-file
    ");
}

#[test]
fn failures_of_registers() {
    insta::assert_snapshot!(listed([
        workflow::Error::Portal { what: "x", source: Box::new(portal()) }.into(),
        workflow::Error::PortalCall { what: "x", source: Box::new(call()) }.into(),
        workflow::Error::PortalBatch { what: "x", source: Box::new(batch()) }.into(),
        workflow::Error::DateFieldUnknown { asked: text() }.into(),
        workflow::Error::DateFieldAmbiguous { asked: text(), first: text(), second: text() }.into(),
        workflow::Error::DateFieldMissing { basis: workflow::Basis::Paid }.into(),
        workflow::Error::FilterUnknown { what: "stage", asked: text(), known: text() }.into(),
        workflow::Error::ColumnUnknown { asked: text() }.into(),
        workflow::Error::ColumnRepeated { asked: text() }.into(),
        workflow::Error::OutputExists { path: path() }.into(),
        workflow::Error::OutputNotWritable { path: path(), source: broken() }.into(),
        workflow::Error::StandardOutput(broken()).into(),
        workflow::Error::OutputFormat { path: path() }.into(),
        workflow::Error::RawFile { path: path(), source: broken() }.into(),
        workflow::Error::RawFileNewer { path: path(), found: 2, known: 1 }.into(),
        workflow::Error::RegisterFile { path: path(), source: broken() }.into(),
        workflow::Error::NoRegister { path: path(), reason: text() }.into(),
        workflow::Error::NoRawInvoices { path: path(), register: true }.into(),
        Failure::of_period(&PeriodError::NotAPeriod(text())),
        Failure::of_day(&PeriodError::NotADate(text())),
    ]), @"
    5 client.not-an-answer
    5 client.undecodable
    1 client.batch-reference-illegal
    4 register.date-field-unknown
    4 register.date-field-ambiguous
    4 register.date-field-missing
    2 register.filter-unknown
    4 register.column-unknown
    4 register.column-repeated
    4 output.exists
    4 output.not-writable
    4 output.stdout
    2 output.format-unknown
    2 input.not-readable
    2 input.newer-version
    2 input.not-readable
    2 input.no-register
    2 input.no-raw-invoices
    2 period.malformed
    2 period.not-a-date
    ");
}

#[test]
fn failures_of_imports() {
    let import = |error: ImportError| Failure::from(workflow::Error::from(error));
    insta::assert_snapshot!(listed([
        import(ImportError::Method { method: text() }),
        import(ImportError::Input { path: path(), source: broken() }),
        import(ImportError::Heading { path: path(), reason: text() }),
        import(ImportError::Map { reason: text() }),
        import(ImportError::FieldUnknown { column: text(), field: text(), close: None }),
        import(ImportError::KeyMissing { key: text() }),
        import(ImportError::Foreign { path: path(), found: text(), wanted: text() }),
        import(ImportError::Outcomes { path: path(), line: 1, reason: text() }),
        import(ImportError::InUse { path: path() }),
        import(ImportError::OutcomesNotWritable { path: path(), source: broken() }),
        import(ImportError::InputChanged { path: path(), line: 1 }),
    ]), @"
    2 import.method
    2 import.not-readable
    2 import.heading
    2 import.map
    2 import.field-unknown
    2 import.key-not-mapped
    4 import.outcomes-foreign
    2 import.outcomes-invalid
    4 import.outcomes-in-use
    4 import.outcomes-not-writable
    4 import.input-changed
    ");
}

#[test]
fn failures_of_exports() {
    insta::assert_snapshot!(listed([
        ExportError::Params(Box::new(ParamsError::EmptyCondition { key: text() })).into(),
        ExportError::Format { path: path() }.into(),
        ExportError::FieldUnknown { field: text(), close: None }.into(),
        ExportError::Exists { path: path() }.into(),
        ExportError::Interrupted { path: path() }.into(),
        ExportError::Foreign { path: path(), differs: text() }.into(),
        ExportError::State { path: path(), reason: text() }.into(),
        ExportError::Short { path: path() }.into(),
        ExportError::Read { path: path(), source: broken() }.into(),
        ExportError::Write { path: path(), source: broken() }.into(),
        ExportError::Remove { path: path(), source: broken() }.into(),
        ExportError::Writer(broken()).into(),
        ExportError::Portal { source: Box::new(portal()), kept: Some(50) }.into(),
    ]), @"
    2 call.parameter
    2 cli.usage
    2 list.field-unknown
    4 file.exists
    4 file.exists
    4 list.resume-mismatch
    4 list.resume-mismatch
    4 file.access
    4 file.access
    4 file.access
    4 file.access
    4 output.stdout
    5 client.not-an-answer
    ");
}

#[test]
fn failures_of_the_journal_and_of_mappings() {
    insta::assert_snapshot!(listed([
        JournalError::Open { path: path(), source: broken() }.into(),
        JournalError::InUse { path: path() }.into(),
        JournalError::OtherPortal { found: text(), wanted: text() }.into(),
        JournalError::ForeignFile.into(),
        JournalError::NewerVersion { found: 2, known: 1 }.into(),
        JournalError::Damaged { what: "x", source: unreadable() }.into(),
        JournalError::Hashes { reason: text() }.into(),
        Failure::of_mapping(Path::new("m.toml"), &MappingError::Syntax { line: 1, message: text() }),
    ]), @"
    4 journal.not-writable
    4 journal.in-use
    4 journal.other-portal
    4 journal.foreign-file
    4 journal.newer-version
    4 journal.damaged
    2 journal.hashes-malformed
    2 sync.mapping-syntax
    ");
}

#[test]
fn failures_of_sync() {
    insta::assert_snapshot!(listed([
        SyncError::Journal(JournalError::ForeignFile).into(),
        SyncError::Portal(Box::new(workflow::Error::Portal { what: "x", source: Box::new(portal()) })).into(),
        SyncError::Mapping(Vec::new()).into(),
        SyncError::Columns(Vec::new()).into(),
        SyncError::Guarded(Vec::new()).into(),
        SyncError::NoRun("7".parse::<RunId>().unwrap()).into(),
        SyncError::OtherSource { run: "7".parse::<RunId>().unwrap(), found: text(), wanted: text() }.into(),
        SyncError::RevertStartsRobots.into(),
        SyncError::PrefixShared { other: text(), prefix: text() }.into(),
        SourceError::Setting { key: "x", reason: text() }.into(),
        SourceError::NotReadable { path: path(), source: broken() }.into(),
        SyncError::Plan(PlanError::LookUp(LookUpError::Call { what: "x", source: Box::new(call()) })).into(),
        SyncError::Apply(ApplyError::Journal(JournalError::ForeignFile)).into(),
        SyncError::Apply(ApplyError::Batch { what: "x", source: Box::new(batch()) }).into(),
        SyncError::Apply(ApplyError::LookUp(LookUpError::Call { what: "x", source: Box::new(call()) }))
            .into(),
    ]), @"
    4 journal.foreign-file
    5 client.not-an-answer
    4 sync.mapping-unfit
    4 sync.column-missing
    4 sync.guard
    2 sync.run-unknown
    2 sync.run-of-other-source
    4 sync.revert-starts-robots
    4 sync.key-prefix-shared
    4 sync.source-setting
    4 sync.source-not-readable
    5 client.undecodable
    4 journal.foreign-file
    1 client.batch-reference-illegal
    5 client.undecodable
    ");
}

#[test]
fn failures_of_plans() {
    insta::assert_snapshot!(listed([
        PlanError::LookUp(LookUpError::Batch { what: "x", source: Box::new(batch()) }).into(),
        PlanError::LookUp(LookUpError::Call { what: "x", source: Box::new(call()) }).into(),
        PlanError::LookUp(LookUpError::KeyFilterIgnored { field: text() }).into(),
        PlanError::Write { path: path(), source: broken() }.into(),
        PlanError::Encode(unreadable()).into(),
        PlanError::Read { path: path(), source: broken() }.into(),
        PlanError::NoPlan { path: path() }.into(),
        PlanError::Newer { path: path(), found: 2, known: 1 }.into(),
        PlanError::Torn { path: path(), reason: "x" }.into(),
        PlanError::OtherPortal { planned: text(), now: text() }.into(),
        PlanError::MappingChanged.into(),
        PlanError::FieldsChanged.into(),
    ]), @"
    1 client.batch-reference-illegal
    5 client.undecodable
    4 sync.key-filter-ignored
    4 sync.plan-not-writable
    1 sync.plan-not-writable
    4 sync.plan-not-readable
    2 sync.plan-unknown-file
    2 sync.plan-newer
    4 sync.plan-torn
    4 sync.plan-other-portal
    4 sync.plan-mapping-changed
    4 sync.plan-fields-changed
    ");
}

#[test]
fn a_failure_says_what_was_attempted_the_chain_of_its_causes_and_what_to_do() {
    let failure = Failure::from(JournalError::Open {
        path: path(),
        source: io::Error::new(io::ErrorKind::PermissionDenied, "not yours"),
    });
    assert_eq!(
        (failure.attempted(), failure.cause(), failure.advice()),
        (
            "cannot open the journal `x`",
            Some("not yours"),
            Some("choose a state folder on a local disk that you may write to")
        )
    );
}
