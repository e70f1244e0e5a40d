//! Batches within one open transaction of the database.

use crate::place::Place;
use crate::progress::{Progress, integer, number};
use engine::api::Revision;
use engine::ports::{Batch, Compare, StoreError, StoreEvent, Write};
use rusqlite::{Connection, OptionalExtension};

/// What a task comes to, unless the database itself fails.
pub(crate) type Outcome = Result<Revision, StoreError>;

#[derive(Debug)]
pub(crate) struct Ledger<'c> {
    connection: &'c Connection,
    pub(crate) progress: Progress,
    /// What was written, in order.
    pub(crate) events: Vec<(Place, StoreEvent)>,
}

impl<'c> Ledger<'c> {
    pub(crate) fn new(connection: &'c Connection, progress: Progress) -> Self {
        Self { connection, progress, events: Vec::new() }
    }

    /// Every comparison comes before any write, so a batch that is refused leaves nothing behind.
    /// A batch without writes is answered with the revision there is.
    pub(crate) fn commit(&mut self, batch: Batch) -> rusqlite::Result<Outcome> {
        for compare in batch.compares {
            if let Err(error) = self.compare(compare)? {
                return Ok(Err(error));
            }
        }
        if !batch.writes.is_empty() {
            self.progress.revision += 1;
        }
        let revision = self.progress.revision;
        for (position, write) in (0..u16::MAX).zip(batch.writes) {
            self.write(Place { revision, position }, write)?;
        }
        Ok(Ok(revision))
    }

    /// History up to `upto` is forgotten from now on; its rows go with time.
    pub(crate) fn compact(&mut self, upto: Revision) -> Outcome {
        if upto > self.progress.revision {
            return Err(not_there(upto, self.progress.revision));
        }
        self.progress.compacted = self.progress.compacted.max(upto);
        Ok(self.progress.compacted)
    }

    fn compare(&self, compare: Compare) -> rusqlite::Result<Result<(), StoreError>> {
        let sql = "SELECT modified FROM current WHERE key = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_one([&compare.key], |row| number(row, 0)).optional()?;
        let (current, expected) = (found.unwrap_or(0), compare.modified);
        if current == expected {
            return Ok(Ok(()));
        }
        Ok(Err(StoreError::Compare { key: compare.key, expected, current }))
    }

    fn write(&mut self, place: Place, write: Write) -> rusqlite::Result<()> {
        let (key, value) = match write {
            Write::Put { key, value } => {
                self.put(&key, &value, place.revision)?;
                (key, Some(value))
            }
            Write::Delete { key } if self.delete(&key)? => (key, None),
            Write::Delete { .. } => return Ok(()),
        };
        self.remember(place, StoreEvent { revision: place.revision, key, value })
    }

    fn put(&self, key: &str, value: &[u8], revision: Revision) -> rusqlite::Result<()> {
        let sql = "INSERT INTO current (key, value, modified) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET value = ?2, modified = ?3";
        let values = (key, value, integer(revision));
        self.connection.prepare_cached(sql)?.execute(values).map(|_| ())
    }

    /// Whether there was something to delete.
    fn delete(&self, key: &str) -> rusqlite::Result<bool> {
        let sql = "DELETE FROM current WHERE key = ?1";
        Ok(self.connection.prepare_cached(sql)?.execute([key])? > 0)
    }

    fn remember(&mut self, place: Place, event: StoreEvent) -> rusqlite::Result<()> {
        let sql = "INSERT INTO history (place, key, value) VALUES (?1, ?2, ?3)";
        let values = (place.row(), &event.key, &event.value);
        self.connection.prepare_cached(sql)?.execute(values)?;
        self.progress.bytes += size(&event);
        self.events.push((place, event));
        Ok(())
    }
}

/// The bytes of an event's key and value.
pub(crate) fn size(event: &StoreEvent) -> u64 {
    (event.key.len() + event.value.as_ref().map_or(0, Vec::len)) as u64
}

pub(crate) fn not_there(asked: Revision, last: Revision) -> StoreError {
    let reason = format!("revision {asked} is not there yet, the store is at {last}");
    StoreError::Failed { reason: format!("{reason}; was an older copy of the store put back?") }
}
