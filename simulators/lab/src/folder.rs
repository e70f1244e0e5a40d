//! The lab's folder: what the daemon and people need to reach the simulators.
//!
//! ```text
//! lab.json            where everything listens
//! secrets/NAME        user name and password (YAML), one file for each name
//! pki/ca.pem          the authority of the gNMI servers
//! daemon/             the daemon's own data
//! daemon.log          what the daemon says
//! ```

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct FolderError {
    path: PathBuf,
    source: std::io::Error,
}

/// A folder that only its owner can look into.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// # Errors
    /// Where it cannot be made.
    pub fn create(path: &Path) -> Result<Self, FolderError> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        let absolute = made.and_then(|()| path.canonicalize());
        absolute.map(Self).map_err(|source| FolderError { path: path.to_owned(), source })
    }

    /// Keeps others off the folder for as long as the file that is returned is open.
    ///
    /// # Errors
    /// Where another lab has it.
    pub fn claim(&self) -> Result<std::fs::File, FolderError> {
        let path = self.join("lab.lock");
        let fail = |source| FolderError { path: path.clone(), source };
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(fail)?;
        let taken = "another lab uses this folder; stop it, or choose another with --data";
        file.try_lock().map_err(|_| fail(std::io::Error::other(taken)))?;
        Ok(file)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// # Errors
    /// Where it cannot be made.
    pub fn folder(&self, name: &str) -> Result<Self, FolderError> {
        Self::create(&self.join(name))
    }

    /// Writes a file that only its owner can read, whole or not at all.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self, name: &str, content: &str) -> Result<PathBuf, FolderError> {
        let path = self.join(name);
        let fail = |source| FolderError { path: path.clone(), source };
        let draft = self.join(&format!(".{name}.new"));
        write_private(&draft, content).map_err(fail)?;
        std::fs::rename(&draft, &path).map_err(fail)?;
        Ok(path)
    }
}

fn write_private(path: &Path, content: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_folder_has_one_lab() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(place.path()).unwrap();
        let first = folder.claim().unwrap();
        assert!(folder.claim().unwrap_err().to_string().contains("another lab"));
        drop(first);
        folder.claim().unwrap();
    }

    #[test]
    fn nobody_else_can_look() {
        let place = tempfile::tempdir().unwrap();
        let secrets = Folder::create(&place.path().join("lab")).unwrap().folder("secrets").unwrap();
        let file = secrets.write("devices", "password: x\n").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(secrets.path()), 0o700);
        assert_eq!(mode(&file), 0o600);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "password: x\n");
        let names: Vec<_> = std::fs::read_dir(secrets.path()).unwrap().collect();
        assert_eq!(names.len(), 1);
    }
}
