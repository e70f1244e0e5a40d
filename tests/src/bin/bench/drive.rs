//! Work with so many calls in flight, and how long each took.

use crate::figures::Samples;
use anyhow::Context as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Does `work` for every number below `count`, `in_flight` at a time. What each gave comes with
/// when it began; one that fails ends it all.
pub(crate) async fn all<T, F, W>(
    count: u32,
    in_flight: u32,
    work: W,
) -> anyhow::Result<(Samples, Vec<(Instant, T)>)>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
    W: Fn(u32) -> F + Send + Sync + 'static,
{
    let (work, next) = (Arc::new(work), Arc::new(AtomicU32::new(0)));
    let begin = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..in_flight.min(count) {
        let (work, next) = (Arc::clone(&work), Arc::clone(&next));
        workers.spawn(async move { worker(count, &next, work.as_ref()).await });
    }
    let mut done = Vec::new();
    while let Some(worker) = workers.join_next().await {
        done.extend(worker.context("a worker panicked")??);
    }
    let together = begin.elapsed();
    let each = done.iter().map(|(_, took, _)| *took).collect();
    let samples = Samples::of(each, together).context("nothing was measured")?;
    Ok((samples, done.into_iter().map(|(began, _, gave)| (began, gave)).collect()))
}

async fn worker<T, F, W>(
    count: u32,
    next: &AtomicU32,
    work: &W,
) -> anyhow::Result<Vec<(Instant, Duration, T)>>
where
    F: Future<Output = anyhow::Result<T>>,
    W: Fn(u32) -> F,
{
    let mut done = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(done);
        }
        let began = Instant::now();
        let gave = work(number).await?;
        done.push((began, began.elapsed(), gave));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tokio::sync::Barrier;

    #[tokio::test]
    async fn every_number_is_worked_on_once_and_together() {
        // It opens only where four calls wait at the same time.
        let barrier = Arc::new(Barrier::new(4));
        let work = move |number| {
            let barrier = Arc::clone(&barrier);
            async move {
                barrier.wait().await;
                Ok(number)
            }
        };
        let run = tokio::time::timeout(Duration::from_secs(10), all(20, 4, work));
        let (samples, gave) = run.await.unwrap().unwrap();
        assert_eq!(samples.count(), 20);
        let gave: BTreeSet<u32> = gave.into_iter().map(|(_, number)| number).collect();
        assert_eq!(gave, (0..20).collect());
    }

    #[tokio::test]
    async fn one_failure_fails_the_run() {
        let work = |number| async move {
            anyhow::ensure!(number != 3, "number 3 is refused");
            Ok(())
        };
        assert!(all(5, 2, work).await.unwrap_err().to_string().contains("number 3"));
    }
}
