//! What SQLite's errors mean for a person, and what to do next.

use engine::ports::StoreError;
use rusqlite::ErrorCode;

pub(crate) fn failed(reason: impl Into<String>) -> StoreError {
    StoreError::Failed { reason: reason.into() }
}

pub(crate) fn explained(error: &rusqlite::Error) -> StoreError {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "the disk is full; nothing of this was written. Free space under the data folder"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the database is damaged; restore the data folder from a copy, or start with an empty one"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "the database cannot be written; check who owns the data folder and how it is mounted"
        }
        Some(ErrorCode::CannotOpen) => {
            "the database cannot be opened; check who owns the data folder and how it is mounted"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "the disk failed; look into the system's log, and restore from a copy if it is lost"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program has the database open; end it"
        }
        _ => "the database refused",
    };
    failed(format!("{advice} ({error})"))
}
