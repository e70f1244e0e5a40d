//! What a test needs that is not part of the project. A machine without it skips the test with one
//! line; where `WAYLEAVE_REQUIRE_ALL` is set, as in CI, the test fails instead.

use crate::root;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Set where every test must run.
pub const REQUIRE_ALL: &str = "WAYLEAVE_REQUIRE_ALL";

/// Gives back what was found. Where nothing was, the caller returns: the line is written here.
///
/// # Panics
/// Where nothing was found and every test must run.
#[must_use]
pub fn need<T>(found: Option<T>, what: &str) -> Option<T> {
    if found.is_none() {
        let required = std::env::var_os(REQUIRE_ALL).is_some_and(|value| !value.is_empty());
        assert!(!required, "{what}, and {REQUIRE_ALL} is set");
        // Not `eprintln!`: the test harness keeps what that prints of a test that passes.
        let _ = writeln!(std::io::stderr(), "skipped: {what}");
    }
    found
}

/// A program that `cargo xtask setup --peers` installs.
#[must_use]
pub fn program(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let found = path.is_file().then(|| path.to_owned());
    need(
        found,
        &format!("{} is not there; `cargo xtask setup --peers` installs it", path.display()),
    )
}

/// A folder of third-party files, beside the repository and not in it.
#[must_use]
pub fn shared_data(folder: &str) -> Option<PathBuf> {
    let path = root().join("../shared/data").join(folder);
    let found = path.is_dir().then(|| path.clone());
    need(found, &format!("{} is not there", path.display()))
}
