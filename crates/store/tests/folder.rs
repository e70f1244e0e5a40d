//! The data folder: private, exclusive, and clear about what is wrong with it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use engine::ports::{Batch, Store, Write};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use store::{EmbeddedStore, StoreError};

/// Set for a process that only tries to open this folder.
const OPEN: &str = "STORE_TEST_OPEN";

fn put(key: &str, bytes: usize) -> Batch {
    let write = Write::Put { key: key.to_owned(), value: vec![7; bytes] };
    Batch { compares: Vec::new(), writes: vec![write] }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn refusal(folder: &Path) -> String {
    EmbeddedStore::open(folder).expect_err("the folder is refused").to_string()
}

#[tokio::test]
async fn folder_and_files_are_for_their_owner_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("made/here");
    let store = EmbeddedStore::open(&folder).unwrap();
    store.commit(put("k", 1)).await.unwrap();
    store.range("").await.unwrap();
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 4, "database, log, index and lock: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_closed_store_leaves_no_log_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    store.commit(put("k", 1)).await.unwrap();
    store.range("").await.unwrap();
    drop(store);
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, ["wayleave.db", "wayleave.lock"]);
}

#[test]
fn a_second_open_is_refused_until_the_first_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let second = EmbeddedStore::open(folder.path()).map(|_| ());
    assert_eq!(second, Err(StoreError::Locked { folder: path }));
    drop(store);
    EmbeddedStore::open(folder.path()).unwrap();
}

#[test]
fn another_process_is_refused_too() {
    if let Some(folder) = std::env::var_os(OPEN) {
        let opened = EmbeddedStore::open(Path::new(&folder)).map(|_| ());
        assert!(matches!(opened, Err(StoreError::Locked { .. })), "{opened:?}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let refused_there = || {
        let mut other = Command::new(std::env::current_exe().unwrap());
        other.args(["--exact", "another_process_is_refused_too"]).env(OPEN, folder.path());
        other.output().unwrap().status.success()
    };
    let store = EmbeddedStore::open(folder.path()).unwrap();
    assert!(refused_there());
    drop(store);
    assert!(!refused_there(), "a folder that nobody holds is not refused");
}

#[test]
fn a_folder_that_cannot_be_used_is_named_with_the_way_out() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    for folder in [file.clone(), file.join("below")] {
        let text = refusal(&folder);
        assert!(text.contains(&folder.display().to_string()), "{text}");
        assert!(text.contains("choose another"), "{text}");
    }
}

#[test]
fn what_is_not_our_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wayleave.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)").unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    let text = refusal(folder.path());
    assert!(text.contains("another program"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_later_format_asks_for_a_newer_daemon() {
    let folder = tempfile::tempdir().unwrap();
    drop(EmbeddedStore::open(folder.path()).unwrap());
    let database = Connection::open(folder.path().join("wayleave.db")).unwrap();
    database.pragma_update(None, "user_version", 2).unwrap();
    drop(database);
    let text = refusal(folder.path());
    assert!(text.contains("format 2") && text.contains("newer daemon"), "{text}");
}

#[test]
fn a_file_that_is_no_database_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("wayleave.db"), vec![b'x'; 10_000]).unwrap();
    let text = refusal(folder.path());
    assert!(text.contains("damaged") && text.contains("from a copy"), "{text}");
}

#[tokio::test]
async fn damage_inside_is_found_when_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wayleave.db");
    let store = EmbeddedStore::open(folder.path()).unwrap();
    for number in 0..50 {
        store.commit(put(&format!("k{number}"), 1_000)).await.unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let pages_of_tables = 2 * 4096..;
    bytes[pages_of_tables].fill(0xFF);
    fs::write(&path, bytes).unwrap();
    let opened = EmbeddedStore::open(folder.path());
    let error = match opened {
        Ok(store) => store.range("").await.map(|_| ()).unwrap_err(),
        Err(error) => error,
    };
    assert!(error.to_string().contains("damaged"), "{error}");
}
