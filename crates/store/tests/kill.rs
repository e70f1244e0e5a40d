//! A process that is killed loses nothing that it acknowledged, and leaves nothing half done.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use engine::api::Revision;
use engine::ports::{Batch, Store, Write};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::EmbeddedStore;
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(20);

/// Set for the process that writes until it is killed.
const WRITE: &str = "STORE_TEST_WRITE";
/// Batches that the writing process has under way at the same time.
const WRITERS: u64 = 8;
/// Acknowledged batches after which the process is killed, one process after another. Together
/// they outgrow SQLite's log of 1,000 pages, so some of them die around a checkpoint.
const MOMENTS: [usize; 10] = [0, 1, 2, 7, 30, 100, 250, 400, 3, 600];
/// The keys of each batch.
const PARTS: [&str; 3] = ["first", "second", "third"];

#[test]
fn a_killed_process_keeps_what_it_acknowledged() {
    if let Some(folder) = std::env::var_os(WRITE) {
        return write_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    for moment in MOMENTS {
        let before = acknowledged.len();
        acknowledged.extend(killed_after(folder.path(), moment));
        assert!(acknowledged.len() >= before + moment);
        check(folder.path(), &acknowledged);
    }
}

/// Revision to batch number, of every batch that the process said was durable.
fn killed_after(folder: &Path, moment: usize) -> BTreeMap<Revision, u64> {
    let mut writing = start(folder);
    let mut lines = BufReader::new(writing.stdout.take().unwrap()).lines();
    let mut acknowledged = BTreeMap::new();
    while acknowledged.len() < moment {
        let line = lines.next().expect("the process writes until it is killed").unwrap();
        acknowledged.extend(parse(&line));
    }
    writing.kill().unwrap();
    writing.wait().unwrap();
    acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));
    acknowledged
}

fn start(folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "a_killed_process_keeps_what_it_acknowledged"]);
    command.env(WRITE, folder).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Other lines are the test runner's own; a line that was cut by the kill has no end mark.
fn parse(line: &str) -> Option<(Revision, u64)> {
    let (revision, number) = line.strip_suffix(';')?.split_once(' ')?;
    Some((revision.parse().ok()?, number.parse().ok()?))
}

#[tokio::main]
async fn write_until_killed(folder: &Path) {
    let store = Arc::new(EmbeddedStore::open(folder).unwrap());
    let next = Arc::new(AtomicU64::new(store.revision().await.unwrap() + 1));
    let writers = (0..WRITERS).map(|_| tokio::spawn(write(Arc::clone(&store), Arc::clone(&next))));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

async fn write(store: Arc<EmbeddedStore>, next: Arc<AtomicU64>) {
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let writes = PARTS.map(|part| {
            let key = format!("batch/{part}/{}", number % 50);
            Write::Put { key, value: value(number) }
        });
        let batch = Batch { compares: Vec::new(), writes: writes.into() };
        let revision = store.commit(batch).await.unwrap();
        println!("{revision} {number};");
    }
}

/// A number that fills part of a page.
fn value(number: u64) -> Vec<u8> {
    format!("{number:0>700}").into_bytes()
}

#[tokio::main]
async fn check(folder: &Path, acknowledged: &BTreeMap<Revision, u64>) {
    let store = EmbeddedStore::open(folder).unwrap();
    let last = store.revision().await.unwrap();
    let mut numbers = BTreeMap::new();
    let mut watch = store.watch("", 0).await.unwrap();
    for revision in 1..=last {
        let mut values = Vec::new();
        for part in PARTS {
            let event = timeout(DEADLINE, watch.recv()).await.expect("history goes on");
            let event = event.unwrap().unwrap();
            assert_eq!(event.revision, revision, "a hole or a half batch");
            assert!(event.key.starts_with(&format!("batch/{part}/")), "{}", event.key);
            values.push(event.value.unwrap());
        }
        let number: u64 = String::from_utf8(values[0].clone()).unwrap().parse().unwrap();
        assert!(values.iter().all(|part| *part == value(number)), "a half batch");
        numbers.insert(revision, number);
    }
    for (revision, number) in acknowledged {
        assert_eq!(numbers.get(revision), Some(number), "revision {revision} was acknowledged");
    }
    current_values_agree(&store, &numbers).await;
}

/// What is current is what history says was written last.
async fn current_values_agree(store: &EmbeddedStore, numbers: &BTreeMap<Revision, u64>) {
    let newest: BTreeMap<u64, (Revision, u64)> =
        numbers.iter().map(|(revision, number)| (number % 50, (*revision, *number))).collect();
    for part in PARTS {
        let (_, pairs) = store.range(&format!("batch/{part}/")).await.unwrap();
        assert_eq!(pairs.len(), newest.len());
        for (slot, (revision, number)) in &newest {
            let key = format!("batch/{part}/{slot}");
            let pair = pairs.iter().find(|pair| pair.key == key).unwrap();
            assert_eq!((pair.modified, &pair.value), (*revision, &value(*number)));
        }
    }
}
