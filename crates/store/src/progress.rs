//! What the database says of itself, in one row.

use engine::api::Revision;
use rusqlite::{Connection, Row};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The last committed one.
    pub(crate) revision: Revision,
    /// History up to here is forgotten; some of its rows may still be there.
    pub(crate) compacted: Revision,
    /// Keys and values in history, forgotten rows that are still there included.
    pub(crate) bytes: u64,
}

impl Progress {
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let sql = "SELECT revision, compacted, bytes FROM progress";
        connection.prepare_cached(sql)?.query_one([], |row| {
            let revision = number(row, 0)?;
            Ok(Self { revision, compacted: number(row, 1)?, bytes: number(row, 2)? })
        })
    }

    pub(crate) fn save(self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "UPDATE progress SET revision = ?1, compacted = ?2, bytes = ?3";
        let values = [self.revision, self.compacted, self.bytes].map(integer);
        connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

/// SQLite's integers are signed. No number here gets so large in any life.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let integer: i64 = row.get(column)?;
    u64::try_from(integer).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, integer))
}
