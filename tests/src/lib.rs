//! Whole-system tests. What they share is here: what they need from outside, simulated switches to
//! talk to, processes that end with the test, deadlines.

pub mod binary;
pub mod fake;
pub mod need;
pub mod netconfd;
pub mod process;
pub mod python;
pub mod raw;
pub mod stage;
pub mod switch;
pub mod transcript;
pub mod wire;

use std::path::{Path, PathBuf};

/// The top of the repository.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or_else(|| here.to_owned(), Path::to_owned)
}
