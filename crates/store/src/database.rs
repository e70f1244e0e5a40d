//! Opening the database: its shape, its format, and how durable it is.

use crate::DEADLINE;
use crate::failure::{explained, failed};
use engine::ports::StoreError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;

/// The version of the tables; a store of a later one is refused.
const FORMAT: i64 = 1;
/// "WAYL": tells our database from any other.
const APPLICATION: i64 = 0x5741_594C;
/// A write-ahead log that grew beyond this is cut back to it.
const LOG_BYTES: i64 = 64 * 1024 * 1024;

/// `history.place` is the revision and the position in the batch, see `place.rs`.
const TABLES: &str = "
    CREATE TABLE current (
        key TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL,
        modified INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE history (
        place INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        value BLOB
    ) STRICT;
    CREATE TABLE progress (
        id INTEGER PRIMARY KEY CHECK (id = 0),
        revision INTEGER NOT NULL,
        compacted INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    ) STRICT;
    INSERT INTO progress VALUES (0, 0, 0, 0);
";

/// The one connection that writes; makes the tables where there are none yet.
pub(crate) fn for_writing(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = open(path).map_err(|e| explained(&e))?;
    check_format(&connection, path)?;
    durable(&connection).map_err(|e| explained(&e))?;
    make_tables(&mut connection).map_err(|e| explained(&e))?;
    Ok(connection)
}

/// A connection that only reads. It may touch the log's index, so the file is not opened read-only.
pub(crate) fn for_reading(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path).map_err(|e| explained(&e))?;
    connection.pragma_update(None, "query_only", true).map_err(|e| explained(&e))?;
    Ok(connection)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(DEADLINE)?;
    Ok(connection)
}

/// In WAL mode a commit is visible to readers only after the log was synced, and `FULL` syncs it
/// with every commit.
fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))
}

fn check_format(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let (application, format) = marks(connection).map_err(|e| explained(&e))?;
    if application != APPLICATION && (application != 0 || has_tables(connection)?) {
        let path = path.display();
        return Err(failed(format!(
            "{path} is the database of another program; choose another data folder"
        )));
    }
    if format > FORMAT {
        return Err(failed(format!(
            "the database has format {format}, this daemon knows up to {FORMAT}; start a newer daemon"
        )));
    }
    Ok(())
}

fn marks(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let mark = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((mark("application_id")?, mark("user_version")?))
}

fn has_tables(connection: &Connection) -> Result<bool, StoreError> {
    let count = "SELECT count(*) > 0 FROM sqlite_schema";
    connection.query_one(count, [], |row| row.get(0)).map_err(|e| explained(&e))
}

fn make_tables(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if marks(&transaction)?.0 == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commit_is_synced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        std::fs::write(&path, "").unwrap();
        let connection = for_writing(&path).unwrap();
        let sync: i64 =
            connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        let journal: String =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!((sync, journal.as_str()), (2, "wal"));
    }
}
