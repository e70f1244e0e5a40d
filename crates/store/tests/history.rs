//! History: read from disk, bounded, and never in the way of reading.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use engine::api::Revision;
use engine::ports::{Batch, Store, StoreWatch, Write};
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;
use store::{EmbeddedStore, Retention, StoreError};
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(20);

fn put(key: &str, bytes: usize) -> Write {
    Write::Put { key: key.to_owned(), value: vec![7; bytes] }
}

fn batch(writes: Vec<Write>) -> Batch {
    Batch { compares: Vec::new(), writes }
}

async fn fill(store: &EmbeddedStore, revisions: u64, bytes: usize) {
    for _ in 0..revisions {
        store.commit(batch(vec![put("k", bytes)])).await.unwrap();
    }
}

async fn revisions(watch: &mut StoreWatch, upto: Revision) -> Vec<Revision> {
    let mut found = Vec::new();
    while found.last() != Some(&upto) {
        let item = timeout(DEADLINE, watch.recv()).await.expect("an event comes in time");
        found.push(item.unwrap().unwrap().revision);
    }
    found
}

/// Rows of history, and their bytes.
fn on_disk(folder: &Path) -> (u64, u64) {
    let database = Connection::open(folder.join("wayleave.db")).unwrap();
    let sql =
        "SELECT count(*), coalesce(sum(octet_length(key) + octet_length(value)), 0) FROM history";
    let (rows, bytes): (i64, i64) =
        database.query_one(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    (rows.try_into().unwrap(), bytes.try_into().unwrap())
}

#[tokio::test]
async fn a_watch_reads_from_disk_and_goes_on_live() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    for number in 0..20 {
        let keys = (0..100).map(|key| put(&format!("{key}/{number}"), 10));
        store.commit(batch(keys.collect())).await.unwrap();
    }
    drop(store);
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let mut all = store.watch("", 0).await.unwrap();
    let mut some = store.watch("42/", 5).await.unwrap();
    for revision in 1..=20 {
        for key in 0..100 {
            let event = timeout(DEADLINE, all.recv()).await.unwrap().unwrap().unwrap();
            let expected = format!("{key}/{}", revision - 1);
            assert_eq!((event.revision, event.key), (revision, expected));
        }
    }
    assert_eq!(revisions(&mut some, 20).await, (6..=20).collect::<Vec<_>>());
    store.commit(batch(vec![put("42/live", 1)])).await.unwrap();
    assert_eq!(revisions(&mut all, 21).await, [21]);
    assert_eq!(revisions(&mut some, 21).await, [21]);
}

#[tokio::test]
async fn old_revisions_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention { revisions: 10, ..Retention::default() };
    let store = EmbeddedStore::open_with(folder.path(), retention).unwrap();
    fill(&store, 100, 10).await;
    let refused = store.watch("", 89).await.map(|_| ());
    assert_eq!(refused, Err(StoreError::Compacted { oldest: 91 }));
    let mut watch = store.watch("", 90).await.unwrap();
    assert_eq!(revisions(&mut watch, 100).await, (91..=100).collect::<Vec<_>>());
    drop(store);
    assert_eq!(on_disk(folder.path()).0, 10);
}

#[tokio::test]
async fn history_is_bounded_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention { bytes: 20_000, ..Retention::default() };
    let store = EmbeddedStore::open_with(folder.path(), retention).unwrap();
    fill(&store, 100, 999).await;
    let refused = store.watch("", 79).await.map(|_| ());
    assert_eq!(refused, Err(StoreError::Compacted { oldest: 81 }));
    let mut watch = store.watch("", 80).await.unwrap();
    assert_eq!(revisions(&mut watch, 100).await.len(), 20);
    drop(store);
    assert_eq!(on_disk(folder.path()), (20, 20_000));
}

#[tokio::test]
async fn rows_that_a_compaction_leaves_go_without_further_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    for _ in 0..5 {
        let keys = (0..1_000).map(|key| put(&key.to_string(), 1));
        store.commit(batch(keys.collect())).await.unwrap();
    }
    store.compact(5).await.unwrap();
    let swept = async {
        while on_disk(folder.path()).0 > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(DEADLINE, swept).await.expect("forgotten rows go");
    assert_eq!(store.range("").await.unwrap().1.len(), 1_000);
}

#[tokio::test]
async fn a_reader_that_history_left_behind_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let keys = || (0..1_000).map(|key| put(&key.to_string(), 1)).collect();
    let mut watch = store.watch("", 0).await.unwrap();
    for _ in 0..10 {
        store.commit(batch(keys())).await.unwrap();
    }
    store.compact(10).await.unwrap();
    let last = loop {
        match timeout(DEADLINE, watch.recv()).await.unwrap().expect("a last word comes") {
            Ok(_) => {}
            Err(StoreError::SlowReader { last }) => break last,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(last < 10);
    let again = store.watch("", last).await.map(|_| ());
    assert_eq!(again, Err(StoreError::Compacted { oldest: 11 }));
}

#[tokio::test]
async fn reading_does_not_wait_for_a_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    fill(&store, 3, 10).await;
    let other = Connection::open(folder.path().join("wayleave.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut write = Box::pin(store.commit(batch(vec![put("k", 1)])));
    let reads = async {
        for _ in 0..10 {
            assert_eq!(store.range("").await.unwrap().0, 3);
            let mut watch = store.watch("", 0).await.unwrap();
            assert_eq!(revisions(&mut watch, 3).await, [1, 2, 3]);
        }
    };
    tokio::select! {
        biased;
        early = &mut write => panic!("a write came past another: {early:?}"),
        read = timeout(Duration::from_secs(10), reads) => read.expect("reads do not wait"),
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(timeout(DEADLINE, write).await.expect("the write goes on"), Ok(4));
}
