//! End-to-end tests of the binary, in an environment of their own.

#[cfg(test)]
mod stage;

/// The provider that misbehaves on demand, the one of the queue's own tests.
#[cfg(test)]
#[path = "../../crates/embed-queue/tests/it/endpoint.rs"]
#[expect(dead_code, reason = "some of what it does wrong concerns the queue's own tests only")]
mod endpoint;

#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod access;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod call;
#[cfg(test)]
mod clinic;
#[cfg(test)]
mod config;
#[cfg(test)]
mod config_keys;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod earlier_system;
#[cfg(test)]
mod exits;
#[cfg(test)]
mod fields;
#[cfg(test)]
mod import;
#[cfg(test)]
mod import_laws;
#[cfg(test)]
mod index;
#[cfg(test)]
mod index_allowed;
#[cfg(test)]
mod index_crm;
#[cfg(test)]
mod index_files;
#[cfg(test)]
mod index_forget;
#[cfg(test)]
mod index_kill;
#[cfg(test)]
mod index_names;
#[cfg(test)]
mod index_remote;
#[cfg(test)]
mod limiter;
#[cfg(test)]
mod list;
#[cfg(test)]
mod login;
/// Programs of a POSIX shell are among its cases.
#[cfg(test)]
#[cfg(unix)]
mod mapping_keys;
#[cfg(test)]
mod report;
#[cfg(test)]
mod report_outputs;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod sync_bad_input;
#[cfg(all(test, unix))]
mod sync_disk;
#[cfg(test)]
mod sync_documents;
#[cfg(test)]
mod sync_journal;
#[cfg(test)]
mod sync_kill;
#[cfg(test)]
mod sync_laws;
#[cfg(test)]
mod sync_operator;
/// The program in the place of sqlcmd is a POSIX shell's.
#[cfg(test)]
#[cfg(unix)]
mod sync_sqlcmd;
mod sync_told;
#[cfg(test)]
mod texts;
