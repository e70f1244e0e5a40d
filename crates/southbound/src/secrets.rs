//! The secrets folder: one file for each entry, read when it is needed, never shown.

use model::topology::SecretRef;
use serde::Deserialize;
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// More than any key needs.
const LARGEST: u64 = 64 << 10;
/// Group and others (as SSH asks it of its keys).
const FOREIGN: u32 = 0o077;

/// A folder of entries. The entry `devices` is the file `devices` in it:
///
/// ```yaml
/// username: admin
/// password: "…"
/// ```
///
/// `private-key` (OpenSSH's format) may stand in place of `password` for NETCONF; `domain` is the
/// Keystone domain of an OpenStack user, `Default` where it is left out.
#[derive(Clone, Debug)]
pub struct Secrets {
    folder: PathBuf,
}

/// One entry.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Login {
    pub username: String,
    pub password: Option<String>,
    pub private_key: Option<String>,
    pub domain: Option<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// None of them holds any part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    #[error("{path} cannot be read: {reason}", path = .path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{path} is open to others (mode {mode:03o}); run `chmod go= {path}`", path = .path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error("{0:?} cannot be the name of a secret; it is the name of a file in the secrets folder")]
    Name(String),
    #[error(
        "{path}: line {line} is not understood; write `username: …` and `password: …`", path = .path.display()
    )]
    Content { path: PathBuf, line: u64 },
    #[error("{path} has no {field}", path = .path.display())]
    Missing { path: PathBuf, field: &'static str },
}

impl Secrets {
    /// Opens a folder. Neither it nor anything in it may be readable by the group or by others.
    ///
    /// # Errors
    /// Where it cannot be read or is open to others.
    pub fn open(folder: &Path) -> Result<Self, SecretsError> {
        private(folder)?;
        let entries = fs::read_dir(folder).map_err(|e| unreadable(folder, &e))?;
        for entry in entries {
            private(&entry.map_err(|e| unreadable(folder, &e))?.path())?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// An entry as it is now.
    ///
    /// # Errors
    /// Where it is not there, is open to others, or is not of the form above.
    pub fn login(&self, entry: &SecretRef) -> Result<Login, SecretsError> {
        let path = self.file(entry)?;
        let size = private(&path)?;
        if size > LARGEST {
            let reason = format!("it is larger than {LARGEST} bytes");
            return Err(SecretsError::Unreadable { path, reason });
        }
        let text = fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
        // The parser's own message may quote what it read.
        serde_saphyr::from_str(&text).map_err(|e| {
            let line = e.location().map_or(0, |location| location.line());
            SecretsError::Content { path, line }
        })
    }

    /// The entry's password.
    ///
    /// # Errors
    /// As [`Secrets::login`], and where it has none.
    pub(crate) fn password(&self, entry: &SecretRef) -> Result<(Login, String), SecretsError> {
        let login = self.login(entry)?;
        match login.password.clone() {
            Some(password) => Ok((login, password)),
            None => Err(self.missing(entry, "password")),
        }
    }

    pub(crate) fn missing(&self, entry: &SecretRef, field: &'static str) -> SecretsError {
        SecretsError::Missing { path: self.folder.join(&entry.0), field }
    }

    fn file(&self, entry: &SecretRef) -> Result<PathBuf, SecretsError> {
        let name = &entry.0;
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
            return Err(SecretsError::Name(name.clone()));
        }
        Ok(self.folder.join(name))
    }
}

/// Refuses what others could read; gives back the size.
fn private(path: &Path) -> Result<u64, SecretsError> {
    let metadata = fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & FOREIGN == 0 {
        Ok(metadata.len())
    } else {
        Err(SecretsError::OpenToOthers { path: path.to_owned(), mode })
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> SecretsError {
    SecretsError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(entry: &str, text: &str, mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let path = folder.path().join(entry);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        folder
    }

    fn entry(name: &str) -> SecretRef {
        SecretRef(name.to_owned())
    }

    #[test]
    fn an_entry_is_read_as_it_is_now_and_never_shown() {
        let folder = folder("devices", "username: admin\npassword: hunter2\n", 0o600);
        let secrets = Secrets::open(folder.path()).unwrap();
        let login = secrets.login(&entry("devices")).unwrap();
        assert_eq!(
            (login.username.as_str(), login.password.as_deref()),
            ("admin", Some("hunter2"))
        );
        assert!(!format!("{login:?} {secrets:?}").contains("hunter2"));
        fs::write(folder.path().join("devices"), "{\"username\": \"b\", \"private-key\": \"k\"}")
            .unwrap();
        assert_eq!(secrets.login(&entry("devices")).unwrap().private_key.as_deref(), Some("k"));
        let missing = secrets.password(&entry("devices")).unwrap_err();
        assert!(missing.to_string().contains("no password"), "{missing}");
    }

    #[test]
    fn what_others_could_read_is_refused() {
        let open = folder("devices", "username: a\npassword: b\n", 0o640);
        let error = Secrets::open(open.path()).unwrap_err();
        assert!(error.to_string().contains("mode 640") && error.to_string().contains("chmod go="));
        let late = folder("devices", "username: a\npassword: b\n", 0o600);
        let secrets = Secrets::open(late.path()).unwrap();
        let path = late.path().join("devices");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        assert_eq!(
            secrets.login(&entry("devices")).unwrap_err(),
            SecretsError::OpenToOthers { path, mode: 0o604 }
        );
        fs::set_permissions(late.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Secrets::open(late.path()).is_err());
    }

    #[test]
    fn a_mistake_is_placed_and_not_quoted() {
        let folder = folder("devices", "username: admin\npasswort: hunter2\n", 0o600);
        let secrets = Secrets::open(folder.path()).unwrap();
        let error = secrets.login(&entry("devices")).unwrap_err();
        assert!(matches!(error, SecretsError::Content { .. }));
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        for name in ["", "..", "../devices", "a/b"] {
            assert_eq!(
                secrets.login(&entry(name)).unwrap_err(),
                SecretsError::Name(name.to_owned())
            );
        }
        assert!(matches!(secrets.login(&entry("x")), Err(SecretsError::Unreadable { .. })));
    }
}
