//! The program under test.

use std::path::PathBuf;

/// The `wayleave` that was built beside this test.
///
/// # Panics
/// Where it is not there: `cargo xtask test` builds it first.
#[must_use]
pub fn wayleave() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    let profile = test.ancestors().find(|folder| folder.join("wayleave").is_file());
    let folder = profile.unwrap_or_else(|| {
        panic!("there is no wayleave beside {}; run `cargo build -p wayleave`", test.display())
    });
    folder.join("wayleave")
}
