//! `cargo xtask bench`: release builds, measured; each number beside what it ran against.

use crate::run::{Outcome, built, cargo, run as run_program};

/// Both in one build: apart, each would have its dependencies compiled with features of its own.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    cargo(&["build", "--release", "--package", "wayleave", "--package", "tests", "--bins"])?;
    let bench = built("release", "bench")?;
    run_program(&bench.display().to_string(), arguments)
}
