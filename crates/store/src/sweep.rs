//! Forgetting history: a bounded number of rows at a time, so that no write waits long for it.

use crate::place::Place;
use crate::progress::{Progress, number};
use crate::retention::Retention;
use rusqlite::{Connection, Row};

/// Whether rows that are forgotten are still in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    None,
    Some,
}

/// Applies the retention to `progress` and takes at most `rows` forgotten rows out of the table.
pub(crate) fn sweep(
    connection: &Connection,
    progress: &mut Progress,
    retention: Retention,
    rows: usize,
) -> rusqlite::Result<Rest> {
    let floor = progress.revision.saturating_sub(retention.revisions);
    progress.compacted = progress.compacted.max(floor);
    let (last, count) = forgotten(connection, progress, retention, rows)?;
    if let Some(place) = last {
        let sql = "DELETE FROM history WHERE place <= ?1";
        connection.prepare_cached(sql)?.execute([place.row()])?;
    }
    Ok(if count == rows { Rest::Some } else { Rest::None })
}

/// The last of the oldest rows that are to go, and how many they are. Bytes beyond the bound make
/// further revisions forgotten.
fn forgotten(
    connection: &Connection,
    progress: &mut Progress,
    retention: Retention,
    limit: usize,
) -> rusqlite::Result<(Option<Place>, usize)> {
    let sql = "SELECT place, octet_length(key) + coalesce(octet_length(value), 0)
        FROM history ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let (mut last, mut count) = (None, 0);
    while count < limit
        && let Some(row) = rows.next()?
    {
        let place = place(row)?;
        if place.revision > progress.compacted && progress.bytes <= retention.bytes {
            break;
        }
        progress.compacted = progress.compacted.max(place.revision);
        progress.bytes = progress.bytes.saturating_sub(number(row, 1)?);
        last = Some(place);
        count += 1;
    }
    Ok((last, count))
}

/// The place in a row's first column.
pub(crate) fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    let integer: i64 = row.get(0)?;
    Place::of_row(integer).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, integer))
}
