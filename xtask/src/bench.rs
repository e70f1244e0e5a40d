//! `cargo xtask bench`: release builds, measured; each number beside what it ran against.

use crate::run::{Outcome, cargo, run as run_program};
use std::path::{Path, PathBuf};

/// Both in one build: apart, each would have its dependencies compiled with features of its own.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    cargo(&["build", "--release", "--package", "wayleave", "--package", "tests", "--bins"])?;
    let bench = built("bench")?;
    run_program(&bench.display().to_string(), arguments)
}

/// Where cargo has put a release build: beside the folder of our own.
fn built(program: &str) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("we are in no folder: {error}"))?;
    let target = own.parent().and_then(Path::parent).ok_or("we are in no target folder")?;
    Ok(target.join("release").join(program))
}
