//! The folder in which a simulator keeps what it made for itself, so that it is the same one after
//! a restart: passwords, host key, certificates.

use crate::complaint::Complaint;
use lab::folder::{Folder, FolderError};
use std::path::{Path, PathBuf};

pub(crate) struct StateDir {
    folder: Folder,
    /// Removed with everything in it when the simulator ends.
    _temporary: Option<tempfile::TempDir>,
}

impl StateDir {
    /// Makes the folder where it is missing; without a path, a temporary one.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Complaint> {
        let temporary = match path {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(|e| unusable(&e))?),
        };
        let at = path.or(temporary.as_ref().map(tempfile::TempDir::path));
        let folder = Folder::create(at.unwrap_or(Path::new("."))).map_err(|e| unusable(&e))?;
        Ok(Self { folder, _temporary: temporary })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A file's content, or `None` where there is no such file.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>, Complaint> {
        match std::fs::read_to_string(self.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(&format!("{}: {error}", self.join(name).display()))),
        }
    }

    /// Writes a file that only its owner can read.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<PathBuf, Complaint> {
        self.folder.write(name, content).map_err(|e: FolderError| unusable(&e))
    }
}

fn unusable(error: &dyn std::fmt::Display) -> Complaint {
    Complaint::failed(
        format!("the simulator's folder cannot be used: {error}"),
        "give one that can be written with --state-dir",
    )
}
