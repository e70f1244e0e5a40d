//! What can be wrong: which file, where in it, why, and what to do.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("cannot read {}: {error}; check the path and that the file is whole", .path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("cannot write {}: {error}; name a file in a folder that exists", .path.display())]
    Unwritable { path: PathBuf, error: std::io::Error },
    #[error("{}, line {line}: {reason}", .path.display())]
    Line { path: PathBuf, line: usize, reason: String },
    #[error("{}: {reason}", .path.display())]
    Content { path: PathBuf, reason: String },
}
