//! `cargo xtask bench`: release builds, measured; each number beside what it ran against.

use crate::run::{Outcome, cargo};

pub(crate) fn run(arguments: &[&str]) -> Outcome {
    cargo(&["build", "--release", "--package", "wayleave"])?;
    let mut words =
        vec!["run", "--release", "--quiet", "--package", "tests", "--bin", "bench", "--"];
    words.extend(arguments);
    cargo(&words)
}
