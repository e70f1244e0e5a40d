//! The way to the writer: bounded in jobs and in bytes, first come, first served.

use crate::DEADLINE;
use crate::failure::failed;
use crate::ledger::Outcome;
use engine::api::Revision;
use engine::ports::{Batch, StoreError};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

/// Jobs that may wait.
const JOBS: usize = 1024;
/// KiB of all the batches that may wait.
const KIB: usize = 128 * 1024;

/// Something for the writer to do, and whom to tell.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) task: Task,
    pub(crate) bytes: usize,
    pub(crate) answer: oneshot::Sender<Outcome>,
    _room: OwnedSemaphorePermit,
}

#[derive(Debug)]
pub(crate) enum Task {
    Commit(Batch),
    Compact(Revision),
}

#[derive(Clone, Debug)]
pub(crate) struct Queue {
    jobs: mpsc::Sender<Job>,
    room: Arc<Semaphore>,
}

impl Queue {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Job>) {
        let (jobs, taken) = mpsc::channel(JOBS);
        (Self { jobs, room: Arc::new(Semaphore::new(KIB)) }, taken)
    }

    /// Waits for room, then for the answer. A job that is queued is carried out even if nobody
    /// waits for it any more.
    pub(crate) async fn ask(&self, task: Task, bytes: usize) -> Outcome {
        let answer = timeout(DEADLINE, self.enter(task, bytes)).await.map_err(|_| full())??;
        timeout(DEADLINE, answer).await.map_err(|_| unanswered())?.map_err(|_| ended())?
    }

    pub(crate) async fn enter(
        &self,
        task: Task,
        bytes: usize,
    ) -> Result<oneshot::Receiver<Outcome>, StoreError> {
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await.map_err(|_| ended())?;
        let (answer, answered) = oneshot::channel();
        let job = Job { task, bytes, answer, _room: room };
        self.jobs.send(job).await.map_err(|_| ended())?;
        Ok(answered)
    }
}

fn full() -> StoreError {
    failed(format!(
        "the queue was full for {} s, nothing was written; the disk is too slow, try again later",
        DEADLINE.as_secs()
    ))
}

fn unanswered() -> StoreError {
    failed(format!(
        "the disk did not answer within {} s; the batch may or may not be written: read before \
         you write again",
        DEADLINE.as_secs()
    ))
}

fn ended() -> StoreError {
    failed("the store is closed")
}
