//! How fast durable is here: `cargo run -p store --example durable [FOLDER]`.
//!
//! Each line is the best of three runs, because the machine may have other work to do. The first
//! is what the disk allows: a file that grows by 1 KiB and an `fdatasync` each time.

use engine::ports::{Batch, Store, Write};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::EmbeddedStore;

type Failure = Box<dyn std::error::Error>;

const VALUE: usize = 1024;
const RUNS: usize = 3;
/// Commits that wait at the same time, and commits in all.
const LOADS: [(u64, u64); 4] = [(1, 2_000), (16, 16_000), (64, 32_000), (512, 64_000)];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let mut floor = Duration::MAX;
    for _ in 0..RUNS {
        floor = floor.min(append(&tempfile::tempdir_in(&folder)?.path().join("file"), 2_000)?);
    }
    report("append + fdatasync, one at a time", 2_000, floor);
    for (waiting, commits) in LOADS {
        let mut best = Duration::MAX;
        for _ in 0..RUNS {
            let place = tempfile::tempdir_in(&folder)?;
            best = best.min(load(place.path(), waiting, commits).await?);
        }
        report(&format!("commits of 1 KiB, {waiting} waiting"), commits, best);
    }
    read_and_reopen(tempfile::tempdir_in(&folder)?.path()).await
}

fn report(what: &str, count: u64, time: Duration) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let rate = f64::from(count) / time.as_secs_f64();
    println!(
        "{what:<40} {rate:>9.0} /s  {:>9.1} µs each",
        time.as_secs_f64() * 1e6 / f64::from(count)
    );
}

fn append(path: &Path, times: u64) -> Result<Duration, Failure> {
    let mut file = File::create(path)?;
    let started = Instant::now();
    for _ in 0..times {
        file.write_all(&[7; VALUE])?;
        file.sync_data()?;
    }
    Ok(started.elapsed())
}

async fn load(folder: &Path, waiting: u64, commits: u64) -> Result<Duration, Failure> {
    let store = Arc::new(EmbeddedStore::open(folder)?);
    let started = Instant::now();
    write(&store, waiting, commits).await?;
    Ok(started.elapsed())
}

async fn write(store: &Arc<EmbeddedStore>, waiting: u64, commits: u64) -> Result<(), Failure> {
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..waiting {
        let store = Arc::clone(store);
        writers.spawn(async move {
            for number in 0..commits / waiting {
                store.commit(put(&format!("k/{writer}/{}", number % 1_000))).await?;
            }
            Ok::<_, store::StoreError>(())
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    Ok(())
}

fn put(key: &str) -> Batch {
    let write = Write::Put { key: key.to_owned(), value: vec![7; VALUE] };
    Batch { compares: Vec::new(), writes: vec![write] }
}

/// Small reads without and with writes beside them, and the time to open what is left.
async fn read_and_reopen(folder: &Path) -> Result<(), Failure> {
    let store = Arc::new(EmbeddedStore::open(folder)?);
    write(&store, 64, 64_000).await?;
    read(&store, "alone").await?;
    let beside = Arc::clone(&store);
    let writing =
        tokio::spawn(
            async move { write(&beside, 64, 64_000).await.map_err(|error| error.to_string()) },
        );
    read(&store, "beside 64 writers").await?;
    writing.await??;
    let everything = Instant::now();
    let pairs = store.range("").await?.1.len();
    println!("range of all {pairs} keys {:>38.1} ms", everything.elapsed().as_secs_f64() * 1e3);
    drop(store);
    let bytes = std::fs::metadata(folder.join("wayleave.db"))?.len();
    let started = Instant::now();
    drop(EmbeddedStore::open(folder)?);
    let time = started.elapsed().as_secs_f64() * 1e3;
    println!("open and close {} MiB {time:>38.1} ms", bytes / 1024 / 1024);
    Ok(())
}

async fn read(store: &EmbeddedStore, how: &str) -> Result<(), Failure> {
    let mut times = Vec::new();
    for number in 0..1_000 {
        let started = Instant::now();
        store.range(&format!("k/{}/{}", number % 64, number % 10)).await?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let [p50, p99] = [times[times.len() / 2], times[times.len() * 99 / 100]].map(|t| t.as_micros());
    println!("range of one to a hundred keys, {how:<18} p50 {p50} µs, p99 {p99} µs");
    Ok(())
}
