//! The thread that writes. What waits when it is free becomes one durable transaction.

use crate::failure::explained;
use crate::folder::Folder;
use crate::ledger::{Ledger, Outcome};
use crate::place::Place;
use crate::progress::Progress;
use crate::queue::{Job, Task};
use crate::retention::Retention;
use crate::sweep::{Rest, sweep};
use crate::tail::Tail;
use engine::api::Revision;
use engine::ports::StoreEvent;
use rusqlite::{Connection, TransactionBehavior};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};

/// Jobs and bytes that go into one transaction. More than this gains nothing over one `fsync`.
const GROUP_JOBS: usize = 512;
const GROUP_BYTES: usize = 4 * 1024 * 1024;
/// Rows of history that are forgotten at a time when there is nothing else to do.
const IDLE_ROWS: usize = 1024;
/// Rows that are forgotten with each transaction, beyond twice what it writes.
const BUSY_ROWS: usize = 16;

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) jobs: mpsc::Receiver<Job>,
    pub(crate) progress: Progress,
    pub(crate) retention: Retention,
    pub(crate) tail: Arc<Mutex<Tail>>,
    pub(crate) revision: watch::Sender<Revision>,
    pub(crate) rest: Rest,
    /// Given back last, when the connection is closed.
    pub(crate) _folder: Folder,
}

/// What a transaction made durable.
struct Written {
    outcomes: Vec<Outcome>,
    events: Vec<(Place, StoreEvent)>,
    progress: Progress,
    rest: Rest,
}

impl Writer {
    /// Until nobody can ask for anything any more.
    pub(crate) fn run(mut self) {
        while let Some(group) = self.next_group() {
            if group.is_empty() {
                self.tidy();
            } else {
                self.carry_out(group);
            }
        }
    }

    /// Everything that waits, up to the bounds; empty if nothing does and there is tidying to do.
    fn next_group(&mut self) -> Option<Vec<Job>> {
        let first = match self.rest {
            Rest::None => self.jobs.blocking_recv()?,
            Rest::Some => match self.jobs.try_recv() {
                Ok(job) => job,
                Err(mpsc::error::TryRecvError::Empty) => return Some(Vec::new()),
                Err(mpsc::error::TryRecvError::Disconnected) => return None,
            },
        };
        let mut bytes = first.bytes;
        let mut group = vec![first];
        while group.len() < GROUP_JOBS
            && bytes < GROUP_BYTES
            && let Ok(job) = self.jobs.try_recv()
        {
            bytes += job.bytes;
            group.push(job);
        }
        Some(group)
    }

    /// Nobody is answered before all of it is durable: a refusal, too, may rest on a neighbour's
    /// write.
    fn carry_out(&mut self, group: Vec<Job>) {
        let (tasks, answers): (Vec<_>, Vec<_>) =
            group.into_iter().map(|job| (job.task, job.answer)).unzip();
        let outcomes = match self.write(tasks) {
            Ok(written) => self.take_over(written),
            Err(error) => {
                tracing::error!(%error, "a transaction failed and is undone");
                vec![Err(explained(&error)); answers.len()]
            }
        };
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Whoever asked may have gone; what was written stays.
            let _ = answer.send(outcome);
        }
    }

    fn write(&mut self, tasks: Vec<Task>) -> rusqlite::Result<Written> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut ledger = Ledger::new(&transaction, self.progress);
        let mut outcomes = Vec::with_capacity(tasks.len());
        for task in tasks {
            outcomes.push(match task {
                Task::Commit(batch) => ledger.commit(batch)?,
                Task::Compact(upto) => ledger.compact(upto),
            });
        }
        let Ledger { mut progress, events, .. } = ledger;
        let mut rest = self.rest;
        if progress != self.progress {
            let rows = events.len() * 2 + BUSY_ROWS;
            rest = sweep(&transaction, &mut progress, self.retention, rows)?;
            progress.save(&transaction)?;
        }
        transaction.commit()?;
        Ok(Written { outcomes, events, progress, rest })
    }

    /// What is durable becomes visible to watches.
    fn take_over(&mut self, written: Written) -> Vec<Outcome> {
        let before = self.progress.revision;
        self.progress = written.progress;
        self.rest = written.rest;
        let revision = self.progress.revision;
        if revision != before {
            let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
            tail.append(written.events, revision);
            drop(tail);
            self.revision.send_replace(revision);
        }
        written.outcomes
    }

    fn tidy(&mut self) {
        self.rest = self.forget().unwrap_or_else(|error| {
            tracing::warn!(%error, "history could not be forgotten; tried again with the next write");
            Rest::None
        });
    }

    fn forget(&mut self) -> rusqlite::Result<Rest> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut progress = self.progress;
        let rest = sweep(&transaction, &mut progress, self.retention, IDLE_ROWS)?;
        if progress != self.progress {
            progress.save(&transaction)?;
        }
        transaction.commit()?;
        self.progress = progress;
        Ok(rest)
    }
}

#[cfg(test)]
mod tests;
