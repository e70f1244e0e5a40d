//! The port `Store` in memory, with restarts and failures on demand.

mod contents;
mod watch;

use async_trait::async_trait;
use contents::Contents;
use engine::api::Revision;
use engine::ports::{Batch, KeyValue, Store, StoreError, StoreWatch};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use watch::Watches;

/// A store that lives as long as its handles, and that may be opened again.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    disk: Arc<Mutex<Disk>>,
}

/// What a commit does instead of its duty, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// Nothing is written.
    Refuse { reason: String },
    /// It is written and durable, and answered with a failure.
    LoseReply { reason: String },
}

/// What becomes of batches that were under way when the store's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced {
    /// They had reached the disk, though nobody was told.
    Kept,
    Lost,
}

#[derive(Debug, Default)]
struct Disk {
    contents: Contents,
    watches: Watches,
    faults: VecDeque<StoreFault>,
    power: Power,
    waiting: VecDeque<(Batch, oneshot::Sender<Outcome>)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Power {
    #[default]
    On,
    /// Batches are taken and wait for their sync.
    Holding,
    Off,
}

type Outcome = Result<Revision, StoreError>;

impl MemoryStore {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// As if the process had ended and begun again: every handle and watch of before is closed,
    /// and the one that is returned has what was durable.
    #[must_use]
    pub fn reopen(&self, unsynced: Unsynced) -> Self {
        let mut disk = self.disk();
        if unsynced == Unsynced::Kept {
            disk.sync(|_| Err(closed()));
        }
        disk.waiting.clear();
        disk.watches = Watches::default();
        disk.power = Power::Off;
        let contents = std::mem::take(&mut disk.contents);
        Self { disk: Arc::new(Mutex::new(Disk { contents, ..Disk::default() })) }
    }

    /// The next commit goes wrong in this way; several are played one after another.
    pub fn fail_next(&self, fault: StoreFault) {
        self.disk().faults.push_back(fault);
    }

    /// From now on commits wait, and nothing of them can be seen, until [`MemoryStore::sync`].
    pub fn hold(&self) {
        self.disk().power = Power::Holding;
    }

    /// Makes durable what waits, answers it, and goes on as usual.
    pub fn sync(&self) {
        let mut disk = self.disk();
        disk.power = Power::On;
        disk.sync(|outcome| outcome);
    }

    /// Commits that wait for a sync.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.disk().waiting.len()
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_disk(&self) -> Result<MutexGuard<'_, Disk>, StoreError> {
        let disk = self.disk();
        if disk.power == Power::Off { Err(closed()) } else { Ok(disk) }
    }
}

impl Disk {
    fn commit(&mut self, batch: Batch) -> Outcome {
        match self.faults.pop_front() {
            Some(StoreFault::Refuse { reason }) => Err(StoreError::Failed { reason }),
            Some(StoreFault::LoseReply { reason }) => {
                self.write(batch)?;
                Err(StoreError::Failed { reason })
            }
            None => self.write(batch),
        }
    }

    fn write(&mut self, batch: Batch) -> Outcome {
        let events = self.contents.commit(batch)?;
        self.watches.publish(&events);
        Ok(self.contents.revision)
    }

    fn sync(&mut self, answered: impl Fn(Outcome) -> Outcome) {
        while let Some((batch, answer)) = self.waiting.pop_front() {
            // Whoever asked may have gone; what is written stays.
            let _ = answer.send(answered(self.commit(batch)));
        }
    }

    fn wait(&mut self, batch: Batch) -> oneshot::Receiver<Outcome> {
        let (answer, answered) = oneshot::channel();
        self.waiting.push_back((batch, answer));
        answered
    }
}

fn closed() -> StoreError {
    StoreError::Failed { reason: "the store is closed".to_owned() }
}

#[async_trait]
impl Store for MemoryStore {
    async fn revision(&self) -> Result<Revision, StoreError> {
        Ok(self.open_disk()?.contents.revision)
    }

    async fn range(&self, prefix: &str) -> Result<(Revision, Vec<KeyValue>), StoreError> {
        let disk = self.open_disk()?;
        Ok((disk.contents.revision, disk.contents.range(prefix)))
    }

    async fn commit(&self, batch: Batch) -> Outcome {
        let answered = {
            let mut disk = self.open_disk()?;
            if disk.power != Power::Holding {
                return disk.commit(batch);
            }
            disk.wait(batch)
        };
        answered.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn watch(&self, prefix: &str, from: Revision) -> Result<StoreWatch, StoreError> {
        let mut disk = self.open_disk()?;
        let history = disk.contents.since(prefix, from)?;
        Ok(disk.watches.begin(prefix, history))
    }

    async fn compact(&self, upto: Revision) -> Result<(), StoreError> {
        self.open_disk()?.contents.compact(upto)
    }
}
