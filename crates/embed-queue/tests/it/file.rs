//! The file: whose it is, which version, what its schema refuses.

use embed_queue::Store;
use rusqlite::Connection;

use crate::provider::Fake;
use crate::world::{World, document};

#[tokio::test]
async fn the_schema_refuses_states_that_lie() {
    let world = World::new(Fake::new());
    world.now(document("a", &["one"])).await.unwrap();
    world.later(document("b", &["two"])).await;
    let file = world.file();
    for lie in [
        "UPDATE embeddings SET vector_id = NULL WHERE status = 'READY'",
        "UPDATE embeddings SET status = 'READY' WHERE status = 'PENDING'",
        "UPDATE embeddings SET status = 'PENDING' WHERE status = 'READY'",
        "UPDATE embeddings SET status = 'FAILED', next_attempt_at = NULL WHERE status = 'PENDING'",
        "UPDATE embeddings SET reason = 'no' WHERE status = 'PENDING'",
        "UPDATE embeddings SET next_attempt_at = NULL WHERE status = 'PENDING'",
        "UPDATE embeddings SET lease_id = 'x' WHERE status = 'PENDING'",
        "UPDATE embeddings SET status = 'WORKING' WHERE status = 'PENDING'",
        "UPDATE embeddings SET attempts = 'many'",
        "DELETE FROM vectors",
    ] {
        assert!(file.execute(lie, []).is_err(), "{lie}");
    }
    world.check();
}

#[test]
fn a_newer_version_and_a_foreign_database_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Индекс и пробел.db");
    drop(Store::open(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(Store::open(&path).unwrap_err().code(), "queue.newer-version");

    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let before = (std::fs::read(&foreign).unwrap(), std::fs::metadata(&foreign).unwrap().permissions());
    assert_eq!(Store::open(&foreign).unwrap_err().code(), "queue.foreign-file");
    let after = (std::fs::read(&foreign).unwrap(), std::fs::metadata(&foreign).unwrap().permissions());
    assert!(before == after, "a refused file was changed");
    assert_eq!(Store::open(folder.path()).unwrap_err().code(), "queue.read-only");

    let text = folder.path().join("text.db");
    std::fs::write(&text, "This is no database, but it is long enough to be looked at. ".repeat(20)).unwrap();
    assert_eq!(Store::open(&text).unwrap_err().code(), "queue.damaged");
}

#[test]
fn a_missing_folder_is_said() {
    let error = Store::open(std::path::Path::new("/no/such/folder/index.db")).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("queue.create", "could not create the queue file /no/such/folder/index.db")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_those_beside_it_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let world = World::new(Fake::new());
    world.later(document("a", &["one"])).await;
    let folder = world.path().parent().unwrap().to_owned();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn two_processes_may_open_a_new_file_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..8).map(|_| scope.spawn(|| Store::open(&path).map(drop))).collect();
        for thread in opened {
            thread.join().unwrap().unwrap();
        }
    });
}

#[tokio::test]
async fn an_error_inside_a_transaction_leaves_nothing_of_it() {
    let world = World::new(Fake::new());
    world.later(document("a", &["one"])).await;
    world.file().execute_batch("DROP TABLE words").unwrap();
    let error = world.store().put(&document("b", &["two"]), crate::world::at(0)).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("queue.failed", "could not store documents: the queue file gave an error")
    );
    assert_eq!(world.chunks().total(), 1);
}

#[cfg(unix)]
#[test]
fn a_copy_that_lost_its_mode_is_made_private_again() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    drop(Store::open(&path).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(Store::open(&path).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_another_process_holds_is_waited_for_and_then_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    let store = Store::open(&path).unwrap();
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.delete("files", "a").unwrap_err();
    let text = "could not delete a document: another process holds the queue file";
    assert_eq!((error.code(), error.to_string().as_str()), ("queue.locked", text));
}
