//! Reading, on connections of its own.

use crate::DEADLINE;
use crate::database::for_reading;
use crate::failure::{explained, failed};
use crate::place::Place;
use crate::progress::{Progress, number};
use crate::sweep::place;
use crate::tail::Page;
use engine::api::Revision;
use engine::ports::{KeyValue, StoreError, StoreEvent};
use rusqlite::{Connection, Row};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Reads at the same time; others wait.
const CONNECTIONS: usize = 4;
/// Events, and bytes of values, in one page of history.
pub(crate) const PAGE: usize = 256;
const PAGE_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, turns: Arc::new(Semaphore::new(CONNECTIONS)), idle: Mutex::default() }
    }

    pub(crate) async fn progress(self: &Arc<Self>) -> Result<Progress, StoreError> {
        self.read(Progress::load).await
    }

    pub(crate) async fn range(
        self: &Arc<Self>,
        prefix: String,
    ) -> Result<(Revision, Vec<KeyValue>), StoreError> {
        self.read(move |connection| {
            let revision = Progress::load(connection)?.revision;
            Ok((revision, pairs(connection, &prefix)?))
        })
        .await
    }

    /// The next events in history; `None` where some of them are forgotten.
    pub(crate) async fn page(
        self: &Arc<Self>,
        after: Place,
        prefix: String,
    ) -> Result<Option<Page>, StoreError> {
        self.read(move |connection| {
            let progress = Progress::load(connection)?;
            if after < Place::end_of(progress.compacted) {
                return Ok(None);
            }
            history(connection, after, &prefix, progress.revision).map(Some)
        })
        .await
    }

    /// Runs something that reads, all of it at one revision.
    async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let late = |_| failed(format!("the database did not answer in {} s", DEADLINE.as_secs()));
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = timeout(DEADLINE, turn).await.map_err(late)?;
        let readers = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            readers.with_connection(act)
        });
        let read = timeout(DEADLINE, reading).await.map_err(late)?;
        read.map_err(|e| failed(format!("a read was broken off: {e}")))?
    }

    /// The last connection to close merges the log into the database; that shall be the writer's.
    pub(crate) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A connection on which something failed is not used again.
    fn with_connection<T>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = idle.map_or_else(|| for_reading(&self.path), Ok)?;
        let read = in_one_snapshot(&mut connection, act).map_err(|e| explained(&e))?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(read)
    }
}

fn in_one_snapshot<T>(
    connection: &mut Connection,
    act: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction()?;
    let read = act(&transaction)?;
    transaction.commit()?;
    Ok(read)
}

/// Text is kept in the order of its bytes, so what starts with a prefix stands together.
fn pairs(connection: &Connection, prefix: &str) -> rusqlite::Result<Vec<KeyValue>> {
    let sql = "SELECT key, value, modified FROM current WHERE key >= ?1 ORDER BY key";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([prefix])?;
    let mut pairs = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        if !key.starts_with(prefix) {
            break;
        }
        pairs.push(KeyValue { key, value: row.get(1)?, modified: number(row, 2)? });
    }
    Ok(pairs)
}

fn history(
    connection: &Connection,
    after: Place,
    prefix: &str,
    revision: Revision,
) -> rusqlite::Result<Page> {
    let sql = "SELECT place, key, value FROM history WHERE place > ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([after.row()])?;
    let (mut events, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        if !row.get_ref(1)?.as_str()?.starts_with(prefix) {
            continue;
        }
        let (place, event) = event(row)?;
        bytes += event.value.as_ref().map_or(0, Vec::len);
        events.push((place, event));
        if events.len() == PAGE || bytes > PAGE_BYTES {
            return Ok(Page { events, upto: place });
        }
    }
    Ok(Page { events, upto: Place::end_of(revision) })
}

fn event(row: &Row<'_>) -> rusqlite::Result<(Place, StoreEvent)> {
    let place = place(row)?;
    let (key, value) = (row.get(1)?, row.get(2)?);
    Ok((place, StoreEvent { revision: place.revision, key, value }))
}
