//! The store as the engine sees it.

use crate::batch;
use crate::database::for_writing;
use crate::failure::{explained, failed};
use crate::folder::Folder;
use crate::ledger::not_there;
use crate::progress::Progress;
use crate::queue::{Queue, Task};
use crate::readers::Readers;
use crate::retention::Retention;
use crate::sweep::Rest;
use crate::tail::Tail;
use crate::watcher::{self, Source};
use crate::writer::Writer;
use async_trait::async_trait;
use engine::api::Revision;
use engine::ports::{Batch, KeyValue, Store, StoreError, StoreWatch};
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use tokio::sync::watch;

/// A store in a folder of this machine. When it is dropped, what is queued is still written, its
/// watches end, and the folder is free for another.
#[derive(Debug)]
pub struct EmbeddedStore {
    /// `None` only while it is being dropped.
    queue: Option<Queue>,
    source: Source,
    writer: Option<JoinHandle<()>>,
}

impl EmbeddedStore {
    /// Opens the store in a folder, and makes both where they are missing: the folder with mode
    /// 0700, its files with 0600.
    ///
    /// # Errors
    /// `Locked` while another store has the folder; `Failed` where the folder cannot be used, or
    /// the database is damaged, another program's, or of a later format.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, Retention::default())
    }

    /// The same with other bounds of history.
    ///
    /// # Errors
    /// As for [`EmbeddedStore::open`].
    pub fn open_with(folder: &Path, retention: Retention) -> Result<Self, StoreError> {
        let folder = Folder::take(folder)?;
        let connection = for_writing(&folder.database())?;
        Self::start(folder, connection, retention)
    }

    fn start(
        folder: Folder,
        connection: Connection,
        retention: Retention,
    ) -> Result<Self, StoreError> {
        let progress = Progress::load(&connection).map_err(|e| explained(&e))?;
        let (queue, jobs) = Queue::new();
        let tail = Arc::new(Mutex::new(Tail::new(progress.revision)));
        let (revision, seen) = watch::channel(progress.revision);
        let source = Source {
            tail: Arc::clone(&tail),
            readers: Arc::new(Readers::new(folder.database())),
            revision: seen,
        };
        let (rest, _folder) = (Rest::Some, folder);
        let writer =
            Writer { connection, jobs, progress, retention, tail, revision, rest, _folder };
        let thread = Builder::new().name("store".to_owned()).spawn(move || writer.run());
        let thread = thread.map_err(|e| failed(format!("no thread can be started: {e}")))?;
        Ok(Self { queue: Some(queue), source, writer: Some(thread) })
    }

    async fn ask(&self, task: Task, bytes: usize) -> Result<Revision, StoreError> {
        match &self.queue {
            Some(queue) => queue.ask(task, bytes).await,
            None => Err(failed("the store is closed")),
        }
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.queue = None;
        self.source.readers.close();
        if self.writer.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's writer ended in a panic");
        }
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn revision(&self) -> Result<Revision, StoreError> {
        Ok(*self.source.revision.borrow())
    }

    async fn range(&self, prefix: &str) -> Result<(Revision, Vec<KeyValue>), StoreError> {
        self.source.readers.range(prefix.to_owned()).await
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, StoreError> {
        let bytes = batch::check(&batch)?;
        self.ask(Task::Commit(batch), bytes).await
    }

    async fn watch(&self, prefix: &str, from: Revision) -> Result<StoreWatch, StoreError> {
        let progress = self.source.readers.progress().await?;
        if from > progress.revision {
            return Err(not_there(from, progress.revision));
        }
        if from < progress.compacted {
            return Err(StoreError::Compacted { oldest: progress.compacted + 1 });
        }
        Ok(watcher::begin(self.source.clone(), prefix, from).await)
    }

    async fn compact(&self, upto: Revision) -> Result<(), StoreError> {
        self.ask(Task::Compact(upto), 0).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests;
