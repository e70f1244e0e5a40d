//! A secrets folder of the test's own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

pub(crate) const PASSWORD: &str = "correct-horse";

/// With the entry `devices`, of the user `admin`.
pub(crate) fn secrets() -> tempfile::TempDir {
    let folder = private_folder();
    write_secret(folder.path(), "devices", "admin", PASSWORD);
    folder
}

pub(crate) fn private_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

pub(crate) fn write_secret(folder: &Path, entry: &str, user: &str, password: &str) {
    let path = folder.join(entry);
    fs::write(&path, format!("username: {user}\npassword: {password}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}
