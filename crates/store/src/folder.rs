//! The data folder: private, and held by one daemon at a time.

use crate::failure::failed;
use engine::ports::StoreError;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const LOCK: &str = "wayleave.lock";
const DATABASE: &str = "wayleave.db";

/// Held until it is dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder where it is missing and takes it for this store.
    ///
    /// # Errors
    /// `Locked` where another store has it; `Failed` where it cannot be made or written.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        make(path).map_err(|e| unusable(path, &e))?;
        let file = private(&path.join(LOCK)).map_err(|e| unusable(path, &e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { folder: path.display().to_string() });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(path, &error)),
        }
        private(&path.join(DATABASE)).map_err(|e| unusable(path, &e))?;
        lasting(path).map_err(|e| unusable(path, &e))?;
        Ok(Self { path: path.to_owned(), _lock: file })
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)?;
    let mode = path.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        // It was there before and may serve others as well: theirs to change.
        tracing::warn!(folder = %path.display(), "other users can look into the data folder");
    }
    Ok(())
}

/// SQLite gives the files that it makes beside the database the mode of the database.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).mode(FILE_MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    Ok(file)
}

/// The entries of a folder outlive a power cut only once the folder itself is synced.
fn lasting(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

fn unusable(path: &Path, error: &io::Error) -> StoreError {
    let path = path.display();
    failed(format!(
        "the data folder {path} cannot be used: {error}; make it writable or choose another"
    ))
}
